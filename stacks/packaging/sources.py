"""A folder of source code → the files that belong into a zip, and the names of the secrets that were kept out.

Secrets, version control, virtual environments and what tools leave behind never get in, whatever the folder holds:
a zip is stored in a bucket and can be read back by everyone who may call lambda:GetFunction.
What would differ between machines, or would reach outside the folder, is refused by name instead of guessed.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from stacks.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Language = Literal["Python", "JavaScript"]
_SUFFIXES: dict[Language, tuple[str, ...]] = {"Python": (".py",), "JavaScript": (".js", ".mjs", ".cjs")}
_SECRET = (
    ".env*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*",
    ".aws", ".ssh", ".netrc", ".pypirc", ".npmrc",
)  # fmt: skip
_VERSIONS = (".git", ".gitignore", ".gitattributes", ".gitmodules", ".hg", ".svn", "__pycache__", ".ds_store")
_LITTER = (
    *_VERSIONS, "*.pyc", "*.pyo",
    ".venv", "venv", "node_modules", "*.egg-info", "thumbs.db", ".idea", ".vscode",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox", ".coverage",
    "*.swp", "*.swo", "*~", ".#*", "#*#",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipEntry:
    """One file of a zip: its ``name`` in there (``/`` between the parts) and where its content is read from."""

    name: str
    path: Path
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The files of a folder sorted by name, and the ``secrets``: names that were found and kept out."""

    entries: tuple[ZipEntry, ...]
    secrets: tuple[str, ...] = ()


def is_secret(name: str) -> bool:
    """Whether a file or folder of this name (without its folder) holds secrets by custom: ``.env`` or ``*.pem``."""
    return _matches(name, _SECRET)


def read_sources(
    folder: Path,
    *,
    where: str,
    without: Iterable[Path] = (),
    only: tuple[str, ...] = (),
    language: Language | None = "Python",
) -> Sources:
    """List the files of ``folder`` that belong into a zip. ``where`` names it in errors; ``without`` are left out.

    With ``only``, files and folders as seen from ``folder``, nothing else is taken or looked at.
    A folder that another tool built has no ``language``: it may hold anything, and its node_modules are wanted.

    Symbolic links are followed as long as they stay in the folder.
    Raises ``PackagingError`` when the folder is missing or holds no file of the ``language``, for a link that leaves
    the folder, is broken or leads in a circle, for what is neither file nor folder, and for a name that is not Unicode.
    """
    if not folder.is_dir():
        raise PackagingError(where, "the source folder does not exist", "Create it, or correct its path")
    outside = frozenset(path.resolve() for path in without)
    litter = _LITTER if language else _VERSIONS
    walk = _Walk(top=folder.resolve(), where=where, without=outside, only=only, litter=litter)
    entries = tuple(sorted(walk.entries(folder, PurePosixPath(), ()), key=lambda entry: entry.name))
    if language and not any(entry.name.endswith(_SUFFIXES[language]) for entry in entries):
        raise PackagingError(where, f"the source folder holds no {language} file", "Put the function's code there")
    return Sources(entries=entries, secrets=tuple(sorted(walk.secrets)))


def refuse_case_collisions(entries: Iterable[ZipEntry], *, where: str) -> None:
    """Raise ``PackagingError`` for two names that differ only by case: macOS and Windows cannot hold both."""
    spelled: dict[str, str] = {}
    for entry in entries:
        name = entry.name
        while name:
            folded = name.casefold()
            if spelled.get(folded, name) != name:
                what = f"differs from {spelled[folded]} only by case"
                raise PackagingError(f"{where}/{name}", what, "Rename one of them")
            if folded in spelled:
                break  # and so are the folders around it
            spelled[folded] = name
            name = name.rpartition("/")[0]


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in patterns)


class _Walk:
    def __init__(
        self, *, top: Path, where: str, without: frozenset[Path], only: tuple[str, ...], litter: tuple[str, ...]
    ) -> None:
        self.top, self.where, self.without, self.litter = top, where, without, litter
        self.only = tuple(PurePosixPath(item) for item in only)
        self.secrets: set[str] = set()

    def entries(self, folder: Path, inside: PurePosixPath, above: tuple[Path, ...]) -> Iterator[ZipEntry]:
        real = folder.resolve()
        if real in above:
            raise self.error(inside, "is a symbolic link that leads in a circle", "Remove the link")
        for path in folder.iterdir():
            name = inside / path.name
            target = self.target(path, name)
            if target is None:
                continue
            if target.is_dir():
                yield from self.entries(path, name, (*above, real))
            else:
                yield self.entry(target, name)

    def target(self, path: Path, name: PurePosixPath) -> Path | None:
        """What ``path`` stands for, or None when it stays out."""
        if not self.is_wanted(name) or self.stays_out(path.name, name):
            return None
        target = Path(os.path.realpath(path))  # Path.resolve fails for a link to itself
        if target in self.without or (path / "pyvenv.cfg").is_file():
            return None
        if not path.is_symlink():
            return target
        if not target.is_relative_to(self.top):
            raise self.error(name, "is a symbolic link out of the source folder", "Copy what it points to")
        if any(self.stays_out(part, name) for part in target.relative_to(self.top).parts):
            return None
        return target

    def is_wanted(self, name: PurePosixPath) -> bool:
        """Whether ``name`` is in what is taken, or leads there."""
        return not self.only or any(name.is_relative_to(path) or path.is_relative_to(name) for path in self.only)

    def stays_out(self, part: str, name: PurePosixPath) -> bool:
        if is_secret(part):
            self.secrets.add(name.as_posix())
            return True
        return _matches(part, self.litter)

    def entry(self, path: Path, name: PurePosixPath) -> ZipEntry:
        try:
            mode = path.stat().st_mode
        except OSError:
            raise self.error(name, "is a broken symbolic link", "Remove it, or correct what it points to") from None
        if not stat.S_ISREG(mode):
            raise self.error(name, "is neither a file nor a folder", "Remove it; a zip holds only files")
        try:
            str(name).encode()
        except UnicodeEncodeError:
            raise self.error(ascii(name.as_posix()), "has a name that is not Unicode", "Rename it") from None
        return ZipEntry(name=name.as_posix(), path=path, executable=bool(mode & stat.S_IXUSR))

    def error(self, name: object, what: str, fix: str) -> PackagingError:
        return PackagingError((PurePosixPath(self.where) / str(name)).as_posix(), what, fix)
