"""Rules for response headers and for what the CDN caches: policies of content, caches, functions at the edge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.refused.reading import behaviors_of
from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import text, texts
from stacks.json_types import at, items, mapping
from stacks.template.csp import weaknesses
from stacks.template.edge_functions import KEY, functions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject

_CDN = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
_DISTRIBUTION = "AWS::CloudFront::Distribution"
_HEADERS = "AWS::CloudFront::ResponseHeadersPolicy"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_NAMED_SAFE = {"67f7725c-6f97-4210-82d7-5512b31e9d03", "e61eb60c-9c35-4d20-a928-2b84e02af89c"}
"""SecurityHeadersPolicy and CORS-and-SecurityHeadersPolicy.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html"""
_APPLICATION = ("execute-api", "lambda-url", ".on.aws", "elb.amazonaws", "apprunner", "${Api")
_SECURITY = {
    "content-security-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
}


@rule(
    "CSP-WEAK",
    why="a script that gets into a page can load and send what it likes",
    fix="Name the hosts, and the hashes of the page's inline scripts; describe more sources under 'frontend.csp'",
    source=f"{_CDN}/understanding-response-headers-policies.html",
)
def content_policies_name_their_sources(stacks: Stacks) -> Iterator[Hit]:
    """A Content-Security-Policy has a default, and allows no wildcard, no inline code and no host without TLS."""
    for resource in stacks.of(_HEADERS):
        config = "ResponseHeadersPolicyConfig"
        header = resource.at(config, "SecurityHeadersConfig", "ContentSecurityPolicy", "ContentSecurityPolicy")
        results = (
            [(f"{config}.SecurityHeadersConfig.ContentSecurityPolicy", text(header))] if header is not None else []
        )
        for index, item in enumerate(items(resource.at(config, "CustomHeadersConfig", "Items"))):
            if (text(at(item, "Header")) or "").lower().startswith("content-security-policy"):
                results.append((f"{config}.CustomHeadersConfig.Items[{index}]", text(at(item, "Value"))))
        for place, policy in results:
            for weak in weaknesses(policy or ""):
                yield resource.hit(place, f"has {weak}")


@rule(
    "HEADERS-KEPT",
    why="browsers no longer get the headers that keep attacks out",
    fix="Refer to a policy of the stack, and remove no security header",
    source=f"{_CDN}/understanding-response-headers-policies.html",
)
def security_headers_are_kept(stacks: Stacks) -> Iterator[Hit]:
    """Every behaviour has the stack's security headers, none is removed, and addresses are not sent to others."""
    for resource in stacks.of(_HEADERS):
        for place, what in _taken_off(mapping(resource.at("ResponseHeadersPolicyConfig"))):
            yield resource.hit(f"ResponseHeadersPolicyConfig.{place}", what)
    for entry in stacks.of(_DISTRIBUTION):
        for path, behavior in behaviors_of(entry):
            used = behavior.get("ResponseHeadersPolicyId")
            if isinstance(used, str) and used not in _NAMED_SAFE:
                yield entry.hit(
                    f"{path}.ResponseHeadersPolicyId", "is neither the stack's nor AWS's of security headers"
                )


def _taken_off(config: JsonObject) -> Iterator[tuple[str, str]]:
    headers = mapping(config.get("SecurityHeadersConfig"))
    sent = text(at(headers, "ReferrerPolicy", "ReferrerPolicy"))
    if sent in {"unsafe-url", "no-referrer-when-downgrade", "origin-when-cross-origin"}:
        yield "SecurityHeadersConfig.ReferrerPolicy", f"sends addresses to others: {sent}"
    for name in (text(at(item, "Header")) or "" for item in items(at(config, "RemoveHeadersConfig", "Items"))):
        if name.lower() in _SECURITY:
            yield "RemoveHeadersConfig", f"removes {name}"
    cors = mapping(config.get("CorsConfig"))
    everybody = "*" in texts(at(cors, "AccessControlAllowOrigins", "Items"))
    if everybody and cors.get("AccessControlAllowCredentials") is True:
        yield "CorsConfig", "lets every origin read answers with credentials"


def _application_origins(distribution: Resource) -> set[str]:
    """The ids of origins that answer each caller otherwise: APIs, functions, and other hosts that take forms."""
    taking = {
        text(behavior.get("TargetOriginId"))
        for _, behavior in behaviors_of(distribution)
        if "POST" in _methods(behavior)
    }
    custom = {
        str(at(origin, "Id")): text(at(origin, "DomainName")) or ""
        for origin in items(distribution.at("DistributionConfig", "Origins"))
        if (at(origin, "CustomOriginConfig") or at(origin, "VpcOriginConfig")) is not None
    }
    known = {name for name, host in custom.items() if any(item in host for item in _APPLICATION)}
    return known | {name for name, host in custom.items() if name in taking and not re.search(r"\.s3[.-]", host)}


def _methods(behavior: JsonObject) -> list[str]:
    return texts(behavior.get("AllowedMethods"))


