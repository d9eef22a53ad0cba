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
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, file in modules(root).items():
        if not name.startswith("starting.templates"):
            for defined in _types(ast.parse(file.read_text(encoding="utf-8"))):
                if not defined.startswith("_"):
                    found[defined].append(name)
    return found


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
    found = {f"{place}.{name}" for name, places in _defined(root).items() if name in REFUSED for place in places}
    assert found <= {"ui.Line"}


VAGUE = re.compile(r"(?:tell|tells|told|made|found|one(?!_or_more)|said|there)(?:_\w+)?|\w+_(?:told|of_one)")
"""Words that say nothing of what a function returns."""


def test_public_functions_are_named_for_what_they_return(root: Path) -> None:
    found = {
        f"{name}.{node.name}"
        for name, file in modules(root).items()
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and VAGUE.fullmatch(node.name)
    }
    assert found == set()
