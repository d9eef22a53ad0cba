"""What no deploy role may do, whatever else it is allowed: a denial wins over every allowance.

These statements make a mistake in the rest harmless: they keep a pipeline away from the platform that watches and
limits it (boundary, trail, pipelines, platform buckets), and from what carries another stack's tag.
The person who deploys base is not held by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.json_types import items
from stacks.roles import scopes
from stacks.roles.grants import GrantPlace, GrantStatement
from stacks.roles.names import filled, own_arns
from stacks.roles.scoping import hands_on_bases_role
from stacks.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.roles.names import Surroundings
    from stacks.roles.needs import Need

_PLATFORM_SERVICES = (
    "access-analyzer", "account", "aws-portal", "billing", "budgets", "cloudtrail", "codebuild", "codecommit",
    "codeconnections", "codepipeline", "codestar-connections", "config", "guardduty", "identitystore",
    "organizations", "ram", "securityhub", "sso", "sso-directory", "sts",
)  # fmt: skip
"""Services that watch, build or administer: no application stack is made of them."""
_ITEMS = ("Batch*Item", "DeleteItem", "GetItem", "PartiQL*", "PutItem", "Query", "Scan", "UpdateItem")
_DATA = (
    *(f"dynamodb:{name}" for name in _ITEMS),
    "backup:DeleteBackupVaultLockConfiguration",
    "backup:DeleteRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
    "cognito-idp:Admin*",
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "secretsmanager:GetSecretValue",
)
_CODE = ("s3:GetObject", "s3:GetObjectVersion")
_READ_ELSEWHERE = (*_CODE, "cloudformation:DescribeStacks", "ssm:GetParameters", "wafv2:GetWebACL")


def denials(here: Surroundings, needs: Sequence[Need], granted: Sequence[GrantStatement]) -> Iterator[GrantStatement]:
    """The denials for a stack's deploy role; ``granted`` are its allowances, of which none may be denied."""
    yield _deny(
        "Platform", tuple(f"{service}:*" for service in _PLATFORM_SERVICES), GrantPlace(arns=("*",), conditions={})
    )
    wanted = {need.action for need in needs}
    yield _deny("Data", tuple(item for item in _DATA if item not in wanted), GrantPlace(arns=("*",), conditions={}))
    yield from _iam(here, needs)
    yield from _buckets(here, needs)
    yield _foreign(here, needs, granted)


def _deny(sid: str, actions: tuple[str, ...], place: GrantPlace) -> GrantStatement:
    return GrantStatement(effect="Deny", sid=sid, actions=actions, place=place)


def _iam(here: Surroundings, needs: Sequence[Need]) -> Iterator[GrantStatement]:
    """IAM outside the stack's path; boundaries; roles that lack the boundary.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    own = tuple(filled(scopes.SCOPES[f"AWS::IAM::{kind}"].arns[0], here) for kind in ("ManagedPolicy", "Role"))
    linked = sorted({TYPES[need.type].linked_role for need in needs if need.action == "iam:CreateServiceLinkedRole"})
    others = [scopes.SERVICE_ROLE.replace("{service}", service) for service in linked]
    if _handing(needs):
        others.append(scopes.CODE_DEPLOY_ROLE.replace("{prefix}", here.prefix))
    yield GrantStatement(
        effect="Deny",
        sid="OtherIam",
        actions=("iam:*",),
        place=GrantPlace(arns=(*own, *others), conditions={}),
        inverted="NotResource",
    )
    changing = ("iam:*PermissionsBoundary", "iam:UpdateAssumeRolePolicy", "iam:*User*", "iam:*Group*")
    yield _deny("Boundary", changing, GrantPlace(arns=("*",), conditions={}))
    unbound = {"ArnNotEquals": {"iam:PermissionsBoundary": here.boundary}}
    giving = ("iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy")
    yield _deny("Unbound", giving, GrantPlace(arns=("*",), conditions=unbound))


def _handing(needs: Sequence[Need]) -> tuple[str, ...]:
    """What hands base's role to CodeDeploy, where the stack does."""
    return ("iam:PassRole",) if any(map(hands_on_bases_role, needs)) else ()


def _buckets(here: Surroundings, needs: Sequence[Need]) -> Iterator[GrantStatement]:
    """Buckets of others, and every object there is; of packaged code, nothing but reading."""
    code = scopes.CODE_OBJECTS.replace("{bucket}", here.code_bucket)
    reads = any(need.action in _CODE for need in needs)
    own = own_arns("AWS::S3::Bucket", scopes.SCOPES["AWS::S3::Bucket"], here)
    yield GrantStatement(
        effect="Deny",
        sid="OtherBuckets",
        actions=("s3:*",),
        place=GrantPlace(arns=(*own, *((code,) if reads else ())) or ("*",), conditions={}),
        inverted="NotResource" if own or reads else "",
    )
    if reads:
        place = GrantPlace(arns=(code,), conditions={})
        yield GrantStatement(effect="Deny", sid="CodeBucket", actions=_CODE, place=place, inverted="NotAction")


def _foreign(here: Surroundings, needs: Sequence[Need], granted: Sequence[GrantStatement]) -> GrantStatement:
    """Whatever has the tag of another stack, although its name looks like ours.

    Left out is what is done to another stack's things on purpose: a web ACL guards one, a log is delivered of one.
    """
    guarding = {need.action for need in needs if need.type == "AWS::WAFv2::WebACLAssociation"}
    elsewhere = {action for statement in granted if _names_others(statement, here) for action in statement.actions}
    others = sorted((guarding | elsewhere) - set(_READ_ELSEWHERE))
    conditions = {
        "StringNotEquals": {"aws:ResourceTag/stack": here.name},
        "Null": {"aws:ResourceTag/stack": "false"},
    }
    return GrantStatement(
        effect="Deny",
        sid="OtherStacks",
        actions=(*_READ_ELSEWHERE, *others, *_handing(needs)),
        place=GrantPlace(arns=("*",), conditions=conditions),
        inverted="NotAction",
    )


def _names_others(statement: GrantStatement, here: Surroundings) -> bool:
    """Whether a statement asks for the tag of another stack."""
    asked = [keys.get("aws:ResourceTag/stack", ()) for keys in statement.place.conditions.values()]
    names = {name for actions in asked for name in items(actions)}
    return bool(names - {here.name})
