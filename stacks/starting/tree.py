"""The files of a project as a value: paths, and the texts that detection reads. ``read_tree`` is the edge."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from stacks.files import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_FILES = 20_000
"""Files that are looked at; a larger folder is read up to here."""
_LARGEST = 512 * 1024
_DEEPEST = 8
_SKIPPED = frozenset(
    {"__pycache__", "node_modules", "bower_components", "site-packages", "venv", "env", "virtualenv", "templates_out"}
)
_READ_NAMES = frozenset(
    {"package.json", "angular.json", "pyproject.toml", "Pipfile", "requirements.txt", "setup.cfg", ".gitignore"}
)
_READ_ENDINGS = (".py", ".txt")
_READ_PREFIXES = ("vite.config.", "next.config.", "svelte.config.", "nuxt.config.", "astro.config.")
_ASIDE = frozenset(
    {"tests", "test", "docs", "doc", "examples", "example", "benchmarks", "scripts", "migrations", "fixtures"}
)
_TOOLS = frozenset({"setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py", "manage.py", "build.py"})
_TOOL_ENDINGS = (".conf.py", ".config.py", "_test.py", "_tests.py")


@dataclass(frozen=True, slots=True)
class FolderTree:
    """The files of a folder: path from the folder, with ``/`` → text, or ``None`` for a file that is not read."""

    files: Mapping[str, str | None] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """The text of a file; empty when it is missing or not read."""
        return self.files.get(path) or ""

    def has(self, path: str) -> bool:
        """Whether there is a file or a folder with a file at ``path``."""
        return path in self.files or any(True for _ in self.under(path))

    def under(self, folder: str) -> Iterator[str]:
        """The files in a folder and below it; ``.`` is the project's root."""
        start = "" if folder in {"", "."} else f"{folder}/"
        return (path for path in self.files if path.startswith(start))

    def code(self) -> Iterator[tuple[str, str]]:
        """Path and text of the application's Python files: neither tests nor tools."""
        return ((path, text) for path, text in self.files.items() if text is not None and is_code(path))


def is_code(path: str) -> bool:
    """Whether a path is Python code of the application, not of its tests, documentation or tools."""
    parts = PurePosixPath(path)
    if parts.suffix != ".py" or parts.name in _TOOLS or parts.name.startswith("test_"):
        return False
    return not parts.name.endswith(_TOOL_ENDINGS) and not _ASIDE & set(parts.parts[:-1])


def joined(folder: str, name: str) -> str:
    """A path below a folder, where the root is ``.``."""
    return str(PurePosixPath(folder) / name)


def read_tree(folder: Path) -> FolderTree:
    """The files of ``folder``: no hidden folders, virtual environments or installed packages, nothing behind links.

    A missing folder has no files. Folders that cannot be read are left out.
    """
    return FolderTree(files=dict(sorted(_walk(folder))))


def _walk(folder: Path) -> Iterator[tuple[str, str | None]]:
    count = 0
    for top, folders, names in os.walk(folder):
        inside = PurePosixPath(Path(top).relative_to(folder).as_posix())
        here = set(names)
        if "pyvenv.cfg" in here:
            folders.clear()
            continue
        deep = len(inside.parts) >= _DEEPEST
        folders[:] = [] if deep else sorted(name for name in folders if _wanted(name))
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                return
            path = Path(top, name)
            yield str(inside / name), None if path.is_symlink() else _text(path)


def _wanted(name: str) -> bool:
    hidden = name.startswith(".") and name != ".chalice"
    return not hidden and name not in _SKIPPED and not name.endswith(".egg-info")


def _text(path: Path) -> str | None:
    if not (path.name in _READ_NAMES or path.name.endswith(_READ_ENDINGS) or path.name.startswith(_READ_PREFIXES)):
        return None
    try:
        return text_of(path, encoding="utf-8-sig") if path.stat().st_size <= _LARGEST else None
    except (OSError, UnicodeDecodeError):
        return None
