"""A page, style sheet or script → what of it a Content-Security-Policy blocks, and what would allow it. Pure.

Inline scripts and styles only work when their hash is among the policy's sources; attributes such as ``onload`` or
``style`` never do without ``'unsafe-inline'``. What comes from another host needs that host. Nothing is changed: hashes
and hosts belong into the description. https://www.w3.org/TR/CSP3/#match-element-to-source-list
"""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import PurePath
from typing import TYPE_CHECKING

from stacks.files import text_of
from stacks.progress import Inline
from stacks.publishing.policies import FONTS, allows, origin_of, sources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    Policy = Mapping[str, Sequence[str]]

FILLED_IN = "\ufdd0"
"""Stands for what a template fills in: inline code with it has no hash, an address with it no host. No text has it, as
Unicode keeps this character out of interchange."""
_EVERYTHING = "'unsafe-inline'"
# Other types are data, which no policy stops. https://html.spec.whatwg.org/multipage/scripting.html#the-script-element
_RUNS = {"", "module", "importmap", "speculationrules", "text/javascript", "application/javascript"}
_LOADS = {
    ("script", "src"): "script-src",
    ("img", "src"): "img-src",
    ("source", "src"): "media-src",
    ("video", "src"): "media-src",
    ("video", "poster"): "img-src",
    ("audio", "src"): "media-src",
    ("track", "src"): "media-src",
    ("iframe", "src"): "frame-src",
    ("embed", "src"): "object-src",
    ("object", "data"): "object-src",
    ("form", "action"): "form-action",
    ("base", "href"): "base-uri",
}
_LINKS = {
    "stylesheet": "style-src",
    "icon": "img-src",
    "apple-touch-icon": "img-src",
    "manifest": "manifest-src",
    "modulepreload": "script-src",
}
_PRELOADS = {
    "script": "script-src",
    "style": "style-src",
    "font": "font-src",
    "image": "img-src",
    "fetch": "connect-src",
}
_WORDS = {
    "connect-src": "a connection to",
    "font-src": "a font of",
    "img-src": "an image of",
    "style-src": "a style sheet of",
}
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)
_URL = re.compile(r"url\(\s*[\"']?((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)
_FONT = re.compile(r"\.(?:woff2?|ttf|otf|eot)\b", re.IGNORECASE)
_CALL = re.compile(
    r"(?:\bfetch|\b(?:axios|ky|\$)(?:\.\w+)?|\.open\(\s*[\"'`][A-Z]+[\"'`]\s*,"
    r"|\bnew (?:WebSocket|EventSource)|sendBeacon)"
    r"\s*\(?\s*[\"'`]((?:https?|wss?)://[^\"'`\s$]+)"
)


def blocked_in(name: str, file: Path, policy: Policy) -> Iterator[Inline]:
    """What of a file the policy stops, by the kind that its name says. Reads it."""
    kind = PurePath(name).suffix.lower()
    if kind in _LOOKS:
        yield from _LOOKS[kind](text_of(file, errors="replace"), policy)


def blocked(page: str, policy: Policy) -> tuple[Inline, ...]:
    """What of an HTML page the policy (directive → sources) stops, in the order of the page."""
    reader = _Reader(policy)
    reader.feed(page)
    reader.close()
    return tuple(reader.results)


def blocked_in_styles(text: str, policy: Policy, first: int = 1) -> Iterator[Inline]:
    """What a style sheet loads from other hosts and the policy stops; ``first`` is the number of its first line."""
    imported = {result.start(1) for result in _IMPORT.finditer(text)}
    loads = [("style-src", result) for result in _IMPORT.finditer(text)]
    loads += [
        ("font-src" if _FONT.search(result[1]) else "img-src", result)
        for result in _URL.finditer(text)
        if result.start(1) not in imported
    ]
    for directive, match in loads:
        yield from _foreign(match[1], directive, policy, first + text.count("\n", 0, match.start()))


def blocked_in_scripts(text: str, policy: Policy, first: int = 1) -> Iterator[Inline]:
    """What a script calls on other hosts, as far as the calls name them, and the policy stops."""
    for match in _CALL.finditer(text):
        yield from _foreign(match[1], "connect-src", policy, first + text.count("\n", 0, match.start()))


def _foreign(url: str, directive: str, policy: Policy, line: int) -> Iterator[Inline]:
    origin = origin_of(url)
    if origin is None or allows(sources_of(policy, directive), url):
        return
    what = f"{_WORDS.get(directive, 'something of')} {origin}"
    yield Inline(line=line, what=what, directive=directive, source=origin)
    if origin in FONTS and not allows(sources_of(policy, "font-src"), FONTS[origin]):
        what = f"{FONTS[origin]}, from where {origin} loads fonts,"
        yield Inline(line=line, what=what, directive="font-src", source=FONTS[origin])


_LOOKS: dict[str, Callable[[str, Policy], Iterable[Inline]]] = {
    ".html": blocked,
    ".htm": blocked,
    ".css": blocked_in_styles,
    ".js": blocked_in_scripts,
    ".mjs": blocked_in_scripts,
}


class _Reader(HTMLParser):
    def __init__(self, policy: Policy) -> None:
        super().__init__(convert_charrefs=True)
        self._policy, self._open = policy, ""
        self._text: list[str] = []
        self._line = 0
        self.results: list[Inline] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for name in values:
            if name.startswith("on"):
                self._report(f"the attribute {name} of <{tag}>", "script-src", "")
            elif name == "style":
                self._report(f"the attribute style of <{tag}>", "style-src", "")
        for directive, url in _loads(tag, values):
            for inline in _foreign(url, directive, self._policy, self.getpos()[0]):
                what = f"<{tag}> of {inline.source}" if inline.directive == directive else inline.what
                self.results.append(
                    Inline(line=inline.line, what=what, directive=inline.directive, source=inline.source)
                )
        if tag == "style" or (tag == "script" and "src" not in values and values.get("type", "").lower() in _RUNS):
            self._open, self._text, self._line = tag, [], self.getpos()[0]

    def handle_data(self, data: str) -> None:
        if self._open:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""
            text = "".join(self._text)
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            if text:
                source = "" if FILLED_IN in text else f"'sha256-{digest}'"
                self._report(f"an inline <{tag}>", f"{tag}-src", source, self._line)
                look = blocked_in_styles if tag == "style" else blocked_in_scripts
                self.results += look(text, self._policy, self._line)

    def _report(self, what: str, directive: str, source: str, line: int | None = None) -> None:
        sources = set(sources_of(self._policy, directive) or (_EVERYTHING,))
        hashed = any(source.startswith("'sha") for source in sources)
        if source in sources or (_EVERYTHING in sources and not hashed):
            return
        line = line or self.getpos()[0]
        self.results.append(Inline(line=line, what=what, directive=directive, source=source))


def _loads(tag: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The directive and the URL of everything that an element loads or leads to."""
    for (name, attribute), directive in _LOADS.items():
        if tag == name and attribute in values:
            yield directive, values[attribute]
    if tag == "link":
        kinds = values.get("rel", "").lower().split()
        directives = [_LINKS[kind] for kind in kinds if kind in _LINKS]
        if "preload" in kinds and values.get("as") in _PRELOADS:
            directives.append(_PRELOADS[values["as"]])
        yield from ((directive, values.get("href", "")) for directive in dict.fromkeys(directives))
    if tag in {"img", "source"} and "srcset" in values:
        yield from (("img-src", part.split()[0]) for part in values["srcset"].split(",") if part.strip())
