"""Who may call each route of a function → functions with one answer each, as app.yaml has it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.migrating.names import unique
from stacks.model.texts import Mistake
from stacks.model.texts import Route as RoutePattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import MigratedFunction, MigratedRoute

_TEXT = RoutePattern.__metadata__[0]  # type: ignore[attr-defined]
_CATCH_ALL = {"ANY /", "ANY /{proxy+}"}


def split_by_auth(function: MigratedFunction, taken: set[str], obstacles: Obstacles) -> Iterator[tuple[str, JsonDict]]:
    """The function's name with its routes, and a second one for each further way to ask who calls."""
    groups: dict[tuple[str, bool, tuple[str, ...]], list[MigratedRoute]] = {}
    for route in function.routes:
        if _is_possible(route, function, obstacles):
            groups.setdefault((route.auth, route.api_key, route.scopes), []).append(route)
    if not groups:
        yield function.name, {}
        return
    for number, ((auth, api_key, scopes), routes) in enumerate(groups.items()):
        name = function.name
        if number:
            name = unique(f"{function.name[:20]}-{auth}", taken, "function")
            what = (
                f"has routes with different authorizers; those with {auth!r} are served by {name!r}, with the same code"
            )
            obstacles.changed(routes[0].place, f"functions.{function.key}", what, "Nothing to do")
        yield name, _settings(auth, routes, api_key=api_key, scopes=scopes, is_web="handler" not in function.entry)


def _settings(
    auth: str, routes: list[MigratedRoute], *, api_key: bool, scopes: tuple[str, ...], is_web: bool
) -> JsonDict:
    texts = list(dict.fromkeys(route.text for route in routes))
    settings: JsonDict = {} if is_web and set(texts) == _CATCH_ALL else {"routes": texts}
    settings |= {"public": True} if auth == "public" else {"auth": auth}
    if scopes:
        settings["scopes"] = list(scopes)
    if api_key:
        settings["api_key"] = True
    return settings


def _is_possible(route: MigratedRoute, function: MigratedFunction, obstacles: Obstacles) -> bool:
    try:
        _TEXT(route.text)
    except Mistake as mistake:
        obstacles.lost(route.place, f"functions.{function.key}, route {route.text}", mistake.what, mistake.fix)
        return False
    return True
