"""The routes of all functions, compared as API Gateway compares them. Pure.

Paths differ by case; a closing slash and the names of path parameters make no difference; ``ANY`` may be used with
single methods, which win. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.model.texts import shape, split_route
from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath

_RESERVED = ("/ping", "/sping")
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"""


@value
class _Route:
    """A route, with the place of its description."""

    text: str
    function: str
    at: KeyPath


def route_problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Routes that API Gateway considers equal, refuses together, or reserves."""
    different: dict[tuple[str, str], _Route] = {}
    for route in _routes(stage, (*at, "backend", "functions")):
        method, path = split_route(route.text)
        other = different.setdefault((method, shape(path)), route)
        if other is not route:
            same = "" if other.text == route.text else f", as '{other.text}', which is the same for API Gateway"
            what = f"'{route.text}' is a route of {other.function!r} already{same}"
            yield route.at, what, "Give each route to one function", "API-METHOD-TWICE"
        if stage.backend.api.domain and shape(path) in _RESERVED:
            what = f"'{route.text}' is API Gateway's own health check where the API has a domain"
            yield route.at, what, "Choose another path, such as /health", "API-PING"
    yield from _siblings(different.values(), rest=stage.backend.api.type == "rest")


def _routes(stage: Stage, at: KeyPath) -> Iterator[_Route]:
    for name, function in stage.backend.functions.items():
        for index, text in enumerate(function.all_routes):
            where: KeyPath = (*at, name, "routes", index) if function.routes else (*at, name)
            yield _Route(text=text, function=name, at=where)


def _siblings(routes: Iterable[_Route], *, rest: bool) -> Iterator[Finding]:
    """A REST API allows one path parameter below a parent, greedy or not (aws-cdk#25172).

    An HTTP API takes a greedy one next to another, and one name for plain ones: "has a conflicting variable on the same
    hierarchical level" (https://github.com/plutomi/plutomi/issues/271).
    """
    seen: dict[str, tuple[str, str]] = {}
    for route in routes:
        _, path = split_route(route.text)
        parent = ""
        for part in path.strip("/").split("/"):
            if part.startswith("{"):
                place = parent if rest else f"{parent}/{'{+}' if part.endswith('+}') else '{}'}"
                other, owner = seen.setdefault(place, (part, path))
                if other != part:
                    what = f"{path} has {part} where {owner} has {other}: API Gateway takes one path parameter there"
                    yield route.at, what, "Use one name for one place", "API-SIBLINGS"
            parent = f"{parent}/{shape(part).strip('/')}"
