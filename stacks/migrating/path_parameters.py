"""Path parameters of a service's routes → one name for each place of a path, as API Gateway requires. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import MigratedRoute, Service

_PLAIN = re.compile(r"\{[^{}+]+\}")


def unify_parameters(service: Service, obstacles: Obstacles) -> None:
    """Rename a parameter to the name that an earlier route has at the same place, and report it for its handler.

    API Gateway refuses ``/notes/{key}`` next to ``/notes/{id}``: "A sibling ({id}) of this resource already has a
    variable path part" (aws-cdk#25172); so do HTTP APIs (https://github.com/plutomi/plutomi/issues/271).
    """
    names: dict[str, str] = {}
    for function in service.functions.values():
        function.routes = [_renamed(route, function.key, names, obstacles) for route in function.routes]


def _renamed(route: MigratedRoute, function: str, names: dict[str, str], obstacles: Obstacles) -> MigratedRoute:
    parts: list[str] = []
    for part in route.path.split("/"):
        place = _PLAIN.sub("{}", "/".join(parts))
        name = names.setdefault(place, part) if _PLAIN.fullmatch(part) else part
        if name != part:
            what = f"{route.path} has {part} where another route has {name}, and API Gateway takes one name there"
            fix = f"Read the path parameter {name.strip('{}')!r} in the handler"
            obstacles.changed(route.place, f"functions.{function}.events", what, fix)
        parts.append(name)
    return replace(route, path="/".join(parts))
