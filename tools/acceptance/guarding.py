"""Steps that look at what protects a stage, and what only AWS itself can show."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from tools.acceptance.deploying import deploy, deploy_file
from tools.acceptance.session import StepFailed, StepSkipped

if TYPE_CHECKING:
    from tools.acceptance.session import Session

_HEADERS = ("strict-transport-security", "content-security-policy", "x-content-type-options")
_PATIENCE = 3600
"""Seconds that pipelines and the trail get."""


def taken_name(session: Session) -> str:
    """A log group that exists already is reported before anything is created."""
    if session.local:
        raise StepSkipped("the local AWS's Cloud Control reads none of these types")
    group = f"{session.prefix}-taken"
    logs = session.client("logs")
    logs.create_log_group(logGroupName=group)
    wanted = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group}}
    session.describe({"data": {"resources": {"Taken": wanted}}})
    try:
        session.build("deploy", "--stage", session.stage_name, "--yes", ok=(1,))
        (stack,) = session.client("cloudformation").describe_stacks(StackName=f"{session.prefix}-data")["Stacks"]
        if stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE":
            raise StepFailed("CloudFormation found the name, and rolled back: the deployer did not")
    finally:
        session.describe({"data": {"resources": {"Taken": None}}})
        logs.delete_log_group(logGroupName=group)
    return f"log group {group}, made by hand, was reported; no stack was touched"


def stack_policy(session: Session) -> str:
    """The stack policy refuses to replace the table, from the AWS CLI, too."""
    if session.local:
        raise StepSkipped("the local AWS does not enforce stack policies")
    session.build("render")
    source = session.folder / "templates_out" / session.stage_name / "data.yaml"
    table = f"{session.prefix}-notes"
    changed = source.read_text(encoding="utf-8").replace(f"TableName: {table}\n", f"TableName: {table}-other\n")
    (session.folder / "replaced.yaml").write_text(changed, encoding="utf-8")
    name = f"{session.prefix}-data"
    try:
        deploy_file(session, name, "replaced.yaml", session.stage.region)
    except StepFailed:
        events = session.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        if not any("stack policy" in event.get("ResourceStatusReason", "") for event in events):
            raise
        deploy(session)
        return f"replacing {table} was denied by the stack policy"
    raise StepFailed(f"the table {table} was replaced")


def private_site(session: Session) -> str:
    """CloudFront adds the security headers, and the bucket does not answer by itself."""
    if session.local:
        raise StepSkipped("the local AWS has no CloudFront; its front serves the site")
    with urllib.request.urlopen(session.outputs("frontend")["SiteUrl"], timeout=30) as answer:  # noqa: S310 - https
        missing = [header for header in _HEADERS if header not in answer.headers]
    if missing:
        raise StepFailed(f"the site answers without {', '.join(missing)}")
    bucket = session.outputs("frontend")["SiteBucketName"]
    try:
        urllib.request.urlopen(f"https://{bucket}.s3.{session.stage.region}.amazonaws.com/app/index.html", timeout=30)
    except urllib.error.HTTPError as error:
        if error.code == 403:  # noqa: PLR2004 - Forbidden
            return f"headers {', '.join(_HEADERS)}; the bucket answers 403"
        raise StepFailed(f"the bucket answers {error.code}") from None
    raise StepFailed("the bucket gives its files to everyone")


def trail(session: Session) -> str:
    """CloudTrail delivers log files without an error."""
    if session.local:
        raise StepSkipped("the local AWS writes no trail")
    client = session.client("cloudtrail")
    resources = session.client("cloudformation").list_stack_resources(StackName=f"{session.prefix}-base")
    names = [
        summary["PhysicalResourceId"]
        for summary in resources["StackResourceSummaries"]
        if summary["ResourceType"] == "AWS::CloudTrail::Trail"
    ]
    if not names:
        raise StepSkipped("the stage describes no trail")
    until = time.monotonic() + _PATIENCE
    while "LatestDeliveryTime" not in (status := client.get_trail_status(Name=names[0])):
        if "LatestDeliveryError" in status or time.monotonic() > until:
            raise StepFailed(f"the trail {names[0]} delivers nothing: {status.get('LatestDeliveryError', 'no error')}")
        time.sleep(30)
    return f"{names[0]} delivered a log file"


def pipelines(session: Session) -> str:
    """Every pipeline of the stage runs to its end."""
    if session.local:
        raise StepSkipped("the local AWS has no CodePipeline; 'pipeline run --local' runs the same build phases")
    described = session.stage.base.pipelines
    if described is None:
        raise StepSkipped("the stage describes no pipelines; they need a connection that a person completes")
    client = session.client("codepipeline")
    names = [f"{stack}-{session.prefix}" for stack in described.stacks or ("data", "backend", "frontend")]
    for name in names:
        run = client.start_pipeline_execution(name=name)["pipelineExecutionId"]
        session.report(f"Pipeline {name} runs; approve it in the console if it asks.")
        until = time.monotonic() + _PATIENCE
        while (status := _status(session, name, run)) == "InProgress":
            if time.monotonic() > until:
                raise StepFailed(f"pipeline {name} is still in progress")
            time.sleep(15)
        if status != "Succeeded":
            raise StepFailed(f"pipeline {name} ended with {status}")
    return ", ".join(names)


def _status(session: Session, name: str, run: str) -> str:
    result = session.client("codepipeline").get_pipeline_execution(pipelineName=name, pipelineExecutionId=run)
    return str(result["pipelineExecution"]["status"])
