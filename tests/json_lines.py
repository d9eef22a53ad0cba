"""Lines that verbs write with ``--format json``, held to the schema that ``schema --output`` prints."""

from __future__ import annotations

from typing import Any

from stacks.commands.output_schema import output_schema
from stacks.commands.output_verbs import ANSWERS, RESULTS

_TYPES: dict[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None), "array": list,
    "object": dict,
}  # fmt: skip
SCHEMA = output_schema()["$defs"]


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is as the schema says, as far as ours use JSON Schema; records have no other fields."""
    match schema:
        case {"$ref": name}:
            return fits(value, SCHEMA[name.rpartition("/")[2]])
        case {"anyOf": some}:
            return any(fits(value, option) for option in some)
        case {"enum": values}:
            return value in values
        case {"const": wanted}:
            return bool(value == wanted)
    kinds = schema.get("type", list(_TYPES))
    known = tuple(_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    return isinstance(value, known) and _fits_inside(value, schema)


def _fits_inside(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, list):
        return all(fits(item, schema.get("items", {})) for item in value)
    if not isinstance(value, dict):
        return True
    inner = schema.get("properties", {})
    if inner and value.keys() != inner.keys():
        return False
    return all(fits(item, inner.get(name, schema.get("additionalProperties", {}))) for name, item in value.items())


def forms(known: dict[str, Any], verb: str) -> list[dict[str, Any]]:
    """The schemas of a verb: one for each of its forms."""
    return [schema for name, schema in known.items() if name.split()[0] == verb]


def refuse_undescribed(line: Any, verb: str = "deploy") -> None:
    """Hold a line to the schema: events and answers have all of their fields, and no others, of their types."""
    if not (isinstance(line, dict) and "event" in line):
        assert any(fits(line, schema) for schema in forms(ANSWERS, verb)), (verb, line)
        return
    assert fits(line, SCHEMA[line["event"]]), line
    if line["event"] == "end" and line["result"] is not None:
        assert any(fits(line["result"], schema) for schema in forms(RESULTS, line["command"])), line
