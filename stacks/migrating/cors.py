"""What routes say of other origins → ``backend.api.cors``, which names origins one by one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stacks.migrating.located import items, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Service

_SUBJECT = "cors"


def cors_of(service: Service, obstacles: Obstacles) -> dict[str, Any] | None:
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
    made: dict[str, Any] = {"origins": exact}
    given = [one for one, _ in service.cors if isinstance(one, Mapping)]
    headers = sorted({header.lower() for one in given for header in _list(one, "headers", "allowedHeaders")} - {"*"})
    if headers:
        made["headers"] = headers
    if any(str(one.get("allowCredentials")).lower() == "true" for one in given):
        made["credentials"] = True
    if any(isinstance(one.get("maxAge"), int) for one in given):
        made["max_age"] = max(one["maxAge"] for one in given if isinstance(one.get("maxAge"), int))
    return made


def _origins(value: object) -> Iterator[str]:
    if value is True:
        yield "*"
    elif isinstance(value, str):
        yield from (one.strip().strip("'") for one in value.split(","))
    elif isinstance(value, Mapping):
        found = _list(value, "origin", "origins", "allowedOrigins", "AllowOrigin", "AllowOrigins")
        yield from (one.strip().strip("'") for text in found for one in text.split(",")) if found else ("*",)


def _list(value: Mapping[str, Any], *keys: str) -> list[str]:
    found = next((value[key] for key in keys if key in value), None)
    return [str(one) for one, _ in items(found, None)]  # type: ignore[arg-type]
