"""Rendered stacks → pipelines: what each deploys where, and every name that its roles and resources share. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from troposphere import GetAtt, Join, Sub

from stacks import naming, wiring
from stacks.parts.policies import ACCOUNT, arn
from stacks.stages.rows import chosen, is_chosen
from stacks.stages.stacks import stack_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from troposphere import GetStackOutput

    from stacks.app import Pipelines, Stage
    from stacks.stages.stacks import Stack
    from stacks.template.rendered import Rendered

BUCKET = "ArtifactBucket"
KEY = "PipelineKey"
TOPIC = "PipelineTopic"
SOURCE = "Source"
"""The name of the source's artifact, and of its variables. CodePipeline cuts names to ten characters in keys."""
_LONGEST = 20
"""Characters of a pipeline's name that the keys of its artifacts start with; longer names would be cut.
https://github.com/awsdocs/aws-cloudformation-user-guide/pull/733"""
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStage:
    """What a pipeline deploys to one stage of the description."""

    stage: Stage
    stack: Stack
    """What it deploys, as the description has it."""
    stacks: tuple[Rendered, ...]
    """The same as rendered, a large backend with the stacks of its functions. In the order they are deployed."""
    others: tuple[Rendered, ...]
    """All stacks of the stage but base."""
    settings: Pipelines
    """What the stage says of its pipelines."""
    number: int
    """1 for the stage whose base stack has the pipeline, 2 for the one after it."""

    @property
    def makes(self) -> tuple[str, ...]:
        """The names of all artifacts that the stage's build makes."""
        return (self.build, self.files) if self.publishes_files else (self.build,)

    @property
    def publishes_files(self) -> bool:
        """Whether a site is published after the stack is deployed."""
        return "files" in self.stack.publishes

    @property
    def build(self) -> str:
        """The name of the artifact of the stage's build, and of the build's variables: ``Build``, ``Build2``."""
        return "Build" if self.number == 1 else f"Build{self.number}"

    @property
    def files(self) -> str:
        """The name of the artifact with the built files, which its publication takes: ``Files``, ``Files2``."""
        return "Files" if self.number == 1 else f"Files{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The pipeline of one stack, or of a stack that is spread over several."""

    key: str
    """``backend``: the stack, as the description calls it."""
    stages: tuple[PipelineStage, ...]

    @property
    def stage(self) -> Stage:
        """The stage whose base stack has the pipeline."""
        return self.stages[0].stage

    @property
    def stacks(self) -> tuple[Rendered, ...]:
        """What is deployed to that stage."""
        return self.stages[0].stacks

    @property
    def name(self) -> str:
        """The pipeline: ``backend-notes-dev``; ``frontend-edge-1a2b3c`` where that would exceed 20 characters.

        The keys of a pipeline's artifacts start with the first 20 characters of its name. A name of at most 20 is whole
        there, so no pipeline's roles reach the artifacts of another.
        """
        return uncut(f"{self.key}-{naming.prefix(self.stage)}")

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that the pipeline deploys to next to its own."""
        results = {stack.region for pipeline_stage in self.stages for stack in pipeline_stage.stacks}
        return tuple(sorted(results - {self.stage.region}))

    def project(self, pipeline_stage: PipelineStage, kind: str) -> str:
        """A CodeBuild project of a stage: ``notes-dev-frontend`` builds, ``notes-dev-frontend-publish`` publishes."""
        name = naming.stack_name(pipeline_stage.stage, self.key)
        return name if kind == "Build" else f"{name}-{kind.lower()}"

    def id(self, kind: str, pipeline_stage: PipelineStage | None = None) -> str:
        """A logical id in the base template: ``BackendPipeline``; ``ProdBackendBuild`` for a later stage."""
        later = naming.logical_id(pipeline_stage.stage.name, "") if pipeline_stage and pipeline_stage.number > 1 else ""
        return later + naming.words(self.key) + kind

    def artifacts(self, name: str = "") -> Join:
        """The ARN of what the pipeline keeps in the artifact bucket, or of one of its artifacts."""
        return Join("", [GetAtt(BUCKET, "Arn"), self.keys(name)])

    def copies(self, region: str) -> Join:
        """The ARN of what the pipeline keeps in its bucket of another region."""
        return Join("", [Sub("arn:${AWS::Partition}:s3:::"), self.bucket_in(region), self.keys()])

    def keys(self, name: str = "") -> str:
        """The pattern of the keys of the pipeline's artifacts, or of one of them."""
        return f"/{self.name}/{f'{name}/*' if name else '*'}"

    def bucket_in(self, region: str) -> Sub:
        """The name of the pipelines' bucket in another region."""
        return Sub(naming.bucket_in(self.stage, "code", region))

    def key_in(self, region: str) -> GetStackOutput:
        """The ARN of the key of that bucket."""
        return wiring.artifact_copies_key(region).read(self.stage)

    def code_bucket(self, pipeline_stage: PipelineStage) -> GetAtt | Sub:
        """The ARN of the bucket that the code of a stage's functions is put into."""
        if pipeline_stage.number == 1:
            return GetAtt(BUCKET, "Arn")
        name = naming.bucket_in(pipeline_stage.stage, "code", pipeline_stage.stage.region)
        return Sub(f"arn:${{AWS::Partition}}:s3:::{name}")

    def deploy_role(self, pipeline_stage: PipelineStage, stack: Rendered) -> GetAtt | Sub:
        """The ARN of the role that CloudFormation deploys a stack with; the base stack of its stage has it."""
        if pipeline_stage.number == 1:
            return GetAtt(deploy_role_id(stack), "Arn")
        return self._role_of(pipeline_stage, deploy_role_name(stack))

    def is_cross_account(self, pipeline_stage: PipelineStage) -> bool:
        """Whether a stage is in another account than the pipeline."""
        return pipeline_stage.stage.account != self.stage.account

    def role_name(self, pipeline_stage: PipelineStage, kind: str) -> str:
        """A role of the pipeline, known before it exists: ``notes-prod-backend-build``."""
        return f"{naming.stack_name(pipeline_stage.stage, self.key)}-{kind}"

    def acting_role(self, pipeline_stage: PipelineStage) -> Sub:
        """The ARN of the role that CodePipeline takes in another account to deploy a stage."""
        return self._role_of(pipeline_stage, self.role_name(pipeline_stage, "pipeline"))

    def building_role(self, pipeline_stage: PipelineStage, kind: str) -> Sub:
        """The ARN of the role that a build, or a publication, takes in another account."""
        return self._role_of(pipeline_stage, self.role_name(pipeline_stage, kind.lower()))

    def _role_of(self, pipeline_stage: PipelineStage, name: str) -> Sub:
        return arn(
            "iam",
            f"role{self.path_of(pipeline_stage)}{name}",
            region="",
            account=pipeline_stage.stage.account or ACCOUNT,
        )

    def path_of(self, pipeline_stage: PipelineStage) -> str:
        """The IAM path of the platform's roles of a stage's stage."""
        return naming.role_path(pipeline_stage.stage, "platform")

    @property
    def arn(self) -> Sub:
        """The pipeline's ARN, known before it exists."""
        return arn("codepipeline", self.name)


