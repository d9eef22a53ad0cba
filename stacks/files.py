"""Reading paths that may not be files, writing atomically, and the folder of what is kept between runs."""

from __future__ import annotations

import atexit
import errno
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from stat import S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG, S_ISSOCK
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader

LARGEST = 256 * 1024**2
"""Bytes of a file that is read whole: as much as a Lambda function has unzipped, more than any text of a project."""
_KINDS = {S_ISFIFO: "a named pipe", S_ISSOCK: "a socket", S_ISCHR: "a device", S_ISBLK: "a device"}


def cache_folder(*names: str) -> Path:
    """A cache folder for findings, wheels and bytecode, which are recreated. It may be deleted at any time.

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
        result = folder.stat()
        if result.st_uid == os.getuid() and result.st_mode & 0o022:
            folder.chmod(result.st_mode & ~0o022)
        return result.st_uid == os.getuid() and os.access(folder, os.W_OK)
    except (OSError, RuntimeError):  # nobody's home, or a read-only one
        return False


@cache
def _passing() -> Path:
    folder = tempfile.mkdtemp(prefix="serverless-stacks-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def repository_of(folder: Path) -> Path:
    """The folder that a project's own files may be in: the git repository around ``folder``, or else ``folder``.

    An application in a repository with others may use what is next to it, and nothing beyond.
    """
    absolute = folder.resolve()
    return next((place for place in (absolute, *absolute.parents) if (place / ".git").exists()), absolute)


def opened(path: Path) -> BufferedReader:
    """Open a file of a project for reading.

    A repository may bring a named pipe, or a link to a device, on which reading would wait or never end.

    Raises:
        OSError: as opening does, and with ``EINVAL`` for what is no file.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    mode = os.fstat(handle).st_mode
    if S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, f"is {not_a_file(mode)}, not a file", str(path))


def not_a_file(mode: int) -> str:
    """What something is that is neither file nor folder: ``a named pipe``; ``mode`` is of its ``stat``."""
    return next((name for is_kind, name in _KINDS.items() if is_kind(mode)), "something else")


def bytes_of(path: Path, largest: int = LARGEST) -> bytes:
    """A file of a project, as bytes.

    Raises:
        OSError: as ``opened``, and with ``EFBIG`` for more than ``largest`` bytes.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > largest:
            raise OSError(errno.EFBIG, f"has {size:,} bytes, {largest:,} are read at most", str(path))
        return file.read(largest)


def text_of(path: Path, encoding: str = "utf-8", errors: str = "strict", largest: int = LARGEST) -> str:
    """A file of a project, as text; lines end with a line feed.

    Raises:
        OSError: as ``bytes_of``.
        UnicodeDecodeError: it is not such text.
    """
    return bytes_of(path, largest).decode(encoding, errors).replace("\r\n", "\n").replace("\r", "\n")


def text_or_empty(path: Path) -> str:
    """A file of a project as text, with replacement characters for what is not UTF-8; empty if it cannot be read."""
    try:
        return text_of(path, errors="replace")
    except OSError:
        return ""


def write_atomically(path: Path, content: bytes) -> bool:
    """Make ``path`` hold ``content``; a file that already does is not touched. Return whether it was written.

    The folder is made when missing. The file is readable by all, as a file written plainly would be
    with the usual umask. Raises ``OSError`` when the folder cannot be written.
    """
    try:
        if bytes_of(path) == content:
            return False
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.EFBIG}:
            raise  # what is no file, or a large one, is replaced
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
