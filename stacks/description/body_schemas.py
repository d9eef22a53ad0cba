"""A JSON Schema of request bodies → what API Gateway would not take, or would leave unchecked. Pure.

A REST API checks bodies by JSON Schema draft 4, and not all of it; a word it does not know checks nothing, so every
unknown word is a mistake here. Its import of OpenAPI takes less than its models do.
https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from stacks.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.description.finding import Finding, Path

MOST_BYTES = 400_000
"""Of one model (API Gateway quotas for REST APIs, "Model size", 400 KB)."""
_DRAFT = "http://json-schema.org/draft-04/schema#"

_IN_OPENAPI = {"additionalProperties", "anyOf", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "minItems", "oneOf"}
"""Not supported, or left out, when an API is imported (known issues, "OpenAPI")."""
_LATER = {
    "$defs": "Write 'definitions'",
    "$id": "Leave it out",
    "const": "Write 'enum' with this one value",
    "dependentRequired": "Write 'dependencies'",
    "dependentSchemas": "Write 'dependencies'",
    "else": "Write 'anyOf' or 'oneOf', or check it in the function",
    "if": "Write 'anyOf' or 'oneOf', or check it in the function",
    "prefixItems": "Write 'items' with a list",
    "then": "Write 'anyOf' or 'oneOf', or check it in the function",
    **dict.fromkeys(
        ("contains", "contentEncoding", "propertyNames", "unevaluatedItems", "unevaluatedProperties"),
        "Check it in the function",
    ),
    **dict.fromkeys(("examples", "readOnly", "writeOnly", "deprecated", "$comment"), "Say it in the 'description'"),
}
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_text, value)) and len(set(value)) == len(value)


def _kind(value: Any) -> bool:
    return value in _TYPES if _text(value) else _names(value) and set(value) <= set(_TYPES)


_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "$schema": (lambda value: str(value).removesuffix("#") == _DRAFT.removesuffix("#"), f"Write {_DRAFT}"),
    "default": (lambda _: True, ""),
    "enum": (lambda value: isinstance(value, list) and bool(value), "Write a list of what is allowed"),
    "required": (_names, "Write a list of the names that must be there, beside 'properties', each once"),
    "type": (_kind, f"Write one or several of {', '.join(_TYPES)}"),
    "uniqueItems": (_flag, "Write true or false"),
    **dict.fromkeys(("description", "format", "pattern", "title"), (_text, "Write a text")),
    **dict.fromkeys(("maximum", "minimum"), (_number, "Write a number")),
    "multipleOf": (lambda value: _number(value) and value > 0, "Write a number above 0"),
    **dict.fromkeys(
        ("exclusiveMaximum", "exclusiveMinimum"),
        (_flag, "In draft 4 it is true beside 'maximum' or 'minimum', which holds the number"),
    ),
    **dict.fromkeys(
        ("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties"),
        (_count, "Write a whole number, 0 or more"),
    ),
}
_ONE, _LIST, _NAMED = {"not"}, {"allOf", "anyOf", "oneOf"}, {"definitions", "patternProperties", "properties"}
_ONE_OR_FLAG = {"additionalItems", "additionalProperties"}
_KNOWN = {*_VALUES, *_ONE, *_LIST, *_NAMED, *_ONE_OR_FLAG, "$ref", "dependencies", "items"}


def schema_mistakes(schema: Mapping[str, Any], *, in_openapi: bool = False) -> Iterator[Finding]:
    """What is wrong with a schema, by the path in it; ``in_openapi`` says that it may have to be imported."""
    size = len(json.dumps(schema))
    if size > MOST_BYTES:
        what = f"has {size:,} bytes, API Gateway takes {MOST_BYTES:,}"
        yield (), what, "Check the rest in the function"
    definitions = schema.get("definitions")
    for name in definitions if isinstance(definitions, Mapping) else ():
        if not re.fullmatch("[A-Za-z0-9]+", str(name)):
            what = f"{name!r} is no name of a model"
            yield ("definitions", str(name)), what, "Use letters and digits, as API Gateway does"
    for path, word, value, rest in _words(schema, ()):
        yield from _word(path, word, value, schema)
        if "$ref" in rest and word not in {"$ref", "$schema", "definitions", "description", "title"}:
            yield path, "stands beside '$ref', which makes it void", "Move one of them into an 'allOf'"
        if in_openapi and word in _IN_OPENAPI:
            what = "may be left out where 'backend.stacks' is over 1, as a large API is imported from OpenAPI"
            yield path, what, "Check it in the function"


def _words(node: Any, path: Path) -> Iterator[tuple[Path, str, Any, Mapping[str, Any]]]:
    """Every word of every schema in ``node``: its path, itself, its value, and the schema it stands in.

    What should be a schema and is none comes as the word ``""``.
    """
    if not isinstance(node, Mapping):
        yield path, "", node, {}
        return
    for word, value in node.items():
        yield (*path, word), word, value, node
        for more, below in _below(word, value):
            yield from _words(below, (*path, word, *more))


def _below(word: str, value: Any) -> Iterator[tuple[Path, Any]]:
    """The schemas that a word holds."""
    if word in _ONE or (word in _ONE_OR_FLAG and not _flag(value)) or (word == "items" and not isinstance(value, list)):
        yield (), value
    elif (word in _LIST or word == "items") and isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value))
    elif (word in _NAMED or word == "dependencies") and isinstance(value, Mapping):
        yield from (((name,), item) for name, item in value.items() if not (word == "dependencies" and _names(item)))


def _word(path: Path, word: str, value: Any, schema: Mapping[str, Any]) -> Iterator[Finding]:
    if word == "":
        yield path, "is no schema", "Write a mapping; draft 4 knows no true or false in its place"
    elif word in _LATER:
        yield path, f"{word!r} is not in JSON Schema draft 4, which API Gateway checks by", _LATER[word]
    elif word not in _KNOWN:
        yield path, f"{word!r} is no word of JSON Schema draft 4", nearest(word, _KNOWN)
    elif word in _VALUES and not _VALUES[word][0](value):
        yield path, f"{json.dumps(value)[:60]} is no value of {word!r}", _VALUES[word][1]
    elif (word in _LIST and not (isinstance(value, list) and value)) or (
        word in {*_NAMED, "dependencies"} and not isinstance(value, Mapping)
    ):
        yield path, f"{word!r} holds no schemas", f"Write a {'list' if word in _LIST else 'mapping'} of some"
    elif word == "$ref":
        yield from _reference(path, value, schema)


def _reference(path: Path, value: Any, schema: Mapping[str, Any]) -> Iterator[Finding]:
    known = schema.get("definitions")
    names = known if isinstance(known, Mapping) else {}
    if not (_text(value) and re.fullmatch("#/definitions/[^/]+", value)):
        what = f"{json.dumps(value)[:60]} is not inside this schema"
        yield path, what, "Put it under 'definitions' and write '#/definitions/name'"
    elif value.rpartition("/")[2] not in names:
        yield path, f"there is no {value}", nearest(value.rpartition("/")[2], names)
