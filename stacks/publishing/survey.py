"""Folders of sites → what the router has to know of them. Reads names, and the beginnings of index pages.

A top-level 404.html, or pages next to index.html, make a site of many pages, as Cloudflare Pages decides
(https://developers.cloudflare.com/pages/configuration/serving-pages/); a copy of index.html for other hosts does not
count. Sub-folders with an application of their own are found by their shells (``shells``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.publishing.routing import MANY, Router, Routing
from stacks.publishing.shells import has_own_scripts, is_shell, links_to_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_INDEX = "index.html"
FALLBACKS = ("200.html", "__spa-fallback.html")
"""Pages that answer all routes next to a rendered index.html: SvelteKit's and surge's name, and React Router's."""
_NO_PAGE = re.compile(r"(?:.*/)?(?:[0-9]{3}|__spa-fallback)\.html")
_ENDING = re.compile(r"[a-z][a-z0-9]{0,11}")
_HASH = re.compile(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,}|[0-9]{6,}")
_MOST_NAMES = 4
"""Names of one folder that are listed; with more, the folder itself is."""


@dataclass(frozen=True)
class SurveyedSite:
    """The files of one site, as survey sees them.

    ``names`` are relative to its folder, ``read`` returns the text of a file, ``form`` is what the description says.
    """

    prefix: str
    names: tuple[str, ...]
    read: Callable[[str], str]
    form: str | None = None

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """Pages that visitors have addresses of: no error pages and fallbacks."""
        return tuple(name for name in self.names if name.endswith(".html") and not _NO_PAGE.fullmatch(name))

    @cached_property
    def root(self) -> str:
        """The text of the first page."""
        return self.read(_INDEX) if _INDEX in self.names else ""


def survey(sites: Sequence[SurveyedSite], *, described: Mapping[str, str], room: int) -> Routing:
    """What the router has to know of the sites, in ``room`` bytes.

    What does not fit is left out, the forms of single pages first, then applications in sub-folders, then names; files
    that then lead elsewhere are refused when they are published.
    """
    pages: dict[str, str] = {}
    others: list[str] = []
    for site in sites:
        for area, form, members in _areas(site):
            pages[site.prefix + area] = form
            others += (f"{site.prefix}{name}" for name in _others(form, area, members))
    paths = [f"{site.prefix}{name}" for site in sites for name in site.names]
    # What the description says already is not repeated.
    message = {prefix: form for prefix, form in pages.items() if described.get(prefix) != form}
    return _fitted(Routing(pages=message, others=tuple(sorted(others))), paths, described, room)


def _areas(site: SurveyedSite) -> Iterator[tuple[str, str, list[str]]]:
    """Where the form of addresses changes: a folder (``docs/``), the form, the pages of it."""
    apps = [] if site.form else sorted(_apps(site))
    rest = [name for name in site.pages if name != _INDEX and not name.startswith(tuple(apps))]
    shell = site.form or _shell(site, rest)
    for app in apps:
        yield app, _INDEX, []
    if not shell or not shell.endswith(".html"):
        yield "", shell or _form(rest, site.root), rest
        return
    own = sorted(
        {name.split("/")[0] + "/" for name in rest if "/" in name and f"{name.split('/')[0]}/{_INDEX}" in rest}
    )
    own = own if shell == _INDEX and not site.form else []
    for folder in own:
        below = [name for name in rest if name.startswith(folder) and name != folder + _INDEX]
        yield folder, _form(below, site.read(folder + _INDEX)), below
    outside = [name for name in rest if not name.startswith(tuple(own))]
    yield "", shell, [*outside, *([_INDEX] if shell != _INDEX and _INDEX in site.pages else [])]


def _apps(site: SurveyedSite) -> set[str]:
    """Sub-folders that hold a single-page application of their own."""
    scripted = {
        f"{parent}/"
        for name in site.names
        if name.endswith((".js", ".mjs"))
        for parent in map(str, PurePosixPath(name).parents)
        if parent != "."
    }
    apps: set[str] = set()
    for folder in sorted(scripted):
        if folder + _INDEX in site.names and not folder.startswith(tuple(apps)):
            page = site.read(folder + _INDEX)
            if is_shell(page) and has_own_scripts(page, site.prefix + folder, site.prefix):
                apps.add(folder)
    return apps