@rule(
    "CDN-CACHE",
    why="the CDN would give the page of one person to the next",
    fix=f"Set CachePolicyId to {CACHING_DISABLED} (CachingDisabled)",
    source=f"{_CDN}/using-managed-cache-policies.html",
)
def answers_of_the_application_are_not_kept(stacks: Stacks) -> Iterator[Hit]:
    """Nothing that an API or a function answers is kept by the CDN."""
    for resource in stacks.of(_DISTRIBUTION):
        origins = _application_origins(resource)
        for path, behavior in behaviors_of(resource):
            target = text(behavior.get("TargetOriginId"))
            if target in origins and _keeps(stacks, resource, behavior):
                yield resource.hit(f"{path}.CachePolicyId", "keeps answers of the application")
            elif target in _groups(resource, origins) and _is_personal(behavior) and _keeps(stacks, resource, behavior):
                yield resource.hit(f"{path}.OriginRequestPolicyId", "keeps answers of the application to one person")


def _groups(distribution: Resource, origins: set[str]) -> set[str | None]:
    """The ids of groups with one of ``origins``, which answers what the other origin lacks."""
    groups = items(distribution.at("DistributionConfig", "OriginGroups", "Items"))
    members = {text(at(group, "Id")): items(at(group, "Members", "Items")) for group in groups}
    return {
        name for name, results in members.items() if any(text(at(result, "OriginId")) in origins for result in results)
    }


def _is_personal(behavior: JsonObject) -> bool:
    """Whether the application learns who asks: cookies and headers reach it by an origin request policy alone."""
    return behavior.get("OriginRequestPolicyId") is not None or behavior.get("CachePolicyId") != CACHING_OPTIMIZED


def _keeps(stacks: Stacks, user: Resource, behavior: JsonObject) -> bool:
    used = behavior.get("CachePolicyId")
    if used == CACHING_DISABLED:
        return False
    own = stacks.meant(used, user, "AWS::CloudFront::CachePolicy") if used is not None else None
    times: JsonObject = mapping(own.at("CachePolicyConfig")) if own else behavior if used is None else {}
    longest = [times.get(name) for name in ("MinTTL", "DefaultTTL", "MaxTTL")]
    return longest != [0, 0, 0] and times.get("MaxTTL") != 0


@rule(
    "CDN-FUNCTION",
    why="what the function refuses or hides, a password or a closed site among it, is open on that path",
    fix="Associate the function with the behaviour, as viewer-request",
    source=f"{_CDN}/associate-function.html",
)
def edge_functions_stand_where_they_guard(stacks: Stacks) -> Iterator[Hit]:
    """Every function of the stack is attached to a behaviour, and to both a path and what is below it."""
    for resource in stacks.of(_DISTRIBUTION):
        placed = {path: _functions(behavior) for path, behavior in behaviors_of(resource)}
        used = {name for names in placed.values() for name in names}
        for function in stacks.of("AWS::CloudFront::Function"):
            if function.stack == resource.stack and f"${{{function.id}.FunctionARN}}" not in used:
                yield function.hit("FunctionConfig", "is attached to no behaviour")
        by_pattern = {text(behavior.get("PathPattern")): (path, behavior) for path, behavior in behaviors_of(resource)}
        for pattern, (path, behavior) in by_pattern.items():
            below = by_pattern.get(f"{pattern}/*")
            if below and _functions(below[1]) != _functions(behavior):
                place = path if not _functions(behavior) else below[0]
                yield resource.hit(f"{place}.FunctionAssociations", f"differ between {pattern} and {pattern}/*")
        yield from _unguarded(stacks, resource)
        yield from _taken_away(resource)


def _taken_away(distribution: Resource) -> Iterator[Hit]:
    """Behaviours that were rendered with a function that they no longer have."""
    recorded = mapping(at(distribution.body, "Metadata", "stacks", KEY))
    functions = functions_of(mapping(distribution.at("DistributionConfig")))
    for path, behavior in behaviors_of(distribution):
        pattern = text(behavior.get("PathPattern")) or "*"
        for name in items(recorded.get(pattern)):
            if name not in functions.get(pattern, ()):
                yield distribution.hit(
                    f"{path}.FunctionAssociations", f"no longer has {name}, with which it was rendered"
                )


def _unguarded(stacks: Stacks, distribution: Resource) -> Iterator[Hit]:
    """Behaviours without a function that go to an origin whose other behaviours all have one, or to an application."""
    applications = _application_origins(distribution)
    has_functions = any(resource.stack == distribution.stack for resource in stacks.of("AWS::CloudFront::Function"))
    for path, behavior in behaviors_of(distribution):
        if has_functions and text(behavior.get("TargetOriginId")) in applications and not _functions(behavior):
            yield distribution.hit(f"{path}.FunctionAssociations", "has no function before the application")


def _functions(behavior: JsonObject) -> tuple[str, ...]:
    return tuple(
        text(at(association, "FunctionARN")) or "" for association in items(behavior.get("FunctionAssociations"))
    )


RULES = (
    content_policies_name_their_sources,
    security_headers_are_kept,
    answers_of_the_application_are_not_kept,
    edge_functions_stand_where_they_guard,
)
