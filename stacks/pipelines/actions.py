"""A line → the stages of its pipeline: source, build, change set, approval, execution, publication. Pure.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, codepipeline

from stacks.naming import logical_id
from stacks.pipelines.buildspec import OUT
from stacks.pipelines.line import BUILD, SOURCE, TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Pipelines
    from stacks.pipelines.line import Line
    from stacks.rendering import Rendered

CHANGE_SET = "pipeline"
"""The change set of every pipeline; roles are limited to it."""


def stages(line: Line, pipelines: Pipelines, connection: Any) -> list[Any]:
    """The stages; ``connection`` is the ARN of the connection, unused with CodeCommit."""
    return [
        codepipeline.Stages(Name="Source", Actions=[_source(pipelines, connection)]),
        codepipeline.Stages(Name="Build", Actions=[_codebuild("Build", line.id("Build"), 1, BUILD)]),
        codepipeline.Stages(Name="Deploy", Actions=list(_deploy(line, pipelines))),
    ]


def _source(pipelines: Pipelines, connection: Any) -> Any:
    settings: dict[str, Any] = {"BranchName": pipelines.branch, "OutputArtifactFormat": "CODE_ZIP"}
    if pipelines.source == "codecommit":
        # An EventBridge rule starts the pipeline (stacks.pipelines.starting): nothing has to poll.
        settings |= {"RepositoryName": pipelines.repository, "PollForSourceChanges": "false"}
        provider = "CodeCommit"
    else:
        settings |= {"ConnectionArn": connection, "FullRepositoryId": pipelines.repository}
        provider = "CodeStarSourceConnection"
    return _action("Source", "Source", provider, settings, order=1, makes=SOURCE)


def _deploy(line: Line, pipelines: Pipelines) -> Iterator[Any]:
    order = 0
    for one in line.stacks:
        suffix = one.stack.removeprefix(line.family)
        for action in _change(line, one, suffix, pipelines):
            order += 1
            action.RunOrder = order
            yield action
    if line.family == "frontend":
        yield _codebuild("Publish", line.id("Publish"), order + 1, None)


def _change(line: Line, one: Rendered, suffix: str, pipelines: Pipelines) -> Iterator[Any]:
    """One stack: a change set, a person's agreement, the execution."""
    named = {"StackName": one.name, "ChangeSetName": CHANGE_SET}
    folder = f"{BUILD}::{OUT}/{line.stage.name}/{one.stack}"
    make = {
        **named,
        "ActionMode": "CHANGE_SET_REPLACE",
        "Capabilities": "CAPABILITY_NAMED_IAM",
        "RoleArn": GetAtt(deploy_role_id(one), "Arn"),
        "TemplatePath": f"{folder}.yaml",
        "TemplateConfiguration": f"{folder}.parameters.json",
    }
    yield _action("Deploy", f"Prepare{suffix}", "CloudFormation", make, takes=BUILD)
    if pipelines.approval:
        yield _action("Approval", f"Approve{suffix}", "Manual", _question(one, pipelines))
    yield _action("Deploy", f"Execute{suffix}", "CloudFormation", {**named, "ActionMode": "CHANGE_SET_EXECUTE"})


def deploy_role_id(one: Rendered) -> str:
    """The logical id that ``stacks.roles`` gives a stack's deploy role."""
    return logical_id(one.stack, "DeployRole")


def _question(one: Rendered, pipelines: Pipelines) -> dict[str, Any]:
    look = f"aws cloudformation describe-change-set --stack-name {one.name} --change-set-name {CHANGE_SET}"
    told = {"NotificationArn": Ref(TOPIC)} if pipelines.notify else {}
    return {"CustomData": f"Commit #{{Source.CommitId}}. What would change: {look} --region {one.region}", **told}


def _codebuild(name: str, project: str, order: int, makes: str | None) -> Any:
    return _action("Build", name, "CodeBuild", {"ProjectName": Ref(project)}, order=order, takes=SOURCE, makes=makes)


def _action(  # noqa: PLR0913 - an action is this many decisions
    category: str,
    name: str,
    provider: str,
    configuration: dict[str, Any],
    *,
    order: int = 1,
    takes: str | None = None,
    makes: str | None = None,
) -> Any:
    more: dict[str, Any] = {}
    if takes:
        more["InputArtifacts"] = [codepipeline.InputArtifacts(Name=takes)]
    if makes:
        more["OutputArtifacts"] = [codepipeline.OutputArtifacts(Name=makes)]
    if category == "Source":
        more["Namespace"] = "Source"
    kind = codepipeline.ActionTypeId(Category=category, Owner="AWS", Provider=provider, Version="1")
    return codepipeline.Actions(Name=name, ActionTypeId=kind, Configuration=configuration, RunOrder=order, **more)
