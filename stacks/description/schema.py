"""The JSON Schema of ``app.yaml``, made from the model: what editors complete and what hints are taken from.

A description says in its four sections what all stages share, and in a stage any part of the same sections.
So a stage's sections are the sections with nothing required.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import is_dataclass
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from stacks.app import App, Sections
from stacks.description.validation_errors import DERIVED
from stacks.model.described import Described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict

_DERIVED_TYPES = ("GivenTemplate", "LocalFile")
"""What only these fields hold."""


@cache
def adapter() -> TypeAdapter[App]:
    """Pydantic's reader of complete descriptions, made once."""
    return TypeAdapter(App)


def judged(data: object) -> tuple[App | None, list[Any]]:
    """The application that a complete description makes, or every error in it."""
    try:
        return adapter().validate_python(data), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


@cache
def json_schema() -> JsonDict:
    """The schema of a description, JSON Schema 2020-12."""
    schema, shared = _documented(App), _documented(Sections)
    definitions = schema.pop("$defs")
    stage = definitions["Stage"]
    stage["required"] = ["region"]
    for key in DERIVED:
        del stage["properties"][key]
    for name in _DERIVED_TYPES:
        del definitions[name]
    optional = {f"Some{name}": _optional(body) for name, body in definitions.items() if name != "Stage"}
    stage["properties"] = _renamed(stage["properties"])
    definitions["Preview"] = _preview(stage)
    stages = {**schema["properties"]["stages"], "minProperties": 1}
    stages["patternProperties"] = {**stages["patternProperties"], r"^[a-z][a-z0-9-]*\*$": {"$ref": "#/$defs/Preview"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "app.yaml",
        "properties": {"name": schema["properties"]["name"], **shared["properties"], "stages": stages},
        "$defs": dict(sorted({**definitions, **optional}.items())),
    }


def _preview(stage: JsonDict) -> JsonDict:
    """The value of a pattern of preview stages: the stage that they are made from, and any part of a stage."""
    source = {"type": "string", "title": "From", "description": "The stage that these previews are made from."}
    what = "Preview stages: 'pr-*' stands for every stage that is named with --stage and begins with 'pr-'."
    properties = {"from": source, **stage["properties"]}
    return {**stage, "title": "Preview", "description": what, "properties": properties, "required": ["from"]}


def _documented(model: type) -> JsonDict:
    """A model's schema with the docstrings of its fields; reading those takes as long as the rest."""
    Described.__pydantic_config__["use_attribute_docstrings"] = True
    try:
        schema = TypeAdapter(model).json_schema()
    finally:
        del Described.__pydantic_config__["use_attribute_docstrings"]
    for definition in schema["$defs"].values():
        _describe_inherited(definition)
    return schema


def _describe_inherited(definition: JsonDict) -> None:
    """Add the descriptions of fields of base classes: pydantic reads only those of the class itself."""
    classes = [cls for cls in _subclasses(Described) if cls.__name__ == definition.get("title")]
    for base in (base for cls in classes for base in cls.__mro__[1:] if is_dataclass(base)):
        for name, text in _field_docstrings(base).items():
            definition["properties"][name].setdefault("description", text)


def _subclasses(cls: type) -> Iterator[type]:
    subclasses: list[type] = type.__subclasses__(cls)
    for subclass in subclasses:
        yield subclass
        yield from _subclasses(subclass)


@cache
def _field_docstrings(cls: type) -> dict[str, str]:
    """The docstrings of the fields of a class."""
    (body,) = ast.parse(dedent(inspect.getsource(cls))).body
    docstrings: dict[str, str] = {}
    for field, below in pairwise(getattr(body, "body", ())):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                docstrings[name] = inspect.cleandoc(text)
    return docstrings


def _optional(definition: JsonDict) -> JsonDict:
    return {key: _renamed(value) for key, value in definition.items() if key != "required"}


def _renamed(node: object) -> Any:
    """The same schema, its references pointing at definitions in which nothing is required."""
    if isinstance(node, dict):
        return {
            key: f"#/$defs/Some{value.rpartition('/')[2]}" if key == "$ref" else _renamed(value)
            for key, value in node.items()
        }
    return [_renamed(item) for item in node] if isinstance(node, list) else node
