"""The emulator's "access denied" for a file that does not exist → the "not found" that CloudFront gets from S3 on AWS.

S3 says which of the two it is to anyone who may list the bucket, and our bucket policy lets CloudFront do that:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
The emulator does not look at that right. An existing object that is refused stays refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import unescape

from .asgi import header, replaced

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .asgi import Message, Send

_RESOURCE = re.compile(r"<Code>AccessDenied</Code>.*<Resource>([^<]+)</Resource>", re.DOTALL)


def with_misses(send: Send, exists: Callable[[str], Awaitable[bool]]) -> Send:
    """Pass answers on, refusals of files that do not exist as 404; ``exists`` is asked for ``/bucket/key``."""
    held: list[Message] = []

    async def checked_send(message: Message) -> None:
        if not held and not _may_be_a_miss(message):
            await send(message)
            return
        held.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            for entry in await _answer(held, exists):
                await send(entry)

    return checked_send


def _may_be_a_miss(message: Message) -> bool:
    refused = message["type"] == "http.response.start" and message["status"] == 403  # noqa: PLR2004 - HTTP's own
    return refused and header(message["headers"], b"content-type") == "application/xml"


async def _answer(held: list[Message], exists: Callable[[str], Awaitable[bool]]) -> list[Message]:
    body = b"".join(entry.get("body", b"") for entry in held[1:])
    match = _RESOURCE.search(body.decode(errors="replace"))
    if not match or await exists(unescape(match[1])):
        return held
    output = (
        f"<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Resource>{match[1]}</Resource>"
    )
    missing = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{output}</Error>'.encode()
    start = {**held[0], "status": 404, "headers": replaced(held[0]["headers"], content_length=str(len(missing)))}
    return [start, {"type": "http.response.body", "body": missing}]
