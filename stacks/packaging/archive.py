"""Files → the bytes of a zip, the same on every machine.

Sorted names, one date, two modes, and no compression: deflate's output depends on the zlib a Python was built with
(zlib and zlib-ng differ), and then two machines would give the same code two keys. The price is an upload of two to
three times the size. Lambda's limit counts the unzipped size either way.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

from stacks.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stacks.packaging.sources import ZipEntry

UNZIPPED_LIMIT = 262_144_000
"""Bytes that a function's code and layers may have when extracted (AWS Lambda developer guide, "Lambda quotas").

The other limit there, 50 MB zipped, is for uploads to Lambda itself. Our zips go through S3, where it does not hold.
"""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_FILE, _EXECUTABLE = 0o100644, 0o100755
_NAMED = 5


def archive(entries: Iterable[ZipEntry]) -> bytes:
    """The zip of ``entries``, sorted by name; it depends on their names, contents and executable bits only."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as zipped:
        for entry in sorted(entries, key=lambda entry: entry.name):
            zipped.writestr(_info(entry), entry.path.read_bytes())
    return file.getvalue()


def unzipped_size(entries: Sequence[ZipEntry], *, where: str, layer: int = 0) -> int:
    """Bytes of ``entries`` when extracted.

    Raises ``PackagingError`` that names the biggest parts when they and the bytes of the ``layer`` are more than Lambda
    takes.
    """
    parts: Counter[str] = Counter()
    for entry in entries:
        parts[entry.name.partition("/")[0]] += entry.path.stat().st_size
    total = parts.total()
    if total + layer > UNZIPPED_LIMIT:
        parts["the shared layer"] += layer
        biggest = ", ".join(f"{name} {_megabytes(size)}" for name, size in parts.most_common(_NAMED) if size)
        result, limit = _megabytes(total + layer), _megabytes(UNZIPPED_LIMIT)
        what = f"{result} unzipped exceed Lambda's limit of {limit}; biggest: {biggest}"
        raise PackagingError(where, what, "Remove what the function does not need, or split it")
    return total


def _info(entry: ZipEntry) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(entry.name, _EPOCH)
    info.create_system = _UNIX
    info.external_attr = (_EXECUTABLE if entry.executable else _FILE) << 16
    return info


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"
