"""What executions of workflows cost: each state that is entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.prices.list_prices import Price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage

TRANSITION = Price(2.5e-5, "state transition", "https://aws.amazon.com/step-functions/pricing/")


def uses(stage: Stage, starts: float) -> Iterator[tuple[str, float, str, Price]]:
    """What is paid when functions with routes start each of their workflows so often; each state counts once."""
    functions = (function for function in stage.backend.functions.values() if function.all_routes)
    started = {name for function in functions for name in function.workflows}
    states = sum(len(stage.backend.workflows[name].definition.get("States", ())) for name in started)
    if started:
        yield "Step Functions", starts * states, "transitions", TRANSITION
