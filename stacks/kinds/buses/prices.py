"""What events of the application's own cost; events of AWS services are free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.prices.list_prices import Price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage

EVENT = Price(1.00e-6, "event", "https://aws.amazon.com/eventbridge/pricing/")


def uses(stage: Stage, events: float) -> Iterator[tuple[str, float, str, Price]]:
    """What is paid when functions with routes put so many events on each of their buses."""
    buses = {bus for function in stage.backend.functions.values() if function.all_routes for bus in function.buses}
    if buses:
        yield "EventBridge events", events * len(buses), "events", EVENT
