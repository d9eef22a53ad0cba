"""What deploys the stacks of a stage → resources of its base template, and the stacks it needs elsewhere. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Sub

from stacks import naming, wiring
from stacks.parts.base.buckets import add_artifact_bucket, add_log_bucket
from stacks.parts.templates import empty_template
from stacks.pipelines import cross_account, shared
from stacks.pipelines.building import build_project, publish_project
from stacks.pipelines.delivery import pipeline_resources
from stacks.pipelines.pipeline import BUCKET, KEY, pipelines_of
from stacks.roles import deploy_role
from stacks.stages.stacks import BASE as STACK
from stacks.stages.stacks import copy_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere import AWSObject, Template

    from stacks.app import Pipelines, Stage
    from stacks.pipelines.pipeline import Pipeline, PipelineStage
    from stacks.template.rendered import Rendered


def with_pipelines(
    base: Template, pipelines: Pipelines, row: Sequence[tuple[Stage, Sequence[Rendered]]]
) -> dict[str, Template]:
    """The stacks with artifacts in other regions, then ``base`` with the pipelines and deploy roles of its stage.

    ``row`` is the stage and the stages that its pipelines continue to; for one of these, the first stage and itself.
    Each has its stacks without base, as they are deployed.

    Raises:
        StacksError: for a template that no deploy role can be derived from.
    """
    stage, results = row[-1 if pipelines.after else 0][0], pipelines_of(row)
    own = [
        (pipeline, pipeline_stage)
        for pipeline in results
        for pipeline_stage in pipeline.stages
        if pipeline_stage.stage is stage
    ]
    for resource in _roles(own):
        base.add_resource(resource)
    if pipelines.after:
        return {STACK: base}
    for resource in _resources(stage, pipelines, results):
        base.add_resource(resource)
    _lend(base, results, stage.region)
    regions = sorted({region for pipeline in results for region in pipeline.regions})
    return {**{copy_in(region, stage).key: _artifacts(stage, region, results) for region in regions}, STACK: base}


def _roles(own: Sequence[tuple[Pipeline, PipelineStage]]) -> Iterator[AWSObject]:
    """The deploy roles of a stage's stacks, and the roles that pipelines of another account take."""
    for pipeline, pipeline_stage in own:
        for stack in pipeline_stage.stacks:
            yield from deploy_role(pipeline_stage.stage, stack)
        if pipeline.is_cross_account(pipeline_stage):
            yield from cross_account.roles(pipeline, pipeline_stage)


def _lend(template: Template, pipelines: Sequence[Pipeline], region: str) -> None:
    """Let other accounts read what is deployed to them."""
    template.resources[f"{BUCKET}Policy"].PolicyDocument.Statement += cross_account.artifacts_lent(pipelines, region)
    template.resources[KEY].KeyPolicy.Statement += cross_account.key_lent(pipelines, region)


def _resources(stage: Stage, pipelines: Pipelines, results: Sequence[Pipeline]) -> Iterator[AWSObject]:
    connection, resources = shared.connection(stage, pipelines)
    yield from resources
    yield shared.key(stage, notify=bool(pipelines.notify))
    for pipeline in results:
        for pipeline_stage in pipeline.stages:
            yield from _builds(pipeline, pipeline_stage)
        yield from pipeline_resources(pipeline, pipelines, connection)
    if pipelines.source == "codecommit":
        yield from shared.starter(stage, pipelines, results)
    if pipelines.notify:
        yield from shared.failure_notices(stage, pipelines.notify, results)


def _builds(pipeline: Pipeline, pipeline_stage: PipelineStage) -> Iterator[AWSObject]:
    yield from build_project(pipeline, pipeline_stage)
    if pipeline_stage.publishes_files:
        yield from publish_project(pipeline, pipeline_stage)


def _artifacts(stage: Stage, region: str, pipelines: Sequence[Pipeline]) -> Template:
    """The bucket and the key that pipelines need in another region, in their own account.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html
    """
    template = empty_template(stage, f"what its pipelines need to deploy in {region}")
    add_log_bucket(template, stage)
    add_artifact_bucket(template, stage)
    for title, purpose in (("LogBucket", "logs"), (BUCKET, "code")):
        # The region by its name: the local AWS has all stacks in one.
        name = naming.bucket_in(stage, purpose, region)
        template.resources[title].BucketName = Sub(name)
        template.resources[title].BucketNamespace = naming.bucket_namespace(name)
    key = template.add_resource(shared.key(stage, notify=False))
    _lend(template, pipelines, region)
    template.add_output(wiring.artifact_copies_key(region).declare(GetAtt(key, "Arn"), "The key of the artifacts"))
    return template
