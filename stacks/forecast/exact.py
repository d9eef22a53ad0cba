"""A forecast, and the change set that CloudFormation made of the same template → one with what both know. Pure.

The forecast knows values, reasons and what becomes of data; the change set knows for sure what is touched and replaced,
since it sees what references are. What the forecast is certain of stays, even if the change set does not have it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.forecast.change import Change, StackChanges
from stacks.forecast.security import is_security_type
from stacks.forecast.stateful import loss_by_removal, loss_by_replacement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.cloud import ChangedResource, Replacement
    from stacks.forecast.change import Loss
    from stacks.json_types import JsonObject

_UNTOLD = "CloudFormation's change set has it; the templates do not show why: a value that it reads may have moved"
_KEPT = "CloudFormation's change set keeps the resource"
_REPLACED = "CloudFormation's change set replaces it"


def with_change_set(
    forecast: StackChanges, results: Sequence[ChangedResource], old: JsonObject, new: JsonObject
) -> StackChanges:
    """The forecast of a stack with the ``results`` of its change set; ``old``, ``new``: resources by logical id."""
    changes = {change.name: change for change in forecast.changes if change.section == "Resources"}
    for entry in results:
        known, bodies = changes.get(entry.logical_id), (old.get(entry.logical_id, {}), new.get(entry.logical_id, {}))
        changes[entry.logical_id] = _refined(known, entry, *bodies) if known else _only_in_change_set(entry, *bodies)
    others = (change for change in forecast.changes if change.section != "Resources")
    return replace(forecast, changes=(*(changes[name] for name in sorted(changes)), *others))


def _refined(known: Change, result: ChangedResource, old: JsonObject, new: JsonObject) -> Change:
    replacement = result.replacement
    if known.action != "change" or known.replacement in {"always", replacement}:
        return known
    note = {"always": (_REPLACED,), "maybe": (), "never": (_KEPT,)}[replacement]
    loss = _loss(known.type, replacement, old, new)
    return replace(known, replacement=replacement, loss=loss, notes=(*known.notes, *note))


def _only_in_change_set(result: ChangedResource, old: JsonObject, new: JsonObject) -> Change:
    gone, replacement = result.action == "remove", result.replacement
    return Change(
        section="Resources",
        name=result.logical_id,
        type=result.type,
        action="remove" if gone else "add" if result.action == "add" else "change",
        replacement=replacement,
        loss=loss_by_removal(result.type, old) if gone else _loss(result.type, replacement, old, new),
        security=is_security_type(result.type),
        notes=(_UNTOLD,),
    )


def _loss(kind: str, replacement: Replacement, old: JsonObject, new: JsonObject) -> Loss:
    return "none" if replacement == "never" else loss_by_replacement(kind, old, new)
