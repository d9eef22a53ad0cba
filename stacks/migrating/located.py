"""YAML or JSON text → plain data that knows where it was written, so that every obstacle names its file and line.

Mappings and lists carry places, scalars have the place that their mapping or list keeps for them. What is included from
another file, or merged from an anchor, keeps the place it was written at. Short tags become CloudFormation's long
functions, and dates stay texts, as in ``stacks.foreign.reading``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stacks.errors import StacksError
from stacks.intrinsics.functions import TAGS
from stacks.intrinsics.reading import PlainReader, composed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.errors import Problem
    from stacks.intrinsics.paths import KeyPath
    from stacks.json_types import JsonObject

LIMIT = 1_000_000
"""Bytes of a file that is read. CloudFormation itself takes no more of a template."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something was written: the file as people name it, and the line, from 1."""

    file: str
    line: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Map(dict[str, Any]):
    """A mapping and its places."""

    def __init__(self, items: Iterable[tuple[str, Any]], place: Place, places: Mapping[str, Place]) -> None:
        super().__init__(items)
        self.place, self.places = place, dict(places)

    def at(self, key: str) -> Place:
        """Where the value of ``key`` was written; where the mapping was for a key that is missing."""
        return self.places.get(key, self.place)


class Seq(list[Any]):
    """A list and its places."""

    def __init__(self, items: Iterable[Any], place: Place, places: Iterable[Place]) -> None:
        super().__init__(items)
        self.place, self.places = place, list(places)

    def at(self, index: int) -> Place:
        """Where an item was written."""
        return self.places[index] if index < len(self.places) else self.place


class UnreadableSourceError(StacksError):
    """A file to migrate from is not valid YAML or JSON, too large, or contains itself."""

    exit_code = 2


def place_of(value: object, default: Place) -> Place:
    """Where a mapping or list was written; ``default`` for a scalar."""
    return value.place if isinstance(value, Map | Seq) else default


def map_or_empty(value: object, place: Place) -> Map:
    """A mapping; an empty one, written at ``place``, instead of anything else."""
    return value if isinstance(value, Map) else Map([], place, {})


def entries(value: object) -> Iterator[tuple[str, Any, Place]]:
    """Key, value and place of a mapping; nothing for anything else."""
    if isinstance(value, Map):
        for key, item in value.items():
            yield key, item, place_of(item, value.at(key)) if isinstance(item, Map) else value.at(key)
    elif isinstance(value, Mapping):
        yield from ((str(key), item, Place("")) for key, item in value.items())


def items(value: object, default: Place) -> Iterator[tuple[Any, Place]]:
    """Item and place of a list; a single value is a list of one, and None of none."""
    if isinstance(value, Seq):
        yield from ((item, value.at(index)) for index, item in enumerate(value))
    elif isinstance(value, list | tuple):
        yield from ((item, default) for item in value)
    elif value is not None:
        yield value, default


def read(text: str, file: str) -> Any:
    """The data of ``text``, read as JSON or YAML; ``file`` is how places name it.

    Raises:
        UnreadableError: with the line, for a text that is neither, is over ``LIMIT`` bytes, or contains itself.
    """
    if len(text.encode(errors="replace")) > LIMIT:
        what = f"has {len(text.encode(errors='replace')):,} bytes; files of up to {LIMIT:,} are read"
        raise UnreadableSourceError(file, what, "Check that it is the right file, or split it")
    if file.endswith(".toml"):
        return _toml(text, file)
    trailing = re.sub(r"[ \t]*\t[ \t]*$", "", text, flags=re.MULTILINE)  # tabs at the end of a line are nothing
    text = _without_tabs(text) if file.endswith(".json") else trailing
    tree = composed(text, file, _LocatedReader)
    if tree.problems:
        raise _unreadable(tree.problems[0], text)
    return tree.data


def _toml(text: str, file: str) -> Any:
    """TOML, whose reader knows no lines: a value is at the first line that names its key."""
    try:
        loads = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableSourceError(file, f"is not TOML: {error}", "Correct it") from None
    except RecursionError:
        raise UnreadableSourceError(file, "is nested too deeply", "Use fewer levels") from None
    rows = text.splitlines()
    return _placed(loads, rows, Place(file))


def _placed(value: object, rows: list[str], place: Place) -> Any:
    if isinstance(value, dict):
        places = {key: Place(place.file, _row(key, rows, place.line)) for key in value}
        return Map([(key, _placed(item, rows, places[key])) for key, item in value.items()], place, places)
    if isinstance(value, list):
        return Seq([_placed(item, rows, place) for item in value], place, [place] * len(value))
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _row(key: str, rows: list[str], start: int) -> int:
    """The first line from ``start`` on that begins with a key or names it as a table."""
    pattern = re.compile(rf"\s*(?:\[+[^\]]*\b{re.escape(key)}\b|[\"']?{re.escape(key)}[\"']?\s*=)")
    return next((number for number, row in enumerate(rows, 1) if number >= start and pattern.match(row)), start)


def _without_tabs(text: str) -> str:
    """JSON may be indented by tabs, YAML may not. Inside of JSON's texts tabs are escaped, so none is lost."""
    return text.replace("\t", "  ")


def _unreadable(problem: Problem, text: str) -> UnreadableSourceError:
    line = min(problem.line or 1, text.count("\n") + 1)
    problem = replace(problem, line=line)
    if problem.where == "YAML" and str(problem.file).endswith(".json"):
        problem = replace(problem, where="JSON", fix=problem.fix.replace("YAML", "JSON"))
    error = UnreadableSourceError(problem.where, problem.what, problem.fix)
    error.problems = (problem,)
    return error


class _LocatedReader(PlainReader):
    """Mappings and lists with their places. Short tags and keys may be anything, since variables are written so."""

    def value(self, node: Any, path: KeyPath) -> Any:
        tag = node.tag
        if not tag.startswith("!") or tag == "!":
            return super().value(node, path)
        place = self._place(node)
        if tag not in TAGS:
            return Map([(f"Tag::{tag}", self.untagged(node, path))], place, {})
        body: JsonObject = super().value(node, path)
        return Map(body.items(), place, dict.fromkeys(body, place))

    def untagged(self, node: object, path: KeyPath) -> Any:
        data = super().untagged(node, path)
        if isinstance(data, dict):
            return Map(data.items(), self._place(node), {key: self._at((*path, key)) for key in data})
        if isinstance(data, list):
            return Seq(data, self._place(node), [self._at((*path, index)) for index in range(len(data))])
        return data

    def key(self, node: Any) -> str:
        return super().key(node) or json.dumps(str(node.value)[:60])

    def _place(self, node: Any) -> Place:
        return Place(self.file, node.start_mark.line + 1)

    def _at(self, path: KeyPath) -> Place:
        return Place(self.file, self.tree.lines[path])


def plain(value: object) -> Any:
    """The data without its places, for what writes or judges it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
