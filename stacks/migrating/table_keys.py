"""Key schemas and indexes of AWS::DynamoDB::Table → keys and indexes of ``data.tables``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table_keys(schema: list[Any], kinds: Mapping[Any, Any]) -> dict[str, Any] | None:
    """``partition_key`` and ``sort_key`` of a key schema; None when it is not one."""
    made: dict[str, Any] = {}
    for one in schema:
        if not isinstance(one, Mapping) or not isinstance(one.get("AttributeName"), str):
            return None
        name, kind = one["AttributeName"], kinds.get(one["AttributeName"], "S")
        key = {"HASH": "partition_key", "RANGE": "sort_key"}.get(str(one.get("KeyType")))
        if key is None or kind not in {"S", "N", "B"}:
            return None
        made[key] = name if kind == "S" else {"name": name, "type": kind}
    return made if "partition_key" in made else None


def table_indexes(found: object, kinds: Mapping[Any, Any], *, is_local: bool) -> dict[str, Any] | None:
    """``global_indexes`` or ``local_indexes`` of a list of indexes; None when it is not one."""
    made: dict[str, Any] = {}
    for one in found if isinstance(found, list) else [None]:
        if not isinstance(one, Mapping) or not isinstance(one.get("IndexName"), str):
            return None
        keys = table_keys(one.get("KeySchema") or [], kinds)
        if keys is None:
            return None
        projection = one.get("Projection") or {}
        held: Any = {"KEYS_ONLY": "keys", "INCLUDE": projection.get("NonKeyAttributes")}.get(
            str(projection.get("ProjectionType")), "all"
        )
        if is_local:
            keys.pop("partition_key")
        made[one["IndexName"]] = (
            keys | ({} if held in ("all", None) else {"holds": held})
            if not isinstance(held, list)
            else keys | {"holds": held}
        )
    return made
