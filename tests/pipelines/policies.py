"""Policies of the base template's roles, asked as IAM would be: no more of IAM than these policies use."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT, REGION = "111111111111", "eu-west-1"
NAMES = {
    "data": "data-notes-dev",
    "backend": "backend-notes-dev",
    "frontend-edge": "frontend-edge-44d2a7",
    "frontend": "frontend-notes-dev",
    "frontend-logs-edge": "frontend-logs-c692eb",
}
"""The example's pipelines: CodePipeline keeps 20 characters of a name in its artifacts' keys, so none is longer."""
_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
_NAMES = {
    "AWS::S3::Bucket": ("arn:aws:s3:::{}", "BucketName"),
    "AWS::CodeBuild::Project": (f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{{}}", "Name"),
    "AWS::Logs::LogGroup": (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*", "LogGroupName"),
    "AWS::SNS::Topic": (f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}", "TopicName"),
}


def arn(name: str, resources: Mapping[str, Any]) -> str:
    """The ARN that a resource of the template will have."""
    body = resources[name]
    kind, properties = body["Type"], body.get("Properties", {})
    if kind in _NAMES:
        pattern, key = _NAMES[kind]
        return pattern.format(plain(properties[key], resources))
    if kind == "AWS::IAM::Role":
        return f"arn:aws:iam::{ACCOUNT}:role{properties['Path']}{properties['RoleName']}"
    if kind == "AWS::IAM::ManagedPolicy":
        return f"arn:aws:iam::{ACCOUNT}:policy{properties['Path']}{name}"
    if kind == "AWS::IAM::OIDCProvider":
        return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{properties['Url'].removeprefix('https://')}"
    service, what = {
        "AWS::KMS::Key": ("kms", "key"),
        "AWS::CodeConnections::Connection": ("codeconnections", "connection"),
    }[kind]
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{what}/{name}"


def plain(value: Any, resources: Mapping[str, Any]) -> Any:  # noqa: PLR0911 - one for each function
    """A value as CloudFormation resolves it."""
    match value:
        case {"Fn::Sub": str() as text}:
            return re.sub(r"\$\{([^}]+)\}", lambda match: _named(match[1], resources), text)
        case {"Fn::GetAtt": [str() as name, "Value"]}:
            return plain(resources[name]["Properties"]["Value"], resources)
        case {"Fn::GetAtt": [str() as name, _]} | {"Ref": str() as name}:
            return arn(name, resources)
        case {"Fn::Join": [str() as between, list() as parts]}:
            return between.join(plain(part, resources) for part in parts)
        case dict():
            output = value.get("Fn::GetStackOutput")
            return _output(output) if output else {key: plain(entry, resources) for key, entry in value.items()}
        case list():
            return [plain(entry, resources) for entry in value]
        case _:
            return value


def _output(read: Mapping[str, str]) -> str:
    """What pipelines have in other regions tells of itself."""
    region = read["Region"]
    return {"PipelineKeyArn": f"arn:aws:kms:{region}:{ACCOUNT}:key/PipelineKey"}[read["OutputName"]]


def _named(name: str, resources: Mapping[str, Any]) -> str:
    return _PSEUDO.get(name) or arn(name.removesuffix(".Arn"), resources)


def statements(role: str, resources: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements of a role's policies, as they stand in the template."""
    names = [entry["Ref"] for entry in resources[role]["Properties"]["ManagedPolicyArns"]]
    return [statement for name in names for statement in resources[name]["Properties"]["PolicyDocument"]["Statement"]]


def allowed(role: str, action: str, on: str, context: Mapping[str, str], resources: Mapping[str, Any]) -> bool:
    """Whether the role may do it; ``context`` are IAM's condition keys."""
    results = statements(role, resources)
    assert all(result["Effect"] == "Allow" for result in results)
    return any(_fits(plain(result, resources), action, on, context) for result in results)


def _fits(statement: Mapping[str, Any], action: str, on: str, context: Mapping[str, str]) -> bool:
    return (
        any(fnmatchcase(action.lower(), entry.lower()) for entry in _list(statement["Action"]))
        and any(fnmatchcase(on, entry) for entry in _list(statement["Resource"]))
        and all(
            _holds(operator, context.get(key), _list(wanted))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, value: str | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (value is None) == (wanted == ["true"])
    if value is None:
        return operator.endswith("IfExists")
    return any(fnmatchcase(value, item) if "Like" in operator else value == item for item in wanted)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
