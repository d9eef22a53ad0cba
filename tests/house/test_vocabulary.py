"""One name for one thing, and names that say what they hold; ``Path`` is pathlib's alone."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.house.test_walls import modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHARED = {
    "OfBackend": "each kind of resource adds its fields to the section that it is in (kinds/described.py)",
    "OfData": "each kind of resource adds its fields to the section that it is in (kinds/described.py)",
    "OfEvents": "each kind of resource adds its fields to the section that it is in (kinds/described.py)",
    "OfFunction": "each kind of resource adds its fields to the section that it is in (kinds/described.py)",
}
"""Names that several modules may define, with the reason."""
REFUSED = {"Leg", "Line", "Workshop", "Told", "Found", "Made"}
"""Names that say too little of what a class is; ``ui.Line`` is a line of output."""


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _types(tree: ast.Module) -> Iterator[str]:
    """Public classes and type aliases of a module."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (target.id for target in targets if isinstance(target, ast.Name))
            yield from (name for name in names if name[0].isupper() and not name.isupper())


def _defined(root: Path) -> dict[str, list[str]]:
    result: defaultdict[str, list[str]] = defaultdict(list)
    for name, file in modules(root).items():
        if not name.startswith("starting.templates"):
            for defined in _types(_tree(file)):
                if not defined.startswith("_"):
                    result[defined].append(name)
    return result


def test_no_two_public_types_have_one_name(root: Path) -> None:
    twice = {name: places for name, places in _defined(root).items() if len(places) > 1}
    assert {name: places for name, places in twice.items() if name not in SHARED} == {}
    assert SHARED.keys() == twice.keys(), "an exception that is no longer needed"


def test_path_is_pathlibs_alone(root: Path) -> None:
    assert "Path" not in _defined(root)
    renamed = {
        f"{name}: {ast.unparse(node)}"
        for name, file in modules(root).items()
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if ((alias.asname or alias.name) == "Path" and node.module not in {"pathlib", "pathlib._local"})
        or (alias.name == "Path" and alias.asname)
    }
    assert renamed == set()


def test_types_are_named_for_what_they_are(root: Path) -> None:
    results = {f"{place}.{name}" for name, places in _defined(root).items() if name in REFUSED for place in places}
    assert results <= {"ui.Line"}


VAGUE = re.compile(r"(?:tell|tells|told|made|found|one(?!_or_more)|said|there)(?:_\w+)?|\w+_(?:told|of_one)")
"""Words that say nothing of what a function returns."""


def test_public_functions_are_named_for_what_they_return(root: Path) -> None:
    results = {
        f"{name}.{node.name}"
        for name, file in modules(root).items()
        for node in _tree(file).body
        if isinstance(node, ast.FunctionDef) and VAGUE.fullmatch(node.name)
    }
    assert results == set()


ODD_WORDS = {
    "anew",
    "beside",
    "found",
    "leg",
    "made",
    "mend",
    "said",
    "tell",
    "tells",
    "told",
    "whoever",
    "whose",
    "workshop",
}
"""Words that are no part of a name: it says what it holds, such as ``messages``, ``template`` or ``stack_name``."""
VAGUE_NAMES = {
    "each",
    "given",
    "got",
    "judge",
    "mine",
    "one",
    "ours",
    "theirs",
    "there",
    "thing",
    "things",
    "who",
    "whole",
}
"""Words that are no name by themselves."""
IN_USE = {
    "HandlerNotFound": "Lambda's own name of the error",
    "NOT_FOUND": "the exit code 127 of shells",
    "_NOT_FOUND": "the status 404",
    "ChangesFound": "an event: what happened, in the past tense",
    "DriftFound": "an event: what happened, in the past tense",
    "clients_do_not_tell_who_exists": "a rule's summary",
}
OLD_VOICE = re.compile(r"_(?:told|tells?|said|anew|beside|mend(?:s|ed)?|(?:is|are)_(?:not_)?there)(?=_|$)")
"""What no name of a test has in it: names of tests are sentences, so they may say that something is found or made."""


def _names(tree: ast.Module) -> Iterator[str]:
    """Every name that a module gives: definitions, parameters, fixtures, variables, attributes, captures."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name
            case _:
                pass


def _is_odd(name: str) -> bool:
    if name.startswith("test_"):
        return OLD_VOICE.search(name) is not None
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    return bool(ODD_WORDS & set(words)) or words == ["is", "there"] or (len(words) == 1 and words[0] in VAGUE_NAMES)


def test_names_say_what_they_hold(root: Path) -> None:
    odd = {
        f"{file.relative_to(root)}: {name}"
        for folder in ("stacks", "tests", "tools", "benchmarks", "lambda_src")
        for file in (root / folder).rglob("*.py")
        if "starting/templates" not in file.as_posix()
        for name in {file.stem, *_names(_tree(file))}
        if _is_odd(name) and name not in IN_USE
    }
    assert odd == set()


@pytest.mark.parametrize(
    "source",
    [
        "_Told = 1",
        "class Leg: ...",
        "class A:\n    made: int",
        "def is_there(self): ...",
        "def _found(): ...",
        "def f(told): ...",
        "def f(*, said=1): ...",
        "for one in (): ...",
        "[len(each) for each in ()]",
        "(given := 1)",
        "def f(self):\n    self.found = ()",
        "match 1:\n    case whole: ...",
        "with open('') as (things, b): ...",
        "def test_mistakes_are_told_once(): ...",
        "def test_a_file_that_is_not_there(): ...",
    ],
)
def test_an_odd_name_is_noticed(source: str) -> None:
    assert any(map(_is_odd, _names(ast.parse(source))))


@pytest.mark.parametrize(
    "name", ["Word", "foundation", "legacy", "told_apart", "one_or_more", "test_a_zip_is_made_once"]
)
def test_other_names_are_fine(name: str) -> None:
    assert _is_odd(name) is (name == "told_apart")
