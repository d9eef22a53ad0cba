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
REVALIDATE = "no-cache"
"""For all else: kept, but asked about each time (an unchanged file answers 304), so that no stale one is shown."""

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

# A hash as build tools write it: 8 or more hexadecimal digits after "." or "-" (webpack, Parcel, Sprockets), with a
# letter and a digit, so that "report-20240101.pdf" has none.
_HEX = re.compile(r"[.-](?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,64}\.")
# 8 characters of base64url after "-" (Vite, Rollup), or of base32 (esbuild, Angular). They need a capital, and must not
# be made of words and numbers, as "Summer24", "UserCard", "IMG_2024" are. A hash that looks like words, some 2 % of
# them, costs a 304; a name that is taken for a hash would be stale for a year.
_BASE64 = re.compile(r"-(?=[^.]*[A-Z])([A-Za-z0-9_-]{8})\.")
_WORDS = re.compile(
    r"(?:(?:[AEIOUY][a-z]+|[A-Z]?[a-z]*[aeiouy][a-z]*)[-_]?){1,3}[0-9]*"
    r"|[A-Z]{2,}[-_]?[0-9]*"
    r"|[A-Z]?[a-z]+[-_]?[0-9]+"
)
_PART = re.compile(r"[A-Z]?[a-z]+")
# Folders in which every name or folder carries a hash, as these tools' own servers treat them, but for Nuxt's pointer
# to its latest build. https://nextjs.org/docs/app/api-reference/config/next-config-js/headers#cache-control
# https://svelte.dev/docs/kit/adapter-static https://docs.astro.build/en/reference/configuration-reference/#buildassets
_HASHED_FOLDERS = re.compile(r"(?:.*/)?(?:_next/static|_app/immutable|_astro|_nuxt(?!/builds/latest\.json))/.+")
_NEVER_KEPT = re.compile(r".*\.html?|.*\.webmanifest|manifest\.json|config\.json", re.IGNORECASE)
_WORKER = re.compile(r"(service-?worker|sw|ngsw|ngsw-worker)(-[^.]*)?\.(m?js|json)", re.IGNORECASE)


def content_type(key: str) -> str:
    """Return the Content-Type for a key, with ``charset=utf-8`` where it is text."""
    suffix = PurePosixPath(key).suffix.lower()
    result = _TYPES.get(suffix) or _MORE_TYPES.guess_type(f"x{suffix}")[0] or "application/octet-stream"
    return f"{result}; charset=utf-8" if _TEXT.fullmatch(result) else result


def cache_control(key: str) -> str:
    """Return the Cache-Control for a key: for ever if its name has a hash and it is not a page, worker or manifest."""
    name = PurePosixPath(key).name
    if _NEVER_KEPT.fullmatch(name) or _WORKER.fullmatch(name):
        return REVALIDATE
    return FOREVER if _HASHED_FOLDERS.fullmatch(key) or _is_hashed(name) else REVALIDATE


def _is_hashed(name: str) -> bool:
    if _HEX.search(name):
        return True
    return any(not _is_worded(match[1]) for match in _BASE64.finditer(name))


def _is_worded(text: str) -> bool:
    """Whether a text could be words and a number: ``UserCard``, ``Summer24``, ``IMG_2024``."""
    return _WORDS.fullmatch(text) is not None and all(len(part) > 2 for part in _PART.findall(text))  # noqa: PLR2004


def fingerprinted(key: str, digest: str) -> str:
    """The name that says a file's content: ``static/style.css`` → ``static/style.0123456789abcdef.css``.

    ``digest`` is the SHA-256 of the content in hexadecimal. An application computes the same name for its links.
    """
    path = PurePosixPath(key)
    return str(path.with_name(f"{path.stem}.{digest[:16]}{path.suffix}"))


def is_page(key: str) -> bool:
    """Whether the file names others that must be there before it: HTML, and the files of service workers."""
    name = PurePosixPath(key).name
    return name.lower().endswith((".html", ".htm")) or _WORKER.fullmatch(name) is not None
