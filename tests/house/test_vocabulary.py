"""One name for one thing: no two public classes or types share a name, and ``Path`` is pathlib's alone."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.house.test_walls import modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHARED = {
    "OfBackend": "each kind of resource adds its fields to the section that it is in (kinds/described.py)",
    "OfData": "each kind of resource adds its fields to the section that it is in (kinds/described.py)",
    "OfEvents": "each kind of resource adds its fields to the section that it is in (kinds/described.py)",
    "OfFunction": "each kind of resource adds its fields to the section that it is in (kinds/described.py)",
    "Sender": "a sender of SES, and the one that Cognito sends with: keys of the description, in different sections",
}
"""Names that several modules may define, with the reason."""
REFUSED = {"Leg", "Line", "Workshop", "Told", "Found", "Made"}
"""Names that say too little of what a class is; ``ui.Line`` is a line of output."""


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
            for defined in _types(ast.parse(file.read_text(encoding="utf-8"))):
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
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
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
        for node in ast.parse(file.read_text(encoding="utf-8")).body
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
"""Words that no definition has in its name; ``one`` and ``there`` are no names by themselves."""
IN_USE = {
    "HandlerNotFound": "Lambda's own name of the error",
    "_NOT_FOUND": "the status 404",
    "ChangesFound": "an event: what happened, in the past tense",
    "DriftFound": "an event: what happened, in the past tense",
    "clients_do_not_tell_who_exists": "a rule's summary",
}


def _definitions(tree: ast.Module) -> Iterator[str]:
    """Every name that a module gives to a class, a function, an attribute or a constant."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name, body=body):
                yield name
                yield from (part.target.id for part in body if _is_attribute(part))  # type: ignore[attr-defined]
            case _:
                pass
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass


def _is_attribute(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)


def _is_odd(name: str) -> bool:
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    return bool(ODD_WORDS & set(words)) or words in (["one"], ["there"], ["is", "there"])


def test_definitions_have_no_odd_words(root: Path) -> None:
    odd = {
        f"{module}.{name}"
        for module, file in modules(root).items()
        if not module.startswith("starting.templates")
        for name in (module.rpartition(".")[2], *_definitions(ast.parse(file.read_text(encoding="utf-8"))))
        if _is_odd(name) and name not in IN_USE
    }
    assert odd == set()


def test_an_odd_name_is_noticed() -> None:
    source = "_Told = 1\nclass Leg:\n    made: int\n    def is_there(self): ...\ndef _found(): ...\n"
    assert {name for name in _definitions(ast.parse(source)) if _is_odd(name)} == {
        "_Told",
        "Leg",
        "made",
        "is_there",
        "_found",
    }
