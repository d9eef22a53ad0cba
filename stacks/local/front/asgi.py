"""Small pure pieces of HTTP and of AWS's protocols that the gateway and the edge share."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

RawHeaders = list[tuple[bytes, bytes]]
AsgiScope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[AsgiScope, Receive, Send], Awaitable[None]]

CREDENTIAL = re.compile(r"(Credential=(?P<key>test|\d{12})/\d{8}/)[^/]+(/cloudformation/aws4_request)")


def at_home(authorization: str, region: str) -> str:
    """An Authorization header of a CloudFormation call with the home region in its credential scope.

    Only for the keys whose signature the emulator does not verify: ``test`` and account numbers.
    """
    return CREDENTIAL.sub(rf"\g<1>{region}\g<3>", authorization)


def bucket_and_key(url: str) -> tuple[str, str]:
    """Bucket and key of a TemplateURL, in path style (any host) or as ``bucket.s3.….amazonaws.com``."""
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    if match := re.match(r"^(.+?)\.s3[.-][^/]*amazonaws\.com", parts.netloc):
        return match[1], path
    bucket, _, key = path.partition("/")
    return bucket, key


def replaced(headers: RawHeaders, **values: str) -> RawHeaders:
    """Headers without the named ones (``_`` for ``-``), and then with those that have a value."""
    names = {name.replace("_", "-").encode(): value.encode() for name, value in values.items()}
    kept = [(name, value) for name, value in headers if name.lower() not in names]
    return kept + [(name, value) for name, value in names.items() if value]


def header(headers: RawHeaders, name: bytes) -> str:
    """The first header of a name, or nothing."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request."""
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def once(body: bytes, after: Receive) -> Receive:
    """A ``receive`` that gives a body that was read already, then what ``after`` gives."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else await after()

    return receive


async def never() -> Message:
    """A ``receive`` of a client that sends nothing more."""
    return {"type": "http.disconnect"}
