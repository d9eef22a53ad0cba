"""A Content-Security-Policy as text → what makes it no protection. Pure.

https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEEDED = ("default-src", "base-uri", "form-action", "frame-ancestors")
"""``form-action``, ``base-uri`` and ``frame-ancestors`` do not fall back to ``default-src``."""
_PICTURES = {"img-src", "media-src", "font-src"}
_ANYTHING = {"*", "http:", "https:", "ws:", "wss:", "data:", "blob:", "filesystem:", "*:*"}
_UNSAFE = {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'"}
_HOST = re.compile(r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>[^/:']+)(?::[\d*]+)?(?:/.*)?", re.IGNORECASE)


def weaknesses(policy: str) -> list[str]:
    """What is missing or lets in too much, as ``script-src 'unsafe-inline'``."""
    directives: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split()[:1] + part.split()[1:] or [""]
        directives.setdefault(
            name.lower(), [source.lower() for source in sources]
        )  # a second one is ignored by browsers
    missing = [f"no {name}" for name in _NEEDED if name not in directives]
    return [*missing, *(f"{name} {item}" for name, some in directives.items() for item in _weak(name, some))]


def _weak(name: str, sources: list[str]) -> Iterator[str]:
    if not (name.endswith("-src") or "-src-" in name or name in _NEEDED):
        return
    harmless = {"https:", "data:", "blob:"} if name in _PICTURES else {"blob:"} if name == "worker-src" else set()
    for source in sources:
        if source in _UNSAFE or (source in _ANYTHING and source not in harmless) or _is_wide_host(source):
            yield source


def _is_wide_host(source: str) -> bool:
    """Whether a host is asked without TLS, or a wildcard stands for a whole top-level domain."""
    match = _HOST.fullmatch(source)
    if not match or source.startswith("'") or source.endswith(":"):
        return False
    wide = match["host"].startswith("*") and match["host"].count(".") <= 1
    return wide or match["scheme"] in {"http", "ws"}
