"""A replaced resource has a new id: what reads it changes with it, and may be replaced in turn.

``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` are followed through the new template until nothing more is reached.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from stacks.forecast.behaviour import is_create_only
from stacks.forecast.change import Change, PropertyChange, strongest
from stacks.forecast.difference import Path, is_function, written
from stacks.forecast.stateful import loss_by_replacement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_IN_SUB = re.compile(r"\$\{([^!$}.]+)(?:\.[^}]*)?\}")


class Use(NamedTuple):
    """A property of a resource that reads another resource."""

    resource: str
    path: Path
    value: Any


def spread(found: Mapping[str, Change], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Change]:
    """The changes of resources by logical id, and those that follow from replacements among them."""
    result = dict(found)
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


def _followed(before: Change | None, use: Use, cause: str, old: Any, new: Any) -> Change:
    """The change of a resource that reads ``cause``, which is replaced."""
    kind = str(new.get("Type", ""))
    change = before or Change(section="Resources", name=use.resource, type=kind, action="change")
    path = written(use.path)
    if any(path == one.path or path.startswith((f"{one.path}.", f"{one.path}[")) for one in change.properties):
        return change
    one = PropertyChange(
        path=path,
        action="changed",
        old=use.value,
        new=use.value,
        replacement="maybe" if is_create_only(kind, use.path) else "never",
        because=f"{cause} gets a new id",
    )
    both = strongest((change.replacement, one.replacement))
    loss = loss_by_replacement(kind, old, new) if both != "never" and isinstance(old, dict) else "none"
    return replace(change, properties=(*change.properties, one), replacement=both, loss=loss)


def _uses(bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = defaultdict(list)
    for resource, body in bodies.items():
        for name, path, value in _references(body.get("Properties"), ()):
            if name != resource:
                found[name].append(Use(resource, path, value))
    return found


def _references(value: Any, path: Path) -> Iterator[tuple[str, Path, Any]]:
    """Each logical id that is read, where, and by what function."""
    if is_function(value):
        yield from ((name, path, value) for name in dict.fromkeys(_names(value)))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _references(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, (*path, f"[{index}]"))


def _names(value: Any) -> Iterator[str]:
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::GetAtt": str(dotted)}:
            yield dotted.partition(".")[0]
        case {"Fn::Sub": str(text)}:
            yield from _IN_SUB.findall(text)
        case {"Fn::Sub": [str(text), dict(own)]}:
            yield from (name for name in _IN_SUB.findall(text) if name not in own)
            yield from _names(list(own.values()))
        case dict():
            for item in value.values():
                yield from _names(item)
        case list():
            for item in value:
                yield from _names(item)
