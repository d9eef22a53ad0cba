"""A stage's base → what does not agree: parts named and also made, alarms that nothing feeds, what is made twice."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from stacks.model.audit import Trail
from stacks.model.network import Vpc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage
    from stacks.description.finding import Finding, KeyPath

_LOG_ROLE = "api_gateway_logs"
_ONCE = {
    "trail": ("the trail", "existing"),
    "alarms": ("alarms", "false"),
    "budget": ("a budget", "false"),
    _LOG_ROLE: ("API Gateway's log role", "existing"),
}
"""Resources that exist once in an account (API Gateway's role: in each region): how it is called, and what others
say."""

_ZONES = {"us-west-1": 2}
"""Regions in which an account sees fewer than three availability zones.
https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html"""


def base_problems(app: App, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Everything about a stage's base that no single value shows."""
    base, here = stage.base, (*at, "base")
    yield from _platform(stage, here)
    yield from _later_stages(app, stage, here)
    if base.trail:
        yield from _trail(base.trail, (*here, "trail"))
    if base.alarms and not (base.trail and base.trail.is_watched):
        yield (*here, "alarms"), *_unfed(base.trail)
    if base.vpc:
        yield from _network(base.vpc, stage, (*here, "vpc"))


def _platform(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """A platform is another stage; what it shares is what base makes."""
    base = stage.base
    if base.platform == f"{stage.app_name}/{stage.name}":
        yield (*at, "platform"), "is this stage itself", "Write 'shared: true' instead"
    if base.vpc and base.vpc.is_of_platform and not base.platform:
        yield (*at, "vpc"), "is the platform's, and no platform is named", "Add 'platform: infra/prod'"
    if base.vpc and base.vpc.is_of_platform and base.vpc.subnets:
        yield (*at, "vpc", "subnets"), "the platform's network has its own", "Leave it out"
    if base.ci and base.ci.provider == "own" and base.ci.service in base.identity_providers:
        yield (*at, "identity_providers"), f"'ci' makes the one of {base.ci.service}", "Leave one of them out"


def _later_stages(app: App, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """What an earlier stage makes for the account that both say."""
    for part, (name, others) in _ONCE.items():
        together = [entry for entry in app.stages.values() if entry.account == stage.account and _makes(part, entry)]
        first = next((entry for entry in together if part != _LOG_ROLE or entry.region == stage.region), stage)
        if stage.account and first is not stage and _makes(part, stage):
            what = f"stages {first.name!r} and {stage.name!r} both make {name} for account {stage.account}"
            yield (*at, part), what, f"Set '{part}: {others}' under 'stages.{stage.name}.base'"


def _makes(part: str, stage: Stage) -> bool:
    trail = stage.base.trail
    return bool(trail and trail.is_ours) if part == "trail" else bool(getattr(stage.base, part))


def _trail(trail: Trail, at: KeyPath) -> Iterator[Finding]:
    if not trail.is_ours:
        yield from _generated_and_named(trail, Trail(), ("encryption", "cloudwatch", "object_lock"), "the trail", at)
    elif trail.log_group:
        what = "base makes this trail, and names its log group itself"
        yield (*at, "log_group"), what, "Set 'cloudwatch: true' instead"


def _unfed(trail: Trail | None) -> tuple[str, str]:
    what = "alarms read the trail in CloudWatch Logs, where it is not written"
    if trail and not trail.is_ours:
        return what, "Name the log group that the existing trail writes to, under 'trail': 'log_group: …'"
    return what, "Set 'trail: {cloudwatch: true}' under 'base'"


def _network(vpc: Vpc, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    result = ("cidr", "zones", "public_subnets", "nat", "endpoints", "flow_logs")
    if not vpc.is_ours:
        yield from _generated_and_named(vpc, Vpc(), result, "the network", at)
        if (
            not vpc.subnets
            and not vpc.is_of_platform
            and any(function.vpc for function in stage.backend.functions.values())
        ):
            yield (*at, "subnets"), "functions run in the network, in no subnet", "Name its private subnets"
    elif vpc.subnets:
        yield (*at, "subnets"), "base makes the subnets of a network that it makes", "Leave it out, or add 'existing'"
    if vpc.is_ours and vpc.zones > _ZONES.get(stage.region, vpc.zones):
        what = f"{vpc.zones} zones, and an account sees {_ZONES[stage.region]} in {stage.region}"
        yield (*at, "zones"), what, f"Set 'zones: {_ZONES[stage.region]}'", "ZONES"
    try:
        IPv4Network(vpc.cidr)
    except ValueError:
        fix = "Write four numbers up to 255, the last two 0, as 10.0.0.0/16"
        yield (*at, "cidr"), f"{vpc.cidr} is not a network", fix, "CIDR"


def _generated_and_named(
    described: object, default: object, options: tuple[str, ...], what: str, at: KeyPath
) -> Iterator[Finding]:
    """Options of resources that base creates, set for existing ones."""
    for option in options:
        if getattr(described, option) != getattr(default, option):
            yield (*at, option), f"{what} already exists, base changes nothing of it", "Leave it out"
