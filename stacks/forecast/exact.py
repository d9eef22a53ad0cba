"""A forecast, and the change set that CloudFormation made of the same template → one with what both know. Pure.

The forecast knows values, reasons and what becomes of data; the change set knows for sure what is touched and replaced,
since it sees what references are. What the forecast is certain of stays, even if the change set does not have it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacks.forecast.change import Change, StackChanges
from stacks.forecast.security import is_security_type
from stacks.forecast.stateful import loss_by_removal, loss_by_replacement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.cloud import ChangedResource as Found
    from stacks.cloud import Replacement
    from stacks.forecast.change import Loss

_UNTOLD = "CloudFormation's change set has it; the templates do not show why: a value that it reads may have moved"
_KEPT = "CloudFormation's change set keeps the resource"
_REPLACED = "CloudFormation's change set replaces it"


def with_change_set(
    forecast: StackChanges, found: Sequence[Found], old: Mapping[str, Any], new: Mapping[str, Any]
) -> StackChanges:
    """The forecast of a stack with what its change set ``found``; ``old`` and ``new`` are resources by logical id."""
    told = {change.name: change for change in forecast.changes if change.section == "Resources"}
    for one in found:
        known, bodies = told.get(one.logical_id), (old.get(one.logical_id, {}), new.get(one.logical_id, {}))
        told[one.logical_id] = _refined(known, one, *bodies) if known else _untold(one, *bodies)
    others = (change for change in forecast.changes if change.section != "Resources")
    return replace(forecast, changes=(*(told[name] for name in sorted(told)), *others))


def _refined(known: Change, found: Found, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    said = found.replacement
    if known.action != "change" or known.replacement in {"always", said}:
        return known
    note = {"always": (_REPLACED,), "maybe": (), "never": (_KEPT,)}[said]
    loss = _loss(known.type, said, old, new)
    return replace(known, replacement=said, loss=loss, notes=(*known.notes, *note))


def _untold(found: Found, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    gone, said = found.action == "Remove", found.replacement
    return Change(
        section="Resources",
        name=found.logical_id,
        type=found.type,
        action="remove" if gone else "add" if found.action == "Add" else "change",
        replacement=said,
        loss=loss_by_removal(found.type, old) if gone else _loss(found.type, said, old, new),
        security=is_security_type(found.type),
        notes=(_UNTOLD,),
    )


def _loss(kind: str, said: Replacement, old: Mapping[str, Any], new: Mapping[str, Any]) -> Loss:
    return "none" if said == "never" else loss_by_replacement(kind, old, new)
