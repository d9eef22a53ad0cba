"""Files and folders → what changed in them since the last look, by their dates and sizes.

Looking is cheap enough to do it every 0.3 s (a millisecond for some hundred files), works on every file system, and
needs nothing of the operating system; what inotify would report is seen a moment later. Reads, never writes.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from stacks.errors import PackagingError, Problem
from stacks.files import bytes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAUSE = 0.3
"""Seconds between two looks."""
Snapshot: TypeAlias = dict[str, tuple[int, int]]
"""Path → date of its last change in nanoseconds, and size."""

_GENERATED = {"__pycache__", "node_modules", ".git", ".venv", "venv", ".build", ".local", "templates_out"}


def snapshot(paths: Iterable[Path]) -> Snapshot:
    """The files at and below ``paths``, without folders that tools make; what does not exist is left out."""
    return {file.path: (file.date, file.size) for path in paths for file in _files(path)}


def differences(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The files that came, went or changed, sorted."""
    return tuple(sorted({path for path, _ in before.items() ^ after.items()}))


def refuse_syntax_errors(files: Iterable[str]) -> None:
    """Compile the existing Python files.

    Raises:
        PackagingError: with every file that is not valid Python: Lambda would only report it at the next request.
    """
    problems = tuple(problem for file in files if file.endswith(".py") for problem in _syntax_problems(Path(file)))
    if problems:
        raise PackagingError.of(problems)


class _File:
    """A file that was seen."""

    __slots__ = ("date", "path", "size")

    def __init__(self, path: str, stat_result: os.stat_result) -> None:
        self.path, self.date, self.size = path, stat_result.st_mtime_ns, stat_result.st_size


def _files(path: Path) -> Iterator[_File]:
    """A file itself, or all below a folder; links to folders are not followed, they may lead in circles."""
    try:
        entries = list(os.scandir(path))
    except OSError:  # a file, or nothing: what is removed between two calls is seen in the next scan
        yield from _file(path)
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield from _file(Path(entry.path))
        elif entry.name not in _GENERATED:
            yield from _files(Path(entry.path))


def _file(path: Path) -> Iterator[_File]:
    with contextlib.suppress(OSError):
        yield _File(str(path), path.stat())


def _syntax_problems(file: Path) -> Iterator[Problem]:
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(bytes_of(file), file, "exec", dont_inherit=True)
    except FileNotFoundError:
        return
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        what = f"is not valid Python: {getattr(error, 'msg', error)}"
        yield Problem(where=f"{file}:{line or 1}", what=what, fix="Correct it; until then the code before it runs")
