"""How a file is served: its content type and how long browsers and the CDN may keep it.

Pure: from a file's name to its headers. Types come from a table of what the web uses and then from
Python's own table, never from the machine's ``/etc/mime.types``, so every machine publishes the same.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import PurePosixPath

FOREVER = "public, max-age=31536000, immutable"
"""For names that carry a hash of the content: another content has another name."""
A_DAY = "public, max-age=86400"
"""For a server-rendered page's files: a changed file is on every screen within a day."""
REVALIDATE = "no-cache"
"""Kept, but asked about each time (an unchanged file answers 304)."""

_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_MORE_TYPES = mimetypes.MimeTypes()
_TEXT = re.compile(r"text/.*|application/(json|xml|manifest\+json)|image/svg\+xml")

# ".3f9a1c07." as webpack writes it, or "-BxY7z_9Q." as vite does.
# The second needs a digit: "menu-dropdown.js" has no hash.
_HASHED = re.compile(r"\.[0-9a-f]{8,}\.|-(?=[A-Za-z_]*[0-9])[A-Za-z0-9_]{8,}\.")
_NEVER_KEPT = re.compile(r".*\.html?|.*\.webmanifest|manifest\.json|config\.json|(service-?worker|sw)(-[^.]*)?\.m?js")


def content_type(key: str) -> str:
    """Return the Content-Type for a key, with ``charset=utf-8`` where it is text."""
    suffix = PurePosixPath(key).suffix.lower()
    found = _TYPES.get(suffix) or _MORE_TYPES.guess_type(f"x{suffix}")[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if _TEXT.fullmatch(found) else found


def cache_control(key: str, *, single_page: bool) -> str:
    """Return the Cache-Control for a key.

    Pages, configuration, manifests and service workers are asked about each time; hashed names are
    kept for ever. What is left is kept for a day, or asked about each time in a single-page
    application, where page and scripts change together.
    """
    name = PurePosixPath(key).name
    if _NEVER_KEPT.fullmatch(name):
        return REVALIDATE
    if _HASHED.search(name):
        return FOREVER
    return REVALIDATE if single_page else A_DAY
