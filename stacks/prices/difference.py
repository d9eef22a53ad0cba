"""Two templates of a stack → what a change costs a month more or less, while nothing happens. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.prices.floor import template_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stacks.json_types import JsonObject, TemplateData
    from stacks.prices.floor import CostLine


@dataclass(frozen=True, slots=True, kw_only=True)
class CostChange:
    """A resource whose price changes: USD a month before and after, 0 where it is missing, ``None`` where unknown."""

    logical_id: str
    what: str
    before: float | None
    after: float | None

    @property
    def more(self) -> float | None:
        """How much more it costs a month, negative for less; None where a price is not known."""
        return None if self.before is None or self.after is None else self.after - self.before


def difference(before: JsonObject | None, after: JsonObject | None) -> tuple[CostChange, ...]:
    """The resources that cost more or less with the template ``after``, the largest change first."""
    old, new = _by_resource(before), _by_resource(after)
    cost_changes = []
    for name in sorted(old.keys() | new.keys()):
        price_before, price_after = _price(old.get(name, ())), _price(new.get(name, ()))
        if price_before != price_after or (price_before is None and (name in old) != (name in new)):
            what = ", ".join(line.what for line in new.get(name) or old[name])
            cost_changes.append(CostChange(logical_id=name, what=what, before=price_before, after=price_after))
    return tuple(
        sorted(
            cost_changes,
            key=lambda cost_change: (cost_change.more is None, -abs(cost_change.more or 0), cost_change.logical_id),
        )
    )


def more(changes: Iterable[CostChange]) -> float:
    """USD a month that changes of known prices add together."""
    return sum(change.more or 0 for change in changes)


def _by_resource(template: TemplateData | None) -> dict[str, list[CostLine]]:
    cost_lines: dict[str, list[CostLine]] = {}
    for line in template_lines("", template or {}):
        cost_lines.setdefault(line.logical_id, []).append(line)
    return cost_lines


def _price(lines: Iterable[CostLine]) -> float | None:
    """What a resource costs; None when a part of it has no price here."""
    prices = [line.monthly for line in lines]
    known = [price for price in prices if price is not None]
    return round(sum(known), 4) if len(known) == len(prices) else None
