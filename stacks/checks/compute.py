"""Rules for API Gateway and Lambda."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import estimate, text, texts
from stacks.json_types import at, items, mapping
from stacks.template.openapi import INTEGRATION, routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTION = "AWS::Lambda::Function"
_PERMISSION = "AWS::Lambda::Permission"
_API = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
_VARIABLES = f"{_LAMBDA}/configuration-envvars.html"
_ORIGIN = "Access-Control-Allow-Origin"
_REFUSALS = "x-amazon-apigateway-gateway-responses"


@rule(
    "API-TRACE",
    why="bodies and tokens of every request would be readable in the log",
    fix="Set DataTraceEnabled to false",
    source=f"{_API}/set-up-logging.html",
)
def bodies_are_not_logged(stacks: Stacks) -> Iterator[Hit]:
    """No stage has data tracing on."""
    for stage in stacks.of("AWS::ApiGateway::Stage"):
        for index, setting in enumerate(items(stage.properties.get("MethodSettings"))):
            if mapping(setting).get("DataTraceEnabled") is True:
                yield stage.hit(f"MethodSettings[{index}].DataTraceEnabled", "logs bodies")
    for stage in stacks.of("AWS::ApiGatewayV2::Stage"):
        if stage.at("DefaultRouteSettings", "DataTraceEnabled") is True:
            yield stage.hit("DefaultRouteSettings.DataTraceEnabled", "logs bodies")


@rule(
    "API-ENDPOINT",
    why="requests to the API's own address go around the custom domain and what protects it",
    fix="Set DisableExecuteApiEndpoint to true",
    source=f"{_API}/rest-api-disable-default-endpoint.html",
)
def apis_with_a_domain_close_their_own_address(stacks: Stacks) -> Iterator[Hit]:
    """An API that a custom domain leads to answers at no other."""
    mapped = {
        (resource.stack, text(resource.properties.get("RestApiId") or resource.properties.get("ApiId")))
        for resource in stacks.of("AWS::ApiGateway::BasePathMapping", "AWS::ApiGatewayV2::ApiMapping")
    }
    for api in stacks.of("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        domain = (api.stack, f"${{{api.id}}}") in mapped
        if domain and api.properties.get("DisableExecuteApiEndpoint") is not True:
            yield api.hit("DisableExecuteApiEndpoint", "is open next to its custom domain")


@rule(
    "API-DEPLOYMENT",
    why="a deployment that is made too early misses methods",
    fix="Let the deployment depend on every method of the API",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html",
)
def deployments_wait_for_methods(stacks: Stacks) -> Iterator[Hit]:
    """A deployment of a REST API depends on its methods."""
    for deployment in stacks.of("AWS::ApiGateway::Deployment"):
        api = stacks.meant(deployment.properties.get("RestApiId"), deployment, "AWS::ApiGateway::RestApi")
        methods = [resource.id for resource in stacks.of("AWS::ApiGateway::Method") if api and _is_of(resource, api)]
        missing = sorted(set(methods) - set(texts(deployment.body.get("DependsOn"))))
        if missing:
            yield deployment.hit("DependsOn", f"does not wait for {missing[0]}")


def _is_of(method: Resource, api: Resource) -> bool:
    return method.stack == api.stack and text(method.properties.get("RestApiId")) == f"${{{api.id}}}"


@rule(
    "API-CORS",
    why="any site could read answers in its visitors' names",
    fix="Name the site's origin",
    source=f"{_API}/how-to-cors.html",
)
def origins_are_named(stacks: Stacks) -> Iterator[Hit]:
    """No API lets every origin read its answers."""
    for api in stacks.of("AWS::ApiGatewayV2::Api"):
        if "*" in texts(api.at("CorsConfiguration", "AllowOrigins")):
            yield api.hit("CorsConfiguration.AllowOrigins", "lets every origin read answers")
    for method in stacks.of("AWS::ApiGateway::Method"):
        for answer in items(method.at("Integration", "IntegrationResponses")):
            allowed = at(answer, "ResponseParameters", f"method.response.header.{_ORIGIN}")
            if _is_every_origin(allowed):
                yield method.hit("Integration.IntegrationResponses", "lets every origin read answers")
    for api in stacks.of("AWS::ApiGateway::RestApi"):
        for place, origin in _origins_in_body(api):
            if _is_every_origin(origin):
                yield api.hit(place, "lets every origin read answers")


def _origins_in_body(api: Resource) -> Iterator[tuple[str, object]]:
    """The origins that answers written in a REST API's body name, by their place."""
    for route in routes_of(api.properties):
        for answer in mapping(route.integration.get("responses")).values():
            name = f"method.response.header.{_ORIGIN}"
            yield f"{route.place}.{INTEGRATION}", at(answer, "responseParameters", name)
    for kind, answer in mapping(api.at("Body", _REFUSALS)).items():
        yield f"Body.{_REFUSALS}.{kind}", at(answer, "responseParameters", f"gatewayresponse.header.{_ORIGIN}")


