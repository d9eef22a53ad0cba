"""What a stage's base costs by the hour, whether it is used or not → sentences for who renders or deploys it. Pure.

List prices of us-east-1 in 2026, in USD an hour; other regions differ, most by less than a third.
https://aws.amazon.com/vpc/pricing/ and https://aws.amazon.com/privatelink/pricing/
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage

PRICES_OF = "us-east-1, 2026"
HOURS = 730
NAT_GATEWAY = 0.045
PUBLIC_ADDRESS = 0.005
ENDPOINT_IN_A_ZONE = 0.01


def standing_costs(stage: Stage) -> Iterator[str]:
    """A sentence for each part of the network that costs while nothing happens."""
    vpc = stage.base.vpc
    if vpc is None:
        return
    if gateways := vpc.nat_gateways:
        what = f"{gateways} NAT gateway{'s' if gateways > 1 else ''}"
        yield _told(stage, "nat", what, gateways * (NAT_GATEWAY + PUBLIC_ADDRESS), f"{NAT_GATEWAY} USD a GB through it")
    if vpc.endpoints:
        count = len(set(vpc.endpoints)) * vpc.zones
        what = f"{len(set(vpc.endpoints))} endpoints in {vpc.zones} zones"
        yield _told(stage, "endpoints", what, count * ENDPOINT_IN_A_ZONE, "0.01 USD a GB through them")


def _told(stage: Stage, option: str, what: str, hourly: float, beside: str) -> str:
    return (
        f"{stage.name}: base.vpc.{option}: {what} for {ceil(round(hourly * HOURS, 2))} USD a month, and {beside}"
        f" (list prices of {PRICES_OF}; {stage.region} may differ)"
    )
