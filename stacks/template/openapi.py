"""A REST API as resources and methods → the same API with its routes in one OpenAPI body.

For APIs that would not fit into a stack: a route costs two resources, a body costs none.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Template = dict[str, Any]

_MODELS = "#/components/schemas/"
_SIGNED, _KEY = "sigv4", "api_key"
_MOVED = {
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Model",
    "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::Resource",
}


def with_routes_in_body(template: Template) -> Template:
    """The template, its one REST API holding resources, methods, models, authorizers and validators as OpenAPI."""
    resources = template["Resources"]
    api = next((name for name, body in resources.items() if body["Type"] == "AWS::ApiGateway::RestApi"), None)
    if api is None:  # an HTTP API's routes stay resources; what is too large is told by ``stacks.limits``
        return template
    kept = {name: body for name, body in resources.items() if body["Type"] not in _MOVED}
    properties = {**kept[api]["Properties"], "Body": _body(resources, kept[api]["Properties"]["Name"])}
    kept[api] = {**kept[api], "Properties": properties}
    return {**template, "Resources": {name: _independent(body, kept) for name, body in kept.items()}}


def _independent(body: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The resource without a DependsOn on what moved into the body."""
    after = body.get("DependsOn", [])
    rest = {key: value for key, value in body.items() if key != "DependsOn"}
    left = [name for name in ([after] if isinstance(after, str) else after) if name in kept]
    return {**rest, "DependsOn": left} if left else rest


def _body(resources: Mapping[str, Any], title: str) -> Template:
    paths: dict[str, Template] = {}
    for body in resources.values():
        if body["Type"] == "AWS::ApiGateway::Method":
            properties = body["Properties"]
            method = properties["HttpMethod"].lower()
            key = "x-amazon-apigateway-any-method" if method == "any" else method
            paths.setdefault(_path(properties["ResourceId"], resources), {})[key] = _operation(properties)
    validators = dict(_validators(resources))
    components = {"schemas": dict(_models(resources)), "securitySchemes": dict(_schemes(resources))}
    components = {name: held for name, held in components.items() if held}
    return {
        "openapi": "3.0.1",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        **({"components": components} if components else {}),
        **({"x-amazon-apigateway-request-validators": validators} if validators else {}),
        **({"x-amazon-apigateway-request-validator": next(iter(validators))} if validators else {}),
    }


def _path(resource: Mapping[str, Any], resources: Mapping[str, Any]) -> str:
    parts: list[str] = []
    while "Ref" in resource:
        properties = resources[resource["Ref"]]["Properties"]
        parts.append(properties["PathPart"])
        resource = properties["ParentId"]
    return "/" + "/".join(reversed(parts))


def _operation(method: Mapping[str, Any]) -> Template:
    made = _preflight(method) if method["Integration"]["Type"] == "MOCK" else _call(method["Integration"])
    asked: dict[str, list[str]] = {}
    if "AuthorizerId" in method:
        asked[method["AuthorizerId"]["Ref"]] = method.get("AuthorizationScopes", [])
    if method["AuthorizationType"] == "AWS_IAM":
        asked[_SIGNED] = []
    if method.get("ApiKeyRequired"):
        asked[_KEY] = []
    made |= _asked_body(method)
    return {**made, "security": [asked]} if asked else made


def _asked_body(method: Mapping[str, Any]) -> Template:
    """What the body must be, for each content type that the method names."""
    models = method.get("RequestModels")
    if not models:
        return {}
    content = {kind: {"schema": {"$ref": f"{_MODELS}{model['Ref']}"}} for kind, model in models.items()}
    return {"requestBody": {"required": True, "content": content}}


def _models(resources: Mapping[str, Any]) -> Iterator[tuple[str, Template]]:
    """Every model; what it defines for itself becomes a model of its own, as an OpenAPI document has one root."""
    for name, body in resources.items():
        if body["Type"] == "AWS::ApiGateway::Model":
            schema = json.loads(body["Properties"]["Schema"])  # troposphere writes a text
            parts = {part: f"{name}{part}" for part in schema.get("definitions", {})}
            yield (
                name,
                _with_models({key: schema[key] for key in schema if key not in {"$schema", "definitions"}}, parts),
            )
            for part, title in parts.items():
                yield title, _with_models(schema["definitions"][part], parts)


def _with_models(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_with_models(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {**node, "$ref": f"{_MODELS}{names[node['$ref'].rpartition('/')[2]]}"}
    return {key: _with_models(value, names) for key, value in node.items()}


def _call(integration: Mapping[str, Any]) -> Template:
    return {
        "responses": {},
        "x-amazon-apigateway-integration": {
            "type": integration["Type"].lower(),
            "httpMethod": integration["IntegrationHttpMethod"],
            "uri": integration["Uri"],
            "timeoutInMillis": integration["TimeoutInMillis"],
        },
    }


def _preflight(method: Mapping[str, Any]) -> Template:
    """A method that the gateway answers itself."""
    integration = method["Integration"]
    (answer,) = integration["IntegrationResponses"]
    status, headers = answer["StatusCode"], answer["ResponseParameters"]
    told = {name.rpartition(".")[2]: {"schema": {"type": "string"}} for name in headers}
    return {
        "responses": {status: {"description": "what a browser asks before it calls", "headers": told}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "contentHandling": integration["ContentHandling"],
            "requestTemplates": integration["RequestTemplates"],
            "responses": {"default": {"statusCode": status, "responseParameters": headers}},
        },
    }


def _validators(resources: Mapping[str, Any]) -> Iterator[tuple[str, Template]]:
    for body in resources.values():
        if body["Type"] == "AWS::ApiGateway::RequestValidator":
            said = body["Properties"]
            yield (
                said["Name"],
                {
                    "validateRequestBody": said["ValidateRequestBody"],
                    "validateRequestParameters": said["ValidateRequestParameters"],
                },
            )


def _schemes(resources: Mapping[str, Any]) -> Iterator[tuple[str, Template]]:
    for name, body in resources.items():
        if body["Type"] == "AWS::ApiGateway::Authorizer":
            yield name, _judged(body["Properties"])
    methods = [body["Properties"] for body in resources.values() if body["Type"] == "AWS::ApiGateway::Method"]
    if any(method["AuthorizationType"] == "AWS_IAM" for method in methods):
        yield _SIGNED, {**_header("Authorization"), "x-amazon-apigateway-authtype": "awsSigv4"}
    if any(method.get("ApiKeyRequired") for method in methods):
        yield _KEY, _header("x-api-key")


def _judged(authorizer: Mapping[str, Any]) -> Template:
    """The scheme of an authorizer: the user pool's, or a function's."""
    kind = authorizer["Type"].lower()
    judge: Template = {"type": kind}
    if "AuthorizerUri" in authorizer:
        judge["authorizerUri"] = authorizer["AuthorizerUri"]
        judge["authorizerResultTtlInSeconds"] = authorizer["AuthorizerResultTtlInSeconds"]
    else:
        judge["providerARNs"] = authorizer["ProviderARNs"]
    return {
        **_header(authorizer["IdentitySource"].rpartition(".")[2]),
        "x-amazon-apigateway-authtype": "custom" if "AuthorizerUri" in authorizer else kind,
        "x-amazon-apigateway-authorizer": judge,
    }


def _header(name: str) -> Template:
    return {"type": "apiKey", "name": name, "in": "header"}
