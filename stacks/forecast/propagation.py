"""A replaced resource has a new id: what reads it changes with it, and may be replaced in turn.

``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` are followed through the new template until nothing more is reached.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from stacks.forecast.behaviour import is_create_only
from stacks.forecast.change import Change, PropertyChange, strongest
from stacks.forecast.difference import ValuePath, written
from stacks.forecast.stateful import loss_by_replacement
from stacks.intrinsics.references import names, outermost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.json_types import JsonObject


class PropertyUse(NamedTuple):
    """A property of a resource that reads another resource."""

    resource: str
    path: ValuePath
    value: Any


def spread(changes: Mapping[str, Change], old: JsonObject, new: JsonObject) -> dict[str, Change]:
    """The changes of resources by logical id, and those that follow from replacements among them."""
    result = dict(changes)
    waiting = [name for name, change in result.items() if change.action == "change" and change.replacement != "never"]
    if not waiting:
        return result
    readers = _uses({name: body for name, body in new.items() if isinstance(body, dict) and name in old})
    while waiting:
        name = waiting.pop()
        for use in readers.get(name, ()):
            before = result.get(use.resource)
            after = _followed(before, use, name, old[use.resource], new[use.resource])
            result[use.resource] = after
            if after.replacement != "never" and (before is None or before.replacement == "never"):
                waiting.append(use.resource)
    return result


def _followed(before: Change | None, use: PropertyUse, cause: str, old: Any, new: Any) -> Change:
    """The change of a resource that reads ``cause``, which is replaced."""
    kind = str(new.get("Type", ""))
    change = before or Change(section="Resources", name=use.resource, type=kind, action="change")
    path = written(use.path)
    if any(path == item.path or path.startswith((f"{item.path}.", f"{item.path}[")) for item in change.properties):
        return change
    entry = PropertyChange(
        path=path,
        action="changed",
        old=use.value,
        new=use.value,
        replacement="maybe" if is_create_only(kind, use.path) else "never",
        because=f"{cause} gets a new id",
    )
    both = strongest((change.replacement, entry.replacement))
    loss = loss_by_replacement(kind, old, new) if both != "never" and isinstance(old, dict) else "none"
    return replace(change, properties=(*change.properties, entry), replacement=both, loss=loss)


def _uses(bodies: Mapping[str, JsonObject]) -> dict[str, list[PropertyUse]]:
    uses: dict[str, list[PropertyUse]] = defaultdict(list)
    for resource, body in bodies.items():
        for path, value in outermost(body.get("Properties")):
            keys = tuple(f"[{part}]" if isinstance(part, int) else part for part in path)
            for name in names(value):
                if name != resource:
                    uses[name].append(PropertyUse(resource, keys, value))
    return uses
