"""What deploys the stacks of a stage → resources of its base template, and the stacks it needs elsewhere. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Sub

from stacks import naming, wiring
from stacks.parts.base.buckets import add_artifact_bucket, add_log_bucket
from stacks.parts.templates import empty_template
from stacks.pipelines import cross_account, shared
from stacks.pipelines.building import build_project, publish_project
from stacks.pipelines.delivery import pipeline
from stacks.pipelines.line import BUCKET, KEY, lines
from stacks.roles import deploy_role
from stacks.stages.stacks import BASE as STACK
from stacks.stages.stacks import copy_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere import Template

    from stacks.app import Pipelines, Stage
    from stacks.pipelines.line import Leg, Line
    from stacks.template.rendered import Rendered


def with_pipelines(
    base: Template, pipelines: Pipelines, row: Sequence[tuple[Stage, Sequence[Rendered]]]
) -> dict[str, Template]:
    """``base`` with everything that deploys, after the stacks that this needs in other regions.

    ``row`` is the stage and those that its pipelines go on to, or for one of these the first and itself; each with its
    stacks but base, as they are deployed.

    Raises:
        StacksError: for a template that no deploy role can be derived from.
    """
    stage, found = row[-1 if pipelines.after else 0][0], lines(row)
    own = [(line, leg) for line in found for leg in line.legs if leg.stage is stage]
    for resource in _roles(own):
        base.add_resource(resource)
    if pipelines.after:
        return {STACK: base}
    for resource in _resources(stage, pipelines, found):
        base.add_resource(resource)
    _lend(base, found, stage.region)
    regions = sorted({region for line in found for region in line.regions})
    return {**{copy_in(region, stage).key: _artifacts(stage, region, found) for region in regions}, STACK: base}


def _roles(own: Sequence[tuple[Line, Leg]]) -> Iterator[Any]:
    """The deploy roles of a stage's stacks, and the roles that pipelines of another account take."""
    for line, leg in own:
        for one in leg.stacks:
            yield from deploy_role(leg.stage, one)
        if line.is_cross_account(leg):
            yield from cross_account.roles(line, leg)


def _lend(made: Template, found: Sequence[Line], region: str) -> None:
    """Let other accounts read what is deployed to them."""
    made.resources[f"{BUCKET}Policy"].PolicyDocument.Statement += cross_account.artifacts_lent(found, region)
    made.resources[KEY].KeyPolicy.Statement += cross_account.key_lent(found, region)


def _resources(stage: Stage, pipelines: Pipelines, found: Sequence[Line]) -> Iterator[Any]:
    connection, made = shared.connection(stage, pipelines)
    yield from made
    yield shared.key(stage, notify=bool(pipelines.notify))
    for line in found:
        for leg in line.legs:
            yield from _builds(line, leg)
        yield from pipeline(line, pipelines, connection)
    if pipelines.source == "codecommit":
        yield from shared.starter(stage, pipelines, found)
    if pipelines.notify:
        yield from shared.notices(stage, pipelines.notify, found)


def _builds(line: Line, leg: Leg) -> Iterator[Any]:
    yield from build_project(line, leg)
    if leg.publishes_files:
        yield from publish_project(line, leg)


def _artifacts(stage: Stage, region: str, found: Sequence[Line]) -> Template:
    """The bucket and the key that pipelines need in another region, in their own account.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html
    """
    made = empty_template(f"{stage.app_name} {stage.name}: what its pipelines need to deploy in {region}")
    add_log_bucket(made, stage)
    add_artifact_bucket(made, stage)
    for title, purpose in (("LogBucket", "logs"), (BUCKET, "code")):
        # The region by its name: the local AWS has all stacks in one.
        name = naming.bucket_in(stage, purpose, region)
        made.resources[title].BucketName = Sub(name)
        made.resources[title].BucketNamespace = naming.bucket_namespace(name)
    key = made.add_resource(shared.key(stage, notify=False))
    _lend(made, found, region)
    made.add_output(wiring.artifact_copies_key(region).declare(GetAtt(key, "Arn"), "The key of the artifacts"))
    return made
