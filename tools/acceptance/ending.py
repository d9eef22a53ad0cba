"""The end of a run: everything is removed, also after an interruption, and what is left is listed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stacks.errors import StacksError
from tools.acceptance import deploy_roles
from tools.acceptance.leftovers import buckets, leftovers, stacks
from tools.acceptance.report import bullet
from tools.acceptance.session import StepFailed, StepSkipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.acceptance.session import Session

_PATIENCE = 3600
"""Seconds that CloudFormation gets to finish what was interrupted; a distribution takes up to half an hour."""


def destroy(session: Session) -> str:
    """Remove every stack of the stage with its data, and the roles of this run."""
    words = ("--yes", "--unprotect", "--empty-buckets", "--delete-data", "--take-over")
    session.build("destroy", "--stage", session.stage_name, *words)
    name = f"{session.prefix}-{deploy_roles.STACK}"
    session.aws("cloudformation", "delete-stack", "--stack-name", name, region=session.stage.region)
    session.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", name, region=session.stage.region)
    return "stacks, data and roles removed"


def clean_up(session: Session) -> Iterator[str]:
    """Remove what an interrupted run made, once CloudFormation has settled; yield what is said to the user."""
    yield "Interrupted: removing what was created. This takes as long as 'destroy' does."
    try:
        _settle(session)
        destroy(session)
    except (StepFailed, StacksError) as error:
        yield f"Not everything could be removed: {error}"
        yield f"Run 'destroy --stage {session.stage_name} --unprotect --empty-buckets --delete-data', then look again."
    left = leftovers(session)
    yield f"Left over: {len(left)}" if left else "Nothing is left over."
    yield from map(bullet, left)


def _settle(session: Session) -> None:
    """Wait until CloudFormation is at work on no stack of the stage: a stack in progress cannot be deleted."""
    until = time.monotonic() + _PATIENCE
    while busy := [stack for stack in stacks(session) if stack.status.endswith("_IN_PROGRESS")]:
        if all(stack.status == "REVIEW_IN_PROGRESS" for stack in busy):  # a change set that nobody will execute
            return
        if time.monotonic() > until:
            raise StepFailed(f"still in progress: {', '.join(stack.name for stack in busy)}")
        time.sleep(1 if session.local else 15)


def drift(session: Session) -> str:
    """Nothing in AWS differs from the templates."""
    session.build("drift", "--stage", session.stage_name, ok=(0,))
    return "no drift"


def taken_back(session: Session) -> str:
    """What ``destroy`` keeps without ``--delete-data`` belongs to its stack again after the next deploy."""
    table = f"{session.prefix}-notes"
    dynamodb = session.client("dynamodb")
    item = {"owner": {"S": "acceptance"}, "id": {"S": "kept"}}
    dynamodb.put_item(TableName=table, Item=item)
    session.build("destroy", "--stage", session.stage_name, "--yes", "--unprotect", "--empty-buckets")
    if session.local:  # it imports no buckets
        for bucket in buckets(session):
            _removed(session, bucket)
    session.build("deploy", "--stage", session.stage_name, "--yes")
    if "Item" not in dynamodb.get_item(TableName=table, Key=item):
        raise StepFailed(f"the table {table} lost its item")
    if table not in _owned(session, "data"):
        raise StepFailed(f"the table {table} does not belong to the data stack")
    return f"{table} with its item, after 'destroy' and 'deploy'"


def _removed(session: Session, bucket: str) -> None:
    """Delete a bucket with every version in it."""
    client = session.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for tag in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            client.delete_object(Bucket=bucket, Key=tag["Key"], VersionId=tag["VersionId"])
    client.delete_bucket(Bucket=bucket)


def buckets_back(session: Session) -> str:
    """The buckets that the step before left behind belong to the base stack again."""
    if session.local:
        raise StepSkipped("the local AWS imports no buckets")
    bucket = session.outputs("base")["ArtifactBucketName"]
    if bucket not in _owned(session, "base"):
        raise StepFailed(f"the bucket {bucket} does not belong to the base stack")
    return bucket


def _owned(session: Session, stack: str) -> set[str]:
    """The physical ids of a stack's resources."""
    pages = session.client("cloudformation").get_paginator("list_stack_resources")
    result = pages.paginate(StackName=f"{session.prefix}-{stack}")
    return {summary.get("PhysicalResourceId", "") for page in result for summary in page["StackResourceSummaries"]}