def uncut(name: str) -> str:
    """A name of at most 20 characters for a pipeline; different names stay different."""
    if len(name) <= _LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{name[: _LONGEST - _DIGITS - 1].rstrip('-')}-{digest}"


def pipelines_of(row: Sequence[tuple[Stage, Sequence[Rendered]]]) -> tuple[Pipeline, ...]:
    """The pipelines in the base stack of a row's first stage; each stage with its stacks but base, as deployed."""
    return tuple(Pipeline(key=stack.key, stages=_stages_of(stack.key, row)) for stack in chosen(row[0][0]))


def _stages_of(key: str, row: Sequence[tuple[Stage, Sequence[Rendered]]]) -> tuple[PipelineStage, ...]:
    described = ((stage, stage.base.pipelines, rendered) for stage, rendered in row)
    chosen = [
        (stage, settings, rendered) for stage, settings, rendered in described if settings and is_chosen(key, stage)
    ]
    return tuple(
        PipelineStage(
            stage=stage,
            stack=stack_at(key, stage),
            stacks=tuple(stack for stack in rendered if stack_at(stack.stack, stage).part_of == key),
            others=tuple(rendered),
            settings=settings,
            number=number,
        )
        for number, (stage, settings, rendered) in enumerate(chosen, start=1)
    )


def deploy_role_id(stack: Rendered) -> str:
    """The logical id that ``stacks.roles`` gives a stack's deploy role."""
    return f"{naming.words(stack.stack)}DeployRole"


def deploy_role_name(stack: Rendered) -> str:
    """The name that ``stacks.roles`` gives it."""
    return f"{stack.name}-deploy"


def stack_arn(name: str, region: str) -> Sub:
    """The ARN of a CloudFormation stack, whatever id AWS gave it."""
    return arn("cloudformation", f"stack/{name}/*", region=region)
