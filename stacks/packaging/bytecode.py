"""Python files of a zip → their bytecode, so that a cold start reads instead of compiling.

The kind is ``unchecked-hash``: Python then takes it without looking at the source's date, which a zip cannot keep.
Compiled only when this Python has the runtime's minor version, since another one would not read it. Each file is
compiled in a clean process with a fixed hash seed, under the path it has on Lambda, so that the bytes depend on the
source and on Python alone. What was compiled once is kept under its content, for all projects of the user: as uv keeps
wheels, so that a second project with Flask waits for neither.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from stacks.errors import PackagingError
from stacks.files import bytes_of
from stacks.packaging.sources import ZipEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.packaging.bundle import PythonTarget

_FEW = 50
"""Files that are compiled faster than another process starts."""

# A file that is not valid Python of this version (a template, a test of syntax errors) stays without bytecode.
_COMPILE = """
import json, os, sys
from py_compile import PycInvalidationMode, compile
for source, shown, into in json.load(sys.stdin):
    try:
        compile(source, into, dfile=shown, doraise=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    except Exception:
        open(into, "wb").close()
"""


def compiler(target: PythonTarget) -> str | None:
    """What compiles for ``target``: this Python by its full version, or None when its bytecode would not be read."""
    same = target.python == f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{sys.implementation.cache_tag} {sys.version}" if same else None


def compiled(entries: Sequence[ZipEntry], target: PythonTarget, into: Path, *, at: str = "/var/task") -> list[ZipEntry]:
    """The bytecode of the Python files among ``entries``, kept in the folder ``into``; none for another Python.

    ``at`` is where they are on Lambda, which tracebacks show.
    Raises ``PackagingError`` when the compiling process ends badly.
    """
    python = compiler(target)
    if python is None:
        return []
    kept = {
        entry.name: into / f"{_digest(python, f'{at}/{entry.name}', entry.path)}.pyc"
        for entry in entries
        if entry.name.endswith(".py")
    }
    into.mkdir(parents=True, exist_ok=True)
    wanted = [entry for entry in entries if entry.name in kept and not kept[entry.name].is_file()]
    if wanted:
        _compile([(str(entry.path), f"{at}/{entry.name}", str(kept[entry.name])) for entry in wanted])
    return [
        ZipEntry(name=_cached_name(name), path=path) for name, path in sorted(kept.items()) if path.stat().st_size > 0
    ]


def _digest(python: str, shown: str, path: Path) -> str:
    return hashlib.sha256(f"{python}\0{shown}\0".encode() + bytes_of(path)).hexdigest()


def _cached_name(name: str) -> str:
    path = PurePosixPath(name)
    return (path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc").as_posix()


def _compile(files: Sequence[tuple[str, str, str]]) -> None:
    """Compile on every processor; ``py_compile`` renames what it wrote into its place, so there are no half files."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - slow to import, and seldom needed

    lots = min(os.cpu_count() or 1, 1 + len(files) // _FEW)
    with ThreadPoolExecutor(lots) as pool:
        for output in pool.map(_compile_lot, (files[lot::lots] for lot in range(lots))):
            if output:
                what = f"compiling to bytecode failed: {output}"
                raise PackagingError("bytecode", what, "Look at the Python that runs this, or at the disk")


def _compile_lot(files: Sequence[tuple[str, str, str]]) -> str:
    """Compile in one process; what it said when it failed, or nothing."""
    done = subprocess.run(
        [sys.executable, "-P", "-s", "-S", "-W", "ignore", "-c", _COMPILE],
        input=json.dumps(files),
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stderr.strip()[-300:] or f"code {done.returncode}") if done.returncode else ""
