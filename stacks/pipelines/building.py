"""A stage of a pipeline → its CodeBuild projects, with roles that read the source and write artifacts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Join, Ref, Sub, codebuild, iam

from stacks import naming
from stacks.blocks.senders import trust_from
from stacks.parts.logs import log_group
from stacks.parts.policies import allow, arn, managed_policy, policy, tagged, when
from stacks.pipelines import buildspec
from stacks.pipelines.pipeline import KEY, SOURCE, stack_arn
from stacks.stages.stacks import BASE
from stacks.template.wired import read_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from awacs.aws import Statement
    from troposphere import AWSObject

    from stacks.app import Stage
    from stacks.pipelines.pipeline import Pipeline, PipelineStage
    from stacks.template.rendered import Rendered

# https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html
_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
_MINUTES = 30


def build_project(pipeline: Pipeline, pipeline_stage: PipelineStage) -> Iterator[AWSObject]:
    """What renders, tests and packages for a stage."""
    statements = [
        allow("s3:GetObject", "s3:GetObjectVersion", on=pipeline.artifacts(SOURCE)),
        allow("s3:PutObject", on=[pipeline.artifacts(name) for name in pipeline_stage.makes]),
        _with_key(pipeline),
        *_existing(pipeline, pipeline_stage, "Build", looks(pipeline, pipeline_stage)),
    ]
    yield from _project(pipeline, pipeline_stage, "Build", buildspec.build(pipeline, pipeline_stage), statements)


def looks(pipeline: Pipeline, pipeline_stage: PipelineStage) -> Iterator[Statement]:
    """The rights of a build in its stage's account: ask CloudFormation, and upload the code of the backend."""
    yield from looks_at(pipeline_stage.stage, pipeline_stage.stacks, pipeline_stage.others)
    if "code" in pipeline_stage.stack.publishes:
        bucket = pipeline.code_bucket(pipeline_stage)
        yield allow("s3:GetObject", on=Join("", [bucket, "/code/*"]))
        # A key is written once, so no build replaces what was approved.
        once = when(Null={"s3:if-none-match": "false"})
        yield allow("s3:PutObject", on=Join("", [bucket, "/code/*"]), Condition=once)
        # Without it, HEAD of a key that does not exist is "denied" instead of "not found".
        yield allow("s3:ListBucket", on=bucket)


def _existing(
    pipeline: Pipeline, pipeline_stage: PipelineStage, kind: str, statements: Iterator[Statement]
) -> Iterator[Statement]:
    """The statements themselves; for a stage in another account, the right to assume the role that has them."""
    if pipeline.is_cross_account(pipeline_stage):
        yield allow("sts:AssumeRole", on=pipeline.building_role(pipeline_stage, kind))
    else:
        yield from statements


def publish_project(pipeline: Pipeline, pipeline_stage: PipelineStage) -> Iterator[AWSObject]:
    """The project that publishes the site: the files that the stage's build wrote."""
    statements = [
        allow("s3:GetObject", "s3:GetObjectVersion", on=pipeline.artifacts(pipeline_stage.files)),
        _with_key(pipeline),
        *_existing(pipeline, pipeline_stage, "Publish", publishes(pipeline_stage)),
    ]
    yield from _project(pipeline, pipeline_stage, "Publish", buildspec.publish(pipeline, pipeline_stage), statements)


def publishes(pipeline_stage: PipelineStage) -> Iterator[Statement]:
    """What a publication does in its stage's account."""
    yield allow(
        "cloudformation:DescribeStacks",
        on=[_base_of(pipeline_stage), *(stack_arn(other.name, other.region) for other in pipeline_stage.others)],
    )
    yield from publishes_site(pipeline_stage.stage)


def publishes_site(stage: Stage) -> Iterator[Statement]:
    """Write the site's bucket, and invalidate what the stage's distribution has cached."""
    site = f"arn:${{AWS::Partition}}:s3:::{naming.bucket_in(stage, 'site', stage.region)}"
    own = when(StringEquals={"aws:ResourceTag/stack": naming.stack_name(stage, "frontend")})
    yield allow("s3:ListBucket", "s3:ListBucketVersions", on=Sub(site))
    yield allow("s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", on=Sub(f"{site}/*"))
    yield allow("cloudfront:CreateInvalidation", on=arn("cloudfront", "distribution/*", region=""), Condition=own)


