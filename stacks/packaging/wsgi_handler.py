"""API Gateway's events → calls of a WSGI application, whose answers go back; this file is ``stacks_wsgi.py`` in a zip.

It runs inside Lambda, where nothing of this library exists: it imports the standard library, and serverless-wsgi
(which does the translation) beside the application that the environment variable ``WSGI_APP`` names:
``module:attribute``, or ``module:factory()`` for a function that makes one. Both are imported once, at cold start.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT = ("application/manifest+json", "application/problem+json", "application/ld+json", "application/xhtml+xml")


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer one event of a REST API (payload 1.0) or an HTTP API (payload 2.0).

    With ``STRIP_STAGE_PATH=true`` the addresses that the application makes do not start with the stage's name, which
    is right behind CloudFront or a domain of one's own.
    """
    if event.get("version") != "2.0":
        answer: dict[str, Any] = _serverless_wsgi().handle_request(_application(), event, context)
        return answer
    return _answer_v2(_serverless_wsgi().handle_request(_application(), _event_v2(event), context))


def _event_v2(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event as serverless-wsgi wants it: cookies in a list (emulators leave that out), no stage in the path.

    ``rawPath`` starts with the stage's name unless the stage is ``$default``; payload 1.0's ``path`` never does.
    """
    cookies = event.get("cookies") or [
        cookie.strip()
        for name, value in (event.get("headers") or {}).items()
        if name.lower() == "cookie"
        for cookie in value.split(";")
    ]
    prefix = f"/{event.get('requestContext', {}).get('stage', '$default')}"
    path = event["rawPath"]
    if path == prefix or path.startswith(f"{prefix}/"):
        path = path[len(prefix) :] or "/"
    return {**event, "cookies": cookies, "rawPath": path}


def _answer_v2(answer: dict[str, Any]) -> dict[str, Any]:
    """Payload 2.0 knows one value for each header, and a list for cookies.

    serverless-wsgi tells several values of a header as different spellings of its name.
    """
    cookies: list[str] = []
    headers: dict[str, str] = {}
    for name, value in answer.get("headers", {}).items():
        key = name.lower()
        if key == "set-cookie":
            cookies.append(value)
        else:
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return {**answer, "headers": headers, "cookies": cookies}


@cache
def _serverless_wsgi() -> Any:
    module = import_module("serverless_wsgi")
    module.TEXT_MIME_TYPES.extend(_TEXT)
    return module


@cache
def _application() -> Any:
    module, _, attribute = os.environ["WSGI_APP"].partition(":")
    found = getattr(import_module(module), attribute.removesuffix("()"))
    return found() if attribute.endswith("()") else found


if "WSGI_APP" in os.environ:  # Lambda gives the whole processor to the import of the module, and none of its limits
    _serverless_wsgi()
    _application()
