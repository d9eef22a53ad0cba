"""One HTTP request → the event that each of Lambda's three front doors makes of it, and its answer as HTTP again."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Mapping

GATEWAY = "abc.execute-api.eu-west-1.amazonaws.com"
FUNCTION = "abc.lambda-url.eu-west-1.on.aws"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request as a browser makes it; ``headers`` may hold a name more than once."""

    path: str = "/"
    method: str = "GET"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    host: str = ""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer as the browser gets it: header names in lower case, ``cookies`` apart."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str] = field(default_factory=list)
    body: bytes = b""


def rest_v1(sent: Sent) -> dict[str, Any]:
    """The event of a REST API, stage ``dev``, with ``*/*`` as binary media type: every body comes in base64."""
    headers: dict[str, list[str]] = {"Host": [sent.host or GATEWAY], "X-Forwarded-Proto": ["https"]}
    for name, value in sent.headers:
        headers.setdefault(name, []).append(value)
    query = parse_qs(sent.query, keep_blank_values=True)
    return {
        "resource": "/{proxy+}" if sent.path != "/" else "/",
        "path": sent.path,
        "httpMethod": sent.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": sent.path.strip("/")} if sent.path != "/" else None,
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "192.0.2.1"}, "path": f"/dev{sent.path}"},
        "body": None if sent.body is None else base64.b64encode(sent.body).decode(),
        "isBase64Encoded": sent.body is not None,
    }


def http_v2(sent: Sent) -> dict[str, Any]:
    """The event of an HTTP API with payload 2.0, stage ``dev``."""
    return _payload_2(sent, sent.host or GATEWAY, "dev", "ANY /{proxy+}" if sent.path != "/" else "ANY /")


def function_url(sent: Sent) -> dict[str, Any]:
    """The event of a function URL."""
    return _payload_2(sent, sent.host or FUNCTION, "$default", "$default")


def _payload_2(sent: Sent, host: str, stage: str, route: str) -> dict[str, Any]:
    headers = {"host": host, "x-forwarded-proto": "https"}
    for name, value in sent.headers:
        if name.lower() != "cookie":
            headers[name.lower()] = f"{headers[name.lower()]},{value}" if name.lower() in headers else value
    cookies = [crumb.strip() for name, value in sent.headers if name == "Cookie" for crumb in value.split(";")]
    raw = sent.path if stage == "$default" else f"/{stage}{sent.path}"
    named = {"pathParameters": {"proxy": sent.path.strip("/")}} if "{" in route else {}
    with_body = {} if sent.body is None else {"body": base64.b64encode(sent.body).decode()}
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": raw,
        "rawQueryString": sent.query,
        **({"cookies": cookies} if cookies else {}),
        "headers": headers,
        **named,
        "requestContext": {"stage": stage, "http": {"method": sent.method, "path": raw, "sourceIp": "192.0.2.1"}},
        **with_body,
        "isBase64Encoded": sent.body is not None,
    }


def received(answer: Mapping[str, Any]) -> Response:
    """What API Gateway makes of a function's answer."""
    many = {name.lower(): values for name, values in answer.get("multiValueHeaders", {}).items()}
    single = {name.lower(): value for name, value in answer.get("headers", {}).items()}
    body = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    return Response(
        status=answer["statusCode"],
        headers=single | {name: ", ".join(values) for name, values in many.items() if name != "set-cookie"},
        cookies=[*many.get("set-cookie", []), *answer.get("cookies", [])],
        body=body,
    )
