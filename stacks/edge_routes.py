"""A URL of the site → what CloudFront will make of it, read from the rendered frontend template alone. Pure.

Behaviour by path pattern, the function of that behaviour (run by the caller: it is JavaScript), origin and path there,
cache policy, response headers, and the status that is to be expected.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from stacks.intrinsics.references import Reference, names, substitute
from stacks.parts.frontend.behaviors import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED, CACHING_OPTIMIZED
from stacks.parts.frontend.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stacks.json_types import JsonDict, JsonObject, TemplateData

    Run = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
    """The program of a function, and its event → the request or the answer it makes of it."""

_POLICIES = {
    CACHING_OPTIMIZED: "CachingOptimized",
    CACHING_DISABLED: "CachingDisabled",
    ALL_VIEWER_EXCEPT_HOST: "AllViewerExceptHostHeader",
}
_SECURITY = {
    "ContentSecurityPolicy": "Content-Security-Policy",
    "ContentTypeOptions": "X-Content-Type-Options",
    "FrameOptions": "X-Frame-Options",
    "ReferrerPolicy": "Referrer-Policy",
    "StrictTransportSecurity": "Strict-Transport-Security",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Where a URL leads; ``path`` is the one the origin is asked for, empty when a function answers."""

    url: str
    behavior: str
    function: str
    origin: str
    path: str
    cache: str
    headers: tuple[str, ...]
    status: str


def routed(
    url: str,
    template: TemplateData,
    run: Run,
    objects: Mapping[str, str],
    parameters: Mapping[str, str] | None = None,
) -> Routed:
    """What becomes of a GET of ``url`` (a path, or with scheme and host).

    ``objects`` are the bucket's: key → Cache-Control; ``parameters`` are the template's, next to its defaults.
    """
    declared = {name: str(body.get("Default", "")) for name, body in template.get("Parameters", {}).items()}
    values = {**declared, **(parameters or {})}
    resources = template["Resources"]
    config = resources["Distribution"]["Properties"]["DistributionConfig"]
    parts = urlsplit(url)
    pattern, behavior = _behavior(parts.path or "/", config)
    function, result = _function(behavior, resources, run, _request(url), values)
    path = str(result.get("uri", ""))
    if path == "/" and "DefaultRootObject" in config:
        path = f"/{config['DefaultRootObject']}"
    answered = "statusCode" in result
    origin = _origin(behavior, config, missing=unquote(path.removeprefix("/")) not in objects)
    key = unquote(path.removeprefix("/")) if "S3OriginConfig" in origin and not answered else ""
    kept = (f"Cache-Control: {objects[key]}",) if key in objects else ()
    return Routed(
        url=url,
        behavior=pattern,
        function=function,
        origin="" if answered else origin["Id"],
        path="" if answered else f"{origin.get('OriginPath', '')}{path}",
        cache=_POLICIES.get(behavior["CachePolicyId"], "its own"),
        headers=(*kept, *_headers(behavior, resources)),
        status=_status(result, origin, config, exists=key in objects),
    )


def _origin(behavior: JsonObject, config: JsonObject, *, missing: bool) -> JsonObject:
    """The origin that answers: of a group the first, or the second for what is missing."""
    groups = {item["Id"]: item for item in config.get("OriginGroups", {}).get("Items", ())}
    target = behavior["TargetOriginId"]
    if target in groups:
        first, second = (item["OriginId"] for item in groups[target]["Members"]["Items"])
        target = second if missing else first
    origins: dict[str, JsonObject] = {origin["Id"]: origin for origin in config["Origins"]}
    return origins[target]


def _behavior(path: str, config: JsonObject) -> tuple[str, JsonObject]:
    for behavior in config.get("CacheBehaviors", []):
        if matches(behavior["PathPattern"], path):
            return behavior["PathPattern"], behavior
    return "default", config["DefaultCacheBehavior"]


def _request(url: str) -> JsonDict:
    parts = urlsplit(url)
    query = {name: {"value": value} for name, value in parse_qsl(parts.query, keep_blank_values=True)}
    headers = {"host": {"value": parts.netloc or "site"}}
    return {"method": "GET", "uri": parts.path or "/", "querystring": query, "headers": headers, "cookies": {}}


def _function(
    behavior: JsonObject,
    resources: JsonObject,
    run: Run,
    request: JsonObject,
    values: Mapping[str, str],
) -> tuple[str, JsonObject]:
    for association in behavior.get("FunctionAssociations", []):
        (name,) = names(association["FunctionARN"])
        return name, run(_program(resources[name]["Properties"]["FunctionCode"], values), {"request": request})
    return "", request


def _program(code: object, values: Mapping[str, str]) -> str:
    """The text of a program that takes parameters by ``Fn::Sub``."""
    return str(substitute(code, lambda entry: values.get(entry.variable) if isinstance(entry, Reference) else None))


def _headers(behavior: JsonObject, resources: JsonObject) -> tuple[str, ...]:
    (name,) = names(behavior["ResponseHeadersPolicyId"])
    policy = resources[name]["Properties"]["ResponseHeadersPolicyConfig"]
    own = [f"{item['Header']}: {item['Value']}" for item in policy.get("CustomHeadersConfig", {}).get("Items", [])]
    return tuple(sorted([*own, *map(_security_header, policy["SecurityHeadersConfig"].items())]))


def _security_header(item: tuple[str, JsonObject]) -> str:
    kind, values = item
    if kind == "StrictTransportSecurity":
        inside = "; includeSubDomains" if values["IncludeSubdomains"] else ""
        return f"{_SECURITY[kind]}: max-age={values['AccessControlMaxAgeSec']}{inside}"
    output = next((str(value) for name, value in values.items() if name != "Override"), "nosniff")
    return f"{_SECURITY[kind]}: {output}"


def _status(result: JsonObject, origin: JsonObject, config: JsonObject, *, exists: bool) -> str:
    if "statusCode" in result:
        where = result.get("headers", {}).get("location", {}).get("value")
        return f"{result['statusCode']}{f' {where}' if where else ''}"
    if "S3OriginConfig" not in origin:
        return "the API's" if origin["Id"] == "api" else f"that of {origin['Id']}"
    pages = {response["ErrorCode"]: response["ResponsePagePath"] for response in config.get("CustomErrorResponses", ())}
    return "200" if exists else f"404 {pages.get(404, '')}".rstrip()
