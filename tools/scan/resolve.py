"""A template → the same with literals where it refers to its account, its parameters and other stacks.

cdk-nag fails on ``Fn::GetStackOutput``, and several of its rules read literals only. References inside it stay.
"""

from __future__ import annotations

from typing import Any

from stacks.local.front.imported import logical_id, with_routes_as_resources
from stacks.template.openapi import routes_of
from stacks.template.wired import READ_TYPE

ACCOUNT = "123456789012"


def resolved(template: dict[str, Any], region: str) -> dict[str, Any]:
    """The template with literals; parameters get their default or a text that their pattern might allow."""
    literals: dict[str, Any] = {
        "AWS::AccountId": ACCOUNT,
        "AWS::Region": region,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackName": "stack",
        "AWS::StackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/stack/1",
    }
    for name, parameter in template.get("Parameters", {}).items():
        literals[name] = parameter.get("Default", "code/name/0123456789abcdef.zip")
        if parameter["Type"] == READ_TYPE:
            literals[name] = _output({"OutputName": parameter["Default"].rpartition("/")[2]}, region)
    kept = {name: body for name, body in template.items() if name not in {"Parameters", "Metadata"}}
    result: dict[str, Any] = _value(kept, literals, region)
    return result


def expanded(template: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The template with the routes of its APIs as the methods that scanners look at, and whose they are.

    The second maps the logical id of each new resource to the API, of a method to its route: ``Api GET /notes``.
    """
    resources = dict(template["Resources"])
    routes = {
        logical_id(name, "Method", route.path, route.method): f"{name} {route.text}"
        for name, body in resources.items()
        if body["Type"] == "AWS::ApiGateway::RestApi"
        for route in routes_of(body["Properties"])
    }
    apis = with_routes_as_resources(resources)
    added = dict.fromkeys(resources.keys() - template["Resources"].keys(), apis[0] if apis else "")
    return {**template, "Resources": resources}, {**added, **routes}


def _value(value: Any, literals: dict[str, Any], region: str) -> Any:
    if isinstance(value, list):
        return [_value(item, literals, region) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, inside),) = value.items()
        if name == "Ref" and inside in literals:
            return literals[inside]
        if name == "Fn::GetStackOutput":
            return _output(inside, region)
        if name == "Fn::Sub":
            return _sub(inside, literals, region)
    return {key: _value(inside, literals, region) for key, inside in value.items()}


def _sub(inside: Any, literals: dict[str, Any], region: str) -> Any:
    """The text filled in; what is left of its variables stays with it."""
    filled, variables = (inside, {}) if isinstance(inside, str) else inside
    values = {name: _value(value, literals, region) for name, value in variables.items()}
    for name, literal in {**literals, **values}.items():
        if not isinstance(literal, dict):
            filled = filled.replace(f"${{{name}}}", str(literal))
    left = {name: value for name, value in values.items() if isinstance(value, dict)}
    if "${" not in filled:
        return filled
    return {"Fn::Sub": [filled, left] if left else filled}


def _output(inside: dict[str, str], region: str) -> str:
    """What another stack's output may be: an ARN of the right service when its name says so, else a name."""
    name = inside["OutputName"]
    service = {
        "Table": f"dynamodb:{region}:{ACCOUNT}:table/name",
        "Stream": f"dynamodb:{region}:{ACCOUNT}:table/name/stream/1",
        "Pool": f"cognito-idp:{region}:{ACCOUNT}:userpool/{region}_1",
        "Acl": f"wafv2:us-east-1:{ACCOUNT}:global/webacl/name/1",
        "Boundary": f"iam::{ACCOUNT}:policy/boundary",
        "Bucket": "s3:::name",
    }
    if not name.endswith(("Arn", "StreamArn")):
        return name.lower()
    rest = next((rest for word, rest in service.items() if word in name), f"kms:{region}:{ACCOUNT}:key/1")
    return f"arn:aws:{rest}"
