"""What API Gateway refuses: trees of paths, methods, integrations, authorizers."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from stacks.checks.refused.names import RESPONSES
from stacks.checks.refused.reading import of_stack, own, plain
from stacks.checks.rule import Hit, Resource, Stacks, refusal, rule
from stacks.checks.values import text
from stacks.forecast.route_variables import variables
from stacks.json_types import at, items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject

_API = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_CFN = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_RESOURCE, _METHOD = "AWS::ApiGateway::Resource", "AWS::ApiGateway::Method"
_REST, _HTTP = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
_VERBS = ("get", "put", "post", "delete", "patch", "head", "options")
_ANSWERS = "x-amazon-apigateway-gateway-responses"
_ANY, _TOO_LARGE = "x-amazon-apigateway-any-method", "REQUEST_TOO_LARGE"
_OF_PATHS = {*_VERBS, _ANY, "parameters", "summary", "description", "servers", "$ref", "trace"}


def _is_response(kind: str) -> bool:
    return re.fullmatch(RESPONSES, kind) is not None


def is_variable(part: str) -> bool:
    """Whether a part of a path is a variable, greedy or not."""
    return part.startswith("{") and part.endswith("}")


@refusal(
    "API-SIBLINGS",
    why="API Gateway refuses a second variable at the same place: A sibling of this resource already has a variable "
    "path part (REST), has a conflicting variable on the same hierarchical level (HTTP)",
    fix="Give both paths the same variable, or distinguish them by a fixed part before it",
    source=f"{_CFN}/aws-resource-apigateway-resource.html",
)
def siblings_have_one_variable(stacks: Stacks) -> Iterator[Hit]:
    """Below one part of a path is at most one variable (of an HTTP API: and a greedy one), and each part once."""
    seen: dict[tuple[str, str | None, str | None, str], tuple[str, str]] = {}
    for resource in stacks.of(_RESOURCE):
        part, parent = text(resource.at("PathPart")), text(resource.at("ParentId"))
        if part is not None and parent is not None:
            key = (resource.stack, text(resource.at("RestApiId")), parent, "{}" if is_variable(part) else part)
            other = seen.setdefault(key, (resource.id, part))
            if other[0] != resource.id:
                yield resource.hit("PathPart", f"{part!r} is a sibling of {other[1]!r} of {other[0]}")
    for api in stacks.of(_REST):
        yield from (api.hit("Body.paths", what) for what in _conflicts(paths_of(api)))
    yield from _http_siblings(stacks)


def _http_siblings(stacks: Stacks) -> Iterator[Hit]:
    """A place in an HTTP API has one name for its variable, greedy ones apart.

    https://github.com/plutomi/plutomi/issues/271
    """
    named: dict[tuple[str, str | None, str], tuple[str, str]] = {}
    for resource in stacks.of("AWS::ApiGatewayV2::Route"):
        for place, variable in variables(text(resource.at("RouteKey")) or ""):
            owner, first = named.setdefault(
                (resource.stack, text(resource.at("ApiId")), place), (resource.id, variable)
            )
            if first != variable:
                yield resource.hit("RouteKey", f"has {variable} where {owner} has {first}")
    for api in stacks.of(_HTTP):
        names: dict[str, str] = {}
        for place, variable in (result for path in paths_of(api) for result in variables(f"ANY {path}")):
            if names.setdefault(place, variable) != variable:
                yield api.hit("Body.paths", f"{place}/{variable} is a sibling of {names[place]}")


def _conflicts(paths: JsonObject) -> Iterator[str]:
    variables: dict[str, str] = {}
    for path in paths:
        parts = path.strip("/").split("/")
        for depth, part in enumerate(parts):
            if is_variable(part):
                before = "/".join(parts[:depth])
                other = variables.setdefault(before, part)
                if other != part:
                    yield f"{path}: {part!r} is a sibling of {other!r}"


def paths_of(api: Resource) -> JsonObject:
    """The paths of an API's OpenAPI body, by their text."""
    return {
        path: operations for path, operations in mapping(at(api.at("Body"), "paths")).items() if isinstance(path, str)
    }


@refusal(
    "API-GREEDY",
    why="a greedy variable takes the whole rest of the path: nothing can follow it",
    fix="Put '{proxy+}' last",
    source=f"{_API}/api-gateway-set-up-simple-proxy.html",
)
def greedy_variables_are_last(stacks: Stacks) -> Iterator[Hit]:
    """Nothing is below ``{proxy+}``."""
    for resource in stacks.of(_RESOURCE):
        parent = own(stacks, resource.at("ParentId"), resource, _RESOURCE)
        if parent and (text(parent.at("PathPart")) or "").endswith("+}"):
            yield resource.hit("ParentId", f"is below {text(parent.at('PathPart'))}")
    for api in stacks.of(_REST, _HTTP):
        for path in paths_of(api):
            if "+}" in path and not path.endswith("+}"):
                yield api.hit("Body.paths", f"{path} goes on after a greedy variable")
    for entry in stacks.of("AWS::ApiGatewayV2::Route"):
        key = text(entry.at("RouteKey")) or ""
        if "+}" in key and not key.endswith("+}"):
            yield entry.hit("RouteKey", f"{key!r} goes on after a greedy variable")


