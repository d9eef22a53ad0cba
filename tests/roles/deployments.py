"""What deploying the example asks of AWS, written from the types' handlers: requests on the stack's own resources.

For each type: a concrete ARN of ours, and the tags and keys that AWS would put into the context. Which actions a type's
handlers use is asked of the registry itself, not of ``stacks.roles``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stacks import registry
from stacks.roles import authorization
from tests.roles.conftest import ACCOUNT as A
from tests.roles.conftest import boundary_of
from tests.roles.simulator import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.registry import Operation
    from tests.roles.conftest import Role

_DATA = "(GetItem|PutItem|UpdateItem|DeleteItem|BatchWriteItem|Scan|Query|DeleteObject|PutObjectAcl)$"
_SECRETS = "(GetSecretValue|ListUserPoolClientSecrets)$"
_IDENTITIES = "(RolePermissionsBoundary|UpdateAssumeRolePolicy|UserPolicy|GroupPolicy)$"
_SERVICES = "^(kms|kinesis|firehose|elasticfilesystem|s3files|s3tables|ec2):"
_FUNCTION = "(Put|Delete)FunctionCodeSigning|GetCodeSigning|GetLayer|CapacityProvider|PutFunctionScaling|PublishVersion"
_IAM = "^iam:(CreateServiceLinkedRole|PutRolePolicy|DeleteRolePolicy|UpdateRoleDescription)$"
_OTHERS = "UpdateRestApiPolicy|AddCustomAttributes|ConnectionGroup|VpcOrigin|StagingConfig|Region(sFrom|s$)|ToRegions"
_TABLE = (
    "(Enable|Disable|Update)Kinesis|Import|TableReplica|UpdateContributor|UpdateTimeToLive|b:(Put|Delete)ResourcePol"
)
_GROUP = "KmsKey|(Put|Delete)DataProtection|(Put|Delete)IndexPolicy|DeletionProtection|BearerToken"
_PUT = "Acc|Ana|BucketAbac|BucketAcl|BucketCORS|BucketObjectLock|Inv|Intel|Metrics|Repl|BucketWebsite"
_BUCKET = f"^s3:(Put({_PUT})|GetBucketAcl|DeleteBucketWebsite|(Create|Delete|Update)BucketMetadata)"
UNUSED: dict[str, str] = {
    f"{_DATA}|{_SECRETS}": "data is no part of a deployment",
    _IDENTITIES: "a role keeps its boundary and its trust, and stacks have no users or groups",
    _SERVICES: "no type of the example uses that service",
    f"{_FUNCTION}|{_IAM}|{_OTHERS}|{_TABLE}|{_GROUP}|{_BUCKET}": "no property that asks for it is set",
}
"""Patterns of listed actions that the example does not use, and why."""
ELSEWHERE = {
    "AWS::DynamoDB::Table": ("logs:", "s3:"),
    "AWS::Logs::LogGroup": ("logs:CreateLogDelivery", "logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
    "AWS::WAFv2::LoggingConfiguration": ("s3:",),
    "AWS::ApiGateway::RestApi": ("s3:",),
    "AWS::IAM::ManagedPolicy": ("iam:AttachRolePolicy", "iam:DetachRolePolicy"),
}
"""Actions that a type needs for optional properties only, which other types use as a matter of course."""
PASSES = {"AWS::Lambda::Function"}
RETAINED = {"AWS::Cognito::UserPool", "AWS::DynamoDB::Table", "AWS::S3::Bucket"}
"""CloudFormation never deletes these: their templates retain them, after a failed creation too."""


def requests(role: Role) -> Iterator[Request]:
    """Every request that creating, updating and rolling back the stack's resources makes."""
    for kind in sorted({body["Type"] for body in role.rendered.template["Resources"].values()}):
        for operation in ("create", "read", "update", "delete"):
            if operation == "delete" and kind in RETAINED:
                continue
            for action in sorted(_used(kind, operation)):
                yield from _on_own(action, kind, operation, role)


def _used(kind: str, operation: Operation) -> Iterator[str]:
    for action in registry.handler_actions(kind, operation) or ():
        optional = any(re.search(pattern, action) for pattern in UNUSED)
        elsewhere = action.startswith(ELSEWHERE.get(kind, ("-",)))
        passing = action == "iam:PassRole" and kind not in PASSES
        if authorization.exists(action) and not (optional or elsewhere or passing):
            yield action


