"""A folder of static files, and generated ones, to the objects they become.

Hidden files are never published (``.env``, ``.git``; ``.well-known`` is), nor is anything a link
reaches outside the folder. Keys are Unicode in composed form (NFC), as browsers ask for them, whatever the disk
says. Reads the disk, calls nothing.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.cloud import Headers
from stacks.errors import DeployError, Problem
from stacks.files import not_a_file, opened
from stacks.publishing.shells import LARGEST_SHELL
from stacks.publishing.survey import FALLBACKS, SurveyedSite
from stacks.publishing.web import FOREVER, cache_control, content_type, fingerprinted, is_page

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 5 * 1024**3
"""Bytes that S3 takes in one PUT: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html"""
LONGEST_KEY = 1024
"""Bytes of a key in UTF-8: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""
_INDEX = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFiles:
    """A folder that is served under ``prefix`` ("app/", "static/").

    ``fallback`` marks a site: paths lead to its pages, and it has an ``index.html``. Other folders hold the static
    files of an application that writes its own pages. ``form`` is how the description says that pages are addressed.
    """

    prefix: str
    folder: Path
    fallback: bool
    form: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteObject:
    """An object as it should be; ``digest`` is the SHA-256 of its bytes."""

    key: str
    body: bytes | Path
    headers: Headers
    digest: str
    size: int


def read_folder(site: SiteFiles) -> tuple[SiteObject, ...]:
    """Return a folder's files, sorted by key; a single-page application's may be in ``browser/`` (Angular).

    Raises ``DeployError`` for a folder that is missing or empty, a single-page application without
    ``index.html``, links that leave the folder, and with every file that cannot be served.
    """
    if not site.folder.is_dir():
        raise DeployError(str(site.folder), "there is no such folder to publish", "Create it, or correct its path")
    folder = built_folder(site.folder) if site.fallback else site.folder
    results = sorted(_walk(str(folder), folder))
    if not results:
        raise DeployError(str(site.folder), "the folder to publish is empty", "Build the site into it first")
    if problems := tuple(problem for name in results for problem in _problems(site.prefix + name, folder / name)):
        raise DeployError.of(problems)
    files = tuple(_file(site.prefix, name, folder / name) for name in results)
    return files if site.fallback else tuple(name for file in files for name in _names(file))


def published(site: SiteFiles) -> SurveyedSite | None:
    """What the router is made for; ``None`` for a folder that cannot be published as it is, or not yet."""
    try:
        folder = built_folder(site.folder)
        names = tuple(sorted(unicodedata.normalize("NFC", name) for name in _walk(str(folder), folder)))
    except (OSError, DeployError):
        return None

    def text(name: str) -> str:
        with opened(folder / name) as file:
            return file.read(LARGEST_SHELL).decode(errors="replace")

    return SurveyedSite(prefix=f"/{site.prefix}", names=names, read=text, form=site.form)


def _names(file: SiteObject) -> Iterator[SiteObject]:
    """A static file of an application under its own name, and under one that says its content and is kept for ever.

    Pages link to the second (``lambda_src/web/cdn.py`` of the example); a build tool's file has such a name already.
    """
    yield file
    if file.headers.cache_control != FOREVER and not is_page(file.key):
        kept = Headers(content_type=file.headers.content_type, cache_control=FOREVER)
        yield replace(file, key=fingerprinted(file.key, file.digest), headers=kept)


def generated_file(key: str, body: bytes) -> SiteObject:
    """Return an object made by the deployer itself."""
    return SiteObject(
        key=key, body=body, headers=_headers(key), digest=hashlib.sha256(body).hexdigest(), size=len(body)
    )


def built_folder(folder: Path) -> Path:
    """The folder with the page that a site starts with: itself, or where Angular builds to.

    Raises ``DeployError`` when there is none, or more than one.
    """
    if first_page(folder).is_file():
        return folder
    built = [path.parent for pattern in ("browser", "*/browser") for path in folder.glob(f"{pattern}/{_INDEX}")]
    if len(built) == 1:
        return built[0]
    if not any(folder.iterdir()):
        raise DeployError(str(folder), "the folder to publish is empty", "Build the site into it first")
    elsewhere = sorted(path.parent.as_posix() for path in folder.glob(f"*/{_INDEX}")) or sorted(map(str, built))
    fix = f"Name {' or '.join(elsewhere)} instead" if elsewhere else "Build the site into this folder first"
    raise DeployError(str(folder), "a site needs an index.html", fix)


def first_page(folder: Path) -> Path:
    """What the path of a site itself leads to: its index.html, or the page that answers all."""
    return next((folder / name for name in (_INDEX, *FALLBACKS) if (folder / name).is_file()), folder / _INDEX)


def _file(prefix: str, name: str, path: Path) -> SiteObject:
    key = unicodedata.normalize("NFC", prefix + name)
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SiteObject(key=key, body=path, headers=_headers(key), digest=digest, size=size)


def _headers(key: str) -> Headers:
    return Headers(content_type=content_type(key), cache_control=cache_control(key))


def _problems(key: str, path: Path) -> Iterator[Problem]:
    where = ascii(str(path))[1:-1]
    if not _is_servable(key):
        what = "no address leads to this name: it is not UTF-8, or has a control character or a backslash"
        yield Problem(where=where, what=what, fix="Rename the file")
    elif len(key.encode()) > LONGEST_KEY:
        yield Problem(
            where=where, what=f"{len(key.encode()):,} bytes of path, S3 allows {LONGEST_KEY:,}", fix="Shorten it"
        )
    if (size := path.stat().st_size) > LARGEST:
        what = f"the file has {size:,} bytes, S3 takes {LARGEST:,} at once"
        yield Problem(where=where, what=what, fix="Split it, or serve it from elsewhere")


def _is_servable(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return "\\" not in key and not any(unicodedata.category(letter) == "Cc" for letter in key)


def _walk(folder: str, root: Path, prefix: str = "") -> Iterator[str]:
    """Paths inside ``root``, with ``/``."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not _is_public(entry.name):
                continue
            if entry.is_symlink():
                _check_link(Path(entry.path), root)
            if entry.is_dir():
                yield from _walk(entry.path, root, f"{prefix}{entry.name}/")
            elif not entry.is_file():
                what = f"is {not_a_file(entry.stat().st_mode)}, and only files are published"
                raise DeployError(entry.path, what, "Remove it")
            else:
                yield prefix + entry.name


def _check_link(path: Path, root: Path) -> None:
    if path.is_dir():
        what = f"a folder inside {root} is a link"
        raise DeployError(str(path), what, "Put the files themselves there, or remove the link")
    if not path.exists():
        raise DeployError(str(path), "the link leads to nothing", "Correct or remove it")
    target, inside = path.resolve(), root.resolve()
    if not target.is_relative_to(inside):
        what = f"the link leads to {target}, outside the folder that is published"
        raise DeployError(str(path), what, "Put a copy of the file there, or remove the link")
    if not all(map(_is_public, target.relative_to(inside).parts)):
        raise DeployError(str(path), f"the link leads to the hidden {target.name}", "Remove the link")


def _is_public(name: str) -> bool:
    return not name.startswith(".") or name == ".well-known"