def _with_key(pipeline: Pipeline) -> Statement:
    """Artifacts are encrypted with the pipelines' key, through S3 only.

    https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
    """
    through = when(StringEquals={"kms:ViaService": f"s3.{pipeline.stage.region}.amazonaws.com"})
    return allow("kms:Decrypt", "kms:GenerateDataKey", on=GetAtt(KEY, "Arn"), Condition=through)


def looks_at(stage: Stage, own: Sequence[Rendered], others: Sequence[Rendered]) -> Iterator[Statement]:
    """The rights that planning needs: to read the stage's deployed stacks, and to list those that left the description.

        ``own`` are the stacks whose parameters are read, ``others`` all stacks of the stage.
        ``ListStacks`` has no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
    The names of a stage's stacks start with its prefix, and no other stage's prefix starts with it.
    """
    regions = sorted({stage.region, naming.EDGE_REGION, *(other.region for other in others)})
    stacks = [stack_arn(f"{naming.prefix(stage)}-*", region) for region in regions]
    yield from reads(own)
    yield allow("cloudformation:DescribeStacks", "cloudformation:GetTemplate", on=stacks)
    yield allow("cloudformation:ListStacks", on="*", Condition=when(StringEquals={"aws:RequestedRegion": regions}))


def passes_roles(roles: Sequence[Any]) -> Statement:
    """Handing roles (ARNs) to CloudFormation, and to no other service."""
    to_cloudformation = when(StringEquals={"iam:PassedToService": "cloudformation.amazonaws.com"})
    return allow("iam:PassRole", on=roles, Condition=to_cloudformation)


def reads(deployed: Sequence[Rendered]) -> Iterator[Statement]:
    """Fetching the parameters that stacks read, which CloudFormation may do as its caller or with the stack's role.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
    """
    names = sorted({(stack.region, name) for stack in deployed for name in read_names(stack.template).values()})
    if names:
        yield allow("ssm:GetParameters", on=[arn("ssm", f"parameter{name}", region=region) for region, name in names])


def _base_of(pipeline_stage: PipelineStage) -> Sub:
    return stack_arn(naming.stack_name(pipeline_stage.stage, BASE), pipeline_stage.stage.region)


def _project(
    pipeline: Pipeline, pipeline_stage: PipelineStage, kind: str, spec: str, statements: Sequence[Statement]
) -> Iterator[AWSObject]:
    stage, name = pipeline.stage, pipeline.project(pipeline_stage, kind)
    logs = log_group(pipeline.id(f"{kind}Logs", pipeline_stage), stage, stack=BASE, name=f"/aws/codebuild/{name}")
    writes = allow("logs:CreateLogStream", "logs:PutLogEvents", on=GetAtt(logs, "Arn"))
    rights = managed_policy(
        pipeline.id(f"{kind}Policy", pipeline_stage), stage, "platform", policy(writes, *statements)
    )
    role = iam.Role(
        pipeline.id(f"{kind}Role", pipeline_stage),
        RoleName=pipeline.role_name(pipeline_stage, kind.lower()),
        Path=naming.role_path(stage, "platform"),
        AssumeRolePolicyDocument=trust_from("codebuild", arn("codebuild", f"project/{name}")),
        ManagedPolicyArns=[Ref(rights)],
        Tags=tagged(stage, BASE),
    )
    yield from (logs, rights, role)
    yield codebuild.Project(
        pipeline.id(kind, pipeline_stage),
        Name=name,
        Description=f"Part of the pipeline {pipeline.name}",
        ServiceRole=GetAtt(role, "Arn"),
        Source=codebuild.Source(Type="CODEPIPELINE", BuildSpec=spec),
        Artifacts=codebuild.Artifacts(Type="CODEPIPELINE"),
        EncryptionKey=GetAtt(KEY, "Arn"),
        Environment=codebuild.Environment(
            Type="LINUX_CONTAINER", ComputeType="BUILD_GENERAL1_SMALL", Image=_IMAGE, PrivilegedMode=False
        ),
        LogsConfig=codebuild.LogsConfig(CloudWatchLogs=codebuild.CloudWatchLogs(Status="ENABLED", GroupName=Ref(logs))),
        TimeoutInMinutes=_MINUTES,
        Visibility="PRIVATE",
        Tags=tagged(stage, BASE),
    )
