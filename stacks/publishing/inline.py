"""A published page → what of it the site's own Content-Security-Policy blocks, and what would allow it. Pure.

Inline scripts and styles only work when their hash is among the policy's sources; attributes such as ``onload`` or
``style`` never do without ``'unsafe-inline'``. Nothing is changed: a hash belongs into the description.
https://www.w3.org/TR/CSP3/#match-element-to-source-list
"""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from stacks.progress import Inline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_EVERYTHING = "'unsafe-inline'"
# Other types are data, which no policy stops. https://html.spec.whatwg.org/multipage/scripting.html#the-script-element
_RUNS = {"", "module", "importmap", "speculationrules", "text/javascript", "application/javascript"}


def blocked(page: str, policy: Mapping[str, Sequence[str]]) -> tuple[Inline, ...]:
    """What of an HTML page the policy (directive → sources) stops, in the order of the page."""
    reader = _Reader(policy)
    reader.feed(page)
    reader.close()
    return tuple(reader.found)


class _Reader(HTMLParser):
    def __init__(self, policy: Mapping[str, Sequence[str]]) -> None:
        super().__init__(convert_charrefs=True)
        self._policy, self._open = policy, ""
        self._text: list[str] = []
        self._line = 0
        self.found: list[Inline] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for name in values:
            if name.startswith("on"):
                self._tell(f"the attribute {name} of <{tag}>", "script-src", "")
            elif name == "style":
                self._tell(f"the attribute style of <{tag}>", "style-src", "")
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
                self._tell(f"an inline <{tag}>", f"{tag}-src", f"'sha256-{digest}'")

    def _tell(self, what: str, directive: str, source: str) -> None:
        sources = set(self._sources(directive))
        hashed = any(one.startswith("'sha") for one in sources)
        if source in sources or (_EVERYTHING in sources and not hashed):
            return
        line = self._line if source else self.getpos()[0]
        self.found.append(Inline(line=line, what=what, directive=directive, source=source))

    def _sources(self, directive: str) -> Sequence[str]:
        return next((self._policy[one] for one in _fallbacks(directive) if one in self._policy), (_EVERYTHING,))


def _fallbacks(directive: str) -> Iterator[str]:
    kind = directive.removesuffix("-src")
    yield from (f"{kind}-src-elem", directive, "default-src")
