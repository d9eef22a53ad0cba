"""An HTML file → whether it is the shell of a single-page application, and what it links to. Pure.

A shell has scripts and shows nothing without them: ``<div id="root"></div>``, ``<app-root></app-root>``.
"""

from __future__ import annotations

import re
from posixpath import join, normpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_SHELL = 64 * 1024
"""Bytes beyond which a page is taken for content; shells of Vite, Angular and Flutter have one to ten thousand."""
_UNSEEN = re.compile(
    r"<!--.*?-->|<(head|title|script|style|noscript|template|svg)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[^>]*>")
_SEEN = re.compile(r"<(img|picture|video|iframe|form|input|button|nav|article|table)\b", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_TO_FILE = re.compile(r"<a\b[^>]*?\bhref\s*=\s*[\"']?(?![a-z][a-z0-9+.-]*:|//)[^\"'\s>#?]+\.html\b", re.IGNORECASE)


def is_shell(page: str) -> bool:
    """Whether a page has a script of its own and shows nothing without it."""
    body = _UNSEEN.sub("", page)
    return bool(_SCRIPT.search(page)) and not _SEEN.search(body) and not _TAG.sub("", body).strip()


def has_own_scripts(page: str, folder: str, prefix: str) -> bool:
    """Whether all local scripts of ``folder``'s index.html are below ``folder``: ``/admin/``, of a site at ``prefix``.

    ``<base>`` is taken for the folder itself, as builders write it.
    """
    local = list(_local_scripts(page, folder, prefix))
    return bool(local) and all(item.startswith(folder) for item in local)


def _local_scripts(page: str, folder: str, prefix: str) -> Iterator[str]:
    for source in _SCRIPT.findall(page):
        if source.startswith(("http:", "https:", "//", "data:")):
            continue
        # A builder that does not know the path of its output writes URLs from the root.
        yield source if source.startswith(prefix) and prefix != "/" else normpath(join(folder, source))


def links_to_files(page: str) -> bool:
    """Whether a page links to other pages by their files' names: ``href="about.html"``."""
    return _TO_FILE.search(page) is not None