@refusal(
    "API-BODY",
    why="API Gateway refuses such an OpenAPI document, or ignores the route",
    fix="Begin each path with '/', write methods in small letters, and one variable as a whole part: /notes/{id}",
    source=f"{_API}/api-gateway-known-issues.html",
)
def bodies_have_paths_and_methods(stacks: Stacks) -> Iterator[Hit]:
    """Paths begin with ``/``, methods are written small, a variable is a whole part of its path.

    Gateway responses are of a kind that there is.
    """
    for api in stacks.of(_REST, _HTTP):
        kinds = mapping(api.at("Body", _ANSWERS))
        yield from (api.hit(f"Body.{_ANSWERS}", f"there is no {kind}") for kind in kinds if not _is_response(kind))
        for path, methods in paths_of(api).items():
            if path.startswith("x-") or path == "$default":
                continue
            if not path.startswith("/"):
                yield api.hit("Body.paths", f"{path!r} does not begin with '/'")
            for part in path.split("/"):
                if ("{" in part or "}" in part) and not re.fullmatch(r"\{[A-Za-z0-9._-]+\+?\}", part):
                    yield api.hit("Body.paths", f"{path}: {part!r} is not one variable")
            for name in mapping(methods):
                if isinstance(name, str) and name not in _OF_PATHS and not name.startswith("x-"):
                    yield api.hit(f"Body.paths.{path}", f"{name!r} is not an HTTP method in small letters")


@rule(
    "API-RESPONSE-LARGE",
    why="API Gateway takes it and keeps to its own answer",
    fix="Remove it, and let the application answer what is too large",
    source=f"{_API}/supported-gateway-response-types.html",
)
def answers_can_be_customised(stacks: Stacks) -> Iterator[Hit]:
    """No answer is given to bodies that are too large, which API Gateway would not send."""
    for resource in stacks.of("AWS::ApiGateway::GatewayResponse"):
        if resource.at("ResponseType") == _TOO_LARGE:
            yield resource.hit("ResponseType", f"is {_TOO_LARGE}")
    for api in stacks.of(_REST):
        if _TOO_LARGE in mapping(api.at("Body", _ANSWERS)):
            yield api.hit(f"Body.{_ANSWERS}", f"has {_TOO_LARGE}")


@rule(
    "API-STAGE-HYPHEN",
    why="API Gateway's reference allows hyphens in names of stages, and it has refused them: Stage name only allows"
    " a-zA-Z0-9_",
    fix="Use '_', which is right under both",
    source=f"{_API.replace('developerguide', 'api')}/API_CreateStage.html",
)
def stage_names_have_no_hyphens(stacks: Stacks) -> Iterator[Hit]:
    """A stage of a REST API is named by letters, digits and ``_`` (https://github.com/serverless/serverless/issues/4737)."""
    for resource in stacks.of("AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment"):
        name = plain(resource.at("StageName"), resource.region)
        if name and "-" in name:
            yield resource.hit("StageName", f"{name!r} has a hyphen")


@refusal(
    "API-ROUTE-KEY",
    why="API Gateway refuses the key of the route",
    fix="Write '$default', or a method in capitals (or ANY) and a path: 'GET /notes/{id}'",
    source=f"{_API}/http-api-develop-routes.html",
)
def route_keys_are_methods_and_paths(stacks: Stacks) -> Iterator[Hit]:
    """Routes of an HTTP API have a key that it takes; each key exists once."""
    seen: dict[tuple[str, str | None, str], str] = {}
    for resource in stacks.of("AWS::ApiGatewayV2::Route"):
        key = plain(resource.at("RouteKey"), resource.region)
        api = own(stacks, resource.at("ApiId"), resource, _HTTP)
        if key is None:
            continue
        other = seen.setdefault((resource.stack, text(resource.at("ApiId")), key), resource.id)
        if other != resource.id:
            yield resource.hit("RouteKey", f"{key!r} is that of {other}, too")
        pattern = r"\$default|(?:ANY|GET|PUT|POST|DELETE|PATCH|HEAD|OPTIONS) /\S*"
        if api and api.at("ProtocolType") == "HTTP" and not re.fullmatch(pattern, key):
            yield resource.hit("RouteKey", f"{key!r} is not a method and a path")


