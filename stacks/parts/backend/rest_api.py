"""The REST API of the backend stack: routes, authorizer, deployment, stage, logs.

A changed API always reaches its stage: the deployment's logical id is a hash of everything that makes the API.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from troposphere import AWSObject, GetAtt, Ref, Sub, Template, apigateway

from stacks import naming, wiring
from stacks.model.texts import split_route
from stacks.parts.backend.access_log import REST_LOG
from stacks.parts.backend.rest_options import (
    CONTENT_TYPES,
    authorizer_id,
    authorizer_permissions,
    body_model,
    function_authorizers,
    gateway_answers,
    invocation_uri,
    key_resources,
    preflight,
)
from stacks.parts.backend.routes import closed, path_id, permission
from stacks.parts.logs import log_group
from stacks.parts.policies import tagged
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage
    from stacks.model.api import Cors
    from stacks.model.backend import Function

_API = "Api"


def add_api(made: Template, app: App, stage: Stage) -> None:
    """Put the API and all it needs into the backend template."""
    parts = list(_api_parts(app, stage))
    deployment = _deployment(parts)
    for part in parts:
        made.add_resource(part)
    made.add_resource(deployment)
    name = f"/aws/apigateway/{naming.prefix(app, stage)}"
    made.add_resource(log_group("ApiLogGroup", app, stage, stack=STACK, name=name))
    made.add_resource(api_stage(deployment, app, stage))
    for function_name, function in stage.backend.functions.items():
        if function.all_routes:
            made.add_resource(permission(function_name, function, _API, stage.name))
    for resource in (*authorizer_permissions(_API, stage.backend), *key_resources(app, stage)):
        made.add_resource(resource)
    url = Sub(f"https://${{{_API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage.name}")
    made.add_output(wiring.API.declare(Ref(_API), "The REST API"))
    made.add_output(wiring.API_URL.declare(url, "The API's own address"))


def _api_parts(app: App, stage: Stage) -> Iterator[AWSObject]:
    """All that a deployment takes a picture of."""
    yield apigateway.RestApi(
        _API,
        Name=naming.prefix(app, stage),
        EndpointConfiguration=apigateway.EndpointConfiguration(Types=[stage.backend.api.endpoint.upper()]),
        BinaryMediaTypes=["*/*"],
        Tags=tagged(app, stage, STACK),
        **closed(stage),
    )
    yield apigateway.RequestValidator(
        "ApiValidator",
        Name="all",
        RestApiId=Ref(_API),
        ValidateRequestBody=True,
        ValidateRequestParameters=True,
    )
    if any(function.auth == "users" for function in stage.backend.functions.values()):
        yield apigateway.Authorizer(
            "ApiAuthorizer",
            Name="users",
            RestApiId=Ref(_API),
            Type="COGNITO_USER_POOLS",
            IdentitySource="method.request.header.Authorization",
            ProviderARNs=[wiring.USER_POOL_ARN.read(app, stage)],
        )
    yield from function_authorizers(stage.backend)
    yield from _routes(stage)
    yield from gateway_answers(stage.backend.api.cors)


def _routes(stage: Stage) -> Iterator[AWSObject]:
    paths: dict[str, str] = {"": ""}
    for name, function in stage.backend.functions.items():
        for route in function.all_routes:
            method, path = split_route(route)
            yield from _resources(path.rstrip("/"), paths)
            made = api_method(method, paths[path.rstrip("/")], name, function)
            schema = function.body_of(route)
            if schema is not None:
                model = body_model(made, schema, name)
                made.RequestModels = dict.fromkeys(CONTENT_TYPES, Ref(model))
                yield model
            yield made
    if stage.backend.api.cors:
        yield from _preflights(stage, paths, stage.backend.api.cors)


def _preflights(stage: Stage, paths: dict[str, str], cors: Cors) -> Iterator[apigateway.Method]:
    """An answer to preflight questions for each path of a function that does not answer them itself."""
    methods: dict[str, list[str]] = {}
    for function in stage.backend.functions.values():
        for route in function.all_routes:
            method, path = split_route(route)
            methods.setdefault(path.rstrip("/"), []).append(method)
    for path, found in methods.items():
        if "OPTIONS" not in found:
            yield preflight(paths[path], found, cors)


def _resources(path: str, paths: dict[str, str]) -> Iterator[apigateway.Resource]:
    """The API's resource for a path and those above it, unless ``paths`` (path → logical id) has them already."""
    if path in paths:
        return
    parent, _, part = path.rpartition("/")
    yield from _resources(parent, paths)
    paths[path] = path_id(path)
    yield apigateway.Resource(
        paths[path],
        RestApiId=Ref(_API),
        ParentId=Ref(paths[parent]) if parent else GetAtt(_API, "RootResourceId"),
        PathPart=part,
    )


def api_method(method: str, resource: str, name: str, function: Function) -> apigateway.Method:
    """A route: who may call it, and the function that answers."""
    return apigateway.Method(
        f"{resource or 'PathRoot'}{method.capitalize()}",
        RestApiId=Ref(_API),
        ResourceId=Ref(resource) if resource else GetAtt(_API, "RootResourceId"),
        HttpMethod=method,
        RequestValidatorId=Ref("ApiValidator"),
        Integration=apigateway.Integration(
            Type="AWS_PROXY",
            IntegrationHttpMethod="POST",
            TimeoutInMillis=29_000,
            Uri=invocation_uri(name, function),
        ),
        **_who(function),
    )


def _who(function: Function) -> dict[str, Any]:
    key = {"ApiKeyRequired": True} if function.api_key else {}
    scopes = {"AuthorizationScopes": list(function.scopes)} if function.scopes else {}
    if function.auth is None:
        return {"AuthorizationType": "NONE", **key}
    if function.auth == "iam":
        return {"AuthorizationType": "AWS_IAM", **key}
    if function.auth == "users":
        return {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": Ref("ApiAuthorizer"), **scopes, **key}
    return {"AuthorizationType": "CUSTOM", "AuthorizerId": Ref(authorizer_id(function.auth)), **key}


def _deployment(parts: list[AWSObject]) -> apigateway.Deployment:
    """A picture of the API. It depends on every method, and is a new one whenever a part changes."""
    text = json.dumps({part.title: part.to_dict() for part in parts}, sort_keys=True)
    seen = (apigateway.Method, apigateway.GatewayResponse)
    methods = sorted(str(part.title) for part in parts if isinstance(part, seen))
    return apigateway.Deployment(
        f"ApiDeployment{hashlib.sha256(text.encode()).hexdigest()[:12]}", RestApiId=Ref(_API), DependsOn=methods
    )


def api_stage(deployment: apigateway.Deployment, app: App, stage: Stage) -> apigateway.Stage:
    """The API's one stage: throttled, with a JSON access log and errors logged, never bodies."""
    return apigateway.Stage(
        "ApiStage",
        RestApiId=Ref(_API),
        DeploymentId=Ref(deployment),
        StageName=stage.name,
        AccessLogSetting=apigateway.AccessLogSetting(
            DestinationArn=GetAtt("ApiLogGroup", "Arn"), Format=json.dumps(REST_LOG)
        ),
        MethodSettings=[
            apigateway.MethodSetting(
                HttpMethod="*",
                ResourcePath="/*",
                LoggingLevel="ERROR",
                DataTraceEnabled=False,
                MetricsEnabled=True,
                ThrottlingRateLimit=stage.backend.api.rate,
                ThrottlingBurstLimit=stage.backend.api.burst,
            )
        ],
        Tags=tagged(app, stage, STACK),
    )
