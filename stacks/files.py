"""Writing files so that nobody ever sees half of one, and the folder of what is kept between runs."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


def cache_folder(*names: str) -> Path:
    """A folder for what is made anew when it is missing: findings, wheels, bytecode. It may be deleted at any time.

    It is this user's own, never the project's: a cloned repository could bring files that look like earlier results.
    ``STACKS_CACHE_DIR`` names another one, as for a build machine that keeps one between builds; where none can be
    written, it lasts as long as the process.
    """
    folder = _cache().joinpath(*names)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _cache() -> Path:
    named = os.environ.get("STACKS_CACHE_DIR")
    base = os.environ.get("XDG_CACHE_HOME", "")
    usual = Path(base) if base.startswith("/") else Path("~/.cache").expanduser()  # XDG ignores relative ones
    places = (Path(named) if named else None, usual / "serverless-stacks")
    return next((place for place in places if place and _is_own(place)), None) or _passing()


def _is_own(folder: Path) -> bool:
    """Whether this user owns the folder, and nobody else can write there; it is made when missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat()
        if found.st_uid == os.getuid() and found.st_mode & 0o022:
            folder.chmod(found.st_mode & ~0o022)
        return found.st_uid == os.getuid() and os.access(folder, os.W_OK)
    except (OSError, RuntimeError):  # nobody's home, or a read-only one
        return False


@cache
def _passing() -> Path:
    folder = tempfile.mkdtemp(prefix="serverless-stacks-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def write_atomically(path: Path, content: bytes) -> bool:
    """Make ``path`` hold ``content``; a file that already does is not touched. Tell whether it was written.

    The folder is made when missing. The file is readable by all, as a file written plainly would be
    with the usual umask. Raises ``OSError`` when the folder cannot be written.
    """
    try:
        if path.read_bytes() == content:
            return False
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def write_private(path: Path, content: bytes) -> None:
    """Make ``path`` a file that only this user can read; a link in its place is replaced, not followed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
