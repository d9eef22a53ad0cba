"""What a stage's network costs by the hour, whether it is used or not → sentences for render and deploy. Pure."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from stacks.prices.list_prices import ENDPOINT_IN_A_ZONE, HOURS, NAT_GATEWAY, NAT_GIGABYTE, PRICES_OF, PUBLIC_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage


def standing_costs(stage: Stage) -> Iterator[str]:
    """A sentence for each part of the network that costs while nothing happens."""
    vpc = stage.base.vpc
    if vpc is None:
        return
    if gateways := vpc.nat_gateways:
        what = f"{gateways} NAT gateway{'s' if gateways > 1 else ''}"
        yield _told(
            stage,
            "nat",
            what,
            gateways * (NAT_GATEWAY.usd + PUBLIC_ADDRESS.usd),
            f"{NAT_GIGABYTE.usd} USD a GB through it",
        )
    if vpc.endpoints:
        count = len(set(vpc.endpoints)) * vpc.zones
        what = f"{len(set(vpc.endpoints))} endpoints in {vpc.zones} zones"
        yield _told(stage, "endpoints", what, count * ENDPOINT_IN_A_ZONE.usd, "0.01 USD a GB through them")


def _told(stage: Stage, option: str, what: str, hourly: float, beside: str) -> str:
    return (
        f"{stage.name}: base.vpc.{option}: {what} for {ceil(round(hourly * HOURS, 2))} USD a month, and {beside}"
        f" (list prices of {PRICES_OF}; {stage.region} may differ)"
    )
