"""What deploying the example asks of AWS, written from the types' handlers: requests on the stack's own resources.

For each type: a concrete ARN of ours, and the tags and keys that AWS would put into the context. Which actions a type's
handlers use is asked of the registry itself, not of ``stacks.roles``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stacks import registry
from stacks.roles import authorization
from stacks.template.wired import read_names
from tests.roles.conftest import ACCOUNT as A
from tests.roles.conftest import boundary_of
from tests.roles.simulator import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.registry import Operation
    from tests.roles.conftest import Role

_DATA = "(GetItem|PutItem|UpdateItem|DeleteItem|BatchWriteItem|Scan|Query|DeleteObject|PutObjectAcl)$"
_SECRETS = "(GetSecretValue|ListUserPoolClientSecrets)$"
_IDENTITIES = "(RolePermissionsBoundary|[GP][eu]tPermissionPolicy|UpdateAssumeRolePolicy|UserPolicy|GroupPolicy)$"
_SERVICES = (
    "^(amplify|app(runner|sync)|autoloop|bedrock.*|codewhisperer|ec2|elastic.*|firehose|kinesis|kms|s3files|s3tables"
    "|workmail):"
)
_FUNCTION = "(Put|Delete)FunctionCodeSigning|GetCodeSigning|GetLayer|CapacityProvider|PutFunctionScaling|PublishVersion"
_IAM = "^iam:(CreateServiceLinkedRole|PutRolePolicy|DeleteRolePolicy|UpdateRoleDescription)$"
_OTHERS = "UpdateRestApiPolicy|AddCustomAttributes|ConnectionGroup|VpcOrigin|StagingConfig|Region(sFrom|s$)|ToRegions"
_TABLE = "(Enable|Disable|Update)Kinesis|Import|TableReplica|UpdateContributor|UpdateTime|b:(Put|Delete)ResourcePol"
_GROUP = "KmsKey|(Put|Delete)DataProtection|(Put|Delete)IndexPolicy|DeletionProtection|BearerToken"
_PUT = "Acc|Ana|BucketAbac|BucketAcl|BucketCORS|BucketObjectLock|Inv|Intel|Metrics|Repl|BucketWebsite"
_BUCKET = f"^s3:(Put({_PUT})|GetBucketAcl|DeleteBucketWebsite|(Create|Delete|Update)BucketMetadata)"
UNUSED: dict[str, str] = {
    f"{_DATA}|{_SECRETS}": "data is not a part of a deployment",
    _IDENTITIES: "a role keeps its boundary and its trust, and nothing is shared with other accounts",
    _SERVICES: "no type of the example uses that service",
    f"{_FUNCTION}|{_IAM}|{_OTHERS}|{_TABLE}|{_GROUP}|{_BUCKET}": "no property that asks for it is set",
}
"""Patterns of listed actions that the example does not use, and why."""
ELSEWHERE = {
    "AWS::DynamoDB::Table": ("logs:", "s3:"),
    "AWS::Logs::LogGroup": ("logs:CreateLogDelivery", "logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
    "AWS::WAFv2::LoggingConfiguration": ("s3:",),
    "AWS::ApiGateway::RestApi": ("s3:",),
    "AWS::WAFv2::WebACLAssociation": ("cognito-idp:",),
    "AWS::IAM::ManagedPolicy": ("iam:AttachRolePolicy", "iam:DetachRolePolicy"),
}
"""Actions that a type needs for optional properties only, which other types use as a matter of course."""
PASSES = {"AWS::Lambda::Function"}
RETAINED = {"AWS::Cognito::UserPool", "AWS::DynamoDB::Table", "AWS::S3::Bucket"}
"""CloudFormation never deletes these: their templates retain them, after a failed creation too."""


def requests(role: Role) -> Iterator[Request]:
    """Every request that creating, updating and rolling back the stack's resources makes."""
    for name in read_names(role.rendered.template).values():
        arn = f"arn:aws:ssm:{role.rendered.region}:{A}:parameter{name}"
        neighbour = {"aws:ResourceTag/stack": "-".join(name.split("/")[1:4])}
        yield Request(action="ssm:GetParameters", resource=arn, context=neighbour)
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
    region = role.rendered.region
    context = {"aws:RequestedRegion": "us-east-1" if action.startswith("cloudfront:") else region}
    asked = {**context, "aws:RequestTag/stack": role.rendered.name}
    if kind == "AWS::Logs::Delivery" and action.startswith("logs:GetDelivery"):
        kind = f"AWS::Logs::{action.removeprefix('logs:Get')}"  # it looks at the two ends that it joins, too
    if action in {"s3:GetObject", "s3:GetObjectVersion"}:
        bucket = f"notes-{role.stage.name}-code-{A}-{role.stage.region}-an"
        yield Request(action=action, resource=f"arn:aws:s3:::{bucket}/code/web/1.zip", context=context)
    elif not authorization.has_resources(action):
        yield Request(action=action, context=asked)
    elif action.startswith("iam:"):
        yield _iam(action, kind, role, context)
    elif kind == "AWS::WAFv2::WebACLAssociation":
        yield from _guarding(action, role, context)
    else:
        if action == "apigateway:PUT" and kind in {"AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"}:
            yield Request(action=action, resource=f"arn:aws:apigateway:{region}::/tags/x", context=asked)
        for own_tags in _contexts(action, kind, operation, role.rendered.name):
            for arn in _arns(kind, role, new="aws:ResourceTag/stack" not in own_tags):
                yield Request(action=action, resource=arn, context={**context, **own_tags})


