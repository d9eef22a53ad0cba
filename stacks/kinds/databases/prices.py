"""What databases cost by use; idle, they cost what they store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.prices.list_prices import DATABASE_STORAGE, DATABASE_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.prices.list_prices import Price

_UNITS = 0.1
"""Units (DPU) of a small transaction: a guess, as AWS gives none; ``EXPLAIN ANALYZE VERBOSE`` reports them."""


def uses(stage: Stage, writes: float) -> Iterator[tuple[str, float, str, Price]]:
    """Each request is a small transaction; a GB is stored in each database."""
    yield "Aurora DSQL", writes * 2 * _UNITS, "units", DATABASE_UNIT
    yield "Aurora DSQL storage", len(stage.data.databases), "GB", DATABASE_STORAGE