@refusal(
    "API-METHOD-TWICE",
    why="API Gateway refuses a second method of the same name: Method already exists for this resource",
    fix="Remove one of them",
    source=f"{_CFN}/aws-resource-apigateway-method.html",
)
def methods_are_unique(stacks: Stacks) -> Iterator[Hit]:
    """A path has each method once."""
    seen: dict[tuple[str, str, str], str] = {}
    for resource in stacks.of(_METHOD):
        place, verb = text(resource.at("ResourceId")), text(resource.at("HttpMethod"))
        if place and verb:
            other = seen.setdefault((resource.stack, f"{text(resource.at('RestApiId'))} {place}", verb), resource.id)
            if other != resource.id:
                yield resource.hit("HttpMethod", f"{verb} is the method of {other}, too")


@refusal(
    "API-INTEGRATION",
    why="API Gateway refuses to deploy the method, or its integration",
    fix="Give the method an Integration whose Uri is "
    "arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations",
    source=f"{_CFN}/aws-properties-apigateway-method-integration.html",
)
def methods_have_integrations(stacks: Stacks) -> Iterator[Hit]:
    """Each method of a deployed REST API is integrated, with an address that names what to call."""
    deployed = {(entry.stack, text(entry.at("RestApiId"))) for entry in stacks.of("AWS::ApiGateway::Deployment")}
    for resource in stacks.of(_METHOD):
        integration = resource.at("Integration")
        if integration is None and (resource.stack, text(resource.at("RestApiId"))) in deployed:
            yield resource.hit("Integration", "is missing: No integration defined for method")
        kind, uri = text(at(integration, "Type")), at(integration, "Uri")
        if kind in {"AWS", "AWS_PROXY"}:
            if own(stacks, uri, resource, "AWS::Lambda::Function") or re.match(r"arn:[^:]+:lambda:", text(uri) or ""):
                yield resource.hit("Integration.Uri", "is the ARN of a function: it must contain path or action")
            elif uri is None:
                yield resource.hit("Integration.Uri", "is missing")
        elif kind in {"HTTP", "HTTP_PROXY"} and uri is None:
            yield resource.hit("Integration.Uri", "is missing")


_NEEDED = {
    "TOKEN": ("AuthorizerUri", "IdentitySource"),
    "REQUEST": ("AuthorizerUri",),
    "COGNITO_USER_POOLS": ("ProviderARNs",),
    "JWT": ("JwtConfiguration.Issuer", "JwtConfiguration.Audience"),
}
"""Kind of authorizer → the properties it needs."""


@refusal(
    "API-AUTHORIZER",
    why="API Gateway refuses it without what it needs to judge a caller",
    fix="Give Lambda authorizers an AuthorizerUri, Cognito's ProviderARNs, JWT ones issuer and audience, methods an "
    "AuthorizerId",
    source=f"{_CFN}/aws-resource-apigateway-authorizer.html",
)
def authorizers_are_complete(stacks: Stacks) -> Iterator[Hit]:
    """Authorizers and the methods that use them name what they need."""
    for resource in stacks.of("AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"):
        kind = text(resource.at("Type") or resource.at("AuthorizerType")) or ""
        for name in _NEEDED.get(kind, ()):
            if at(resource.properties, *name.split(".")) in (None, "", []):
                yield resource.hit(name, f"is missing for {kind}")
        issuer = plain(resource.at("JwtConfiguration", "Issuer"), resource.region)
        if issuer and not issuer.startswith("https://"):
            yield resource.hit("JwtConfiguration.Issuer", f"{issuer!r} does not begin with https://")
    for entry in stacks.of(_METHOD, "AWS::ApiGatewayV2::Route"):
        if text(entry.at("AuthorizationType")) in {"COGNITO_USER_POOLS", "CUSTOM", "JWT"} and not entry.at(
            "AuthorizerId"
        ):
            yield entry.hit("AuthorizerId", "is missing")


@refusal(
    "API-EMPTY",
    why="API Gateway refuses to deploy it: The REST API doesn't contain any methods",
    fix="Add a method, and let the deployment depend on it",
    source=f"{_CFN}/aws-resource-apigateway-deployment.html",
)
def deployed_apis_have_methods(stacks: Stacks) -> Iterator[Hit]:
    """A REST API that is deployed has a method, as a resource or in its body."""
    for deployment in stacks.of("AWS::ApiGateway::Deployment"):
        api = own(stacks, deployment.at("RestApiId"), deployment, _REST)
        if api is None or api.at("BodyS3Location") or api.at("CloneFrom"):
            continue
        body = api.at("Body")
        if body is not None:
            paths = mapping(body).get("paths")
            routes = [name for methods in paths_of(api).values() for name in mapping(methods)]
            if (
                isinstance(paths, dict)
                and not any(name in {*_VERBS, _ANY} for name in routes)
                and not _functions(paths)
            ):
                yield deployment.hit("RestApiId", "deploys an API without methods")
        elif not any(own(stacks, resource.at("RestApiId"), resource, _REST) is api for resource in stacks.of(_METHOD)):
            yield deployment.hit("RestApiId", "deploys an API without methods")


