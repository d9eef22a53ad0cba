"""Two templates → the routes of HTTP APIs that have to go before an update, since a path parameter is renamed. Pure.

API Gateway takes one name for a path parameter at one place, greedy ones apart, and compares a new route with every
route that exists: "has a conflicting variable on the same hierarchical level" (409). CloudFormation changes routes one
by one, so several that share a renamed parameter can never be changed in one update.
https://github.com/plutomi/plutomi/issues/271
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject, TemplateData

ROUTE = "AWS::ApiGatewayV2::Route"


def variables(key: str) -> Iterator[tuple[str, str]]:
    """The plain path parameters of a route key: the place of each, and its name.

    ``GET /notes/{id}/tags`` has ``{id}`` at ``/notes``. A place is a path in which no parameter has a name.
    """
    place = ""
    for part in key.partition(" ")[2].strip("/").split("/"):
        plain = part.startswith("{") and part.endswith("}") and not part.endswith("+}")
        if plain:
            yield place, part
        place = f"{place}/{'{}' if plain else part}"


def in_the_way(old: JsonObject, new: JsonObject) -> dict[str, str]:
    """Routes of the old template whose parameters the new one names otherwise: logical id → route key."""
    wanted = {place: name for _, route in _routes(new) for place, name in _placed(route)}
    return {
        name: str(route["RouteKey"])
        for name, route in _routes(old)
        if any(wanted.get(place, variable) != variable for place, variable in _placed(route))
    }


def _routes(template: TemplateData) -> Iterator[tuple[str, JsonObject]]:
    for name, body in template.get("Resources", {}).items():
        properties = body.get("Properties", {}) if isinstance(body, dict) and body.get("Type") == ROUTE else {}
        if isinstance(properties.get("RouteKey"), str):
            yield name, properties


def _placed(route: JsonObject) -> Iterator[tuple[tuple[str, str], str]]:
    api = json.dumps(route.get("ApiId"), sort_keys=True)
    yield from (((api, place), name) for place, name in variables(route["RouteKey"]))
