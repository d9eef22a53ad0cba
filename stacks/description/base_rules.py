"""The base of one stage → what does not agree: parts that are named and also made, alarms that nothing feeds. Pure."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from stacks.model.audit import Trail
from stacks.model.network import Vpc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.consistency import Finding
    from stacks.description.yamltree import Path


def base_problems(stage: Stage, at: Path) -> Iterator[Finding]:
    """Everything about a stage's base that no single value shows."""
    base, here = stage.base, (*at, "base")
    if base.trail:
        yield from _trail(base.trail, (*here, "trail"))
    if base.alarms and not (base.trail and base.trail.is_watched):
        yield (*here, "alarms"), *_unfed(base.trail)
    if base.vpc:
        yield from _network(base.vpc, stage, (*here, "vpc"))


def _trail(trail: Trail, at: Path) -> Iterator[Finding]:
    if not trail.is_ours:
        yield from _made_and_named(trail, Trail(), ("encryption", "cloudwatch", "object_lock"), "the trail", at)
    elif trail.log_group:
        what = "base makes this trail, and names its log group itself"
        yield (*at, "log_group"), what, "Say 'cloudwatch: true' instead"


def _unfed(trail: Trail | None) -> tuple[str, str]:
    what = "alarms read the trail in CloudWatch Logs, where it is not written"
    if trail and not trail.is_ours:
        return what, "Name the log group that the existing trail writes to, under 'trail': 'log_group: …'"
    return what, "Say 'trail: {cloudwatch: true}' under 'base'"


def _network(vpc: Vpc, stage: Stage, at: Path) -> Iterator[Finding]:
    made = ("cidr", "zones", "public_subnets", "nat", "endpoints", "flow_logs")
    if not vpc.is_ours:
        yield from _made_and_named(vpc, Vpc(), made, "the network", at)
        if not vpc.subnets and any(function.vpc for function in stage.backend.functions.values()):
            yield (*at, "subnets"), "functions run in the network, in no subnet", "Name its private subnets"
    elif vpc.subnets:
        yield (*at, "subnets"), "base makes the subnets of a network that it makes", "Leave it out, or add 'existing'"
    if len(set(vpc.subnets)) < len(vpc.subnets):
        yield (*at, "subnets"), "a subnet is named twice", "Name each once"
    try:
        IPv4Network(vpc.cidr)
    except ValueError:
        yield (*at, "cidr"), f"{vpc.cidr} is no network", "Write four numbers up to 255, the last two 0, as 10.0.0.0/16"


def _made_and_named(described: Any, default: Any, options: tuple[str, ...], what: str, at: Path) -> Iterator[Finding]:
    """Options of what base makes, said of what is there already."""
    for option in options:
        if getattr(described, option) != getattr(default, option):
            yield (*at, option), f"{what} is there already, base changes nothing of it", "Leave it out"
