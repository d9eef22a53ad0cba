"""The site under one plain URL: the newest enabled distribution, and Cognito on the same origin.

A browser cannot send ``Host: d….cloudfront.net`` to a loopback port, so the edge says it for it, and takes
the name out of redirects again. Bodies, cookies and streams pass as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .asgi import AsgiScope, Message, RawHeaders, Receive, Send, header, never, once, replaced
from .gateway import Gateway, Request
from .misses import with_misses
from .second import SECOND, has_second, with_second

COGNITO = "/_local/cognito/"
NOT_YET = b"No distribution is deployed yet. Deploy the frontend stack, then load this page again.\n"
# The emulator answers these itself on every host, before it looks for a distribution; an application may own them.
RESERVED = re.compile(
    r"^/(login|logout|oauth2|health|v2|v20180820|Execute|BatchExecute|(Begin|Commit|Rollback)Transaction"
    r"|WriteGetObjectResponse|_ministack|_localstack)(/|$)|^/iceberg"
)


_SUMMARY = re.compile(r"<DistributionSummary>(.*?)</DistributionSummary>", re.DOTALL)


def newest_distribution(listing: str) -> str | None:
    """The domain name of the newest enabled distribution in CloudFront's ListDistributions answer."""
    results = []
    for summary in _SUMMARY.findall(listing):
        own = re.sub(r"<(Origins|DefaultCacheBehavior|CacheBehaviors)>.*?</\1>", "", summary, flags=re.DOTALL)
        texts = dict(re.findall(r"<(DomainName|Enabled|LastModifiedTime)>([^<]*)<", own))
        if texts.get("Enabled") == "true":
            results.append((texts.get("LastModifiedTime", ""), texts["DomainName"]))
    return max(results)[1] if results else None


def listing_of(listing: str, domain: str) -> str:
    """The part of ListDistributions' answer that is about one distribution."""
    return next((entry for entry in _SUMMARY.findall(listing) if f"<DomainName>{domain}</DomainName>" in entry), "")


def for_browser(headers: RawHeaders, domain: str) -> RawHeaders:
    """Response headers with links to the distribution made relative, so that the browser stays at the edge."""
    link = re.compile(rb"^https?://" + re.escape(domain.encode()) + rb"(?=/|$)")
    return [
        (name, link.sub(b"", value) or b"/") if name.lower() in {b"location", b"content-location"} else (name, value)
        for name, value in headers
    ]


def for_site(headers: RawHeaders, domain: str) -> RawHeaders:
    """The browser's headers with the page they come from where the application takes itself to be.

    Protection against forged forms compares ``Referer`` or ``Origin`` with the host of the request.
    """
    here = re.compile(rb"^http://" + re.escape(header(headers, b"host").encode()) + rb"(?=/|$)")
    origin = f"https://{domain}".encode()
    return [
        (name, here.sub(origin, value) if name.lower() in {b"origin", b"referer"} else value) for name, value in headers
    ]


def routed(path: str) -> str:
    """The path by which the emulator chooses a behaviour; a doubled slash hides a reserved one from its own routes.

    What the origin sees comes from the raw path, which stays as the browser sent it.
    """
    return f"/{path}" if RESERVED.match(path) else path


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The site's ASGI application."""

    gateway: Gateway

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one ASGI request; the emulator's own lifespan is the gateway's business."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(COGNITO):
            host = f"127.0.0.1:{self.gateway.port}"
            headers = replaced(scope["headers"], host=host, cookie="")
            await self.gateway({**scope, "path": "/", "raw_path": b"/", "headers": headers}, receive, send)
        elif scope["type"] == "http":
            await self._site(scope, receive, send)

    async def _site(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        _, listing = await self.gateway.ask(Request(service="cloudfront", path="/2020-05-31/distribution"))
        domain = newest_distribution(listing.decode())
        if domain is None:
            await _not_yet(send)
            return

        async def to_browser(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": for_browser(list(message["headers"]), domain)}
            await send(message)

        headers = replaced(for_site(list(scope["headers"]), domain), host=domain, x_forwarded_proto="https")
        request = {**scope, "headers": headers}

        async def second(send: Send) -> None:
            await self.gateway.app({**request, "path": SECOND + scope["path"]}, once(b"", never), send)

        is_group = has_second(scope["method"], scope["path"], listing_of(listing.decode(), domain))
        result = with_second(to_browser, second) if is_group else to_browser
        answer = with_misses(result, self._exists)
        await self.gateway.app({**request, "path": routed(scope["path"])}, receive, answer)

    async def _exists(self, path: str) -> bool:
        """Whether S3 has the object ``/bucket/key``."""
        asked = Request(service="s3", method="HEAD", path=path, region=self.gateway.region)
        status, _ = await self.gateway.ask(asked)
        return status != 404  # noqa: PLR2004 - HTTP's own


async def _not_yet(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(NOT_YET)).encode())]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": NOT_YET})


async def _lifespan(receive: Receive, send: Send) -> None:
    message: Message = {"type": ""}
    while message["type"] != "lifespan.shutdown":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