def _shell(site: SurveyedSite, rest: Sequence[str]) -> str | None:
    """The page that answers all routes; ``None`` for a site of many pages."""
    if "404.html" in site.names and site.read("404.html") != site.root:
        return None
    if fallback := next((name for name in FALLBACKS if name in site.names), None):
        return fallback
    if not rest:
        return _INDEX
    indexes = [name for name in rest if name.endswith(f"/{_INDEX}")]
    is_app = (
        is_shell(site.root) and len(indexes) == len(rest) and not any(is_shell(site.read(index)) for index in indexes)
    )
    return _INDEX if is_app else None


def _form(pages: Sequence[str], first: str) -> str:
    folders = sum(name.endswith(f"/{_INDEX}") for name in pages)
    if len(pages) - folders <= folders:
        return "folders"
    return "files" if links_to_files(first) else "names"


def _others(form: str, area: str, pages: Sequence[str]) -> Iterator[str]:
    """The pages in another form than ``form``, by the path that the router compares."""
    folders = {name.removesuffix(f"/{_INDEX}") for name in pages if name.endswith(f"/{_INDEX}")}
    names = {name.removesuffix(".html") for name in pages if not name.endswith(f"/{_INDEX}") and name != _INDEX}
    if form.endswith(".html"):
        yield from names
        yield from (f"{folder}/" for folder in folders)
        yield from ([area] if _INDEX in pages else [])
    else:
        yield from (names - folders) if form == "folders" else (folders - names)


def _fitted(routing: Routing, paths: Sequence[str], described: Mapping[str, str], room: int) -> Routing:
    """The routing with the names that are needed to reach every path, folded until it fits."""
    router = Router(sites=described, routing=routing)
    lost = [path for path in paths if router.leads_to(path) != path and not path.endswith(".html")]
    endings = {
        path: path.rpartition("/")[2].rpartition(".")[2].lower() for path in lost if "." in path.rsplit("/", 1)[1]
    }
    named = {path for path in lost if not _ENDING.fullmatch(endings.get(path, "")) or _HASH.fullmatch(endings[path])}
    known = tuple(sorted({ending for path, ending in endings.items() if path not in named}))
    closed = {f"{parent}/" for path in paths if path.endswith(".html") for parent in _parents(path)} | {"/", *described}
    for most in (_MOST_NAMES, 0):
        files = tuple(sorted(_folded(named, closed, most)))
        result = Routing(pages=routing.pages, endings=known, files=files, others=routing.others)
        if len(result.text) <= room:
            return result
    own = {prefix: form for prefix, form in routing.pages.items() if prefix in described}
    fewer = (
        Routing(pages=routing.pages, endings=known, files=files, others=(MANY,)),
        Routing(pages=own, endings=known, files=files, others=(MANY,)),
        Routing(pages=own, others=(MANY,)),
    )
    return next((entry for entry in fewer if len(entry.text) <= room), fewer[-1])


def _folded(paths: Iterable[str], closed: set[str], most: int) -> set[str]:
    """Names without an ending; of a folder with more than ``most``, or with a hash for a name, the folder itself.

    Folders with pages in them stay open: what has no ending may be a page there.
    """
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(path.rpartition("/")[0] + "/", []).append(path)
    results: set[str] = set()
    for folder, members in groups.items():
        hashed = any(_HASH.search(member.rpartition("/")[2]) for member in members)
        fold = folder not in closed and (len(members) > most or hashed)
        results |= {_highest(folder, closed) if most == 0 or hashed else folder} if fold else set(members)
    return results


def _highest(folder: str, closed: set[str]) -> str:
    """The highest folder above that holds no pages."""
    above = [f"{parent}/" for parent in _parents(folder.rstrip("/"))]
    return next((item for item in reversed(above) if item not in closed), folder)


def _parents(path: str) -> list[str]:
    """``/a/b/c`` → ``/a/b``, ``/a``, the nearest first; the root is the empty text."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
