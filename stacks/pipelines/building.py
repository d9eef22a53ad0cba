"""A line → its CodeBuild projects, each with a role that can read the source and write what it makes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Join, Ref, Sub, codebuild, iam

from stacks import naming
from stacks.parts.logs import log_group
from stacks.parts.policies import allow, arn, from_source, managed_policy, policy, tagged, trust, when
from stacks.pipelines import buildspec
from stacks.pipelines.line import BUCKET, BUILD, KEY, SOURCE, stack_arn
from stacks.template.references import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from awacs.aws import Statement

    from stacks.app import Pipelines
    from stacks.pipelines.line import Line
    from stacks.rendering import Rendered

_BASE = "base"
# https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html
_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
_MINUTES = 30


def build_project(line: Line, pipelines: Pipelines, others: Sequence[Rendered]) -> Iterator[Any]:
    """What renders, tests and packages; ``others`` are all stacks of the stage but base."""
    statements = [
        allow("s3:GetObject", "s3:GetObjectVersion", on=line.artifacts(SOURCE)),
        allow("s3:PutObject", on=line.artifacts(BUILD)),
        _with_key(line),
        *_looks_at(line, others),
    ]
    if line.family == "backend":
        statements += [
            allow("s3:GetObject", "s3:PutObject", on=Join("", [GetAtt(BUCKET, "Arn"), "/code/*"])),
            # Without it, HEAD of a key that is not there is "denied" instead of "not found".
            allow("s3:ListBucket", on=GetAtt(BUCKET, "Arn")),
        ]
    yield from _project(line, "Build", line.project, buildspec.build(line, pipelines), statements)


def publish_project(line: Line, pipelines: Pipelines, others: Sequence[Rendered]) -> Iterator[Any]:
    """What publishes the site: it writes the site's bucket and nothing else."""
    site = f"arn:${{AWS::Partition}}:s3:::{naming.bucket_name(line.app, line.stage, 'site')}"
    own = when(StringEquals={"aws:ResourceTag/stack": naming.stack_name(line.app, line.stage, "frontend")})
    read = [stack_arn(one.name, one.region) for one in others]
    statements = [
        allow("s3:GetObject", "s3:GetObjectVersion", on=line.artifacts(SOURCE)),
        _with_key(line),
        allow("cloudformation:DescribeStacks", on=[stack_arn(naming.stack_name(line.app, line.stage, _BASE)), *read]),
        allow("s3:ListBucket", "s3:ListBucketVersions", on=Sub(site)),
        allow("s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", on=Sub(f"{site}/*")),
        allow(
            "cloudfront:CreateInvalidation",
            on=arn("cloudfront", "distribution/*", region=""),
            Condition=own,
        ),
    ]
    yield from _project(line, "Publish", f"{line.project}-publish", buildspec.publish(line, pipelines), statements)


def _with_key(line: Line) -> Statement:
    """Artifacts are encrypted with the pipelines' key, through S3 only.

    https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
    """
    through = when(StringEquals={"kms:ViaService": f"s3.{line.stage.region}.amazonaws.com"})
    return allow("kms:Decrypt", "kms:GenerateDataKey", on=GetAtt(KEY, "Arn"), Condition=through)


def _looks_at(line: Line, others: Sequence[Rendered]) -> Iterator[Statement]:
    """What the build asks CloudFormation: the roles that base has, and the outputs that the line's stacks read."""
    base = stack_arn(naming.stack_name(line.app, line.stage, _BASE))
    regions = {one.name: one.region for one in others}
    read = {name for one in line.stacks for name, _ in found_in(one.template).outputs}
    arns = [stack_arn(name, regions[name]) for name in sorted(read & regions.keys())]
    yield allow("cloudformation:GetTemplate", on=base)
    yield allow("cloudformation:DescribeStacks", on=[base, *arns])


def _project(line: Line, kind: str, name: str, spec: str, statements: Sequence[Statement]) -> Iterator[Any]:
    app, stage = line.app, line.stage
    logs = log_group(line.id(f"{kind}Logs"), app, stage, stack=_BASE, name=f"/aws/codebuild/{name}")
    writes = allow("logs:CreateLogStream", "logs:PutLogEvents", on=GetAtt(logs, "Arn"))
    rights = managed_policy(line.id(f"{kind}Policy"), app, stage, "platform", policy(writes, *statements))
    role = iam.Role(
        line.id(f"{kind}Role"),
        Path=naming.role_path(app, stage, "platform"),
        AssumeRolePolicyDocument=trust("codebuild", from_source(arn("codebuild", f"project/{name}"))),
        ManagedPolicyArns=[Ref(rights)],
        Tags=tagged(app, stage, _BASE),
    )
    yield from (logs, rights, role)
    yield codebuild.Project(
        line.id(kind),
        Name=name,
        Description=f"Part of the pipeline {line.name}",
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
        Tags=tagged(app, stage, _BASE),
    )
