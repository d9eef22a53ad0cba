"""The bodies that a function's routes take → what does not agree with its routes and its API. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stacks.description.body_schemas import schema_mistakes
from stacks.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath
    from stacks.model.backend import Function


def body_problems(function: Function, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """What is wrong with ``body`` of a function that is described at ``at``."""
    where: KeyPath = (*at, "body")
    if function.body and stage.backend.api.type == "http":
        what = "an HTTP API does not check bodies"
        yield where, what, "Leave 'type: http' out of 'backend.api', or check them in the function", "API-KIND"
    for key, schema in function.body.items():
        if key == "*" and not any(function.body_of(route) for route in function.all_routes):
            yield where, "no route of its own is a POST, PUT or PATCH", "Name such routes, as 'POST /notes'"
        elif key not in {"*", *function.all_routes}:
            yield (*where, key), f"there is no route {key!r} of this function", nearest(key, function.all_routes)
        if isinstance(schema, Mapping):
            mistakes = schema_mistakes(schema)
            yield from (((*where, key, *path), what, fix, rule) for path, what, fix, rule in mistakes)
