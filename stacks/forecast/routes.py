"""What differs in the OpenAPI body of an API → its routes that come, go or change. Pure.

A person reads ``GET /notes/{id}: removed``; the operation below ``Body.paths`` is what an API is imported from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.forecast.change import PropertyChange
from stacks.forecast.difference import differences, written
from stacks.json_types import at, mapping
from stacks.template.openapi import ApiOperation, routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.forecast.difference import Difference
    from stacks.json_types import JsonDict

_PATHS = ("Properties", "Body", "paths")
_PARAMETER = re.compile(r"\{[^}]*?(\+?)\}")
_RENAMED = "path parameter renamed"

_Key = tuple[str, str]
"""A path, and the method as the document writes it."""


@dataclass(frozen=True, slots=True)
class _Side:
    """The routes of one side of a comparison."""

    routes: Mapping[_Key, ApiOperation]
    names: Mapping[_Key, str]
    """What each route asks of its callers, as the document names it."""


def is_of_routes(difference: Difference, old: object, new: object) -> bool:
    """Whether a difference lies in operations, as ``route_changes`` reports them."""
    return difference.path[:3] == _PATHS and bool(_touched([difference], _side(old), _side(new)))


def route_changes(results: list[Difference], old: object, new: object) -> Iterator[PropertyChange]:
    """The routes that differ between two bodies of an API resource, given the differences in operations."""
    before, after = _side(old), _side(new)
    touched = _touched(results, before, after)
    gone = [key for key in touched if key not in after.routes]
    come = [key for key in touched if key not in before.routes]
    renamed = dict(_renamed(before, after, gone, come))
    for key in touched:
        if key in renamed.values():
            continue
        if key in renamed:
            yield _rename(before.routes[key], after.routes[renamed[key]])
        elif key not in after.routes:
            text = before.routes[key].text
            yield PropertyChange(path=text, action="removed", old=before.names[key], security=True)
        elif key not in before.routes:
            text = after.routes[key].text
            yield PropertyChange(path=text, action="added", new=after.names[key], security=after.routes[key].is_open)
        else:
            yield from _changed(before.routes[key], after.routes[key])


def _side(body: object) -> _Side:
    routes = {(route.path, route.key): route for route in routes_of(mapping(at(body, "Properties")))}
    return _Side(routes, {key: _asked(route) for key, route in routes.items()})


def _asked(route: ApiOperation) -> str:
    if route.is_answered_here:
        return "answered by the API itself"
    security = route.operation.get("security")
    named = [str(name) for entry in security if isinstance(entry, Mapping) for name in entry] if security else []
    return f"for {', '.join(named)}" if named else "open to everyone"


def _touched(results: list[Difference], before: _Side, after: _Side) -> list[_Key]:
    """The routes that differences lie in, in order."""
    keys = sorted({*before.routes, *after.routes})
    steps = {result.path[3:5] for result in results}
    return [key for key in keys if any(key[: len(some)] == some for some in steps)]


def _renamed(before: _Side, after: _Side, gone: list[_Key], come: list[_Key]) -> Iterator[tuple[_Key, _Key]]:
    """Routes that differ in the names of their path parameters alone."""
    shapes = {(_shape(path), method): (path, method) for path, method in come}
    for path, method in gone:
        other = shapes.get((_shape(path), method))
        if other and _answer(before.routes[path, method]) == _answer(after.routes[other]):
            yield (path, method), other


def _shape(path: str) -> str:
    return _PARAMETER.sub(r"{\1}", path)


def _answer(route: ApiOperation) -> JsonDict:
    return {name: value for name, value in route.operation.items() if name != "parameters"}


def _rename(old: ApiOperation, new: ApiOperation) -> PropertyChange:
    return PropertyChange(path=new.text, action="changed", old=old.text, new=new.text, because=_RENAMED)


def _changed(old: ApiOperation, new: ApiOperation) -> Iterator[PropertyChange]:
    for difference in differences(dict(old.operation), dict(new.operation)):
        yield PropertyChange(
            path=f"{new.text}: {written(difference.path)}",
            action=difference.action,
            old=difference.old,
            new=difference.new,
            security=difference.path[0] in {"security", "x-amazon-apigateway-auth"},
        )
