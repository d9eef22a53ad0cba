"""A file or folder that another framework built → the bytes that are uploaded: nothing is installed or left out.

A folder becomes a zip of all its files but version control, caches and what holds secrets by custom; a zip goes up as
it is; any other file as it is, or as the only file of a zip where code is asked for.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from stacks.errors import PackagingError
from stacks.files import bytes_of
from stacks.packaging.archive import UNZIPPED_LIMIT, archive, unzipped_size
from stacks.packaging.sources import ZipEntry, read_sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.packaging.bundle import Bundle


def content(bundle: Bundle, root: Path, out: Path, *, say: Callable[[str], None]) -> tuple[bytes, int]:
    """What is uploaded for ``bundle``, and its extracted size in bytes. ``say`` gets a message about skipped files.

    Raises ``PackagingError`` for a folder where a file is asked for, and for code over Lambda's limit.
    """
    if bundle.text is not None:
        data = bundle.text.encode()
        return data, len(data)
    path = root / bundle.source
    if bundle.as_is == "file":
        if not path.is_file():
            raise PackagingError(bundle.source, "is not a file", "Name the file itself")
        return bytes_of(path), path.stat().st_size
    if path.is_file() and zipfile.is_zipfile(path):
        return bytes_of(path), _extracted(path, bundle.source)
    if path.is_file():
        entries: tuple[ZipEntry, ...] = (ZipEntry(name=path.name, path=path),)
    else:
        sources = read_sources(path, where=bundle.source, without=[out], language=None)
        entries = sources.entries
        if sources.secrets:
            say(f"{bundle.source}: kept out of the zip: {', '.join(sources.secrets)}")
    size = unzipped_size(entries, where=bundle.source)
    return archive(entries), size


def _extracted(path: Path, where: str) -> int:
    with zipfile.ZipFile(path) as zipped:
        size = sum(info.file_size for info in zipped.infolist())
    if size > UNZIPPED_LIMIT:
        what = f"{size:,} bytes unzipped exceed Lambda's limit of {UNZIPPED_LIMIT:,}"
        raise PackagingError(where, what, "Remove what the function does not need, or split it")
    return size
