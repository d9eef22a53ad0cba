"""A group of two origins, which the emulator does not know: the second one is asked for what the first one lacks.

``localize`` gives each behaviour of a group a twin with the second origin, under a path pattern of its own. The edge
asks it by that pattern, with the path as the browser sent it, as CloudFront does for GET, HEAD and OPTIONS:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorOriginGroups.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import unescape

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .asgi import Message, Send

SECOND = "/_local/second"
"""What the path patterns of the twins start with."""
_METHODS = {"GET", "HEAD", "OPTIONS"}
_MISSING = 404
_DEFAULT = "/*"


def has_second(method: str, path: str, listing: str) -> bool:
    """Whether the behaviour that ``path`` meets has a second origin, by what ListDistributions says of it."""
    patterns = [unescape(entry) for entry in re.findall(r"<PathPattern>([^<]*)</PathPattern>", listing)]
    own = (pattern for pattern in patterns if not pattern.startswith(SECOND) and _covers(pattern, path))
    return method in _METHODS and SECOND + next(own, _DEFAULT) in patterns


def _covers(pattern: str, path: str) -> bool:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), path, re.DOTALL) is not None


def with_second(send: Send, ask: Callable[[Send], Awaitable[None]]) -> Send:
    """Pass an answer on, or that of ``ask`` in the place of one that says: missing."""
    is_missing = False

    async def checked_send(message: Message) -> None:
        nonlocal is_missing
        if message["type"] == "http.response.start":
            is_missing = message["status"] == _MISSING
        if not is_missing:
            await send(message)
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            await ask(send)

    return checked_send