def _on_own(action: str, kind: str, operation: str, role: Role) -> Iterator[Request]:
    own, stage, region = role.rendered.name, role.stage.name, role.rendered.region
    tags = {"aws:ResourceTag/stack": own}
    asked = {"aws:RequestTag/stack": own}
    context = {"aws:RequestedRegion": "us-east-1" if action.startswith("cloudfront:") else region}
    verb = action.partition(":")[2]
    if action == "apigateway:PUT" and kind in {"AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"}:
        yield Request(action=action, resource=f"arn:aws:apigateway:{region}::/tags/x", context={**context, **asked})
    if action in {"s3:GetObject", "s3:GetObjectVersion"}:
        bucket = f"notes-{stage}-code-{A}-{role.stage.region}"
        yield Request(action=action, resource=f"arn:aws:s3:::{bucket}/code/web/1.zip", context=context)
    elif not authorization.has_resources(action):
        yield Request(action=action, context={**context, **asked})
    elif action.startswith("iam:"):
        yield _iam(action, kind, role, context)
    elif (operation == "create" and verb.startswith("Create") and verb != "CreateUserPoolClient") or (
        action == "apigateway:POST" and kind == "AWS::ApiGateway::RestApi"
    ):
        yield Request(action=action, resource=_arn(kind, role, new=True), context={**context, **asked})
    elif verb == "TagResource":
        yield Request(action=action, resource=_arn(kind, role), context={**context, **asked})
        yield Request(action=action, resource=_arn(kind, role), context={**context, **asked, **tags})
        yield Request(action=action, resource=_arn(kind, role), context={**context, **tags})
    else:
        yield Request(action=action, resource=_arn(kind, role), context={**context, **tags, **_keys(verb)})


def _keys(verb: str) -> Mapping[str, str]:
    return {"lambda:Principal": "apigateway.amazonaws.com"} if verb == "AddPermission" else {}


def _iam(action: str, kind: str, role: Role, context: Mapping[str, str]) -> Request:
    stage, stack = role.stage.name, role.rendered.stack
    policy = f"arn:aws:iam::{A}:policy/notes-{stage}/{stack}/notes-{stage}-{stack}-WebPolicy-1A2B"
    taker = f"arn:aws:iam::{A}:role/notes-{stage}/{stack}/notes-{stage}-{stack}-WebRole-1A2B"
    keys: dict[str, Any] = {
        "iam:PermissionsBoundary": boundary_of(stage),
        "iam:PolicyARN": policy,
        "iam:PassedToService": "lambda.amazonaws.com",
    }
    on_policy = kind == "AWS::IAM::ManagedPolicy" and "RolePolicy" not in action
    return Request(action=action, resource=policy if on_policy else taker, context={**context, **keys})


def _arn(kind: str, role: Role, *, new: bool = False) -> str:
    stage, region = role.stage.name, role.rendered.region
    if kind.startswith("AWS::ApiGateway::"):
        inside = "" if kind.endswith("::RestApi") else f"/{kind.rpartition(':')[2].lower()}s/x"
        return f"arn:aws:apigateway:{region}::/restapis" + ("" if new else f"/abcdefghij{inside}")
    names = {
        "AWS::CloudFront::Distribution": f"cloudfront::{A}:distribution/E123",
        "AWS::CloudFront::Function": f"cloudfront::{A}:function/notes-{stage}-site-router",
        "AWS::CloudFront::OriginAccessControl": f"cloudfront::{A}:origin-access-control/E123",
        "AWS::CloudFront::ResponseHeadersPolicy": f"cloudfront::{A}:response-headers-policy/123",
        "AWS::Cognito::UserPool": f"cognito-idp:{region}:{A}:userpool/{region}_AbC",
        "AWS::Cognito::UserPoolClient": f"cognito-idp:{region}:{A}:userpool/{region}_AbC",
        "AWS::DynamoDB::Table": f"dynamodb:{region}:{A}:table/notes-{stage}-notes",
        "AWS::Lambda::Function": f"lambda:{region}:{A}:function:notes-{stage}-web",
        "AWS::Lambda::Permission": f"lambda:{region}:{A}:function:notes-{stage}-web",
        "AWS::Logs::LogGroup": f"logs:{region}:{A}:log-group:{_group(role)}",
        "AWS::S3::Bucket": f"s3:::notes-{stage}-site-{A}-{region}",
        "AWS::S3::BucketPolicy": f"s3:::notes-{stage}-site-{A}-{region}",
        "AWS::SecretsManager::Secret": f"secretsmanager:{region}:{A}:secret:SessionKeySecret-AbCdEf-123456",
        "AWS::WAFv2::LoggingConfiguration": f"wafv2:us-east-1:{A}:global/webacl/notes-{stage}/123",
        "AWS::WAFv2::WebACL": f"wafv2:us-east-1:{A}:global/webacl/notes-{stage}/123",
    }
    return f"arn:aws:{names[kind]}"


def _group(role: Role) -> str:
    stage = role.stage.name
    return f"/aws/lambda/notes-{stage}-web" if role.rendered.stack == "backend" else f"aws-waf-logs-notes-{stage}"
