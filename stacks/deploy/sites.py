"""A folder of static files, and generated ones, to the objects they become.

Hidden files are never published (``.env``, ``.git``; ``.well-known`` is), nor is anything a link
reaches outside the folder. Reads the disk, calls nothing.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.deploy.cloud import Headers
from stacks.deploy.web import cache_control, content_type
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFiles:
    """A folder that is served under ``prefix`` ("app/", "static/").

    ``fallback`` marks a single-page application: its routes are answered with its ``index.html``,
    which must be there.
    """

    prefix: str
    folder: Path
    fallback: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """An object as it should be: ``digest`` covers the bytes and the headers they are served with."""

    key: str
    body: bytes | Path
    headers: Headers
    digest: str


def read_folder(site: SiteFiles) -> tuple[LocalFile, ...]:
    """Return a folder's files, sorted by key.

    Raises ``DeployError`` for a folder that is missing or empty, a single-page application without
    ``index.html``, and links that leave the folder.
    """
    if not site.folder.is_dir():
        raise DeployError(str(site.folder), "there is no such folder to publish", "Create it, or correct its path")
    found = sorted(_walk(site.folder))
    if not found:
        raise DeployError(str(site.folder), "the folder to publish is empty", "Build the site into it first")
    if site.fallback and site.folder / "index.html" not in found:
        what = "a single-page application needs an index.html for its routes"
        raise DeployError(str(site.folder), what, "Build the site into this folder first")
    return tuple(_file(site, path) for path in found)


def generated_file(key: str, body: bytes) -> LocalFile:
    """Return an object made by the deployer itself; browsers ask for it each time."""
    return _local(key, body, hashlib.sha256(body), single_page=True)


def _file(site: SiteFiles, path: Path) -> LocalFile:
    key = site.prefix + path.relative_to(site.folder).as_posix()
    with path.open("rb") as opened:
        return _local(key, path, hashlib.file_digest(opened, "sha256"), single_page=site.fallback)


def _local(key: str, body: bytes | Path, content: hashlib._Hash, *, single_page: bool) -> LocalFile:
    headers = Headers(content_type=content_type(key), cache_control=cache_control(key, single_page=single_page))
    content.update(f"\n{headers.content_type}\n{headers.cache_control}".encode())
    return LocalFile(key=key, body=body, headers=headers, digest=content.hexdigest())


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if _is_public(name)]
        for name in folders:
            _refuse_link(Path(here, name), folder)
        for name in filter(_is_public, names):
            path = Path(here, name)
            if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
                what = f"the link leads to {path.resolve()}, outside the folder that is published"
                raise DeployError(str(path), what, "Put a copy of the file there, or remove the link")
            yield path


def _refuse_link(path: Path, folder: Path) -> None:
    if path.is_symlink():
        what = f"a folder inside {folder} is a link"
        raise DeployError(str(path), what, "Put the files themselves there, or remove the link")


def _is_public(name: str) -> bool:
    return not name.startswith(".") or name == ".well-known"
