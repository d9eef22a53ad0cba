"""Refusals of the front's own, as browsers and AWS clients read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from .asgi import header
from .signatures import claims

if TYPE_CHECKING:
    from .asgi import AsgiScope, RawHeaders, Receive, Send

_XML_SERVICES = frozenset({"s3", "cloudfront", "route53"})


async def plain(send: Send, scope: AsgiScope, status: int, text: str) -> None:
    """A line of text."""
    await _answer(send, scope, status, [(b"content-type", b"text/plain; charset=utf-8")], text.encode())


async def no_signature(send: Send, scope: AsgiScope, code: str, message: str) -> None:
    """403 with AWS's error code, in the form that the client of the service reads."""
    headers = scope["headers"]
    services = [claim.service for claim in claims(scope) if claim]
    form = header(headers, b"content-type").startswith("application/x-www-form-urlencoded")
    if services and services[0] == "s3":
        kind, body = "application/xml", _error(code, message)
    elif form or (services and services[0] in _XML_SERVICES):
        kind, body = "text/xml", f"<ErrorResponse>{_error(code, message)}</ErrorResponse>"
    else:
        kind, body = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    types = [(b"content-type", kind.encode()), (b"x-amzn-errortype", code.encode())]
    await _answer(send, scope, 403, types, body.encode())


async def refuse_websocket(receive: Receive, send: Send) -> None:
    """Close before accepting: the client sees 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})


def _error(code: str, message: str) -> str:
    return f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"


async def _answer(send: Send, scope: AsgiScope, status: int, headers: RawHeaders, body: bytes) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode()), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