def _functions(paths: JsonObject) -> bool:
    """Whether functions of CloudFormation or references to parts of the document decide what the paths are."""
    return any(
        str(name).startswith(("Fn::", "$ref")) for value in (paths, *map(mapping, paths.values())) for name in value
    )


@refusal(
    "API-PRIVATE",
    why="API Gateway refuses to deploy a private API that no policy lets anybody call",
    fix="Set Policy on the API",
    source=f"{_API}/apigateway-private-api-create.html",
)
def private_apis_have_a_policy(stacks: Stacks) -> Iterator[Hit]:
    """A private REST API that is deployed has a resource policy."""
    deployed = {
        (resource.stack, text(resource.at("RestApiId"))) for resource in stacks.of("AWS::ApiGateway::Deployment")
    }
    for api in stacks.of(_REST):
        private = "PRIVATE" in items(api.at("EndpointConfiguration", "Types"))
        written = api.at("Policy") or at(api.at("Body"), "x-amazon-apigateway-policy") or api.at("BodyS3Location")
        if private and not written and (api.stack, f"${{{api.id}}}") in deployed:
            yield api.hit("Policy", "is missing")


@refusal(
    "API-CERT-REGION",
    why="API Gateway takes certificates from its own region only, and for an edge-optimized domain from us-east-1",
    fix="Request the certificate in that region",
    source=f"{_API}/how-to-custom-domains-prerequisites.html",
)
def certificates_are_in_the_region_of_the_domain(stacks: Stacks) -> Iterator[Hit]:
    """A domain's certificate is in the domain's region, or in us-east-1 for edge-optimized domains."""
    for resource in stacks.of("AWS::ApiGateway::DomainName"):
        for name, wanted in (("CertificateArn", "us-east-1"), ("RegionalCertificateArn", resource.region)):
            match = re.match(r"arn:[^:]+:acm:([a-z0-9-]+):", text(resource.at(name)) or "")
            if match and match[1] != wanted:
                yield resource.hit(name, f"is a certificate in {match[1]}, {wanted} is needed")


@refusal(
    "WAF-TARGET",
    why="WAF refuses to protect an HTTP API: only REST APIs have web ACLs",
    fix="Use a REST API, or put CloudFront with a web ACL before it",
    source="https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html",
)
def web_acls_protect_rest_apis(stacks: Stacks) -> Iterator[Hit]:
    """A web ACL is associated with a stage of a REST API, not of an HTTP API."""
    for resource in stacks.of("AWS::WAFv2::WebACLAssociation"):
        target = text(resource.at("ResourceArn")) or ""
        apis = [api.id for api in of_stack(stacks, resource, _HTTP)]
        if "/apis/" in target or any(f"/restapis/${{{name}}}/" in target for name in apis):
            yield resource.hit("ResourceArn", "names an HTTP API")


@refusal(
    "API-PATH-TWICE",
    why="API Gateway refuses a second mapping of the same path",
    fix="Give each API its own BasePath",
    source=f"{_CFN}/aws-resource-apigateway-basepathmapping.html",
)
def base_paths_are_unique(stacks: Stacks) -> Iterator[Hit]:
    """Each path of a domain leads to one API."""
    resources: dict[tuple[str, str | None, str | None], list[Resource]] = defaultdict(list)
    for resource in stacks.of("AWS::ApiGateway::BasePathMapping", "AWS::ApiGatewayV2::ApiMapping"):
        path = resource.at("BasePath") or resource.at("ApiMappingKey")
        domain = text(resource.at("DomainName"))
        if domain and (path is None or text(path) is not None):
            resources[resource.stack, domain, text(path) or ""].append(resource)
    for some in resources.values():
        for entry in some[1:]:
            yield entry.hit("BasePath", f"is that of {some[0].id}, too")


RULES = (
    siblings_have_one_variable,
    greedy_variables_are_last,
    bodies_have_paths_and_methods,
    answers_can_be_customised,
    stage_names_have_no_hyphens,
    route_keys_are_methods_and_paths,
    methods_are_unique,
    methods_have_integrations,
    authorizers_are_complete,
    deployed_apis_have_methods,
    private_apis_have_a_policy,
    certificates_are_in_the_region_of_the_domain,
    web_acls_protect_rest_apis,
    base_paths_are_unique,
)
