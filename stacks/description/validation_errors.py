"""Pydantic's validation errors → problems in our own words, with the fix.

A path of a stage that the stage itself does not say comes from the common part: it is reported once, there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from stacks.app import Sections
from stacks.description.finding import KeyPath, dotted
from stacks.errors import Problem, nearest
from stacks.model.texts import Mistake

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from stacks.intrinsics.reading import Tree
    from stacks.json_types import JsonObject

_UNKNOWN = {"unexpected_keyword_argument", "extra_forbidden"}
_MISSING = {"missing", "missing_argument", "missing_keyword_only_argument"}
_KINDS = {
    "bool": "true or false",
    "dataclass": "a mapping",
    "dict": "a mapping",
    "int": "a whole number",
    "mapping": "a mapping",
    "string": "text",
    "tuple": "a list",
}

DERIVED = ("name", "app_name", "preview_of", "bounded_by", "templates")
"""Fields of a stage that a description does not have: they follow from where it is in the description."""
SHARED = tuple(field.name for field in fields(Sections))
"""What a description says for all stages, and a stage may override."""


def problems_of(errors: Iterable[ErrorDetails], tree: Tree, schema: JsonObject, file: str | None) -> list[Problem]:
    """Each error once, at the place it was written."""
    problems: dict[tuple[str, str], Problem] = {}
    for error in errors:
        place = written_at(error["loc"], tree)
        what, fix = _what_and_fix(error, place, schema)
        line = tree.line(place) if file else None
        problem = Problem(where=dotted(place), what=what, fix=fix, file=file, line=line, rule=_rule(error))
        problems.setdefault((dotted(place), what), problem)
    return list(problems.values())


def written_at(path: KeyPath, tree: Tree) -> KeyPath:
    """Where a value of a stage was written: in the stage, or in the part that all stages share."""
    path = tuple(part for part in path if part != "[key]")
    stage, common = path[:2], path[2:]
    if path[:1] != ("stages",) or path in tree.lines or not common:
        return path
    if common == ("name",):  # the stage's key
        return stage
    path, common = _unlisted(path, tree.data), _unlisted(common, tree.data)
    shared = common[0] in SHARED and _depth(common, tree) > _depth(path, tree) - len(stage)
    return common if shared else path


def _unlisted(path: KeyPath, data: object) -> KeyPath:
    """The path without the index of a list that was written as one value, or as a mapping from paths."""
    results: list[Any] = []
    for step in path:
        if isinstance(step, int) and isinstance(data, Mapping):
            keys = list(data)
            if not (keys and all(str(key).startswith("/") for key in keys) and step < len(keys)):
                continue
            step = keys[step]  # noqa: PLW2901 - as it was written
        elif isinstance(step, int) and isinstance(data, str):
            continue
        results.append(step)
        if isinstance(data, Mapping):
            data = data.get(step)
        else:
            data = data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None
    return tuple(results)


def _depth(path: KeyPath, tree: Tree) -> int:
    """How many steps of a path are written down."""
    while path and path not in tree.lines:
        path = path[:-1]
    return len(path)


def _rule(error: ErrorDetails) -> str:
    cause = (error.get("ctx") or {}).get("error")
    return cause.rule if isinstance(cause, Mistake) else ""


def _what_and_fix(error: ErrorDetails, place: KeyPath, schema: JsonObject) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx") or {}
    cause = context.get("error")
    if isinstance(cause, Mistake):
        return cause.what, cause.fix
    if kind in _UNKNOWN:
        known = known_keys(schema, place[:-1])
        return "is an unknown key", _elsewhere(schema, place) or nearest(str(place[-1]), known)
    if kind in _MISSING:
        return "is missing", "Add it"
    if kind == "literal_error":
        return f"{_shown(error['input'], place)} is not allowed", f"Use {context['expected'].replace('False', 'false')}"
    wanted = _KINDS.get(kind.partition("_")[0])
    if wanted:
        return f"{_shown(error['input'], place)} is not {wanted}", f"Write {wanted}{_as(wanted, error['input'])}"
    return error["msg"], "Correct the value"


def _shown(value: object, place: KeyPath) -> str:
    """A value as it is written in YAML; where a secret is described, the secret itself may have been written."""
    if "backend.secrets." in dotted(place) and isinstance(value, str):
        return "the value, which is not shown because it may be a secret,"
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def _as(wanted: str, value: object) -> str:
    """How what was given is probably meant."""
    match wanted, value:
        case "a list", str():
            return f", as [{value}]"
        case "a mapping", [str(first), *_]:
            return f", as '{first}: …'"
        case "a mapping", False | None:
            return ", or leave it out"
        case _:
            return ""


def _elsewhere(schema: JsonObject, place: KeyPath) -> str:
    """Where a key belongs that is known at another place; empty when there is none, or the key is inside of a thing."""
    plain = place[2:] if place[:1] == ("stages",) else place
    if not 1 <= len(plain) <= _SHALLOW:
        return ""
    for path, words in _PLACES:
        if path != plain[:-1] and plain[-1] in known_keys(schema, path):
            return f"It belongs {words}"
    return ""


_SHALLOW = 2
"""Steps to a key at the top, or in a section."""
_PLACES: tuple[tuple[KeyPath, str], ...] = (
    ((), "at the left margin, in no section"),
    *(((section,), f"under '{section}'") for section in ("data", "backend", "frontend", "base")),
    (("backend", "functions", "name"), "to a function, under 'backend.functions'"),
    (("backend", "api"), "under 'backend.api'"),
    (("stages", "name"), "to a stage, as 'stages: {dev: {…}}'"),
)
"""Where keys are, in the order in which they are looked for."""


def known_keys(schema: JsonObject, path: KeyPath) -> set[str]:
    """The keys that the JSON Schema of descriptions knows in the mapping at ``path``."""
    nodes = _variants(schema, schema)
    for part in path:
        nodes = [variants for node in nodes for child in _children(node, part) for variants in _variants(schema, child)]
    return {key for node in nodes for key in node.get("properties", {})}


def _children(node: JsonObject, part: str | int) -> list[JsonObject]:
    named = node.get("properties", {})
    if part in named:
        return [named[part]]
    others = [*node.get("patternProperties", {}).values(), node.get("additionalProperties"), node.get("items")]
    return [other for other in others if isinstance(other, Mapping)]


def _variants(schema: JsonObject, node: JsonObject) -> list[JsonObject]:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return (
        [variants for option in node["anyOf"] for variants in _variants(schema, option)] if "anyOf" in node else [node]
    )
