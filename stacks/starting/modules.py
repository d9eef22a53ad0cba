"""Python files → what they import from the project itself. Pure; nothing is executed."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.starting.tree import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.starting.tree import FolderTree


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that a module imports: ``from flask import Flask as F`` is ``F``, of ``flask``, called ``Flask`` there."""

    alias: str
    module: str
    name: str = ""
    level: int = 0

    @property
    def full(self) -> str:
        """The dotted name of what is imported."""
        return f"{self.module}.{self.name}" if self.name else self.module


@lru_cache(maxsize=4096)
def parsed(text: str) -> ast.Module:
    """The syntax tree of a module; an empty one for a text that is not Python of this version."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])


def imports(text: str) -> tuple[Imported, ...]:
    """Everything a module imports, wherever in it."""
    results: list[Imported] = []
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Import):
            results += [
                Imported(alias=name.asname or name.name.partition(".")[0], module=name.name) for name in node.names
            ]
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                alias = name.asname or name.name
                results.append(Imported(alias=alias, module=node.module or "", name=name.name, level=node.level))
    return tuple(results)


def import_base(tree: FolderTree, path: str) -> str:
    """The folder that a file's absolute imports start from: the nearest one where most of them are found.

    ``backend/main.py`` with ``import db`` starts from ``backend`` when ``backend/db.py`` exists; ``app/main.py`` with
    ``from app.db import …`` from the folder around ``app``. A file in a package starts outside of the package.
    """
    folder = PurePosixPath(path).parent
    while str(folder) != "." and f"{folder}/__init__.py" in tree.files:
        folder = folder.parent
    bases = [str(folder), *(str(parent) for parent in folder.parents if str(folder) != ".")]
    return max(bases, key=lambda base: len({*_local(tree, path, base), *_named(tree, path, base)}))


def reached(tree: FolderTree, path: str, base: str) -> frozenset[str]:
    """The project's files that a file imports, directly or through others, and itself."""
    seen, waiting = {path}, [path]
    while waiting:
        for file in _local(tree, waiting.pop(), base):
            if file not in seen:
                seen.add(file)
                waiting.append(file)
    return frozenset(seen)


def _local(tree: FolderTree, path: str, base: str) -> Iterator[str]:
    for entry in imports(tree.text(path)):
        yield from files_of(tree, path, entry, base)


def _named(tree: FolderTree, path: str, base: str) -> Iterator[str]:
    """The project's modules that a file names as text, as ``from_object("src.config.Config")`` does."""
    for node in ast.walk(parsed(tree.text(path))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\w+(\.\w+)+", node.value):
            module, _, name = node.value.rpartition(".")
            yield from files_of(tree, path, Imported(alias="", module=module, name=name), base)


def files_of(tree: FolderTree, path: str, entry: Imported, base: str) -> Iterator[str]:
    """The project's files behind an import in the file ``path``: the module, or the submodule that is named."""
    if entry.level:
        folder = PurePosixPath(path).parent
        for _ in range(entry.level - 1):
            folder = folder.parent
        start = str(folder)
    else:
        start = base
    inside = joined(start, entry.module.replace(".", "/")) if entry.module else start
    candidates = [joined(inside, entry.name)] if entry.name else []
    for stem in (*candidates, inside):
        yield from (file for file in (f"{stem}.py", f"{stem}/__init__.py") if file in tree.files)
