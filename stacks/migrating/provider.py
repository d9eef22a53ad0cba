"""``provider`` of serverless.yml → settings of the service, and what every function has in common. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from stacks.app import LogRetention
from stacks.intrinsics.functions import is_function
from stacks.json_types import at
from stacks.migrating.located import Map, Place, entries, items, map_or_empty, plain
from stacks.migrating.names import slug, unique
from stacks.migrating.service import MigratedAuthorizer
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Service

RETENTIONS: tuple[int, ...] = LogRetention.__args__  # type: ignore[attr-defined]
"""Days that CloudWatch Logs can keep a group."""
_TEXT = """
apiGateway apiKeys apiName architecture build cfLogs credentials deploymentBucket deploymentMethod deploymentPrefix
disableDefaultOutputExportNames disableRollback endpointType environment ephemeralStorageSize eventBridge httpApi iam
iamManagedPolicies iamRoleStatements lambdaHashingVersion layers logRetentionInDays logs memorySize name profile region
reservedConcurrency resolver role rolePermissionsBoundary runtime runtimeManagement snapStart stackName stage tags
timeout tracing usagePlan useDotenv variableSyntax versionFunctions vpc vpcEndpointIds websocket websocketsApiName
websocketsApiRouteSelectionExpression websocketsDescription
"""
_KNOWN = frozenset(_TEXT.split())
"""Keys that are read here or by ``serverless_functions``, or that configure Serverless itself.

