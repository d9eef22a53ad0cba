"""A project's code → what of it a function needs in its zip, and where its requirements are. Pure."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.starting.modules import files_of, imports, parsed
from stacks.starting.tree import is_code, joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stacks.starting.tree import FolderTree

REQUIREMENTS = ("requirements.txt", "uv.lock", "poetry.lock", "pyproject.toml")
"""What packaging looks for in a folder, the first that exists (``stacks.packaging.locks``)."""
_OTHER_REQUIREMENTS = (
    "requirements/prod.txt", "requirements/production.txt", "requirements/base.txt", "requirements/common.txt",
    "requirements/requirements.txt", "requirements/main.txt", "requirements-prod.txt", "requirements/default.txt",
)  # fmt: skip
_NOT_PACKAGED = {"tests", "test", "docs", "examples", "node_modules", "requirements", "frontend", "dist"}


def packed(tree: FolderTree, entry_file: str) -> tuple[str, ...]:
    """What a function at the project's root needs there: ``(app.py, config.py, templates)``.

    Found by what the code imports, and by the names of modules, folders and files that it contains as text, as
    ``INSTALLED_APPS`` and ``from_object("config")`` do.
    """
    tops = {PurePosixPath(path).parts[0] for path in tree.files}
    names, waiting = set[str](), [PurePosixPath(entry_file).parts[0]]
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting += _needed(tree, name, tops)
    data = {name for name in ("templates", "static") if name in tops}
    return tuple(sorted(names | data, key=lambda name: (name != PurePosixPath(entry_file).parts[0], name)))


def _needed(tree: FolderTree, name: str, tops: set[str]) -> Iterable[str]:
    """The names at the project's root that the code of one of them leads to."""
    for path in [name, *tree.under(name)]:
        text = tree.text(path)
        if not text or not is_code(path):
            continue
        for entry in imports(text):
            yield from (PurePosixPath(file).parts[0] for file in files_of(tree, path, entry, "."))
        for node in ast.walk(parsed(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from _named(node.value, tops)


def _named(text: str, tops: set[str]) -> Iterable[str]:
    if not re.fullmatch(r"[\w./-]{2,200}", text) or text.startswith((".", "/")):
        return
    first = PurePosixPath(text).parts[0]
    for name in (first, f"{text.partition('.')[0]}.py", text.partition(".")[0]):
        plain = name in tops and not name.startswith(".") and name not in _NOT_PACKAGED
        if plain and name not in REQUIREMENTS and (not name.endswith(".py") or is_code(name)):
            yield name


def requirements_of(tree: FolderTree, folder: str, contents: Iterable[str], package: str) -> tuple[str | None, bool]:
    """The file that says what the code needs, and whether packaging finds it by itself.

    ``None`` when no file does. A pyproject.toml counts only when its ``[project]`` table has dependencies.
    """
    folders = [*(joined(folder, content) for content in contents), folder]
    for place in dict.fromkeys([*folders, "."]):
        for name in REQUIREMENTS:
            file = joined(place, name)
            if file in tree.files and (name != "pyproject.toml" or _has_dependencies(tree.text(file), package)):
                return file, place in folders
    return next((file for file in _OTHER_REQUIREMENTS if file in tree.files), None), False


def _has_dependencies(text: str, package: str) -> bool:
    try:
        lines = tomllib.loads(text).get("project", {}).get("dependencies", [])
    except (tomllib.TOMLDecodeError, AttributeError):
        return False
    return not package or any(re.match(rf"\s*{re.escape(package)}\b", str(line), re.IGNORECASE) for line in lines)
