"""What a description says of buses, and of the events that start functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from stacks.model.described import Described
from stacks.model.texts import Mistake, Name, Plain, ShortFor
from stacks.values import value

_KEYS = frozenset(
    {"$or", "account", "detail", "detail-type", "id", "region", "resources", "source", "time", "version"}
)  # https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html


def _pattern(pattern: object) -> Any:
    """The pattern, when EventBridge takes its shape.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    if not isinstance(pattern, Mapping) or not pattern:
        raise Mistake("is not an event pattern", "Write 'source: [shop]' or 'detail-type: [OrderPlaced]'", "EVENT-RULE")
    unknown = sorted(str(key) for key in pattern if key not in _KEYS)
    if unknown:
        fix = f"Use {', '.join(sorted(_KEYS - {'$or'}))}; what your code put into the event is under 'detail'"
        raise Mistake(f"{unknown[0]!r} is not a part of every event", fix, "EVENT-RULE")
    for path in _scalars(pattern, ""):
        fix = f"Write '{path.rpartition('.')[2]}: [VALUE]': each value is a list"
        raise Mistake(f"'{path}' is not a list", fix, "EVENT-RULE")
    return pattern


def _scalars(pattern: Mapping[str, Any], at: str) -> Iterator[str]:
    """The paths of values that are neither a list nor a mapping, or an empty list."""
    for key, item in pattern.items():
        path = f"{at}{key}"
        if isinstance(item, Mapping):
            yield from _scalars(item, f"{path}.")
        elif not isinstance(item, list | tuple) or not item:
            yield path


Pattern = Annotated[Any, ShortFor(_pattern, ("object",))]
"""An event pattern as EventBridge takes it: ``{source: [shop], detail-type: [OrderPlaced]}``."""


@value
class Bus(Described):
    """An EventBridge bus of the application's own."""


@value
class OfBackend(Described):
    """Buses in the section ``backend``."""

    buses: Mapping[Name, Annotated[Bus, Plain]] = field(default_factory=dict)
    """EventBridge buses of the application's own; the account's bus, ``default``, need not be described."""


@value
class OfFunction(Described):
    """Buses that a function uses."""

    buses: Mapping[Name, Literal["put"]] = field(default_factory=dict)
    """The buses it puts events on, as ``shop: put``; it gets their names, as ``SHOP_BUS_NAME``."""


@value
class OfEvents(Described):
    """Buses that start a function."""

    buses: Mapping[Name, Pattern] = field(default_factory=dict)
    """Buses, and the pattern of events it gets: ``shop: {detail-type: [OrderPlaced]}``. ``default`` has the events of
    AWS services."""
