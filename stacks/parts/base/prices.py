"""What a stage's network and alarms cost, whether they are used or not → sentences for render and deploy. Pure."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from stacks.errors import counted
from stacks.prices.list_prices import (
    ALARM,
    ENDPOINT_IN_A_ZONE,
    HOURS,
    KEY,
    NAT_GATEWAY,
    NAT_GIGABYTE,
    PRICES_OF,
    PUBLIC_ADDRESS,
)
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.app import Stage
    from stacks.template.rendered import Rendered


def standing_costs(stage: Stage, rendered: Sequence[Rendered]) -> Iterator[str]:
    """A sentence for the alarms of ``rendered``, and for each part of its network that costs while nothing happens."""
    yield from _of_alarms(stage, rendered)
    if any(stack.stack == BASE for stack in rendered):
        yield from _of_network(stage)


def _of_alarms(stage: Stage, rendered: Sequence[Rendered]) -> Iterator[str]:
    resources = [item for stack in rendered for item in stack.template["Resources"].items()]
    alarms = sum(body["Type"] == "AWS::CloudWatch::Alarm" for _, body in resources)
    topics = sum(name == "AlarmTopic" for name, _ in resources)
    if not stage.alarms or not alarms:
        return
    usd = alarms * ALARM.usd + topics * KEY.usd
    has_board = stage.alarms.dashboard
    board = ", and 3 USD for the dashboard if the account has three already" if has_board else ""
    what = f"{counted(alarms, 'alarm')} and {counted(topics, 'topic')} with a key for {usd:.2f} USD a month{board}"
    yield f"{stage.name}: alarms: {what} (list prices of {PRICES_OF}; {stage.region} may differ)"


def _of_network(stage: Stage) -> Iterator[str]:
    vpc = stage.base.vpc
    if vpc is None:
        return
    if gateways := vpc.nat_gateways:
        what = counted(gateways, "NAT gateway")
        yield _sentence(
            stage,
            "nat",
            what,
            gateways * (NAT_GATEWAY.usd + PUBLIC_ADDRESS.usd),
            f"{NAT_GIGABYTE.usd} USD a GB through it",
        )
    if vpc.endpoints:
        count = len(set(vpc.endpoints)) * vpc.zones
        what = f"{len(set(vpc.endpoints))} endpoints in {vpc.zones} zones"
        yield _sentence(stage, "endpoints", what, count * ENDPOINT_IN_A_ZONE.usd, "0.01 USD a GB through them")


def _sentence(stage: Stage, option: str, what: str, hourly: float, more: str) -> str:
    return (
        f"{stage.name}: base.vpc.{option}: {what} for {ceil(round(hourly * HOURS, 2))} USD a month, and {more}"
        f" (list prices of {PRICES_OF}; {stage.region} may differ)"
    )
