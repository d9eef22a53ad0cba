"""A pipeline's stage in another account → that account's roles, and their rights to the pipeline's artifacts. Pure.

The account has two roles for each pipeline: CodePipeline assumes one to deploy, its builds assume the other to read and
to upload. Each trusts one role of the pipelines' account, and has the rights that this role has in its own account.
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Principal, Statement
from troposphere import Ref, Sub, iam

from stacks import naming
from stacks.parts.policies import actions, allow, managed_policy, policy, tagged, when
from stacks.pipelines.building import looks, publishes
from stacks.pipelines.delivery import changes
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere import AWSObject

    from stacks.pipelines.pipeline import Pipeline, PipelineStage


def roles(pipeline: Pipeline, pipeline_stage: PipelineStage) -> Iterator[AWSObject]:
    """The roles of the stage's account, for the base template of its stage."""
    yield from _role(
        pipeline,
        pipeline_stage,
        "Pipeline",
        pipeline.role_name(pipeline.stages[0], "pipeline"),
        list(_deploys(pipeline, pipeline_stage)),
    )
    yield from _role(
        pipeline,
        pipeline_stage,
        "Build",
        pipeline.role_name(pipeline_stage, "build"),
        list(looks(pipeline, pipeline_stage)),
    )
    if pipeline_stage.publishes_files:
        yield from _role(
            pipeline,
            pipeline_stage,
            "Publish",
            pipeline.role_name(pipeline_stage, "publish"),
            list(publishes(pipeline_stage)),
        )


def _deploys(pipeline: Pipeline, pipeline_stage: PipelineStage) -> Iterator[Statement]:
    yield from changes(pipeline, pipeline_stage)
    for region in sorted({stack.region for stack in pipeline_stage.stacks}):
        bucket = naming.bucket_in(pipeline.stage, "code", region)
        bucket = bucket.replace("${AWS::AccountId}", str(pipeline.stage.account))
        kept = Sub(f"arn:${{AWS::Partition}}:s3:::{bucket}{pipeline.keys()}")
        yield allow("s3:GetObject", "s3:GetObjectVersion", on=kept)
        # Which key it is, its own policy says: it names this role.
        keys = Sub(f"arn:${{AWS::Partition}}:kms:{region}:{pipeline.stage.account}:key/*")
        yield allow("kms:Decrypt", on=keys, Condition=when(StringEquals={"kms:ViaService": _s3(region)}))


def _role(
    pipeline: Pipeline, pipeline_stage: PipelineStage, kind: str, taken_by: str, statements: Sequence[Statement]
) -> Iterator[AWSObject]:
    stage = pipeline_stage.stage
    taker = Sub(
        f"arn:${{AWS::Partition}}:iam::{pipeline.stage.account}:role{pipeline.path_of(pipeline.stages[0])}{taken_by}"
    )
    rights = managed_policy(pipeline.id(f"{kind}Policy"), stage, "platform", policy(*statements))
    yield rights
    yield iam.Role(
        pipeline.id(f"{kind}Role"),
        RoleName=pipeline.role_name(pipeline_stage, kind.lower()),
        Path=naming.role_path(stage, "platform"),
        AssumeRolePolicyDocument=policy(
            Statement(
                Effect="Allow",
                Action=actions("sts:AssumeRole"),
                Principal=_account(str(pipeline.stage.account)),
                Condition=when(ArnEquals={"aws:PrincipalArn": taker}),
            )
        ),
        ManagedPolicyArns=[Ref(rights)],
        Tags=tagged(stage, BASE),
    )


def _account(number: str) -> Principal:
    """The whole account, which a condition narrows to a role: a role can be named as principal only when it exists."""
    return Principal("AWS", [Sub(f"arn:${{AWS::Partition}}:iam::{number}:root")])


def artifacts_lent(all_pipelines: Sequence[Pipeline], region: str) -> Iterator[Statement]:
    """The statements of a region's artifact bucket that let roles of other accounts read it."""
    for pipeline, pipeline_stage in _acting(all_pipelines, region):
        yield allow(
            "s3:GetObject",
            "s3:GetObjectVersion",
            on=pipeline.artifacts(pipeline_stage.build),
            Sid=naming.logical_id(pipeline_stage.stage.name, naming.words(pipeline.key)),
            Principal=_account(str(pipeline_stage.stage.account)),
            Condition=when(ArnEquals={"aws:PrincipalArn": pipeline.acting_role(pipeline_stage)}),
        )


def key_lent(all_pipelines: Sequence[Pipeline], region: str) -> Iterator[Statement]:
    """What the key of these artifacts lets them do."""
    for pipeline, pipeline_stage in _acting(all_pipelines, region):
        yield allow(
            "kms:Decrypt",
            on="*",
            Sid=naming.logical_id(pipeline_stage.stage.name, naming.words(pipeline.key)),
            Principal=_account(str(pipeline_stage.stage.account)),
            Condition=when(
                StringEquals={"kms:ViaService": _s3(region)},
                ArnEquals={"aws:PrincipalArn": pipeline.acting_role(pipeline_stage)},
            ),
        )


def _acting(all_pipelines: Sequence[Pipeline], region: str) -> Iterator[tuple[Pipeline, PipelineStage]]:
    for pipeline in all_pipelines:
        for pipeline_stage in pipeline.stages:
            if pipeline.is_cross_account(pipeline_stage) and region in {
                stack.region for stack in pipeline_stage.stacks
            }:
                yield pipeline, pipeline_stage


def _s3(region: str) -> str:
    return f"s3.{region}.amazonaws.com"