https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml lists them.
"""
_REPORTED = {
    "cfnRole": "Deploy roles are derived from the templates: see 'stacks permissions'",
    "notificationArns": "Name an address under 'alarms'",
    "stackPolicy": "Data is kept from replacement by policies of the generated stacks",
    "stackParameters": "Write values under 'backend.parameters'",
    "rollbackConfiguration": "Use 'gradual' for functions, or 'alarms'",
    "resourcePolicy": "Set who may call under each function's 'auth', or limit addresses under 'frontend.waf'",
    "kmsKeyArn": "Settings are encrypted by Lambda's own key; put secrets under 'secrets'",
    "cloudFront": "Describe the site under 'frontend'",
    "s3": "Describe the buckets under 'data.buckets'",
    "ecr": "Functions are zips here; put what the image holds into requirements",
    "alb": "Write the listener rules under 'backend.resources'",
    "logDataProtectionPolicy": "Write it under 'backend.overrides', at each log group",
    "stackTags": "Write them under 'tags'",
}


_GATEWAY_DONE = {
    "apiKeys", "usagePlan", "shouldStartNameWithService", "minimumCompressionSize", "description", "metrics",
}  # fmt: skip


class Custom(Protocol):
    """``custom`` of a configuration."""

    def get(self, key: str) -> tuple[Any, Place]:
        """A part and its place; None when it is missing."""


@dataclass(slots=True)
class Defaults:
    """What functions have unless they say otherwise."""

    provider: Map
    environment: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    statements: list[tuple[Any, Place]] = field(default_factory=list)
    managed: list[tuple[Any, Place]] = field(default_factory=list)
    role: tuple[Any, Place] | None = None
    """The role of functions that name none."""
    authorizers: set[str] = field(default_factory=set)
    """Names of ``httpApi.authorizers``."""


def take_provider(provider: Map, service: Service, obstacles: Obstacles) -> Defaults:
    """Read ``provider``: settings go to the service, the rest is returned for functions."""
    defaults = Defaults(provider)
    if str(provider.get("name", "aws")) != "aws":
        what = f"is {provider.get('name')}, and this project deploys to AWS"
        obstacles.lost(provider.at("name"), "provider.name", what, "Describe what its functions do for AWS by hand")
    for key in provider:
        if key in _REPORTED:
            obstacles.lost(provider.at(key), f"provider.{key}", "is not carried over", _REPORTED[key])
        elif key not in _KNOWN:
            fix = "Look up what it does, and write that into app.yaml"
            obstacles.lost(provider.at(key), f"provider.{key}", "is not a known key", fix)
    for name, value, place in entries(provider.get("environment")):
        defaults.environment[name] = (value, place)
    _rights(provider, defaults, obstacles)
    _tags(provider, service, obstacles)
    _logs(provider, service, obstacles)
    _rest_api(provider, service, obstacles)
    _http_api(provider, service, defaults, obstacles)
    return defaults


def _rights(provider: Map, defaults: Defaults, obstacles: Obstacles) -> None:
    """``iamRoleStatements`` of versions 1 and 2, ``iam.role`` since."""
    defaults.statements += list(items(provider.get("iamRoleStatements"), provider.at("iamRoleStatements")))
    defaults.managed += list(items(provider.get("iamManagedPolicies"), provider.at("iamManagedPolicies")))
    if "role" in provider:
        defaults.role = (provider["role"], provider.at("role"))
    iam = provider.get("iam")
    role = at(iam, "role")
    if isinstance(role, str | Unknown) or is_function(role):
        defaults.role = (role, provider.at("iam"))
    if not isinstance(role, Map) or defaults.role:
        return
    for key in role:
        match key:
            case "statements":
                defaults.statements += list(items(role["statements"], role.at("statements")))
            case "managedPolicies":
                defaults.managed += list(items(role["managedPolicies"], role.at("managedPolicies")))
            case "name" | "path" | "permissionsBoundary" | "permissionBoundary" | "tags" | "mode":
                what = "is decided here: each function has a role of its own, below a boundary of the stage"
                obstacles.note(role.at(key), f"provider.iam.role.{key}", what, "Nothing to do")
            case _:
                obstacles.lost(role.at(key), f"provider.iam.role.{key}", "is unknown", "Compare with app.yaml")


def _tags(provider: Map, service: Service, obstacles: Obstacles) -> None:
    tags: dict[str, str] = {}
    for name, value, place in entries(provider.get("tags")):
        if isinstance(value, str | int | float) and str(value):
            tags[name] = str(value)
        else:
            obstacles.lost(place, f"provider.tags.{name}", "has no text as its value", "Write it under 'tags'")
    if tags:
        service.top["tags"] = {
            name: value for name, value in tags.items() if name.lower() not in {"app", "stage", "stack"}
        }


def _logs(provider: Map, service: Service, obstacles: Obstacles) -> None:
    days = provider.get("logRetentionInDays")
    if isinstance(days, int) and days in RETENTIONS:
        service.top["log_retention_days"] = days
    elif days is not None:
        what = f"{plain(days)} is not a number of days that CloudWatch takes"
        fix = "Write 'log_retention_days: 30'"
        obstacles.lost(provider.at("logRetentionInDays"), "provider.logRetentionInDays", what, fix)
    for key, _, place in entries(provider.get("logs")):
        obstacles.note(place, f"provider.logs.{key}", "calls of the API are always logged here", "Nothing to do")


def _rest_api(provider: Map, service: Service, obstacles: Obstacles) -> None:
    gateway = map_or_empty(provider.get("apiGateway"), provider.at("apiGateway"))
    _keys(provider.get("apiKeys") or gateway.get("apiKeys"), provider.at("apiKeys"), service, obstacles)
    plan = provider.get("usagePlan") or gateway.get("usagePlan")
    if isinstance(plan, Map):
        _plan(plan, service, obstacles)
    if str(provider.get("endpointType", "")).upper() == "EDGE":
        service.api["endpoint"] = "edge"
    for key, value, place in entries(gateway):
        if key == "binaryMediaTypes":
            obstacles.note(place, "apiGateway.binaryMediaTypes", "every type may be binary here", "Nothing to do")
        elif key not in _GATEWAY_DONE:
            fix = "Routes are methods of one API here; move routes of a shared API into this application"
            what = "is not carried over" if value is not None else "is empty"
            obstacles.lost(place, f"provider.apiGateway.{key}", what, fix)


def _keys(raw: object, place: Place, service: Service, obstacles: Obstacles) -> None:
    names = [entry.get("name") if isinstance(entry, Map) else entry for entry, _ in items(raw, place)]
    if names:
        taken = set[str]()
        results = [unique(name, taken, "key") for name in names if isinstance(name, str)]
        service.api["keys"] = results or ["default"]
        obstacles.changed(place, "apiKeys", "get new values", "Give the new ones to the callers of the API")


def _plan(plan: Map, service: Service, obstacles: Obstacles) -> None:
    throttle, quota = plan.get("throttle"), plan.get("quota")
    for old, new in (("rateLimit", "rate"), ("burstLimit", "burst")):
        if isinstance(throttle, Map) and isinstance(throttle.get(old), int):
            service.api[new] = throttle[old]
    if isinstance(quota, Map) and quota.get("period") == "DAY" and isinstance(quota.get("limit"), int):
        service.api["quota"] = quota["limit"]
    elif quota is not None:
        fix = "Write 'quota', requests a day, under 'backend.api'"
        obstacles.lost(plan.at("quota"), "usagePlan.quota", "is not by day", fix)


def _http_api(provider: Map, service: Service, defaults: Defaults, obstacles: Obstacles) -> None:
    for key, value, place in entries(provider.get("httpApi")):
        match key:
            case "cors":
                if value:
                    service.cors.append((value, place))
            case "authorizers":
                for name, body, at in entries(value):
                    _authorizer(name, body, at, service, defaults, obstacles)
            case "payload":
                if str(value) == "1.0":
                    what = "asks for payload 1.0, and functions get 2.0 here"
                    fix = "Read method and path from event['requestContext']['http'] in the handlers"
                    obstacles.changed(place, "provider.httpApi.payload", what, fix)
            case "name" | "metrics" | "timeout" | "useProviderTags" | "shouldStartNameWithService":
                continue
            case "disableDefaultEndpoint":
                obstacles.changed(place, f"provider.httpApi.{key}", "is not carried over", "Give the API a 'domain'")
            case _:
                obstacles.lost(place, f"provider.httpApi.{key}", "is not carried over", "Compare with 'backend.api'")


def _authorizer(  # noqa: PLR0913, PLR0917 - one authorizer
    name: str, body: object, place: Place, service: Service, defaults: Defaults, obstacles: Obstacles
) -> None:
    if not isinstance(body, Map):
        return
    known = slug(name) or "authorizer"
    issuer, audience = body.get("issuerUrl"), [entry for entry, _ in items(body.get("audience"), place)]
    if isinstance(issuer, str) and audience and all(isinstance(entry, str) for entry in audience):
        service.authorizers[known] = MigratedAuthorizer(place=place, issuer=issuer, audience=tuple(audience))
        defaults.authorizers.add(name)
    elif body.get("type") == "request" and isinstance(body.get("functionName"), str):
        ttl = body.get("resultTtlInSeconds")
        keep = ttl if isinstance(ttl, int) else 300
        service.authorizers[known] = MigratedAuthorizer(place=place, function=body["functionName"], keep=keep)
        defaults.authorizers.add(name)
    elif not isinstance(issuer, Unknown) and _is_own_pool(issuer):
        defaults.authorizers.add(f"users:{name}")
    else:
        fix = "Write it under 'backend.api.authorizers'; until then its routes ask for signed requests (auth: iam)"
        obstacles.lost(place, f"authorizers.{name}", "is not carried over", fix)


def _is_own_pool(issuer: object) -> bool:
    return "cognito-idp" in str(plain(issuer)) and not isinstance(issuer, str)
