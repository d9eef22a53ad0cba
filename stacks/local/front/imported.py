"""A REST API with an OpenAPI body → the same API as resources and methods, which the emulator knows better.

The emulator's own import leaves out routes for any method, request validation, models, mock answers and gateway
responses, and answers an update with another API. The ids of these resources begin with ``ROUTES``, so that the
gateway keeps them out of what clients see. Pure.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.functions import Sub, function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict


ROUTES = "LocalRoute"
"""How the logical ids of these resources begin."""
METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
ANY = "x-amazon-apigateway-any-method"
_ANSWER = {"responseParameters": "ResponseParameters", "responseTemplates": "ResponseTemplates"}
_INTEGRATION = {
    "uri": "Uri",
    "httpMethod": "IntegrationHttpMethod",
    "timeoutInMillis": "TimeoutInMillis",
    "contentHandling": "ContentHandling",
    "requestTemplates": "RequestTemplates",
    "requestParameters": "RequestParameters",
    "passthroughBehavior": "PassthroughBehavior",
    "credentials": "Credentials",
}
VARIABLE = re.compile(r"\$\{!?stageVariables\.([A-Za-z0-9_]+)\}")


def with_routes_as_resources(resources: JsonDict) -> list[str]:
    """Take the body of each REST API apart, in place; the logical ids of those APIs."""
    apis = [name for name, body in resources.items() if _is_imported(body)]
    for name in apis:
        nodes = dict(_api_nodes(name, resources))
        for body in _all_of("AWS::ApiGateway::Deployment", name, resources):
            own = [body["DependsOn"]] if isinstance(body.get("DependsOn"), str) else body.get("DependsOn", [])
            body["DependsOn"] = [*own, *nodes]
        properties = resources[name]["Properties"]
        body = properties.pop("Body")
        properties.pop("Parameters", None)
        if "x-amazon-apigateway-binary-media-types" in body:
            properties.setdefault("BinaryMediaTypes", body["x-amazon-apigateway-binary-media-types"])
        resources.update(nodes)
    return apis


def _is_imported(body: object) -> bool:
    """Whether the resource is a REST API whose paths can be read; intrinsic functions in their place cannot."""
    if not isinstance(body, dict) or body.get("Type") != "AWS::ApiGateway::RestApi":
        return False
    document = (body.get("Properties") or {}).get("Body")
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict) or any(not path.startswith("/") for path in paths):
        return False
    return all(isinstance(path, dict) and not any(key.startswith("Fn::") for key in path) for path in paths.values())


def _all_of(kind: str, api: str, resources: JsonDict) -> Iterator[JsonDict]:
    """The resources of a type that belong to an API."""
    for body in resources.values():
        of_type = isinstance(body, dict) and body.get("Type") == kind
        if of_type and (body.get("Properties") or {}).get("RestApiId") == {"Ref": api}:
            yield body


def logical_id(api: str, kind: str, *words: str) -> str:
    """The logical id of a resource that stands for a part of a body: ``Method`` with path and method, for one."""
    digest = hashlib.sha256("\n".join((api, kind, *words)).encode()).hexdigest()[:12]
    return f"{ROUTES}{kind}{digest}"


def _api_nodes(api: str, resources: JsonDict) -> Iterator[tuple[str, JsonDict]]:
    document = resources[api]["Properties"]["Body"]
    variables = _variables(api, resources)
    schemes = _schemes(document)
    for name, scheme in schemes.items():
        if isinstance(scheme.get("x-amazon-apigateway-authorizer"), dict):
            yield logical_id(api, "Authorizer", name), _authorizer(api, name, scheme, variables)
    schemas = (document.get("components") or {}).get("schemas") or document.get("definitions") or {}
    for name in schemas:
        yield logical_id(api, "Model", name), _model(api, name, schemas)
    for name, validator in (document.get("x-amazon-apigateway-request-validators") or {}).items():
        properties = {
            "Name": name,
            "ValidateRequestBody": bool(validator.get("validateRequestBody")),
            "ValidateRequestParameters": bool(validator.get("validateRequestParameters")),
        }
        yield logical_id(api, "Validator", name), _of(api, "RequestValidator", properties)
    for kind, answer in (document.get("x-amazon-apigateway-gateway-responses") or {}).items():
        yield logical_id(api, "Refusal", kind), _refusal(api, kind, answer)
    yield from _paths(api, document, schemes)


def _paths(api: str, document: JsonDict, schemes: dict[str, JsonDict]) -> Iterator[tuple[str, JsonDict]]:
    known: set[str] = set()
    for path, operations in document["paths"].items():
        parent: JsonDict = {"Fn::GetAtt": [api, "RootResourceId"]}
        for above, part in _steps(path):
            full_path = f"{above}/{part}"
            if full_path not in known:
                known.add(full_path)
                yield logical_id(api, "Path", full_path), _of(api, "Resource", {"ParentId": parent, "PathPart": part})
            parent = {"Ref": logical_id(api, "Path", full_path)}
        for key, operation in operations.items():
            if key.lower() in METHODS or key == ANY:
                method = "ANY" if key == ANY else key.upper()
                result = _method(api, document, schemes, operation or {})
                result = {"HttpMethod": method, "ResourceId": parent, **result}
                yield logical_id(api, "Method", path, method), _of(api, "Method", result)


def _steps(path: str) -> Iterator[tuple[str, str]]:
    """``/notes/{id}`` → each part with the path above it."""
    above = ""
    for part in path.strip("/").split("/"):
        if part:
            yield above, part
            above = f"{above}/{part}"


def _of(api: str, kind: str, properties: JsonDict) -> JsonDict:
    return {"Type": f"AWS::ApiGateway::{kind}", "Properties": {"RestApiId": {"Ref": api}, **properties}}


def _schemes(document: JsonDict) -> dict[str, JsonDict]:
    result = (document.get("components") or {}).get("securitySchemes") or document.get("securityDefinitions") or {}
    return {name: scheme for name, scheme in result.items() if isinstance(scheme, dict)}


def _variables(api: str, resources: JsonDict) -> JsonDict:
    """The stage variables of the API's stage."""
    variables: JsonDict = {}
    for body in _all_of("AWS::ApiGateway::Stage", api, resources):
        variables |= body["Properties"].get("Variables") or {}
    return variables


