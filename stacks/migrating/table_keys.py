"""Key schemas and indexes of AWS::DynamoDB::Table → keys and indexes of ``data.tables``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stacks.json_types import JsonDict


def table_keys(schema: list[Any], kinds: Mapping[Any, Any]) -> JsonDict | None:
    """``partition_key`` and ``sort_key`` of a key schema; None when it is not one."""
    result: JsonDict = {}
    for attribute in schema:
        if not isinstance(attribute, Mapping) or not isinstance(attribute.get("AttributeName"), str):
            return None
        name, kind = attribute["AttributeName"], kinds.get(attribute["AttributeName"], "S")
        key = {"HASH": "partition_key", "RANGE": "sort_key"}.get(str(attribute.get("KeyType")))
        if key is None or kind not in {"S", "N", "B"}:
            return None
        result[key] = name if kind == "S" else {"name": name, "type": kind}
    return result if "partition_key" in result else None


def table_indexes(result: object, kinds: Mapping[Any, Any], *, is_local: bool) -> JsonDict | None:
    """``global_indexes`` or ``local_indexes`` of a list of indexes; None when it is not one."""
    indexes: JsonDict = {}
    for index in result if isinstance(result, list) else [None]:
        if not isinstance(index, Mapping) or not isinstance(index.get("IndexName"), str):
            return None
        keys = table_keys(index.get("KeySchema") or [], kinds)
        if keys is None:
            return None
        projection = index.get("Projection") or {}
        held: Any = {"KEYS_ONLY": "keys", "INCLUDE": projection.get("NonKeyAttributes")}.get(
            str(projection.get("ProjectionType")), "all"
        )
        if is_local:
            keys.pop("partition_key")
        indexes[index["IndexName"]] = (
            keys | ({} if held in ("all", None) else {"holds": held})
            if not isinstance(held, list)
            else keys | {"holds": held}
        )
    return indexes
