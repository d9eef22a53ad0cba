"""Who may reach the local AWS: its own pages, and clients that hold the keys of this run.

Any web page a developer opens can send requests to a port of this machine. So the AWS endpoint takes requests only

* to ``127.0.0.1`` or ``localhost`` and our port, else a foreign name was pointed at this machine (DNS rebinding);
* without the marks that browsers put on what another site sends (``Origin``, ``Sec-Fetch-Site``), preflights included;
* with a signature: by the key pair of this run, checked here, or by a role or user, checked by the emulator.

The application's own addresses (API, function URLs) are public, as on AWS, and keep the CORS headers that the
application chose. Elsewhere the emulator allows every page to read its answers; that is taken back.
https://fetch.spec.whatwg.org/#http-origin, https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .answers import no_signature, plain, refuse_websocket
from .asgi import body_of, header, once
from .signatures import as_root, claims, is_expired, is_genuine, needs_body
from .unsigned import UNSIGNED_TARGETS

if TYPE_CHECKING:
    from .asgi import AsgiApp, AsgiScope, Message, RawHeaders, Receive, Send
    from .old_signatures import OldClaim
    from .signatures import SignatureClaim

CONTROL = "/_local/"
"""Paths of the site's port that reach the AWS endpoint, not the application."""
_APPLICATION = re.compile(r"/_aws/(execute-api/[^/]+/|lambda-url/[^/]+(/|$))")
_SIGN_IN = re.compile(
    r"/(login|logout|oauth2/[\w/-]+|saml2/[\w/-]+)"
    r"|/[\w-]+_[A-Za-z0-9]+/\.well-known/(jwks\.json|openid-configuration)"
)
_FORM_TARGET = re.compile(r"/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/?")
_SIGNALS = re.compile(r"/_ministack/cfn-(response|signal)/\S+")
_READY = "/_ministack/ready"
_INTERNAL = re.compile(r"/(_ministack|_localstack)(/|$)|/health$")
_CHECKED_BY_EMULATOR = re.compile(r"A[SK]IA[A-Z0-9]{12,}")
_OTHERS = frozenset({"cross-site", "same-site"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The two ports of a run."""

    gateway: int
    edge: int

    @property
    def origins(self) -> frozenset[str]:
        """The origins of our own pages: the site, and the sign-in pages of the AWS endpoint."""
        return frozenset(f"http://{name}:{port}" for name in _NAMES for port in (self.gateway, self.edge))


_NAMES = ("127.0.0.1", "localhost")


def foreign_name(headers: RawHeaders, port: int) -> str | None:
    """Why the Host header is refused; None for a name of this machine with ``port``."""
    hosts = [value.decode("latin-1").lower() for name, value in headers if name.lower() == b"host"]
    hosts_of_gateway = [f"{name}:{port}" for name in _NAMES]
    return (
        None if len(hosts) == 1 and hosts[0] in hosts_of_gateway else f"its Host is not {' or '.join(hosts_of_gateway)}"
    )


def foreign_page(headers: RawHeaders, ports: Ports) -> str | None:
    """Why the page that sent a request is refused; None for our own pages and for what is not a page."""
    origins = [value.decode("latin-1").lower() for name, value in headers if name.lower() == b"origin"]
    if origins:
        return None if set(origins) <= ports.origins else "a page of another origin sent it"
    sent_by = header(headers, b"sec-fetch-site").lower()
    return f"a page of another site sent it ({sent_by})" if sent_by in _OTHERS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The AWS endpoint's ASGI application: what may pass reaches ``app``."""

    app: AsgiApp
    ports: Ports
    key: str
    secret: str

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one ASGI request."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _websocket(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        refused = foreign_name(headers, self.ports.gateway) or foreign_page(headers, self.ports) or claims(scope)
        if refused or not _APPLICATION.match(scope["path"]):
            await refuse_websocket(receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        application = bool(_APPLICATION.match(scope["path"]))
        results = claims(scope)
        refused = self._foreign(scope, results, application=application)
        if refused:
            await plain(send, scope, 403, f"The local AWS refuses this request: {refused}.\n")
            return
        if not results and (application or _is_public(scope)):
            await self.app(scope, receive, send if application else _own_pages_only(scope, self.ports, send))
            return
        answer = send if application else _own_pages_only(scope, self.ports, send)
        await self._signed(scope, results, receive, answer)

    def _foreign(
        self, scope: AsgiScope, results: list[SignatureClaim | OldClaim | None], *, application: bool
    ) -> str | None:
        """Why another site's request is refused, whatever its signature."""
        headers = scope["headers"]
        if application and header(headers, b"host").lower() in _NAMES:
            return None  # the emulator's CloudFront calls its origin by name only; a page always sends our port
        name = foreign_name(headers, self.ports.gateway)
        if name or application:
            return name
        page = foreign_page(headers, self.ports)
        if page and not header(headers, b"origin") and _may_be_opened(scope, results):
            return None
        return page or (_NO_PREFLIGHT if _is_foreign_preflight(scope) else None)

    async def _signed(
        self, scope: AsgiScope, results: list[SignatureClaim | OldClaim | None], receive: Receive, send: Send
    ) -> None:
        claim = results[0] if len(results) == 1 else None
        if not claim:
            await no_signature(send, scope, "MissingAuthenticationToken", _UNREADABLE if results else _MISSING)
        elif claim.key == self.key:
            body = await body_of(receive) if needs_body(claim, scope["headers"]) else None
            if is_expired(claim, datetime.now(UTC)):
                await no_signature(send, scope, "AccessDenied", "Request has expired.")
            elif is_genuine(claim, self.secret, scope, body or b""):
                await self.app(as_root(scope, self.key), receive if body is None else once(body, receive), send)
            else:
                await no_signature(send, scope, "SignatureDoesNotMatch", "The signature does not match the secret key.")
        elif _CHECKED_BY_EMULATOR.fullmatch(claim.key) and not _INTERNAL.match(scope["path"]):
            await self.app(scope, receive, send)
        else:
            await no_signature(send, scope, "InvalidClientTokenId", _UNKNOWN)


_NO_PREFLIGHT = "a preflight that no page of ours sent"
_MISSING = "Sign the request with the keys of this run, which 'local' and 'local status' print."
_UNKNOWN = "The access key is not of this run. Use the keys that 'local' and 'local status' print."
_UNREADABLE = "The signature is incomplete, or not one of Signature Version 4."


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteGate:
    """The site's ASGI application: only by its own name, and its control paths only from its own pages."""

    app: AsgiApp
    ports: Ports

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one ASGI request."""
        if scope["type"] == "websocket":
            await refuse_websocket(receive, send)
            return
        refused = self._refused(scope) if scope["type"] == "http" else None
        if refused:
            await plain(send, scope, 403, f"The local site refuses this request: {refused}.\n")
        else:
            control = scope["type"] == "http" and scope["path"].startswith(CONTROL)
            await self.app(scope, receive, _own_pages_only(scope, self.ports, send) if control else send)

    def _refused(self, scope: AsgiScope) -> str | None:
        headers = scope["headers"]
        name = foreign_name(headers, self.ports.edge)
        if name or not scope["path"].startswith(CONTROL):
            return name
        unsigned = header(headers, b"x-amz-target") in UNSIGNED_TARGETS and not claims(scope)
        if not unsigned and scope["method"] != "OPTIONS":
            return "only calls of Cognito that need no signature pass here"
        return foreign_page(headers, self.ports) or (_NO_PREFLIGHT if _is_foreign_preflight(scope) else None)


def _is_foreign_preflight(scope: AsgiScope) -> bool:
    """Whether this is an OPTIONS request without an origin of ours (``foreign_page`` has judged the others)."""
    return scope["method"] == "OPTIONS" and not header(scope["headers"], b"origin")


def _may_be_opened(scope: AsgiScope, results: list[SignatureClaim | OldClaim | None]) -> bool:
    """Whether what a page of another site leads to is harmless.

    A person who is sent to a sign-in page, as on AWS; a page of this machine that shows or opens an object by a URL
    that a function has signed.
    """
    headers = scope["headers"]
    if scope["method"] not in {"GET", "HEAD"}:
        return False
    if _SIGN_IN.fullmatch(scope["path"]) and not results:
        opened = (header(headers, b"sec-fetch-mode"), header(headers, b"sec-fetch-dest"))
        return opened == ("navigate", "document")
    near = header(headers, b"sec-fetch-site").lower() == "same-site"
    return near and any(
        claim and claim.in_query and claim.service == "s3" and _CHECKED_BY_EMULATOR.fullmatch(claim.key)
        for claim in results
    )


def _is_public(scope: AsgiScope) -> bool:
    """Whether AWS, too, takes the request without a signature."""
    method, path, headers = scope["method"], scope["path"], scope["headers"]
    if method == "OPTIONS":
        return True  # of our own page: ``foreign_page`` has judged it
    if path == _READY and method == "GET":
        return not header(headers, b"origin")
    if method == "PUT" and _SIGNALS.fullmatch(path):
        return not header(headers, b"origin")
    if method == "POST" and _FORM_TARGET.fullmatch(path) and not header(headers, b"x-amz-target"):
        # An upload by POST policy: the form holds its signature, which the emulator checks.
        return header(headers, b"content-type").startswith("multipart/form-data")
    if _SIGN_IN.fullmatch(path):
        return True
    return method == "POST" and path == "/" and header(headers, b"x-amz-target") in UNSIGNED_TARGETS


def _own_pages_only(scope: AsgiScope, ports: Ports, send: Send) -> Send:
    """Let no page but ours read the answer: without the CORS headers that the emulator gives to everybody."""
    origin = header(scope["headers"], b"origin").lower() if scope["type"] == "http" else ""

    async def filtered(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {
                **message,
                "headers": _readable_by(origin if origin in ports.origins else "", message["headers"]),
            }
        await send(message)

    return filtered


def _readable_by(origin: str, headers: RawHeaders) -> RawHeaders:
    """CORS headers for one origin of ours in the place of everybody; none at all without one."""
    if not origin:
        return [(name, value) for name, value in headers if not name.lower().startswith(b"access-control-")]
    allow = b"access-control-allow-origin"
    return [(name, origin.encode() if name.lower() == allow else value) for name, value in headers]
