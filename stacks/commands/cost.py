"""``cost``: what a stage costs a month without traffic, line by line, and with a stated load. Calls nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from stacks.commands.common import described, stage
from stacks.errors import UsageError
from stacks.prices.floor import floor, total
from stacks.prices.list_prices import PRICES_OF
from stacks.prices.load import LEFT_OUT, Load, estimate
from stacks.rendering import render
from stacks.reporting import answer
from stacks.text_table import table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from stacks.prices.floor import CostLine
    from stacks.prices.load import LoadPart


def run(arguments: Namespace) -> int:
    """Print the floor, the estimate of a load, and what both leave out."""
    load = _load(arguments)
    app = described(arguments)
    chosen = stage(app, next(iter(app.stages)) if arguments.stage is None else arguments.stage)
    lines = floor(render(app, chosen))
    uses = estimate(chosen, load) if load else ()
    answer(_json(lines, uses), lambda: "\n".join(_text(f"{app.name} {chosen.name}", lines, load, uses)))
    return 0


def _text(name: str, lines: Sequence[CostLine], load: Load | None, uses: Sequence[LoadPart]) -> Iterator[str]:
    yield f"{name}, without any traffic:\n"
    yield _floor(lines)
    if load:
        yield f"\nWith {load}:\n"
        yield _estimate(uses)
        yield f"\nTogether {total(lines) + sum(use.monthly for use in uses):,.2f} USD a month."
    else:
        yield "\nAdd --requests N to estimate what a load of N requests a month costs on top."
    yield f"\nList prices of {PRICES_OF}. Not included:"
    yield from (f"  - {item}" for item in LEFT_OUT)


def _load(arguments: Namespace) -> Load | None:
    for name in ("requests", "milliseconds", "kilobytes", "stored"):
        number = getattr(arguments, name)
        if number is not None and number < 0:
            raise UsageError(f"--{name} {number}", "is below zero", "Use 0 or more")
    if arguments.requests is None:
        return None
    return Load(
        requests=arguments.requests,
        milliseconds=arguments.milliseconds,
        kilobytes=arguments.kilobytes,
        stored_gigabytes=arguments.stored,
    )


def _floor(lines: Sequence[CostLine]) -> str:
    rows = [
        (
            "unknown" if line.monthly is None else f"{line.monthly:.2f}",
            line.what,
            f"{line.stack}.{line.logical_id}",
            line.option,
        )
        for line in lines
    ]
    rows.append((f"{total(lines):.2f}", "together", "", ""))
    return table(rows, ("USD/month", "for", "resource", "option"), right=(0,))


def _estimate(uses: Sequence[LoadPart]) -> str:
    rows = [(f"{use.monthly:,.2f}", use.what, use.amount) for use in uses]
    rows.append((f"{sum(use.monthly for use in uses):,.2f}", "together", ""))
    return table(rows, ("USD/month", "for", "amount"), right=(0, 2))


def _json(lines: Sequence[CostLine], uses: Sequence[LoadPart]) -> dict[str, object]:
    return {
        "prices": PRICES_OF,
        "floor": [asdict(line) for line in lines],
        "load": [asdict(use) for use in uses],
        "monthly": round(total(lines) + sum(use.monthly for use in uses), 4),
        "left_out": LEFT_OUT,
    }
