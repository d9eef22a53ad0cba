"""Content-Security-Policies as data, and which URLs their sources allow. Pure.

https://www.w3.org/TR/CSP3/#match-url-to-source-list
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FONTS = {
    "https://fonts.googleapis.com": "https://fonts.gstatic.com",
    "https://use.typekit.net": "https://p.typekit.net",
}
"""Hosts of style sheets → where those load fonts from, which no page names."""
# https://www.w3.org/TR/CSP3/#directive-fallback-list
_FALLBACKS = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "style-src": ("style-src-elem", "style-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
    "form-action": ("form-action",),
    "base-uri": ("base-uri",),
}


def parsed(header: str) -> dict[str, list[str]]:
    """A policy as its header has it: directive → sources."""
    parts = [part.split() for part in header.split(";")]
    return {words[0].lower(): words[1:] for words in reversed(parts) if words}  # the first of two alike counts


def sources_of(policy: Mapping[str, Sequence[str]], directive: str) -> Sequence[str]:
    """The sources that hold for a directive; none where the policy does not speak of it."""
    names = _FALLBACKS.get(directive, (directive, "default-src"))
    return next((policy[name] for name in names if name in policy), ())


def origin_of(url: str) -> str | None:
    """``https://host`` of a URL of another host; ``None`` for all else, and for hosts that a template fills in."""
    absolute = f"https:{url}" if url.startswith("//") else url
    try:
        parts = urlsplit(absolute)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if (
        parts.scheme not in {"http", "https", "ws", "wss"}
        or not host
        or not re.fullmatch(r"[a-z0-9.-]+\.[a-z0-9-]+", host)
    ):
        return None
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


def allows(sources: Sequence[str], url: str) -> bool:
    """Whether a URL of another host is among sources; where there are none, the policy does not stop it."""
    if not sources:
        return True
    parts = urlsplit(f"https:{url}" if url.startswith("//") else url)
    return any(_allows(source, parts.scheme, parts.hostname or "", parts.path) for source in sources)


def _allows(source: str, scheme: str, host: str, path: str) -> bool:
    if source == "*":
        return scheme in {"http", "https", "ws", "wss"}
    if source.startswith("'"):
        return False
    if source.endswith(":"):
        return source == f"{scheme}:"
    match = re.fullmatch(r"(?:([a-z]+)://)?([^/:]+)(?::(?:\d+|\*))?(/.*)?", source)
    if match is None:
        return False
    own, name, place = match[1] or "https", match[2].lower(), match[3] or ""
    is_host = host.endswith(name[1:]) if name.startswith("*.") else host == name
    is_place = not place or (path.startswith(place) if place.endswith("/") else path == place)
    return is_host and is_place and (own == scheme or (own, scheme) in {("http", "https"), ("ws", "wss")})
