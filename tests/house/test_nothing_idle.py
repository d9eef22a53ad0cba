"""What nobody calls or reads is deleted: a rule that is missing from its table would be silently dead."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from tools.mutants import ROOMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READERS = ("stacks", "tests", "tools", "lambda_src", "benchmarks")


def _defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines: functions, classes and constants."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign():
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass


def test_every_name_that_a_module_defines_is_used(root: Path) -> None:
    words: Counter[str] = Counter()
    defined: list[tuple[str, str]] = []
    for folder in READERS:
        for file in (root / folder).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            words.update(re.findall(r"\w+", text))
            if folder == "stacks" and "templates" not in file.parts:
                defined += [(str(file.relative_to(root)), name) for name in _defined(ast.parse(text))]
    assert len(defined) > 2000
    idle = [(file, name) for file, name in defined if words[name] == 1]
    assert idle == []


def test_every_room_of_mutants_has_the_modules_and_tests_that_it_names(root: Path) -> None:
    patterns = {pattern for room in ROOMS.values() for pattern in (*room.modules, *room.tests)}
    assert [pattern for pattern in sorted(patterns) if not any(root.glob(pattern))] == []
