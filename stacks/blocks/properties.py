"""Optional properties: what is not given is left out of the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Tags

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject


def set_properties(*, tags: JsonObject | None = None, **properties: Any) -> JsonDict:
    """The properties that are not None, and ``tags`` as ``Tags``."""
    result = {name: value for name, value in properties.items() if value is not None}
    return {**result, "Tags": Tags(**tags)} if tags else result
