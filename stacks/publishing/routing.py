"""A path of a site → the object that the site's CloudFront Function leads to. Pure; the twin of ``edge_sites.js``.

It serves to compare every published key with the router on machines without Node.js; a property test holds the two
to each other. Paths are decoded, and requests carry no headers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stacks.parts.frontend.endings import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

MANY = "*"
_REDIRECTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What the published folders hold that their paths do not show; the value of the parameter ``SiteRoutes``."""

    pages: Mapping[str, str] = field(default_factory=dict)
    """Prefix (``/``, ``/docs/``) → the form of the addresses below it."""
    endings: tuple[str, ...] = ()
    """Endings of published files that are not among the known ones, in lower case."""
    files: tuple[str, ...] = ()
    """Paths of files without an ending, and folders (``/data/``) of such files."""
    others: tuple[str, ...] = ()
    """Paths of pages in another form than their neighbours: ``/blog`` for blog/index.html among ``names``. ``*`` alone
    stands for more than fit: among ``names`` and ``files``, a path with a closing slash is then a folder's page."""

    @property
    def text(self) -> str:
        """The parameter's value: JSON in ASCII, without what is empty."""
        values = {"pages": self.pages, "endings": self.endings, "files": self.files, "others": self.others}
        return json.dumps({name: value for name, value in values.items() if value}, separators=(",", ":"))


def parsed(text: str) -> Routing:
    """The routing of a parameter's value; an empty one where the text is none."""
    try:
        load = json.loads(text)
        lists = {name: tuple(map(str, load.get(name, ()))) for name in ("endings", "files", "others")}
        return Routing(pages=dict(load.get("pages", {})), **lists)
    except (ValueError, AttributeError, TypeError):
        return Routing()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedPath:
    """What the function does with a path: the object's path, or a redirect to another address."""

    path: str
    is_redirect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """The function with its two inputs: ``sites`` are the description's prefixes with their forms."""

    sites: Mapping[str, str]
    routing: Routing

    @property
    def forms(self) -> dict[str, str]:
        """Prefix → form, as published or else as described."""
        return {**self.sites, **self.routing.pages}

    def leads_to(self, path: str) -> str:
        """The path of the object that a browser gets, after redirects."""
        for _ in range(_REDIRECTS):
            answer = self.answer(path)
            if not answer.is_redirect:
                return answer.path
            path = answer.path
        return path

    def answer(self, path: str) -> RoutedPath:
        """What the function does with a GET of ``path``."""
        forms = self.forms
        if top := forms.get(f"{path}/"):
            if _is_shell(top) and f"{path}/" in self.sites:
                return RoutedPath(path=f"{path}/{top}")
            return _moved(path, f"{path}/")
        prefix = max((item for item in forms if path.startswith(item)), key=len, default="")
        if not prefix:
            return RoutedPath(path=path)
        form = forms[prefix]
        if self._is_file(path, prefix, form):
            return self._file(path, prefix, form)
        if _is_shell(form):
            is_page = path in self.routing.others
            own = path + ("index.html" if path.endswith("/") else ".html")
            return RoutedPath(path=own if is_page else prefix + form)
        return self._folder(path, prefix, form) if path.endswith("/") else self._page(path, form)

    def _folder(self, path: str, prefix: str, form: str) -> RoutedPath:
        others = self.routing.others
        is_other = path[:-1] in others or (form != "folders" and MANY in others)
        if path == prefix or is_other == (form != "folders"):
            return RoutedPath(path=f"{path}index.html")
        return _moved(path, path[:-1] + ("" if form == "names" else ".html"))

    def _page(self, path: str, form: str) -> RoutedPath:
        if path in self.routing.others:
            return _moved(path, path + (".html" if form == "folders" else "/"))
        if form == "names":
            return RoutedPath(path=f"{path}.html")
        return _moved(path, path + ("/" if form == "folders" else ".html"))

    def _file(self, path: str, prefix: str, form: str) -> RoutedPath:
        """A file by its own name, or a redirect to the one address of a page."""
        if _is_shell(form) or path == "/index.html":
            return RoutedPath(path=path)
        if path.endswith("/index.html"):
            folder = path.removesuffix("index.html")
            canonical = form == "folders" or folder == prefix or folder[:-1] in self.routing.others
            return _moved(path, folder) if canonical else RoutedPath(path=path)
        stripped = path.removesuffix(".html")
        if (
            form != "names"
            or stripped == path
            or re.search(r"/[0-9]{3}\Z", stripped)
            or self._is_file(stripped, prefix, form)
        ):
            return RoutedPath(path=path)
        return _moved(path, stripped)

    def _is_file(self, path: str, prefix: str, form: str) -> bool:
        name = path.rpartition("/")[2]
        dot, ending = name.rpartition(".")[1:]
        return name != "" and (
            (dot == "." and (ending.lower() in ENDINGS or ending.lower() in self.routing.endings))
            or "/.well-known/" in path
            or (_is_shell(form) and path.removeprefix(prefix).startswith(("assets/", "static/")))
            or any(path == file or (file.endswith("/") and path.startswith(file)) for file in self.routing.files)
        )


def _is_shell(form: str) -> bool:
    return form.endswith(".html")


def _moved(path: str, target: str) -> RoutedPath:
    """A redirect; never one whose path a browser would take for another host."""
    return RoutedPath(path=path) if "//" in target else RoutedPath(path=target, is_redirect=True)
