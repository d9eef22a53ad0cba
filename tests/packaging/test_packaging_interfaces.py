"""What can be called as WSGI, as ASGI and as a Lambda handler, and what is said of everything else."""

from __future__ import annotations

import functools
import types
from typing import Any

import pytest
from flask import Flask
from werkzeug.wrappers import Request

from stacks.packaging.interfaces import InterfaceKind, mismatch


def wsgi_app(environ: Any, start_response: Any) -> Any: ...
def short_wsgi_app(env: Any, start: Any) -> Any: ...
async def asgi_app(scope: Any, receive: Any, send: Any) -> None: ...
async def renamed_asgi_app(a: Any, b: Any, c: Any) -> None: ...
def plain_asgi_app(scope: Any, receive: Any, send: Any) -> Any: ...
def asgi2_app(scope: Any) -> Any: ...
def handle(event: Any, context: Any) -> Any: ...
def handle_more(event: Any, context: Any, client: Any = None) -> Any: ...
def handle_any(*args: Any, **named: Any) -> Any: ...
def handle_defaults(event: Any = None, context: Any = None) -> Any: ...
def handle_underscored(event: Any, _context: Any) -> Any: ...
async def handle_later(event: Any, context: Any) -> Any: ...
def lone(event: Any) -> Any: ...
def nothing() -> Any: ...
def create_app(name: str = "x", *, debug: bool = False) -> Any: ...
def create_two(name: str = "x", debug: Any = None) -> Any: ...
def create_with(config: Any) -> Any: ...
@Request.application
def werkzeug_app(request: Any) -> Any: ...
def keyword_only(*, event: Any) -> Any: ...


class Asgi:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class WsgiClass:
    def __init__(self, environ: Any, start_response: Any) -> None: ...
    def __iter__(self) -> Any: ...


class AsgiClass:
    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...
    def __await__(self) -> Any: ...


class Dash:
    server = Flask("dash")


class Mangum:
    def __call__(self, event: Any, context: Any) -> Any: ...


@pytest.mark.parametrize(
    ("kind", "application"),
    [
        ("wsgi", wsgi_app),
        ("wsgi", short_wsgi_app),
        ("wsgi", Flask("x")),
        ("wsgi", werkzeug_app),
        ("wsgi", WsgiClass),
        ("wsgi", functools.partial(wsgi_app)),
        ("wsgi", handle_any),
        ("asgi", asgi_app),
        ("asgi", renamed_asgi_app),
        ("asgi", plain_asgi_app),
        ("asgi", Asgi()),
        ("asgi", AsgiClass),
        ("asgi", functools.partial(asgi_app)),
        ("handler", handle),
        ("handler", handle_more),
        ("handler", handle_any),
        ("handler", handle_defaults),
        ("handler", handle_underscored),
        ("handler", Mangum()),
        ("handler", print),
    ],
)
def test_what_fits_passes(kind: InterfaceKind, application: object) -> None:
    assert mismatch(application, kind, "app") is None


@pytest.mark.parametrize(
    ("kind", "application", "what", "fix"),
    [
        ("wsgi", Asgi(), "is an ASGI application, not a WSGI application", "Write 'asgi:' instead of 'wsgi:'"),
        ("wsgi", renamed_asgi_app, "is an ASGI application", "Write 'asgi:'"),
        ("wsgi", plain_asgi_app, "is an ASGI application", "Write 'asgi:'"),
        ("wsgi", handle, "is a Lambda handler, not a WSGI", "Write 'handler:'"),
        ("wsgi", nothing, "is a factory, which has to be called", "Write app()"),
        ("wsgi", create_app, "is a factory", "Write app()"),
        ("wsgi", create_two, "is a factory", "Write app()"),
        (
            "wsgi",
            create_with,
            "takes 1 argument, and a WSGI application is called with 2",
            "If it is a factory, call it",
        ),
        ("wsgi", None, "is None", "Name what holds"),
        ("wsgi", Flask, "is a class", "Name an instance"),
        ("wsgi", types, "is a module, which cannot be called", "Name the application"),
        ("wsgi", Dash(), "is a Dash, which cannot be called", "'server = app.server'"),
        ("asgi", Flask("x"), "is a WSGI application, not an ASGI", "Write 'wsgi:' instead of 'asgi:'"),
        ("asgi", short_wsgi_app, "takes 2 arguments", "If it is a factory"),
        ("asgi", WsgiClass, "is a class", "Name an instance"),
        ("asgi", nothing, "is a factory", "Write app()"),
        ("asgi", asgi2_app, "takes 1 argument, and an ASGI application is called with 3", ""),
        ("asgi", Asgi, "is a class", "Name an instance of it"),
        ("asgi", handle_later, "is a Lambda handler", "Write 'handler:'"),
        ("handler", handle_later, "is a coroutine function", "Make it a plain 'def'"),
        (
            "handler",
            lone,
            "takes 1 argument, and a Lambda handler is called with 2: event, context",
            "Define it as 'def",
        ),
        ("handler", nothing, "takes no arguments", "Define it as 'def app(event, context)'"),
        ("handler", keyword_only, "takes no arguments", "Define it as"),
        ("handler", Flask("x"), "is a WSGI application, not a Lambda handler", "Write 'wsgi:'"),
        ("handler", Asgi(), "is an ASGI application", "Write 'asgi:'"),
        ("handler", 1, "is an int, which cannot be called", ""),
        ("handler", Asgi, "is a class", ""),
    ],
)
def test_what_does_not_fit_is_reported_with_its_fix(
    kind: InterfaceKind, application: object, what: str, fix: str
) -> None:
    wrong = mismatch(application, kind, "app")
    assert wrong is not None
    assert wrong.what.startswith(f"app {what}")
    assert wrong.fix.startswith(fix) or fix in wrong.fix


def test_what_a_factory_returned_is_judged() -> None:
    async def later() -> object: ...

    for coroutine, what in (
        (None, "create() is None"),
        (later(), "create() is a coroutine: the factory is asynchronous"),
    ):
        wrong = mismatch(coroutine, "wsgi", "create()")
        assert wrong is not None
        assert wrong.what == what
