"""A pipeline → its stages in CodePipeline: the source, and for each stage of the description one that does the rest.

Build, change set, approval, execution and publication are actions of one stage, since CodePipeline lets one run at a
time into a stage. So the changes that a person approves are those against what is deployed, and no earlier run changes
that before they are executed. Pure.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from troposphere import Ref, codepipeline

from stacks.pipelines.buildspec import OUT, inside, question
from stacks.pipelines.pipeline import SOURCE, TOPIC
from stacks.pipelines.release import DIGEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere import GetAtt

    from stacks.app import Pipelines
    from stacks.json_types import JsonDict
    from stacks.pipelines.pipeline import Pipeline, PipelineStage
    from stacks.template.rendered import Rendered

CHANGE_SET = "pipeline"
"""The change set of every pipeline; roles are limited to it."""


def stages(pipeline: Pipeline, pipelines: Pipelines, connection: GetAtt | str | None) -> list[codepipeline.Stages]:
    """The stages; ``connection`` is the ARN of the connection, unused with CodeCommit."""
    pipeline_stages = [
        codepipeline.Stages(Name=pipeline_stage.stage.name, Actions=list(_actions(pipeline, pipeline_stage, pipelines)))
        for pipeline_stage in pipeline.stages
    ]
    return [codepipeline.Stages(Name="Source", Actions=[_source(pipelines, connection)]), *pipeline_stages]


def _source(pipelines: Pipelines, connection: GetAtt | str | None) -> codepipeline.Actions:
    settings: JsonDict = {"BranchName": pipelines.branch, "OutputArtifactFormat": "CODE_ZIP"}
    if pipelines.source == "codecommit":
        # An EventBridge rule starts the pipeline (stacks.pipelines.shared): nothing has to poll.
        settings |= {"RepositoryName": pipelines.repository, "PollForSourceChanges": "false"}
        provider = "CodeCommit"
    else:
        settings |= {"ConnectionArn": connection, "FullRepositoryId": pipelines.repository}
        provider = "CodeStarSourceConnection"
    return _action("Source", "Source", provider, settings, makes=[SOURCE], Namespace=SOURCE)


def _actions(pipeline: Pipeline, pipeline_stage: PipelineStage, pipelines: Pipelines) -> Iterator[codepipeline.Actions]:
    """What happens in a stage, one after the other."""
    actions = [_build(pipeline, pipeline_stage)]
    for stack in pipeline_stage.stacks:
        actions += _change(pipeline, pipeline_stage, stack, is_announced=bool(pipelines.notify))
    if pipeline_stage.publishes_files:
        actions.append(_publish(pipeline, pipeline_stage))
    for order, action in enumerate(actions, start=1):
        action.RunOrder = order
        yield action


def _change(
    pipeline: Pipeline, pipeline_stage: PipelineStage, stack: Rendered, *, is_announced: bool
) -> Iterator[codepipeline.Actions]:
    """One stack: a change set, its approval by a person, its execution."""
    suffix = stack.stack.removeprefix(pipeline.key)
    named = {"StackName": stack.name, "ChangeSetName": CHANGE_SET}
    folder = f"{pipeline_stage.build}::{inside(pipeline_stage)}{OUT}/{pipeline_stage.stage.name}/{stack.stack}"
    make = {
        **named,
        "ActionMode": "CHANGE_SET_REPLACE",
        "Capabilities": ",".join(["CAPABILITY_NAMED_IAM", *(["CAPABILITY_AUTO_EXPAND"] if stack.macros else [])]),
        "RoleArn": pipeline.deploy_role(pipeline_stage, stack),
        "TemplatePath": f"{folder}.yaml",
        "TemplateConfiguration": f"{folder}.parameters.json",
    }
    elsewhere: JsonDict = {"Region": stack.region} if stack.region != pipeline.stage.region else {}
    if pipeline.is_cross_account(pipeline_stage):
        elsewhere["RoleArn"] = pipeline.acting_role(pipeline_stage)
    yield _action("Deploy", f"Prepare{suffix}", "CloudFormation", make, takes=pipeline_stage.build, **elsewhere)
    if pipeline_stage.settings.approval:
        question = _question(pipeline_stage, stack, is_announced=is_announced, files=pipeline_stage.publishes_files)
        yield _action("Approval", f"Approve{suffix}", "Manual", question)
    execute = {**named, "ActionMode": "CHANGE_SET_EXECUTE"}
    yield _action("Deploy", f"Execute{suffix}", "CloudFormation", execute, **elsewhere)


def _question(pipeline_stage: PipelineStage, stack: Rendered, *, is_announced: bool, files: bool) -> JsonDict:
    """The changes that the build reported, within the 1,000 characters of an action's setting.

    It has the digest of the files, and the publication accepts only these.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
    """
    digest = f" Files: #{{{pipeline_stage.build}.{DIGEST}}}." if files else ""
    data = f"Commit #{{{SOURCE}.CommitId}}.{digest} {stack.name}: #{{{pipeline_stage.build}.{question(stack)}}}"
    return {"CustomData": data, **({"NotificationArn": Ref(TOPIC)} if is_announced else {})}


def _build(pipeline: Pipeline, pipeline_stage: PipelineStage) -> codepipeline.Actions:
    settings = {"ProjectName": Ref(pipeline.id("Build", pipeline_stage))}
    return _action(
        "Build",
        "Build",
        "CodeBuild",
        settings,
        takes=SOURCE,
        makes=pipeline_stage.makes,
        Namespace=pipeline_stage.build,
    )


def _publish(pipeline: Pipeline, pipeline_stage: PipelineStage) -> codepipeline.Actions:
    """Publish the files of the stage's build: the archive whose digest the build reported, and no source.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
    """
    digest = {"name": DIGEST, "value": f"#{{{pipeline_stage.build}.{DIGEST}}}", "type": "PLAINTEXT"}
    settings = {
        "ProjectName": Ref(pipeline.id("Publish", pipeline_stage)),
        "EnvironmentVariables": json.dumps([digest]),
    }
    return _action("Build", "Publish", "CodeBuild", settings, takes=pipeline_stage.files)


def _action(  # noqa: PLR0913 - an action is this many decisions
    category: str,
    name: str,
    provider: str,
    configuration: JsonDict,
    *,
    takes: str | None = None,
    makes: Sequence[str] = (),
    **more: Any,
) -> codepipeline.Actions:
    if takes:
        more["InputArtifacts"] = [codepipeline.InputArtifacts(Name=takes)]
    if makes:
        more["OutputArtifacts"] = [codepipeline.OutputArtifacts(Name=result) for result in makes]
    kind = codepipeline.ActionTypeId(Category=category, Owner="AWS", Provider=provider, Version="1")
    return codepipeline.Actions(Name=name, ActionTypeId=kind, Configuration=configuration, RunOrder=1, **more)
