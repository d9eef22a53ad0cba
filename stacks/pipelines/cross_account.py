"""A leg of a line in another account → what that account lets the pipeline do, and what the pipeline's lends it. Pure.

The account has two roles for each pipeline: one that CodePipeline takes to deploy, one that its builds take to look
and to bring up. Each is taken by one role of the pipelines' account and can do what the same roles can at home.
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Principal, Statement
from troposphere import Ref, Sub, iam

from stacks import naming
from stacks.parts.policies import actions, allow, managed_policy, policy, tagged, when
from stacks.pipelines.building import looks, publishes
from stacks.pipelines.delivery import changes
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.pipelines.line import Leg, Line


def roles(line: Line, leg: Leg) -> Iterator[Any]:
    """The roles of the leg's account, for the base template of its stage."""
    yield from _role(line, leg, "Pipeline", line.role_name(line.legs[0], "pipeline"), list(_deploys(line, leg)))
    yield from _role(line, leg, "Build", line.role_name(leg, "build"), list(looks(line, leg)))
    if leg.publishes_files:
        yield from _role(line, leg, "Publish", line.role_name(leg, "publish"), list(publishes(leg)))


def _deploys(line: Line, leg: Leg) -> Iterator[Statement]:
    yield from changes(line, leg)
    for region in sorted({one.region for one in leg.stacks}):
        bucket = naming.bucket_in(line.stage, "code", region)
        bucket = bucket.replace("${AWS::AccountId}", str(line.stage.account))
        kept = Sub(f"arn:${{AWS::Partition}}:s3:::{bucket}{line.keys()}")
        yield allow("s3:GetObject", "s3:GetObjectVersion", on=kept)
        # Which key it is, its own policy says: it names this role.
        keys = Sub(f"arn:${{AWS::Partition}}:kms:{region}:{line.stage.account}:key/*")
        yield allow("kms:Decrypt", on=keys, Condition=when(StringEquals={"kms:ViaService": _s3(region)}))


def _role(line: Line, leg: Leg, kind: str, taken_by: str, statements: Sequence[Statement]) -> Iterator[Any]:
    stage = leg.stage
    taker = Sub(f"arn:${{AWS::Partition}}:iam::{line.stage.account}:role{line.path_of(line.legs[0])}{taken_by}")
    rights = managed_policy(line.id(f"{kind}Policy"), stage, "platform", policy(*statements))
    yield rights
    yield iam.Role(
        line.id(f"{kind}Role"),
        RoleName=line.role_name(leg, kind.lower()),
        Path=naming.role_path(stage, "platform"),
        AssumeRolePolicyDocument=policy(
            Statement(
                Effect="Allow",
                Action=actions("sts:AssumeRole"),
                Principal=_account(str(line.stage.account)),
                Condition=when(ArnEquals={"aws:PrincipalArn": taker}),
            )
        ),
        ManagedPolicyArns=[Ref(rights)],
        Tags=tagged(stage, BASE),
    )


def _account(number: str) -> Principal:
    """The whole account, which a condition narrows to a role: naming the role would need it to be there already."""
    return Principal("AWS", [Sub(f"arn:${{AWS::Partition}}:iam::{number}:root")])


def artifacts_lent(lines: Sequence[Line], region: str) -> Iterator[Statement]:
    """What the artifact bucket of a region lets the roles of other accounts read."""
    for line, leg in _acting(lines, region):
        yield allow(
            "s3:GetObject",
            "s3:GetObjectVersion",
            on=line.artifacts(leg.build),
            Sid=naming.logical_id(leg.stage.name, naming.words(line.family)),
            Principal=_account(str(leg.stage.account)),
            Condition=when(ArnEquals={"aws:PrincipalArn": line.acting_role(leg)}),
        )


def key_lent(lines: Sequence[Line], region: str) -> Iterator[Statement]:
    """What the key of these artifacts lets them do."""
    for line, leg in _acting(lines, region):
        yield allow(
            "kms:Decrypt",
            on="*",
            Sid=naming.logical_id(leg.stage.name, naming.words(line.family)),
            Principal=_account(str(leg.stage.account)),
            Condition=when(
                StringEquals={"kms:ViaService": _s3(region)}, ArnEquals={"aws:PrincipalArn": line.acting_role(leg)}
            ),
        )


def _acting(lines: Sequence[Line], region: str) -> Iterator[tuple[Line, Leg]]:
    for line in lines:
        for leg in line.legs:
            if line.is_cross_account(leg) and region in {one.region for one in leg.stacks}:
                yield line, leg


def _s3(region: str) -> str:
    return f"s3.{region}.amazonaws.com"
