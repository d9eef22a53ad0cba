"""One resource before and after → its change. What follows for others is ``propagation``'s business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.forecast.behaviour import keeps_its_name, property_change
from stacks.forecast.change import Change, PropertyChange, strongest
from stacks.forecast.difference import Difference, differences, written
from stacks.forecast.routes import is_of_routes, route_changes
from stacks.forecast.security import is_security_change, is_security_type
from stacks.forecast.stateful import loss_by_removal, loss_by_replacement
from stacks.forecast.table_parts import TABLES, moves
from stacks.forecast.table_refusals import refusals
from stacks.json_types import at, mapping
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.json_types import JsonObject


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
    changes = tuple(_property_changes(kind, old, new))
    if not changes:
        return None
    replacement = strongest(tuple(change.replacement for change in changes))
    replaced = replacement != "never" and isinstance(old, dict) and isinstance(new, dict)
    return Change(
        section="Resources",
        name=name,
        type=kind,
        action="change",
        properties=changes,
        replacement=replacement,
        loss=loss_by_replacement(kind, old, new) if replaced else "none",
        security=any(change.security for change in changes),
        refused=tuple(dict.fromkeys(_refusals(kind, old, new, changes))),
        notes=tuple(_notes(kind, name, old, new)),
    )


def _type(body: object) -> str:
    return str(body.get("Type", "")) if isinstance(body, dict) else ""


def _property_changes(kind: str, old: object, new: object) -> Iterator[PropertyChange]:
    results = list(differences(old, new))
    if known(kind).is_api:
        of_routes = [result for result in results if is_of_routes(result, old, new)]
        yield from route_changes(of_routes, old, new)
        results = [result for result in results if result not in of_routes]
    for row in results:
        if row.path[:1] == ("Properties",) and len(row.path) > 1:
            yield property_change(kind, row._replace(path=row.path[1:]))
        elif row.path == ("Properties",):
            yield from _all_properties(kind, row)
        else:
            yield _attribute_change(kind, row)


def _all_properties(kind: str, difference: Difference) -> Iterator[PropertyChange]:
    """``Properties`` as a whole came or went: each property by itself."""
    changes = [property_change(kind, inner) for inner in differences(mapping(difference.old), mapping(difference.new))]
    yield from changes or [_attribute_change(kind, difference)]


def _attribute_change(kind: str, difference: Difference) -> PropertyChange:
    """``DeletionPolicy``, ``DependsOn`` and the like: they never replace."""
    return PropertyChange(
        path=written(difference.path),
        action=difference.action,
        old=difference.old,
        new=difference.new,
        refused=_TYPE_FIXED if difference.path == ("Type",) else "",
        security=is_security_change("", difference.path) or (difference.path == ("Type",) and is_security_type(kind)),
    )


def _refusals(kind: str, old: object, new: object, changes: Iterable[PropertyChange]) -> Iterator[str]:
    """Why AWS fails the update.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-name.html
    """
    yield from (f"{change.path}: {change.refused}" for change in changes if change.refused)
    replacing = [change.path for change in changes if change.replacement == "always"]
    if kind in TABLES and not replacing:
        yield from refusals(*(_properties_of(side) for side in (old, new)))
    keys = {change.path.partition(".")[0].partition("[")[0] for change in changes}
    if replacing and keeps_its_name(kind, _properties_of(new), keys):
        yield f"{replacing[0]} replaces it: {_FIXED_NAME}"


def _properties_of(body: object) -> JsonObject:
    return mapping(at(body, "Properties"))


def _notes(kind: str, name: str, old: object, new: object) -> Iterator[str]:
    if kind in TABLES and (count := len(moves(name, old, new))) > 1:
        yield f"{_ONE_PART}: 'deploy' makes {count} updates of it, a pipeline takes one a push"
