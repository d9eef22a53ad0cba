"""The JSON Schema of ``app.yaml``, made from the model: what editors complete and what hints are taken from.

A description says in its four sections what all stages share, and in a stage any part of the same sections.
So a stage's sections are the sections with nothing required.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from stacks.app import App, Sections
from stacks.model.described import Described


@cache
def adapter() -> TypeAdapter[App]:
    """Pydantic's reader of complete descriptions, made once."""
    return TypeAdapter(App)


@cache
def json_schema() -> dict[str, Any]:
    """The schema of a description, JSON Schema 2020-12."""
    schema, shared = _documented(App), _documented(Sections)
    definitions = schema.pop("$defs")
    stage = definitions["Stage"]
    stage["required"] = ["region"]
    del stage["properties"]["name"]
    optional = {f"Some{name}": _optional(body) for name, body in definitions.items() if name != "Stage"}
    stage["properties"] = _renamed(stage["properties"])
    stages = {**schema["properties"]["stages"], "minProperties": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "app.yaml",
        "properties": {"name": schema["properties"]["name"], **shared["properties"], "stages": stages},
        "$defs": dict(sorted({**definitions, **optional}.items())),
    }


def _documented(model: type) -> dict[str, Any]:
    """A model's schema with the descriptions that stand below its fields; reading those takes as long as the rest."""
    Described.__pydantic_config__["use_attribute_docstrings"] = True
    try:
        return TypeAdapter(model).json_schema()
    finally:
        del Described.__pydantic_config__["use_attribute_docstrings"]


def _optional(definition: dict[str, Any]) -> dict[str, Any]:
    return {key: _renamed(value) for key, value in definition.items() if key != "required"}


def _renamed(node: Any) -> Any:
    """The same schema, its references pointing at definitions in which nothing is required."""
    if isinstance(node, dict):
        return {
            key: f"#/$defs/Some{value.rpartition('/')[2]}" if key == "$ref" else _renamed(value)
            for key, value in node.items()
        }
    return [_renamed(item) for item in node] if isinstance(node, list) else node
