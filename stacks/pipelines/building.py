"""A leg of a line → its CodeBuild projects, each with a role that can read the source and write what it makes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Join, Ref, Sub, codebuild, iam

from stacks import naming
from stacks.blocks.senders import trust_from
from stacks.parts.logs import log_group
from stacks.parts.policies import allow, arn, managed_policy, policy, tagged, when
from stacks.pipelines import buildspec
from stacks.pipelines.line import KEY, SOURCE, stack_arn
from stacks.stages.stacks import BASE
from stacks.template.wired import read_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from awacs.aws import Statement

    from stacks.app import Stage
    from stacks.pipelines.line import Leg, Line
    from stacks.template.rendered import Rendered

# https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html
_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
_MINUTES = 30


def build_project(line: Line, leg: Leg) -> Iterator[Any]:
    """What renders, tests and packages for a leg."""
    statements = [
        allow("s3:GetObject", "s3:GetObjectVersion", on=line.artifacts(SOURCE)),
        allow("s3:PutObject", on=[line.artifacts(name) for name in leg.makes]),
        _with_key(line),
        *_there(line, leg, "Build", looks(line, leg)),
    ]
    yield from _project(line, leg, "Build", buildspec.build(line, leg), statements)


def looks(line: Line, leg: Leg) -> Iterator[Statement]:
    """What a build does in its leg's account: ask CloudFormation, and bring up the code of the backend."""
    yield from looks_at(leg.stage, leg.stacks, leg.others)
    if "code" in leg.stack.publishes:
        bucket = line.code_bucket(leg)
        yield allow("s3:GetObject", on=Join("", [bucket, "/code/*"]))
        # A key is written once, so no build replaces what was approved.
        once = when(Null={"s3:if-none-match": "false"})
        yield allow("s3:PutObject", on=Join("", [bucket, "/code/*"]), Condition=once)
        # Without it, HEAD of a key that does not exist is "denied" instead of "not found".
        yield allow("s3:ListBucket", on=bucket)


def _there(line: Line, leg: Leg, kind: str, statements: Iterator[Statement]) -> Iterator[Statement]:
    """The same, or in another account the right to take the role that may."""
    if line.is_cross_account(leg):
        yield allow("sts:AssumeRole", on=line.building_role(leg, kind))
    else:
        yield from statements


def publish_project(line: Line, leg: Leg) -> Iterator[Any]:
    """What publishes the site: the files that the leg's build made."""
    statements = [
        allow("s3:GetObject", "s3:GetObjectVersion", on=line.artifacts(leg.files)),
        _with_key(line),
        *_there(line, leg, "Publish", publishes(leg)),
    ]
    yield from _project(line, leg, "Publish", buildspec.publish(line, leg), statements)


def publishes(leg: Leg) -> Iterator[Statement]:
    """What a publication does in its leg's account."""
    yield allow(
        "cloudformation:DescribeStacks",
        on=[_base_of(leg), *(stack_arn(one.name, one.region) for one in leg.others)],
    )
    yield from publishes_site(leg.stage)


def publishes_site(stage: Stage) -> Iterator[Statement]:
    """Write the site's bucket, and invalidate what the stage's distribution has cached."""
    site = f"arn:${{AWS::Partition}}:s3:::{naming.bucket_in(stage, 'site', stage.region)}"
    own = when(StringEquals={"aws:ResourceTag/stack": naming.stack_name(stage, "frontend")})
    yield allow("s3:ListBucket", "s3:ListBucketVersions", on=Sub(site))
    yield allow("s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", on=Sub(f"{site}/*"))
    yield allow("cloudfront:CreateInvalidation", on=arn("cloudfront", "distribution/*", region=""), Condition=own)


def _with_key(line: Line) -> Statement:
    """Artifacts are encrypted with the pipelines' key, through S3 only.

    https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
    """
    through = when(StringEquals={"kms:ViaService": f"s3.{line.stage.region}.amazonaws.com"})
    return allow("kms:Decrypt", "kms:GenerateDataKey", on=GetAtt(KEY, "Arn"), Condition=through)


def looks_at(stage: Stage, own: Sequence[Rendered], others: Sequence[Rendered]) -> Iterator[Statement]:
    """What planning asks CloudFormation: the stage's stacks as deployed, and which of them left the description.

    ``own`` are the stacks whose parameters are read, ``others`` all stacks of the stage.
    ``ListStacks`` has no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
    Names of a stage's stacks start with its prefix, and no other stage of the account continues that.
    """
    regions = sorted({stage.region, naming.EDGE_REGION, *(one.region for one in others)})
    stacks = [stack_arn(f"{naming.prefix(stage)}-*", region) for region in regions]
    yield from reads(own)
    yield allow("cloudformation:DescribeStacks", "cloudformation:GetTemplate", on=stacks)
    yield allow("cloudformation:ListStacks", on="*", Condition=when(StringEquals={"aws:RequestedRegion": regions}))


def reads(deployed: Sequence[Rendered]) -> Iterator[Statement]:
    """Fetching the parameters that stacks read, which CloudFormation may do as its caller or with the stack's role.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
    """
    names = sorted({(one.region, name) for one in deployed for name in read_names(one.template).values()})
    if names:
        yield allow("ssm:GetParameters", on=[arn("ssm", f"parameter{name}", region=region) for region, name in names])


def _base_of(leg: Leg) -> Sub:
    return stack_arn(naming.stack_name(leg.stage, BASE), leg.stage.region)


def _project(line: Line, leg: Leg, kind: str, spec: str, statements: Sequence[Statement]) -> Iterator[Any]:
    stage, name = line.stage, line.project(leg, kind)
    logs = log_group(line.id(f"{kind}Logs", leg), stage, stack=BASE, name=f"/aws/codebuild/{name}")
    writes = allow("logs:CreateLogStream", "logs:PutLogEvents", on=GetAtt(logs, "Arn"))
    rights = managed_policy(line.id(f"{kind}Policy", leg), stage, "platform", policy(writes, *statements))
    role = iam.Role(
        line.id(f"{kind}Role", leg),
        RoleName=line.role_name(leg, kind.lower()),
        Path=naming.role_path(stage, "platform"),
        AssumeRolePolicyDocument=trust_from("codebuild", arn("codebuild", f"project/{name}")),
        ManagedPolicyArns=[Ref(rights)],
        Tags=tagged(stage, BASE),
    )
    yield from (logs, rights, role)
    yield codebuild.Project(
        line.id(kind, leg),
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
        Tags=tagged(stage, BASE),
    )
