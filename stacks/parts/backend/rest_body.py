"""The routes of the REST API as one OpenAPI body, at any size: integrations, authorizers, validators, models, CORS.

Why not resources and methods: a deployment is made before CloudFormation deletes the methods that left the template, so
a removed route stays callable (serverless#7542), and a renamed path parameter cannot be deployed, because API Gateway
allows one variable path part below a parent (aws-cdk#25172). An import replaces the whole API definition.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from troposphere import Sub

from stacks import naming
from stacks.errors import DescriptionError
from stacks.model.texts import split_route
from stacks.parts.backend.routes import invocation_uri, path_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.app import Stage
    from stacks.json_types import JsonDict, JsonObject
    from stacks.model.api import Cors
    from stacks.model.backend import Backend, Function


USERS, SIGNED, KEY = "users", "iam", "api_key"
"""Security schemes in addition to the described authorizers, which cannot have these names."""
POOL_VARIABLE = "userPool"
"""The stage variable with the id of the user pool: a deployment holds a copy of the body, so a pool whose id was in the
body would reach the stage only with the next change of a route.
https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html"""
CONTENT_TYPES = ("$default", "application/json")
"""The content types a model is named for: all, or a body that says it is text would not be checked. JSON is listed
with the default for clients of the document that do not know ``$default``.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html"""
_MODELS = "#/components/schemas/"
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_VALIDATOR = "all"
_VARIABLE_PART = re.compile(r"\{([^}+]+)\+?\}")


def rest_body(stage: Stage) -> JsonDict:
    """The OpenAPI 3.0 document of the stage's REST API; it holds troposphere references.

    Raises:
        DescriptionError: a body schema is the name of a file that was not read.
    """
    models: JsonDict = {}
    paths = _paths(stage, models)
    schemes = dict(_schemes(stage.backend))
    components = {"schemas": models, "securitySchemes": schemes}
    components = {name: held for name, held in components.items() if held}
    cors = stage.backend.api.cors
    return {
        "openapi": "3.0.1",
        "info": {"title": naming.prefix(stage), "version": "1"},
        "paths": paths,
        **({"components": components} if components else {}),
        **({"x-amazon-apigateway-gateway-responses": gateway_responses(cors)} if cors else {}),
        "x-amazon-apigateway-request-validator": _VALIDATOR,
        "x-amazon-apigateway-request-validators": {
            _VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
        },
    }


def _paths(stage: Stage, models: JsonDict) -> JsonDict:
    """The operations by path and method; the models they refer to are put into ``models``."""
    paths: JsonDict = {}
    for name, function in stage.backend.functions.items():
        for route in function.all_routes:
            method, path = split_route(route)
            path = path.rstrip("/") or "/"
            key = "x-amazon-apigateway-any-method" if method == "ANY" else method.lower()
            paths.setdefault(path, {})[key] = operation(route, name, function, models)
    if stage.backend.api.cors:
        for path, methods in paths.items():
            if "options" not in methods:
                methods["options"] = preflight(path, _allowed(methods), stage.backend.api.cors)
    return paths


def operation(route: str, name: str, function: Function, models: JsonDict) -> JsonDict:
    """A route: who may call it, what its body must be, and the function that answers within 29 s, the default.

    https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html (timeoutInMillis)
    """
    method, path = split_route(route)
    result: JsonDict = {
        **_parameters(path),
        "responses": {},
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": invocation_uri(name, function),
        },
    }
    schema = function.body_of(route)
    if schema is not None:
        model = f"{path_id(path.rstrip('/'))}{method.capitalize()}Body"
        models.update(_models(model, schema, name))
        reference = {"schema": {"$ref": f"{_MODELS}{model}"}}
        result["requestBody"] = {"required": True, "content": {kind: dict(reference) for kind in CONTENT_TYPES}}
    security = _security(function)
    return {**result, "security": security} if security else result


def _parameters(path: str) -> JsonDict:
    """The path parameters, as API Gateway exports them."""
    names = _VARIABLE_PART.findall(path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {"parameters": parameters} if parameters else {}


def _security(function: Function) -> list[JsonDict]:
    """The schemes of a route. API Gateway asks for all of the list; each is an alternative, as AWS SAM writes them."""
    asked: list[JsonDict] = []
    if function.authorizer is not None:
        asked.append({function.authorizer: list(function.asked_scopes)})
    if function.api_key:
        asked.append({KEY: []})
    return asked


def _models(title: str, schema: str | JsonObject, function: str) -> Iterator[tuple[str, JsonDict]]:
    """A model; each of its definitions becomes a model of its own, as an OpenAPI document has one root."""
    if isinstance(schema, str):
        where, what = f"backend.functions.{function}.body", f"{schema} was not read"
        raise DescriptionError(where, what, "Read the description with 'stacks.load', or give the schema itself")
    definitions = schema.get("definitions", {})
    names = {part: f"{title}{part}" for part in definitions}
    yield title, _referring({key: schema[key] for key in schema if key not in {"$schema", "definitions"}}, names)
    for part, model in names.items():
        yield model, _referring(definitions[part], names)


def _referring(node: object, names: Mapping[str, str]) -> Any:
    """The schema with each reference to a definition as one to its model."""
    if isinstance(node, list | tuple):
        return [_referring(item, names) for item in node]
    if not isinstance(node, Mapping):
        return node
    if isinstance(node.get("$ref"), str):
        return {**node, "$ref": f"{_MODELS}{names[node['$ref'].rpartition('/')[2]]}"}
    return {key: _referring(value, names) for key, value in node.items()}


def _schemes(backend: Backend) -> Iterator[tuple[str, JsonDict]]:
    """The authorizers, and what the routes ask for besides them."""
    asking = backend.functions.values()
    if any(function.authorizer == "users" for function in asking):
        pool = f"arn:${{AWS::Partition}}:cognito-idp:${{AWS::Region}}:${{AWS::AccountId}}:userpool/${{!{_VARIABLE}}}"
        yield USERS, _authorizer("cognito_user_pools", {"type": "cognito_user_pools", "providerARNs": [Sub(pool)]})
    for name, described in backend.api.authorizers.items():
        if described.function:
            settings: JsonDict = {
                "type": "token",
                "authorizerUri": invocation_uri(described.function, backend.functions[described.function]),
                "authorizerResultTtlInSeconds": described.keep,
            }
            yield name, _authorizer("custom", settings)
    if any(function.authorizer == "iam" and function.all_routes for function in asking):
        yield SIGNED, {**_header("Authorization"), "x-amazon-apigateway-authtype": "awsSigv4"}
    if any(function.api_key for function in asking):
        yield KEY, _header("x-api-key")


_VARIABLE = f"stageVariables.{POOL_VARIABLE}"


def _authorizer(kind: str, settings: JsonDict) -> JsonDict:
    """A scheme whose tokens are in the ``Authorization`` header.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
    """
    return {
        **_header("Authorization"),
        "x-amazon-apigateway-authtype": kind,
        "x-amazon-apigateway-authorizer": settings,
    }


def _header(name: str) -> JsonDict:
    return {"type": "apiKey", "name": name, "in": "header"}


def preflight(path: str, methods: Sequence[str], cors: Cors) -> JsonDict:
    """The operation that answers a browser's preflight request for a path."""
    headers = _preflight_headers(methods, cors)
    described = {name: {"schema": {"type": "string"}} for name in headers}
    return {
        **_parameters(path),
        "responses": {"204": {"description": "Allowed origin, methods and headers", "headers": described}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            # All media types are binary here, and the template needs a text.
            "contentHandling": "CONVERT_TO_TEXT",
            "requestTemplates": {"application/json": '{"statusCode": 204}'},
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": {f"method.response.header.{name}": value for name, value in headers.items()},
                }
            },
        },
    }


