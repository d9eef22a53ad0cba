"""Rules for what callers of an API have to show, and how often they may call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.checks.rule import Hit, Stacks, rule
from stacks.json_types import at, items
from stacks.template.access import KEY, access_of
from stacks.template.openapi import routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_API = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_MOST_A_SECOND = 10_000
"""Requests: what an account has in a region. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""


@rule(
    "API-ACCESS",
    why="a route that asks for less, or a scope or key that is gone, opens what was described as closed",
    fix="Describe who may call the route ('auth', 'scopes', 'api_key'), and take the override or hook away",
    source=f"{_API}/apigateway-control-access-to-api.html",
)
def routes_ask_what_is_described(stacks: Stacks) -> Iterator[Hit]:
    """The routes of an API ask their callers for what they were rendered with: authorizer, scopes, key."""
    added = [resource.properties for resource in stacks.of("AWS::ApiGatewayV2::Route")]
    for api in stacks.of("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        recorded = at(api.body, "Metadata", "stacks", KEY)
        routes = added if api.type == "AWS::ApiGatewayV2::Api" else []
        if recorded is not None and recorded != access_of(api.properties, routes):
            yield api.hit("Body" if api.at("Body") else "Routes", "asks its callers for other things than described")


@rule(
    "API-KEYS",
    why="the key neither counts nor limits requests",
    fix="Let the routes ask for the key ('api_key: true'), or take keys and usage plan away",
    source=f"{_API}/api-gateway-api-usage-plans.html",
)
def keys_are_asked_for(stacks: Stacks) -> Iterator[Hit]:
    """Where there are API keys, some route asks for one, and their plan has a limit."""
    routes = [route for api in stacks.of("AWS::ApiGateway::RestApi") for route in routes_of(api.properties)]
    methods = stacks.of("AWS::ApiGateway::Method")
    asked = any("api_key" in route.asks for route in routes) or any(
        method.at("ApiKeyRequired") is True for method in methods
    )
    for key in stacks.of("AWS::ApiGateway::ApiKey"):
        if not asked:
            yield key.hit("Enabled", "is asked for by no route")
    for plan in stacks.of("AWS::ApiGateway::UsagePlan"):
        if not (plan.at("Throttle") or plan.at("Quota")):
            yield plan.hit("Throttle", "has no limit")


@rule(
    "API-BURST",
    why="one caller can use up the account's share, and the budget",
    fix=f"Set ThrottlingRateLimit and ThrottlingBurstLimit, to at most {_MOST_A_SECOND:,} a second",
    source=f"{_API}/http-api-throttling.html",
)
def limits_are_limits(stacks: Stacks) -> Iterator[Hit]:
    """HTTP APIs limit requests, and no stage or route takes as many as the account has."""
    for resource in stacks.of("AWS::ApiGatewayV2::Stage"):
        settings = resource.at("DefaultRouteSettings")
        if at(settings, "ThrottlingRateLimit") is None or at(settings, "ThrottlingBurstLimit") is None:
            yield resource.hit("DefaultRouteSettings", "takes as many requests as the account allows")
    for entry in stacks.of("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"):
        named = entry.at("RouteSettings")
        routes = list(named.values()) if isinstance(named, dict) else []
        for limited in [*items(entry.at("MethodSettings")), entry.at("DefaultRouteSettings"), *routes]:
            for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
                limit = at(limited, name)
                if isinstance(limit, int | float) and not 0 <= limit <= _MOST_A_SECOND:
                    yield entry.hit(name, f"is {limit:,}: no limit")


RULES = (routes_ask_what_is_described, keys_are_asked_for, limits_are_limits)
