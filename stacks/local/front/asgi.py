"""Small pure pieces of HTTP and of AWS's protocols that the gateway and the edge share."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

Headers = list[tuple[bytes, bytes]]
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

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
    if found := re.match(r"^(.+?)\.s3[.-][^/]*amazonaws\.com", parts.netloc):
        return found[1], path
    bucket, _, key = path.partition("/")
    return bucket, key


def newest_distribution(listing: str) -> str | None:
    """The domain name of the newest enabled distribution in CloudFront's ListDistributions answer."""
    found = []
    for summary in re.findall(r"<DistributionSummary>(.*?)</DistributionSummary>", listing, re.DOTALL):
        outside = re.sub(r"<(Origins|DefaultCacheBehavior|CacheBehaviors)>.*?</\1>", "", summary, flags=re.DOTALL)
        texts = dict(re.findall(r"<(DomainName|Enabled|LastModifiedTime)>([^<]*)<", outside))
        if texts.get("Enabled") == "true":
            found.append((texts.get("LastModifiedTime", ""), texts["DomainName"]))
    return max(found)[1] if found else None


def for_browser(headers: Headers, domain: str) -> Headers:
    """Response headers with absolute links to the distribution made relative, so that the browser stays at the edge."""
    link = re.compile(rb"^https?://" + re.escape(domain.encode()) + rb"(?=/|$)")
    return [
        (name, link.sub(b"", value) or b"/") if name.lower() in {b"location", b"content-location"} else (name, value)
        for name, value in headers
    ]


def replaced(headers: Headers, **values: str) -> Headers:
    """Headers without the named ones (``_`` for ``-``), and then with those that have a value."""
    names = {name.replace("_", "-").encode(): value.encode() for name, value in values.items()}
    kept = [(name, value) for name, value in headers if name.lower() not in names]
    return kept + [(name, value) for name, value in names.items() if value]


def header(headers: Headers, name: bytes) -> str:
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