def _contexts(action: str, kind: str, operation: str, own: str) -> Iterator[dict[str, str]]:
    """The tags that a request comes with: what is made asks for ours, what is there has ours."""
    tags, asked = {"aws:ResourceTag/stack": own}, {"aws:RequestTag/stack": own}
    verb = action.partition(":")[2]
    creating = operation == "create" and verb.startswith("Create") and verb != "CreateUserPoolClient"
    if creating or (action == "apigateway:POST" and kind == "AWS::ApiGateway::RestApi"):
        yield asked
    elif verb == "TagResource":
        yield from (asked, {**asked, **tags}, tags)
    elif verb == "AddPermission":
        yield {**tags, "lambda:Principal": "apigateway.amazonaws.com"}
    else:
        yield tags


def _guarding(action: str, role: Role, context: Mapping[str, str]) -> Iterator[Request]:
    """A regional web ACL before the API of the backend stack."""
    api = f"arn:aws:apigateway:{role.stage.region}::/restapis/abcdefghij/stages/{role.stage.name}"
    neighbour = {"aws:ResourceTag/stack": f"notes-{role.stage.name}-backend"}
    if action not in {"wafv2:GetWebACL", "apigateway:SetWebACL"}:
        yield Request(action=action, resource=api, context={**context, **neighbour})
        yield Request(action=action, resource=api, context=context)
    if action.startswith("wafv2:"):
        acl = f"arn:aws:wafv2:{role.stage.region}:{A}:regional/webacl/notes-{role.stage.name}-api/123"
        yield Request(action=action, resource=acl, context={**context, "aws:ResourceTag/stack": role.rendered.name})
    else:
        yield Request(action=action, resource=api, context={**context, **neighbour})


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


def _arns(kind: str, role: Role, *, new: bool = False) -> Iterator[str]:
    """Concrete ARNs of the stack's resources of a type: of each where they have names, of one where they have ids."""
    region = role.rendered.region
    named = {
        "AWS::CloudFront::Function": ("Name", f"cloudfront::{A}:function/"),
        "AWS::Logs::LogGroup": ("LogGroupName", f"logs:{region}:{A}:log-group:"),
        "AWS::Lambda::Function": ("FunctionName", f"lambda:{region}:{A}:function:"),
        "AWS::DynamoDB::Table": ("TableName", f"dynamodb:{region}:{A}:table/"),
        "AWS::SSM::Parameter": ("Name", f"ssm:{region}:{A}:parameter"),
    }
    bodies = role.rendered.template["Resources"].values()
    if kind in named:
        key, start = named[kind]
        names = (body["Properties"][key] for body in bodies if body["Type"] == kind)
        ids = (name["Fn::Sub"].replace("${Api}", "abcdefghij") if isinstance(name, dict) else name for name in names)
        yield from (f"arn:aws:{start}{name}" for name in ids)
    elif kind in {"AWS::WAFv2::WebACL", "AWS::WAFv2::LoggingConfiguration"}:
        for body in bodies:
            if body["Type"] == "AWS::WAFv2::WebACL":
                where = "global" if body["Properties"]["Scope"] == "CLOUDFRONT" else "regional"
                yield f"arn:aws:wafv2:{region}:{A}:{where}/webacl/{body['Properties']['Name']}/123"
    else:
        yield _arn(kind, role, new=new)


def _arn(kind: str, role: Role, *, new: bool) -> str:
    stage, region = role.stage.name, role.rendered.region
    if kind.startswith("AWS::ApiGateway::"):
        inside = "" if kind.endswith("::RestApi") else f"/{kind.rpartition(':')[2].lower()}s/x"
        return f"arn:aws:apigateway:{region}::/restapis" + ("" if new else f"/abcdefghij{inside}")
    names = {
        "AWS::CloudFront::Distribution": f"cloudfront::{A}:distribution/E123",
        "AWS::CloudFront::OriginAccessControl": f"cloudfront::{A}:origin-access-control/E123",
        "AWS::CloudFront::ResponseHeadersPolicy": f"cloudfront::{A}:response-headers-policy/123",
        "AWS::Cognito::UserPool": f"cognito-idp:{region}:{A}:userpool/{region}_AbC",
        "AWS::Cognito::UserPoolClient": f"cognito-idp:{region}:{A}:userpool/{region}_AbC",
        "AWS::Lambda::Permission": f"lambda:{region}:{A}:function:notes-{stage}-web",
        "AWS::Logs::Delivery": f"logs:{region}:{A}:delivery:AbC",
        "AWS::Logs::DeliveryDestination": f"logs:{region}:{A}:delivery-destination:notes-{stage}-site",
        "AWS::Logs::DeliverySource": f"logs:{region}:{A}:delivery-source:notes-{stage}-site",
        "AWS::S3::Bucket": f"s3:::notes-{stage}-site-{A}-{region}-an",
        "AWS::S3::BucketPolicy": f"s3:::notes-{stage}-site-{A}-{region}-an",
        "AWS::SecretsManager::Secret": f"secretsmanager:{region}:{A}:secret:{_first(kind, role)}-AbCdEfGhIjKl-123456",
    }
    return f"arn:aws:{names[kind]}"


def _first(kind: str, role: Role) -> str:
    """The logical id of the stack's first resource of a type, of which CloudFormation makes names of secrets."""
    bodies = role.rendered.template["Resources"]
    return next((name for name, body in bodies.items() if body["Type"] == kind), "")
