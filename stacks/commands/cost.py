"""``cost``: what a stage costs a month without traffic, line by line, and with a stated load. Calls nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from stacks.commands.common import described, stage
from stacks.errors import UsageError
from stacks.prices.floor import floor, total
from stacks.prices.list_prices import PRICES_OF
from stacks.prices.load import LEFT_OUT, Load, estimate
from stacks.rendering import render
from stacks.text_table import table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.prices.floor import Line
    from stacks.prices.load import Use


def run(arguments: Namespace) -> int:
    """Print the floor, the estimate of a load, and what both leave out."""
    load = _load(arguments)
    app = described(arguments)
    chosen = stage(app, next(iter(app.stages)) if arguments.stage is None else arguments.stage)
    lines = floor(render(app, chosen))
    uses = estimate(chosen, load) if load else ()
    if arguments.format == "json":
        print(json.dumps(_json(lines, uses), indent=2))
        return 0
    print(f"{app.name} {chosen.name}, without any traffic:\n")
    print(_floor(lines))
    if load:
        print(f"\nWith {load}:\n")
        print(_estimate(uses))
        print(f"\nTogether {total(lines) + sum(one.monthly for one in uses):,.2f} USD a month.")
    else:
        print("\nAdd --requests N to estimate what a load of N requests a month costs on top.")
    print(f"\nList prices of {PRICES_OF}. Not included:")
    print("\n".join(f"  - {one}" for one in LEFT_OUT))
    return 0


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


def _floor(lines: Sequence[Line]) -> str:
    rows = [
        (
            "unknown" if one.monthly is None else f"{one.monthly:.2f}",
            one.what,
            f"{one.stack}.{one.logical_id}",
            one.option,
        )
        for one in lines
    ]
    rows.append((f"{total(lines):.2f}", "together", "", ""))
    return table(rows, ("USD/month", "for", "resource", "option"), right=(0,))


def _amount(line: Line) -> str:
    return "unknown" if line.monthly is None else f"{line.monthly:,.2f}"


def _estimate(uses: Sequence[Use]) -> str:
    rows = [(f"{one.monthly:,.2f}", one.what, one.amount) for one in uses]
    rows.append((f"{sum(one.monthly for one in uses):,.2f}", "together", ""))
    return table(rows, ("USD/month", "for", "amount"), right=(0, 2))


def _json(lines: Sequence[Line], uses: Sequence[Use]) -> dict[str, object]:
    return {
        "prices": PRICES_OF,
        "floor": [asdict(one) for one in lines],
        "load": [asdict(one) for one in uses],
        "monthly": round(total(lines) + sum(one.monthly for one in uses), 4),
        "left_out": LEFT_OUT,
    }
