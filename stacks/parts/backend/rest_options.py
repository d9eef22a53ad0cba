"""What a REST API has only when its description asks for it: CORS, other authorizers, API keys, checked bodies.

CORS is said once: preflight questions and the gateway's own 4xx and 5xx answers name the origin here; functions get
it as ``CORS_ORIGINS`` and name it in their answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from troposphere import AWSObject, GetAtt, Ref, Sub, apigateway, awslambda

from stacks import naming
from stacks.errors import DescriptionError
from stacks.parts.backend.routes import ALIAS, after_alias, called
from stacks.parts.policies import ACCOUNT, tagged
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.app import App, Stage
    from stacks.model.api import Cors
    from stacks.model.backend import Backend, Function

_API = "Api"
_DRAFT = "http://json-schema.org/draft-04/schema#"
CONTENT_TYPES = ("$default", "application/json")
"""For which bodies a model is asked for: all of them, or one that says it is text would not be checked. JSON is named
beside the default for those who know no default.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html"""
_TOO_LARGE = "The request is larger than the 6 MB (4.5 MB of binary) that Lambda takes."
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def preflight(resource: str, methods: Sequence[str], cors: Cors) -> apigateway.Method:
    """The method that answers a browser's question; ``resource`` is the logical id of its path, empty for ``/``."""
    headers = {f"method.response.header.{name}": value for name, value in _preflight_headers(methods, cors).items()}
    answer = apigateway.IntegrationResponse(StatusCode="204", ResponseParameters=headers)
    return apigateway.Method(
        f"{resource or 'PathRoot'}Options",
        RestApiId=Ref(_API),
        ResourceId=Ref(resource) if resource else GetAtt(_API, "RootResourceId"),
        HttpMethod="OPTIONS",
        AuthorizationType="NONE",
        Integration=apigateway.Integration(
            Type="MOCK",
            ContentHandling="CONVERT_TO_TEXT",  # the API takes every body for binary, and a template needs a text
            RequestTemplates={"application/json": '{"statusCode": 204}'},
            IntegrationResponses=[answer],
        ),
        MethodResponses=[apigateway.MethodResponse(StatusCode="204", ResponseParameters=dict.fromkeys(headers, True))],
    )


def _preflight_headers(methods: Sequence[str], cors: Cors) -> dict[str, str]:
    allowed = sorted({*(_METHODS if "ANY" in methods else methods), "OPTIONS"})
    return {
        "Access-Control-Allow-Headers": f"'{','.join(cors.headers)}'",
        "Access-Control-Allow-Methods": f"'{','.join(allowed)}'",
        "Access-Control-Max-Age": f"'{cors.max_age}'",
        **_origin_headers(cors),
    }


def _origin_headers(cors: Cors) -> dict[str, str]:
    credentials = {"Access-Control-Allow-Credentials": "'true'"} if cors.credentials else {}
    return {"Access-Control-Allow-Origin": f"'{cors.origins[0]}'", **credentials}


def gateway_answers(cors: Cors | None) -> Iterator[apigateway.GatewayResponse]:
    """The gateway's own refusals and failures, readable for the page that asked; a body too large is told as such."""
    named = _origin_headers(cors) if cors else {}
    headers = {f"gatewayresponse.header.{name}": value for name, value in named.items()}
    more: dict[str, Any] = {"ResponseParameters": headers} if headers else {}
    yield apigateway.GatewayResponse(
        "ApiAnswerTooLarge",
        RestApiId=Ref(_API),
        ResponseType="REQUEST_TOO_LARGE",
        StatusCode="413",
        ResponseTemplates={"application/json": json.dumps({"message": _TOO_LARGE})},
        **more,
    )
    for kind in ("4XX", "5XX") if cors else ():
        yield apigateway.GatewayResponse(
            f"ApiAnswer{kind}", RestApiId=Ref(_API), ResponseType=f"DEFAULT_{kind}", **more
        )


def body_model(method: apigateway.Method, schema: str | Mapping[str, Any], function: str) -> apigateway.Model:
    """The model of what a method's body must be; a method refers to it for all of ``CONTENT_TYPES``.

    Raises:
        DescriptionError: the schema is the name of a file that nobody read.
    """
    if isinstance(schema, str):
        where, what = f"backend.functions.{function}.body", f"{schema} was not read"
        raise DescriptionError(where, what, "Read the description with 'stacks.load', or give the schema itself")
    return apigateway.Model(
        f"{method.title}Body", RestApiId=Ref(_API), ContentType="application/json", Schema={"$schema": _DRAFT, **schema}
    )


def authorizer_id(name: str) -> str:
    """The logical id of a described authorizer."""
    return naming.logical_id(name, "ApiAuthorizer")


def function_authorizers(backend: Backend) -> Iterator[apigateway.Authorizer]:
    """Functions that judge the ``Authorization`` header."""
    for name, described in backend.api.authorizers.items():
        if described.function:
            yield apigateway.Authorizer(
                authorizer_id(name),
                Name=name,
                RestApiId=Ref(_API),
                Type="TOKEN",
                IdentitySource="method.request.header.Authorization",
                AuthorizerUri=invocation_uri(described.function, backend.functions[described.function]),
                AuthorizerResultTtlInSeconds=described.keep,
            )


def authorizer_permissions(api: str, backend: Backend) -> Iterator[awslambda.Permission]:
    """What lets the API ``api`` call the functions that judge for it."""
    for name, described in backend.api.authorizers.items():
        if described.function:
            judge = backend.functions[described.function]
            source = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:{ACCOUNT}:${{{api}}}/authorizers/"
            yield awslambda.Permission(
                naming.logical_id(name, "AuthorizerPermission"),
                FunctionName=called(described.function, judge),
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceAccount=Ref("AWS::AccountId"),
                SourceArn=Sub(f"{source}*"),
                **after_alias(described.function, judge),
            )


def invocation_uri(name: str, function: Function) -> Sub:
    """Where API Gateway calls a function, or its alias."""
    alias = f":{ALIAS}" if function.has_alias else ""
    return Sub(
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{naming.logical_id(name, 'Function')}.Arn}}{alias}/invocations"
    )


def key_resources(app: App, stage: Stage) -> Iterator[AWSObject]:
    """A key for each caller, and the plan that counts their requests."""
    api = stage.backend.api
    if not api.keys:
        return
    quota: dict[str, Any] = {"Quota": apigateway.QuotaSettings(Limit=api.quota, Period="DAY")} if api.quota else {}
    yield apigateway.UsagePlan(
        "ApiUsagePlan",
        UsagePlanName=naming.prefix(app, stage),
        ApiStages=[apigateway.ApiStage(ApiId=Ref(_API), Stage=Ref("ApiStage"))],
        Throttle=apigateway.ThrottleSettings(RateLimit=api.rate, BurstLimit=api.burst),
        Tags=tagged(app, stage, STACK),
        **quota,
    )
    for name in api.keys:
        title = naming.logical_id(name, "ApiKey")
        yield apigateway.ApiKey(
            title, Name=f"{naming.prefix(app, stage)}-{name}", Enabled=True, Tags=tagged(app, stage, STACK)
        )
        yield apigateway.UsagePlanKey(
            f"{title}InPlan", KeyId=Ref(title), KeyType="API_KEY", UsagePlanId=Ref("ApiUsagePlan")
        )
