"""A JSON Schema of request bodies → what API Gateway would not take, or would leave unchecked. Pure.

A REST API checks bodies by JSON Schema draft 4, and its routes are imported from an OpenAPI 3.0 document, whose schemas
know less; a word that is left out checks nothing, so every such word is a mistake here.
https://spec.openapis.org/oas/v3.0.3#schema-object
https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from stacks.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.description.finding import Finding, KeyPath
    from stacks.json_types import JsonObject

MOST_BYTES = 400_000
"""Of one model (API Gateway quotas for REST APIs, "Model size", 400 KB)."""
_DRAFT = "http://json-schema.org/draft-04/schema#"

_NOT_IMPORTED = frozenset(
    {
        *("additionalProperties", "anyOf", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "minItems", "oneOf"),
        *("additionalItems", "dependencies", "patternProperties"),
    }
)
"""What an import leaves out: the first line by API Gateway's known issues ("OpenAPI"), the second as no OpenAPI 3.0."""
_LATER = {
    "$defs": "Write 'definitions'",
    "$id": "Leave it out",
    "const": "Write 'enum' with this one value",
    "prefixItems": "Write one schema under 'items', or check it in the function",
    **dict.fromkeys(
        (
            "contains",
            "dependentRequired",
            "dependentSchemas",
            "else",
            "if",
            "then",
            "contentEncoding",
            "propertyNames",
            "unevaluatedItems",
            "unevaluatedProperties",
        ),
        "Check it in the function",
    ),
    **dict.fromkeys(("examples", "readOnly", "writeOnly", "deprecated", "$comment"), "Write it in the 'description'"),
}
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
"""OpenAPI 3.0 has no ``null``, and takes one type."""


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(value: object) -> bool:
    return isinstance(value, str)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_text, value)) and len(set(value)) == len(value)


def _kind(value: object) -> bool:
    return _text(value) and value in _TYPES


_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "$schema": (lambda value: str(value).removesuffix("#") == _DRAFT.removesuffix("#"), f"Write {_DRAFT}"),
    "default": (lambda _: True, ""),
    "enum": (lambda value: isinstance(value, list) and bool(value), "Write a list of what is allowed"),
    "required": (_names, "Write the list of required names next to 'properties', each once"),
    "type": (_kind, f"Write one of {', '.join(_TYPES)}"),
    "uniqueItems": (_flag, "Write true or false"),
    **dict.fromkeys(("description", "format", "pattern", "title"), (_text, "Write a text")),
    **dict.fromkeys(("maximum", "minimum"), (_number, "Write a number")),
    "multipleOf": (lambda value: _number(value) and value > 0, "Write a number above 0"),
    **dict.fromkeys(
        ("maxLength", "maxProperties", "minLength", "minProperties"),
        (_count, "Write a whole number, 0 or more"),
    ),
}
_SCHEMA, _LIST, _NAMED = {"items", "not"}, {"allOf"}, {"definitions", "properties"}
_KNOWN = {*_VALUES, *_SCHEMA, *_LIST, *_NAMED, "$ref"}


Broken: TypeAlias = "tuple[KeyPath, str, str, str]"
"""A ``Finding`` that names its rule."""


def schema_mistakes(schema: JsonObject) -> Iterator[Broken]:
    """What is wrong with a schema, by the path in it."""
    for path, what, fix, *_ in _mistakes(schema):
        yield path, what, fix, "API-MODEL"


def _mistakes(schema: JsonObject) -> Iterator[Finding]:
    size = len(json.dumps(schema, ensure_ascii=False).encode())
    if size > MOST_BYTES:
        what = f"has {size:,} bytes, API Gateway takes {MOST_BYTES:,}"
        yield (), what, "Check the rest in the function"
    definitions = schema.get("definitions")
    for name in definitions if isinstance(definitions, Mapping) else ():
        if not re.fullmatch("[A-Za-z0-9]+", str(name)):
            what = f"{name!r} is not a name of a model"
            yield ("definitions", str(name)), what, "Use letters and digits, as API Gateway does"
    for path, keyword, value, rest in _words(schema, ()):
        yield from _word(path, keyword, value, schema)
        if "$ref" in rest and keyword not in {"$ref", "$schema", "definitions", "description", "title"}:
            yield path, "is set together with '$ref', which makes it void", "Move one of them into an 'allOf'"


def _words(node: object, path: KeyPath) -> Iterator[tuple[KeyPath, str, Any, JsonObject]]:
    """Every word of every schema in ``node``: its path, itself, its value, and the schema that contains it.

    What should be a schema and is none comes as the word ``""``.
    """
    if not isinstance(node, Mapping):
        yield path, "", node, {}
        return
    for keyword, value in node.items():
        yield (*path, keyword), keyword, value, node
        for more, below in _below(keyword, value):
            yield from _words(below, (*path, keyword, *more))


def _below(keyword: str, value: object) -> Iterator[tuple[KeyPath, Any]]:
    """The schemas that a word holds."""
    if keyword in _SCHEMA and not isinstance(value, list):
        yield (), value
    elif keyword in {*_SCHEMA, *_LIST} and isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value))
    elif keyword in _NAMED and isinstance(value, Mapping):
        yield from (((name,), item) for name, item in value.items())


def _word(path: KeyPath, keyword: str, value: object, schema: JsonObject) -> Iterator[Finding]:
    if keyword == "":
        yield path, "is not a schema", "Write a mapping; draft 4 knows no true or false in its place"
    elif keyword in _LATER:
        yield path, f"{keyword!r} is not in JSON Schema draft 4, which API Gateway checks by", _LATER[keyword]
    elif keyword in _NOT_IMPORTED:
        yield path, f"API Gateway may leave {keyword!r} out when it imports the API", "Check it in the function"
    elif keyword not in _KNOWN:
        yield path, f"{keyword!r} is not a word of JSON Schema draft 4", nearest(keyword, _KNOWN)
    elif keyword in _VALUES and not _VALUES[keyword][0](value):
        yield path, f"{json.dumps(value)[:60]} is not a value of {keyword!r}", _VALUES[keyword][1]
    elif (keyword in _LIST and not (isinstance(value, list) and value)) or (
        keyword in _NAMED and not isinstance(value, Mapping)
    ):
        yield path, f"{keyword!r} holds no schemas", f"Write a {'list' if keyword in _LIST else 'mapping'} of some"
    elif keyword in _SCHEMA and isinstance(value, list):
        yield path, f"{keyword!r} holds a list of schemas, OpenAPI 3.0 takes one", "Write one schema"
    elif keyword == "$ref":
        yield from _reference(path, value, schema)


def _reference(path: KeyPath, value: Any, schema: JsonObject) -> Iterator[Finding]:
    known = schema.get("definitions")
    names = known if isinstance(known, Mapping) else {}
    if not (_text(value) and re.fullmatch("#/definitions/[^/]+", value)):
        what = f"{json.dumps(value)[:60]} is not inside this schema"
        yield path, what, "Put it under 'definitions' and write '#/definitions/name'"
    elif value.rpartition("/")[2] not in names:
        yield path, f"there is no {value}", nearest(value.rpartition("/")[2], names)