def _authorizer(api: str, name: str, scheme: JsonDict, variables: JsonDict) -> JsonDict:
    settings = scheme["x-amazon-apigateway-authorizer"]
    source = f"method.request.{'querystring' if scheme.get('in') == 'query' else 'header'}.{scheme.get('name')}"
    properties = {
        "Name": name,
        "Type": str(settings.get("type")).upper(),
        "IdentitySource": settings.get("identitySource", source),
        "AuthorizerUri": settings.get("authorizerUri"),
        "AuthorizerCredentials": settings.get("authorizerCredentials"),
        "AuthorizerResultTtlInSeconds": settings.get("authorizerResultTtlInSeconds"),
    }
    if "providerARNs" in settings:
        properties["ProviderARNs"] = [_resolved(ns, variables) for ns in settings["providerARNs"]]
    return _of(api, "Authorizer", {key: value for key, value in properties.items() if value is not None})


def _resolved(arn: object, variables: JsonDict) -> Any:
    """An ARN with the values of its stage variables, which the emulator does not look up."""
    written = Sub(arn) if isinstance(arn, str) else function(arn)
    if not isinstance(written, Sub):
        return arn
    text = written.text
    used = {name: variables[name] for name in VARIABLE.findall(text) if name in variables}
    if not used:
        return arn
    filled = VARIABLE.sub(lambda match: f"${{StageVariable{match[1]}}}" if match[1] in used else match[0], text)
    return {
        "Fn::Sub": [filled, {**written.variables, **{f"StageVariable{name}": value for name, value in used.items()}}]
    }


