"""Who may call the routes of an API, as a digest in its metadata: what changes it afterwards is noticed. Pure.

Overrides, hooks and people can change a template: ``API-ACCESS`` compares what the API asks with what was rendered.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from stacks.json_types import mapping
from stacks.template.openapi import routes_of, schemes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.json_types import JsonObject

KEY = "access"
"""In ``Metadata.stacks`` of the API."""
_ASKED = ("RouteKey", "AuthorizationType", "AuthorizationScopes", "ApiKeyRequired")


def access_of(api: JsonObject, routes: Iterable[JsonObject]) -> str:
    """A digest of what each route asks: those in the body of an API's properties, and the properties of ``routes``."""
    asked = sorted([*_in_body(api), *(json.dumps([route.get(name) for name in _ASKED]) for route in routes)])
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()[:12]


def _in_body(api: JsonObject) -> Iterator[str]:
    document = mapping(api.get("Body"))
    schemes = schemes_of(document)
    for route in routes_of(api):
        asked = route.operation.get("security", document.get("security"))
        yield json.dumps([route.text, sorted(route.asks), asked])
    yield from (
        json.dumps([name, scheme.get("type"), scheme.get("in")])
        for name, scheme in schemes.items()
        if isinstance(scheme, dict)
    )
