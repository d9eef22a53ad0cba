"""The public surface: small, documented, with examples that run; everything else is internal."""

from __future__ import annotations

import doctest
import inspect
import re
import subprocess
import sys
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

import stacks
from stacks import app

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PLACES = ("stacks", "stacks.app", "stacks.checks", "stacks.cloud", "stacks.deploy.execute", "stacks.testing")
"""The documented modules, as the docstring of ``stacks`` lists them."""
PUBLIC = [(place, name) for place in PLACES for name in getattr(import_module(place), "__all__", ())]
HOMES = {getattr(getattr(import_module(place), name), "__module__", "") for place, name in PUBLIC}
OBJECTS = {name: getattr(stacks, name) for name in stacks.__all__}
LIKE_THE_SCHEMA = {"App", "Stage", "Base", "Data", "Backend", "Frontend"}
"""Their docstrings are the descriptions of the JSON Schema; ``stacks.app`` has the example of them."""


def examples(name: str, definition: Any) -> list[doctest.DocTest]:
    return [doc_test for doc_test in doctest.DocTestFinder(recurse=False).find(definition, name) if doc_test.examples]


def test_the_docstring_lists_the_public_modules() -> None:
    listed = re.findall(r"``(stacks\.[a-z.]+)``", stacks.__doc__ or "")
    assert listed == list(PLACES[1:])


def test_every_public_name_leads_home_and_is_known_to_type_checkers() -> None:
    source = (ROOT / "stacks/__init__.py").read_text(encoding="utf-8")
    typed = source.partition("if TYPE_CHECKING:")[2].partition("_HOMES")[0]
    assert stacks.__all__ == sorted(stacks._HOMES)
    for name in stacks.__all__:
        assert re.search(rf"(?:import|,|as) {name}\b(?! as)", typed), name
        assert callable(OBJECTS[name])


def parts(kind: object, known: frozenset[object] = frozenset()) -> Iterator[type]:
    """The classes that a value of a type is made of, itself among them."""
    if kind in known:
        return
    for argument in get_args(kind):
        yield from parts(argument, known)
    if isinstance(kind, type) and is_dataclass(kind):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from parts(hint, known | {kind})


def test_every_part_of_a_description_can_be_imported_from_one_module() -> None:
    assert {part.__name__ for part in parts(app.App)} | {"Access"} == set(app.__all__)


@pytest.mark.parametrize("name", sorted(set(stacks.__all__) - LIKE_THE_SCHEMA))
def test_a_public_name_has_an_example_that_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    doc_tests = examples(name, OBJECTS[name])
    assert doc_tests, f"{name} has no example"
    for example in doc_tests:
        assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("module", sorted({*PLACES, *(home for home in HOMES if home.startswith("stacks."))}))
def test_every_other_example_of_the_public_modules_runs(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(import_module(module)).failed == 0


def test_the_sections_of_a_description_have_their_example_in_their_module() -> None:
    (example,) = examples("stacks.app", import_module("stacks.app"))
    text = "".join(entry.source for entry in example.examples)
    assert {name for name in LIKE_THE_SCHEMA if f"{name}(" in text} == LIKE_THE_SCHEMA


def _methods(definition: Any) -> list[tuple[str, Any]]:
    return [
        (name, inner)
        for name, inner in vars(definition).items()
        if not name.startswith("_") and (inspect.isfunction(inner) or isinstance(inner, property))
    ]


@pytest.mark.parametrize(("place", "name"), PUBLIC)
def test_every_public_thing_and_each_of_its_methods_is_documented(place: str, name: str) -> None:
    definition = getattr(import_module(place), name)
    if not inspect.isclass(definition) and not inspect.isfunction(definition):
        return
    text = (definition.__doc__ or "").strip()
    assert text, name
    assert not text.startswith(f"{name}("), f"{name} has the docstring that dataclasses makes"
    bare = (
        [inner for inner, method in _methods(definition) if not (method.__doc__ or "").strip()]
        if inspect.isclass(definition)
        else []
    )
    assert bare == []


def _parameters(function: Any) -> set[str]:
    return {
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


@pytest.mark.parametrize("name", [name for name, definition in OBJECTS.items() if inspect.isfunction(definition)])
def test_a_docstring_explains_every_keyword(name: str) -> None:
    text = OBJECTS[name].__doc__ or ""
    assert {parameter for parameter in _parameters(OBJECTS[name]) if not re.search(rf"\b{parameter}\b", text)} == set()


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, stacks; print([name for name in sys.modules if name.startswith('stacks.')])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_what_a_page_imports_is_public() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    imported = re.findall(r"^from (stacks[\w.]*) import (.+)$", text, re.MULTILINE)
    assert len(imported) > 3
    public = {*PUBLIC, ("stacks.rendering", "render")}
    named = {(place, name.strip()) for place, names in imported for name in names.split(",")}
    assert {pair for pair in named if pair[0].split(".")[0] == "stacks" and pair not in public} == set()
