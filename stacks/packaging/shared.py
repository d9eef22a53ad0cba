"""Requirements that functions share: how a layer holds them, and what a function's own zip leaves to the layer.

Lambda finds a layer's packages in /opt/python, after those of the function's zip. A package that is in both is left
out of the function's zip, so both have to have the same version of it: the function's requirements are resolved with
the layer's versions as constraints.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from stacks.packaging.requirements import Requirements
    from stacks.packaging.sources import ZipEntry

AT = "/opt/python"
"""Where a layer's packages are on Lambda."""
_INFO = ".dist-info"


def in_layer(entries: Iterable[ZipEntry]) -> Iterator[ZipEntry]:
    """The files of a layer's zip, which Lambda unpacks in /opt."""
    return (replace(entry, name=f"python/{entry.name}") for entry in entries)


def constrained(wanted: Requirements, layer: Path) -> Requirements:
    """The requirements with the versions of an installed layer; those with hashes have their own."""
    if wanted.hashed:
        return wanted
    constraints = tuple(f"{name}=={version}" for name, version in sorted(_versions(layer).items()))
    digest = hashlib.sha256("\n".join((wanted.digest, *constraints)).encode()).hexdigest()
    return replace(wanted, constraints=constraints, digest=digest)


def left_to(layer: Path, folder: Path, *, where: str) -> frozenset[str]:
    """The names of the files in ``folder`` whose packages are in ``layer``.

    Raises ``PackagingError`` for a package that both have in different versions.
    """
    shared_versions, files = _versions(layer), set[str]()
    for name, version in sorted(_versions(folder).items()):
        if shared_versions.get(name, version) != version:
            what = f"asks for {name} {version}, and the shared requirements have {shared_versions[name]}"
            raise PackagingError(where, what, "Pin the same version in both")
        if name in shared_versions:
            files.update(_files(folder / f"{name}-{version}{_INFO}"))
    return frozenset(files)


def _versions(folder: Path) -> dict[str, str]:
    """The installed packages, named as their folders of metadata are."""
    parts = (path.name.removesuffix(_INFO).partition("-") for path in folder.glob(f"*{_INFO}"))
    return {name: version for name, _, version in parts}


def _files(info: Path) -> Iterator[str]:
    with (info / "RECORD").open(encoding="utf-8", newline="") as record:
        yield from (row[0] for row in csv.reader(record) if row)