def _allowed(operations: JsonObject) -> list[str]:
    named = {key.upper() for key in operations}
    return sorted({*(named if named <= {*_METHODS, "OPTIONS"} else _METHODS), "OPTIONS"})


def _preflight_headers(methods: Sequence[str], cors: Cors) -> dict[str, str]:
    return {
        "Access-Control-Allow-Headers": f"'{','.join(cors.headers)}'",
        "Access-Control-Allow-Methods": f"'{','.join(methods)}'",
        "Access-Control-Max-Age": f"'{cors.max_age}'",
        **_origin_headers(cors),
    }


def _origin_headers(cors: Cors) -> dict[str, str]:
    credentials = {"Access-Control-Allow-Credentials": "'true'"} if cors.credentials else {}
    return {"Access-Control-Allow-Origin": f"'{cors.origins[0]}'", **credentials}


def gateway_responses(cors: Cors) -> JsonDict:
    """The CORS headers of the gateway's own 4xx and 5xx answers, so that the calling page can read them.

    ``REQUEST_TOO_LARGE`` is not among them: API Gateway does not let it be customised.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """
    headers = {f"gatewayresponse.header.{name}": value for name, value in _origin_headers(cors).items()}
    return {f"DEFAULT_{kind}": {"responseParameters": dict(headers)} for kind in ("4XX", "5XX")}
