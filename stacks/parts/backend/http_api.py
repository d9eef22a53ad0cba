"""The HTTP API (API Gateway v2) of the backend stack, where the description says ``type: http``.

Its one stage is ``$default``, without a part in the path, and takes every change by itself. Functions get payload 2.0.
CORS is the gateway's own work: it answers preflight questions and adds the headers to every answer, its own too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from troposphere import AWSObject, GetAtt, Join, Ref, Sub, Template, apigatewayv2

from stacks import naming, wiring
from stacks.model.texts import shape, split_route
from stacks.parts.backend.access_log import HTTP_LOG
from stacks.parts.backend.rest_options import authorizer_id, authorizer_permissions
from stacks.parts.backend.routes import called_arn, closed, invocation_uri, path_id, permission
from stacks.parts.logs import log_group
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.model.api import Authorizer, Cors
    from stacks.model.backend import Function

_API = "HttpApi"
_USERS = "UsersApiAuthorizer"


def add_http_api(template: Template, stage: Stage) -> None:
    """Put the HTTP API and all it needs into the backend template."""
    for resource in _resources(stage):
        template.add_resource(resource)
    url = Sub(f"https://${{{_API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}")
    template.add_output(wiring.API.declare(Ref(_API), "The HTTP API"))
    template.add_output(wiring.API_URL.declare(url, "The API's own address"))


def _resources(stage: Stage) -> Iterator[AWSObject]:
    described = stage.backend.api
    yield http_api(stage)
    yield from _authorizers(stage)
    for name, function in stage.backend.functions.items():
        if function.all_routes:
            yield _integration(name, function)
            yield permission(name, function, _API, "*")
            yield from (route(all_route, name, function, described.authorizers) for all_route in function.all_routes)
    yield from authorizer_permissions(_API, stage.backend)
    name = f"/aws/apigateway/{naming.prefix(stage)}"
    yield log_group("ApiLogGroup", stage, stack=STACK, name=name)
    yield http_api_stage(stage)


def http_api(stage: Stage) -> apigatewayv2.Api:
    """The API itself."""
    cors = stage.backend.api.cors
    methods = {
        split_route(all_route)[0] for function in stage.backend.functions.values() for all_route in function.all_routes
    }
    more: JsonDict = closed(stage)
    if cors:
        more["CorsConfiguration"] = _cors(cors, methods)
    return apigatewayv2.Api(
        _API,
        Name=naming.prefix(stage),
        ProtocolType="HTTP",
        Tags=naming.tags(stage, STACK),
        **more,
    )


def _cors(cors: Cors, methods: set[str]) -> apigatewayv2.Cors:
    return apigatewayv2.Cors(
        AllowOrigins=list(cors.origins),
        AllowMethods=["*"] if "ANY" in methods and not cors.credentials else sorted(_named(methods)),
        AllowHeaders=list(cors.headers),
        AllowCredentials=cors.credentials,
        MaxAge=cors.max_age,
    )


def _named(methods: set[str]) -> set[str]:
    every = {"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"} if "ANY" in methods else set()
    return (methods - {"ANY"}) | every


def _authorizers(stage: Stage) -> Iterator[apigatewayv2.Authorizer]:
    if any(function.authorizer == "users" for function in stage.backend.functions.values()):
        pool = wiring.USER_POOL.read(stage)
        issuer = Sub("https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Pool}", Pool=pool)
        yield _jwt(_USERS, "users", issuer, list(_audience(stage)))
    for name, described in stage.backend.api.authorizers.items():
        if described.issuer:
            yield _jwt(authorizer_id(name), name, described.issuer, list(described.audience))
        elif described.function:
            uri = invocation_uri(described.function, stage.backend.functions[described.function])
            yield _authorizer(name, uri, described)


def _audience(stage: Stage) -> Iterator[Any]:
    """The ids of every client of the pool: a token of a client that is not among them gets 401.

    Clients that are made with the frontend, which reads this stack, are refused when the description is loaded.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """
    yield wiring.USER_POOL_CLIENT.read(stage)
    for name, client in stage.data.users.clients.items() if stage.data.users else ():
        if not client.needs_site:
            yield wiring.user_pool_client(name, "data").read(stage)


def _jwt(title: str, name: str, issuer: object, audience: list[Any]) -> apigatewayv2.Authorizer:
    return apigatewayv2.Authorizer(
        title,
        Name=name,
        ApiId=Ref(_API),
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration=apigatewayv2.JWTConfiguration(Issuer=issuer, Audience=audience),
    )


def _authorizer(name: str, uri: Sub, described: Authorizer) -> apigatewayv2.Authorizer:
    return apigatewayv2.Authorizer(
        authorizer_id(name),
        Name=name,
        ApiId=Ref(_API),
        AuthorizerType="REQUEST",
        AuthorizerUri=uri,
        AuthorizerPayloadFormatVersion="1.0",  # so that one function serves both kinds of API: it answers a policy
        AuthorizerResultTtlInSeconds=described.keep,
        IdentitySource=["$request.header.Authorization"],
    )


def _integration(name: str, function: Function) -> apigatewayv2.Integration:
    return apigatewayv2.Integration(
        naming.logical_id(name, "Integration"),
        ApiId=Ref(_API),
        IntegrationType="AWS_PROXY",
        IntegrationUri=called_arn(name, function),
        PayloadFormatVersion="2.0",
        TimeoutInMillis=29_000,
    )


def route(text: str, name: str, function: Function, authorizers: Mapping[str, Authorizer]) -> apigatewayv2.Route:
    """A route: who may call it, and the function that answers.

    A renamed path parameter keeps the logical id. The deployer removes its routes first (``deploy.route_steps``).
    """
    method, path = split_route(text)
    return apigatewayv2.Route(
        f"Http{path_id(shape(path))}{method.capitalize()}",
        ApiId=Ref(_API),
        RouteKey=text,
        Target=Join("/", ["integrations", Ref(naming.logical_id(name, "Integration"))]),
        **_authorization(function, authorizers),
    )


def _authorization(function: Function, authorizers: Mapping[str, Authorizer]) -> JsonDict:
    scopes = {"AuthorizationScopes": list(function.asked_scopes)} if function.asked_scopes else {}
    if function.authorizer is None:
        return {"AuthorizationType": "NONE"}
    if function.authorizer == "iam":
        return {"AuthorizationType": "AWS_IAM"}
    if function.authorizer == "users":
        return {"AuthorizationType": "JWT", "AuthorizerId": Ref(_USERS), **scopes}
    kind = "JWT" if authorizers[function.authorizer].issuer else "CUSTOM"
    return {"AuthorizationType": kind, "AuthorizerId": Ref(authorizer_id(function.authorizer)), **scopes}


def http_api_stage(stage: Stage) -> apigatewayv2.Stage:
    """The API's one stage: throttled, with a JSON access log; what changes is live at once."""
    api = stage.backend.api
    return apigatewayv2.Stage(
        "HttpApiStage",
        ApiId=Ref(_API),
        StageName="$default",
        AutoDeploy=True,
        AccessLogSettings=apigatewayv2.AccessLogSettings(
            DestinationArn=GetAtt("ApiLogGroup", "Arn"), Format=json.dumps(HTTP_LOG)
        ),
        DefaultRouteSettings=apigatewayv2.RouteSettings(
            DetailedMetricsEnabled=True, ThrottlingRateLimit=api.rate, ThrottlingBurstLimit=api.burst
        ),
        Tags=naming.tags(stage, STACK),
    )
