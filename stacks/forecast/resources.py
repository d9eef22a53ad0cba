"""One resource before and after → its change. What follows for others is ``propagation``'s business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.forecast.behaviour import keeps_its_name, property_change
from stacks.forecast.change import Change, PropertyChange, strongest
from stacks.forecast.difference import Difference, differences, written
from stacks.forecast.routes import APIS, is_of_routes, route_changes
from stacks.forecast.security import is_security_change, is_security_type
from stacks.forecast.stateful import loss_by_removal, loss_by_replacement
from stacks.forecast.table_parts import TABLES, moves
from stacks.forecast.table_refusals import refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FIXED_NAME = "it keeps its name, so that the new one cannot be created while the old one exists"
_ONE_PART = "an update adds or removes one global index or replica of a table"
_TYPE_FIXED = "CloudFormation refuses another type under the same logical id; give the new resource a new one"


def added(name: str, body: object) -> Change:
    """A resource that was not there."""
    kind = _type(body)
    return Change(section="Resources", name=name, type=kind, action="add", security=is_security_type(kind))


def removed(name: str, body: object) -> Change:
    """A resource that is taken out; its own, deployed policy says what becomes of its data."""
    kind = _type(body)
    loss = loss_by_removal(kind, body) if isinstance(body, dict) else "none"
    security = is_security_type(kind)
    return Change(section="Resources", name=name, type=kind, action="remove", loss=loss, security=security)


def changed(name: str, old: Any, new: Any) -> Change | None:
    """A resource that exists before and after; None when both mean the same."""
    kind = _type(new) or _type(old)
    found = tuple(_property_changes(kind, old, new))
    if not found:
        return None
    replacement = strongest(tuple(one.replacement for one in found))
    replaced = replacement != "never" and isinstance(old, dict) and isinstance(new, dict)
    return Change(
        section="Resources",
        name=name,
        type=kind,
        action="change",
        properties=found,
        replacement=replacement,
        loss=loss_by_replacement(kind, old, new) if replaced else "none",
        security=any(one.security for one in found),
        refused=tuple(dict.fromkeys(_refusals(kind, old, new, found))),
        notes=tuple(_notes(kind, name, old, new)),
    )


def _type(body: object) -> str:
    return str(body.get("Type", "")) if isinstance(body, dict) else ""


def _property_changes(kind: str, old: object, new: object) -> Iterator[PropertyChange]:
    found = list(differences(old, new))
    if kind in APIS:
        of_routes = [one for one in found if is_of_routes(one, old, new)]
        yield from route_changes(of_routes, old, new)
        found = [one for one in found if one not in of_routes]
    for one in found:
        if one.path[:1] == ("Properties",) and len(one.path) > 1:
            yield property_change(kind, one._replace(path=one.path[1:]))
        elif one.path == ("Properties",):
            yield from _all_properties(kind, one)
        else:
            yield _attribute_change(kind, one)


def _all_properties(kind: str, one: Difference) -> Iterator[PropertyChange]:
    """``Properties`` as a whole came or went: each property by itself."""
    old, new = (side if isinstance(side, dict) else {} for side in (one.old, one.new))
    found = [property_change(kind, inner) for inner in differences(old, new)]
    yield from found or [_attribute_change(kind, one)]


def _attribute_change(kind: str, one: Difference) -> PropertyChange:
    """``DeletionPolicy``, ``DependsOn`` and the like: they never replace."""
    return PropertyChange(
        path=written(one.path),
        action=one.action,
        old=one.old,
        new=one.new,
        refused=_TYPE_FIXED if one.path == ("Type",) else "",
        security=is_security_change("", one.path) or (one.path == ("Type",) and is_security_type(kind)),
    )


def _refusals(kind: str, old: object, new: object, found: Iterable[PropertyChange]) -> Iterator[str]:
    """Why AWS fails the update.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-name.html
    """
    yield from (f"{one.path}: {one.refused}" for one in found if one.refused)
    replacing = [one.path for one in found if one.replacement == "always"]
    if kind in TABLES and not replacing:
        yield from refusals(*(_properties_of(side) for side in (old, new)))
    keys = {one.path.partition(".")[0].partition("[")[0] for one in found}
    if replacing and keeps_its_name(kind, _properties_of(new), keys):
        yield f"{replacing[0]} replaces it: {_FIXED_NAME}"


def _properties_of(body: object) -> dict[str, Any]:
    properties = body.get("Properties") if isinstance(body, dict) else None
    return properties if isinstance(properties, dict) else {}


def _notes(kind: str, name: str, old: object, new: object) -> Iterator[str]:
    if kind in TABLES and (count := len(moves(name, old, new))) > 1:
        yield f"{_ONE_PART}: 'deploy' makes {count} updates of it, a pipeline takes one a push"
