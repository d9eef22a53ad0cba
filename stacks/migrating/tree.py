"""The files around a configuration, as far as packaging needs them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from stacks.migrating.located import items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.migrating.located import Place

_ASIDE = frozenset(
    [
        "__pycache__",
        "bin",
        "build",
        "coverage",
        "dist",
        "doc",
        "docs",
        "env",
        "example",
        "examples",
        "htmlcov",
        "node_modules",
        "test",
        "tests",
        "venv",
    ]
)
_ASIDE_FILES = (
    ".*", "*.md", "*.rst", "*.lock", "*.log", "*.zip", "package.json", "package-lock.json", "serverless.*", "tox.ini",
    "requirements*.txt", "requirements*.in", "Pipfile*", "pyproject.toml", "setup.py", "setup.cfg", "Makefile",
    "Dockerfile*", "docker-compose*", "LICENSE*", "buildspec*", "conftest.py", "test_*.py", "*_test.py", "app.yaml",
    "template.y*ml", "samconfig.toml", "zappa_settings.*", "*.sh", "app.schema.json", "MIGRATION.md", "*.env",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of app.yaml: its files, each by its path from there with ``/``."""

    files: frozenset[str] = field(default_factory=frozenset)
    base: str = ""
    """The configuration's folder, from this one; empty when it is this one."""

    def has(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        return path in self.files

    def holds(self, folder: str) -> bool:
        """Whether there is a file in a folder."""
        return any(path.startswith(f"{folder}/") for path in self.files)

    def packaged(self, patterns: Iterable[str], entries: Iterable[str]) -> tuple[str, ...]:
        """The files and folders at the top that go into a package: all but tools and tests, less what is excluded.

        ``patterns`` are those of Serverless, ``!`` in front excludes. The first name of each of ``entries`` is in.
        """
        needed = {entry.partition("/")[0] for entry in entries}
        results = {path.partition("/")[0] for path in self.files}
        usual = {name for name in results if _is_usual(name, self)}
        for pattern in patterns:
            is_out, text = pattern.startswith("!"), pattern.removeprefix("!").removeprefix("./")
            tree_path = text.removesuffix("/**").removesuffix("/*").removesuffix("/")
            if tree_path in {"**", "*", ""}:
                usual = set() if is_out else usual
                continue
            top = tree_path.partition("/")[0]
            matching = {name for name in results if fnmatchcase(name, top)}
            if not is_out:
                usual |= matching
            elif "/" not in tree_path:
                usual -= matching
        return tuple(sorted(usual | needed, key=lambda name: (name not in needed, name)))


def _is_usual(name: str, folder: Folder) -> bool:
    if name in folder.files:
        return not any(fnmatchcase(name, pattern) for pattern in _ASIDE_FILES)
    return not name.startswith(".") and name not in _ASIDE and not name.endswith(".egg-info")


def patterns_of(package: object, place: Place) -> Iterator[str]:
    """The patterns of ``package``: new ones as they are, ``exclude`` and ``include`` of before as they would be now."""
    if not hasattr(package, "get"):
        return
    yield from (f"!{item}" for item, _ in items(package.get("exclude"), place) if isinstance(item, str))
    yield from (item for item, _ in items(package.get("include"), place) if isinstance(item, str))
    yield from (item for item, _ in items(package.get("patterns"), place) if isinstance(item, str))