def _is_every_origin(value: object) -> bool:
    return (text(value) or "").strip("'\"") == "*"


@rule(
    "FN-PERMISSION-WIDE",
    why="any API of the account, or of any account, could call the function",
    fix="Name the API, stage, method and path in SourceArn",
    source=f"{_LAMBDA}/access-control-resource-based.html",
)
def permissions_name_their_api(stacks: Stacks) -> Iterator[Hit]:
    """A permission for API Gateway names the API."""
    for permission in stacks.of(_PERMISSION):
        source = estimate(permission.properties.get("SourceArn"), permission.region)
        by_api = permission.properties.get("Principal") == "apigateway.amazonaws.com"
        if by_api and (source is None or re.search(r":execute-api:[^:]*:[^:]*:\*", source)):
            yield permission.hit("SourceArn", "lets every API call the function")


@rule(
    "FN-PERMISSION-GONE",
    why="Lambda refuses a permission for a function that does not exist",
    fix="Refer to the function, or correct its name",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html",
)
def permissions_are_for_functions_that_are_there(stacks: Stacks) -> Iterator[Hit]:
    """A permission's function, when named, is one of the stage."""
    known = {estimate(resource.properties.get("FunctionName"), resource.region) for resource in stacks.of(_FUNCTION)}
    for permission in stacks.of(_PERMISSION):
        name = estimate(permission.properties.get("FunctionName"), permission.region) or "${}"
        plain = re.sub(r"^arn:.*:function:", "", name).partition(":")[0]
        if "${" not in plain and plain not in known:
            yield permission.hit("FunctionName", f"there is no function {plain!r}")


@rule(
    "FN-SECRET",
    why="variables are readable in the console, in templates and in crash reports",
    fix="Keep it in Secrets Manager, give the function its ARN, and read it at run time",
    source=_VARIABLES,
)
def variables_hold_no_secrets(stacks: Stacks) -> Iterator[Hit]:
    """No variable is called a secret and has its value written out or resolved into it.

    The function's metadata names those that the description says are none (``secret: false``).
    """
    for function in stacks.of(_FUNCTION):
        plain = texts(at(function.body, "Metadata", "stacks", "no_secrets"))
        for name, value in mapping(function.at("Environment", "Variables")).items():
            if name in plain:
                continue
            content = value if isinstance(value, str) else text(value) or ""
            # A name, path or ARN of a secret is none, and says so in its own name.
            called = re.search(r"SECRET|TOKEN|PASSW|API_?KEY|PRIVATE_?KEY", name, re.IGNORECASE)
            about = re.search(r"(_ID|_ARN|_NAME|_PATH|_URL|_TTL|_SECONDS|_ENDPOINT)$", name, re.IGNORECASE)
            if "{{resolve:" in content or (called and not about and isinstance(value, str) and value):
                yield function.hit(f"Environment.Variables.{name}", "looks like a secret written out")


@rule(
    "FN-SIGNING",
    why="anyone who can write to the artifact bucket can change what runs",
    fix="Set CodeSigningConfigArn to a configuration that enforces signatures",
    source=f"{_LAMBDA}/configuration-codesigning.html",
)
def functions_run_signed_code(stacks: Stacks) -> Iterator[Hit]:
    """Functions take signed code only, and their configuration enforces it."""
    for function in stacks.of(_FUNCTION):
        if "CodeSigningConfigArn" not in function.properties and not at(function.properties, "Code", "ZipFile"):
            yield function.hit("CodeSigningConfigArn", "runs code that nobody signed")
    for config in stacks.of("AWS::Lambda::CodeSigningConfig"):
        if config.at("CodeSigningPolicies", "UntrustedArtifactOnDeployment") != "Enforce":
            yield config.hit("CodeSigningPolicies.UntrustedArtifactOnDeployment", "only warns of unsigned code")


RULES = (
    bodies_are_not_logged,
    apis_with_a_domain_close_their_own_address,
    deployments_wait_for_methods,
    origins_are_named,
    permissions_name_their_api,
    permissions_are_for_functions_that_are_there,
    variables_hold_no_secrets,
    functions_run_signed_code,
)