def _model(api: str, name: str, schemas: JsonDict) -> JsonDict:
    """A model by itself: what it refers to is under its own ``definitions``."""
    own = {"$schema": "http://json-schema.org/draft-04/schema#", **_by_definitions(schemas[name])}
    others = {other: _by_definitions(schema) for other, schema in schemas.items() if other != name}
    if others and "$ref" in json.dumps(own, default=str):
        own["definitions"] = others
    return _of(api, "Model", {"Name": name, "ContentType": "application/json", "Schema": own})


def _by_definitions(node: object) -> Any:
    if isinstance(node, list):
        return [_by_definitions(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {**node, "$ref": f"#/definitions/{node['$ref'].rpartition('/')[2]}"}
    return {key: _by_definitions(value) for key, value in node.items()}


def _refusal(api: str, kind: str, answer: JsonDict) -> JsonDict:
    names = {"statusCode": "StatusCode", **_ANSWER}
    return _of(api, "GatewayResponse", {"ResponseType": kind, **_renamed(answer, names)})


def _renamed(node: JsonDict, names: dict[str, str]) -> JsonDict:
    return {name: node[key] for key, name in names.items() if key in node}


def _method(api: str, document: JsonDict, schemes: dict[str, JsonDict], operation: JsonDict) -> JsonDict:
    validator = operation.get("x-amazon-apigateway-request-validator") or document.get(
        "x-amazon-apigateway-request-validator"
    )
    result: JsonDict = {
        **_authorization(api, operation.get("security", document.get("security")) or [], schemes),
        "Integration": _integration(operation.get("x-amazon-apigateway-integration") or {}),
    }
    if validator:
        result["RequestValidatorId"] = {"Ref": logical_id(api, "Validator", validator)}
    if models := dict(_models(api, operation)):
        result["RequestModels"] = models
    if answers := operation.get("responses"):
        result["MethodResponses"] = [_response(status, answer) for status, answer in answers.items()]
    return result


def _response(status: object, answer: object) -> JsonDict:
    headers = (answer.get("headers") if isinstance(answer, dict) else None) or {}
    return {
        "StatusCode": str(status),
        "ResponseParameters": {f"method.response.header.{name}": True for name in headers},
    }


def _models(api: str, operation: JsonDict) -> Iterator[tuple[str, JsonDict]]:
    content = dict((operation.get("requestBody") or {}).get("content") or {})
    in_body = [parameter for parameter in operation.get("parameters") or [] if parameter.get("in") == "body"]
    if in_body:  # OpenAPI 2
        content["application/json"] = in_body[0]
    for kind, media in content.items():
        reference = (media.get("schema") or {}).get("$ref")
        if isinstance(reference, str):
            yield kind, {"Ref": logical_id(api, "Model", reference.rpartition("/")[2])}


def _authorization(api: str, security: list[JsonDict], schemes: dict[str, JsonDict]) -> JsonDict:
    asked = {name: scopes for entry in security for name, scopes in entry.items()}
    result: JsonDict = {"AuthorizationType": "NONE"}
    for name, scopes in asked.items():
        scheme = schemes.get(name) or {}
        kind = str(scheme.get("x-amazon-apigateway-authtype")).lower()
        if isinstance(scheme.get("x-amazon-apigateway-authorizer"), dict):
            pool = scheme["x-amazon-apigateway-authorizer"].get("type") == "cognito_user_pools"
            result["AuthorizationType"] = "COGNITO_USER_POOLS" if pool else "CUSTOM"
            result["AuthorizerId"] = {"Ref": logical_id(api, "Authorizer", name)}
            if scopes:
                result["AuthorizationScopes"] = scopes
        elif kind == "awssigv4":
            result["AuthorizationType"] = "AWS_IAM"
        elif scheme.get("type") == "apiKey":
            result["ApiKeyRequired"] = True
    return result


def _integration(described: JsonDict) -> JsonDict:
    result = {"Type": str(described.get("type", "mock")).upper(), **_renamed(described, _INTEGRATION)}
    if answers := described.get("responses"):
        result["IntegrationResponses"] = [
            {
                "StatusCode": str(answer.get("statusCode", "200")),
                **({} if pattern == "default" else {"SelectionPattern": pattern}),
                **_renamed(answer, _ANSWER),
            }
            for pattern, answer in answers.items()
        ]
    return result
