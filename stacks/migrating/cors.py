"""What routes say of other origins → ``backend.api.cors``, which names origins one by one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stacks.migrating.located import items, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict, JsonObject
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Service

_SUBJECT = "cors"


def cors_of(service: Service, obstacles: Obstacles) -> JsonDict | None:
    """``backend.api.cors``; None when no origin is named."""
    origins = list(dict.fromkeys(origin for value, _ in service.cors for origin in _origins(plain(value))))
    exact = [
        origin.rstrip("/")
        for origin in origins
        if origin.startswith(("https://", "http://localhost", "http://127.0.0.1")) and "*" not in origin
    ]
    place = service.cors[0][1] if service.cors else service.place
    if service.cors and ("*" in origins or len(exact) < len(origins)):
        what = "lets pages of any origin call the API, and origins are listed by name here"
        fix = "Write the sites that call it, as 'cors: https://app.example.com' under 'backend.api'"
        obstacles.lost(place, _SUBJECT, what, fix)
    if not exact:
        return None
    if service.api.get("type") != "http" and len(exact) > 1:
        what = f"names {len(exact)} origins, and a REST API's own error answers can name only one"
        obstacles.changed(place, _SUBJECT, what, "Set 'type: http' under 'backend.api' to name all of them")
        exact = exact[:1]
    result: JsonDict = {"origins": exact}
    settings = [entry for entry, _ in service.cors if isinstance(entry, Mapping)]
    headers = sorted(
        {header.lower() for entry in settings for header in _list(entry, "headers", "allowedHeaders")} - {"*"}
    )
    if headers:
        result["headers"] = headers
    if any(str(entry.get("allowCredentials")).lower() == "true" for entry in settings):
        result["credentials"] = True
    if any(isinstance(entry.get("maxAge"), int) for entry in settings):
        result["max_age"] = max(entry["maxAge"] for entry in settings if isinstance(entry.get("maxAge"), int))
    return result


def _origins(value: object) -> Iterator[str]:
    if value is True:
        yield "*"
    elif isinstance(value, str):
        yield from (part.strip().strip("'") for part in value.split(","))
    elif isinstance(value, Mapping):
        results = _list(value, "origin", "origins", "allowedOrigins", "AllowOrigin", "AllowOrigins")
        yield from (part.strip().strip("'") for text in results for part in text.split(",")) if results else ("*",)


def _list(value: JsonObject, *keys: str) -> list[str]:
    result = next((value[key] for key in keys if key in value), None)
    return [str(entry) for entry, _ in items(result, None)]  # type: ignore[arg-type]
