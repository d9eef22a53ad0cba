"""The ASGI half of the generated handler: lifespan, disconnects, failures; and what neither half can answer."""

from __future__ import annotations

import asyncio
import sys
import zipfile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.packaging import django_settings, host_target, web_handler
from stacks.packaging.asgi_server import Server
from tests.packaging.requests_as_events import Sent, function_url, http_v2, rest_v1

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Project  # type: ignore[import-not-found]

SCOPE = {"type": "http", "method": "GET", "path": "/x"}


@pytest.fixture
def serve() -> Iterator[Callable[[Any], Server]]:
    """Servers of applications, closed after the test."""
    servers: list[Server] = []

    def serving(application: Any) -> Server:
        servers.append(Server(application))
        return servers[-1]

    yield serving
    for server in servers:
        server.close()


async def _ok(send: Any, body: bytes = b"ok") -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"1")]})
    await send({"type": "http.response.body", "body": body})


def test_an_application_is_started_once_and_its_state_reaches_every_request(serve: Any) -> None:
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            seen.append((await receive())["type"])
            scope["state"]["name"] = "pool"
            await send({"type": "lifespan.startup.complete"})
            seen.append((await receive())["type"])
        seen.append(scope["state"]["name"])
        await _ok(send)

    server = serve(application)
    assert [server.respond(SCOPE, b"") for _ in range(2)] == [(200, [(b"a", b"1")], b"ok")] * 2
    assert seen == ["lifespan.startup", "pool", "pool"]


@pytest.mark.parametrize("kind", ["raises", "returns"])
def test_an_application_without_a_lifespan_answers(serve: Any, kind: str) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            if kind == "raises":
                raise ValueError(scope["type"])
            return
        await _ok(send, (await receive())["body"])

    assert serve(application).respond(SCOPE, b"sent")[2] == b"sent"


def test_a_failed_startup_fails_each_request_with_its_reason(serve: Any) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    server = serve(application)
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"^The application's startup failed: no database$"):
            server.respond(SCOPE, b"")


def test_a_disconnect_comes_after_the_answer_and_background_work_is_done(serve: Any) -> None:
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await receive()
            waiting = asyncio.ensure_future(receive())
            await asyncio.sleep(0)
            seen.append(f"early: {waiting.done()}")
            await _ok(send)
            seen.append((await waiting)["type"])

    assert serve(application).respond(SCOPE, b"")[0] == 200
    assert seen == ["early: False", "http.disconnect"]


def test_an_error_after_the_answer_is_logged_and_one_before_it_raised(
    serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        del receive
        if scope["path"] == "/late":
            await _ok(send)
        raise ValueError(scope["path"])

    server = serve(application)
    assert server.respond({**SCOPE, "path": "/late"}, b"")[0] == 200
    assert "ValueError: /late" in capsys.readouterr().err
    with pytest.raises(ValueError, match="/x"):
        server.respond(SCOPE, b"")


def test_an_application_that_answers_nothing_is_reported(serve: Any) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None: ...

    with pytest.raises(RuntimeError, match=r"returned without an answer to GET /x\.$"):
        serve(application).respond(SCOPE, b"")


def test_a_snapshot_is_taken_before_the_application_starts(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        started.append(1)
        await send({"type": "lifespan.startup.complete"})

    for kind, times in (("snap-start", 0), ("on-demand", 1)):
        monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)
        serve(application).warm()
        assert len(started) == times


OTHER = {
    "SQS": ({"Records": [{"eventSource": "aws:sqs", "body": "x"}]}, "an event of aws:sqs"),
    "SNS": ({"Records": [{"EventSource": "aws:sns"}]}, "an event of aws:sns"),
    "a schedule": ({"source": "aws.events", "detail-type": "Scheduled Event"}, "an event of aws.events"),
    "an authorizer": ({**rest_v1(Sent()), "type": "REQUEST"}, "an event that is not an HTTP request"),
    "a web socket": ({"requestContext": {"eventType": "CONNECT"}}, "an event that is not an HTTP request"),
    "a test event": ({"key1": "value1"}, r"an event that is not an HTTP request \({\"key1\""),
    "nothing": ({}, "an event that is not an HTTP request"),
    "a list": ([1], "an event that is not an HTTP request"),
    "a text": ("hello", "an event that is not an HTTP request"),
    "no records": ({"Records": []}, "an event that is not an HTTP request"),
}


@pytest.mark.parametrize("case", OTHER)
def test_an_event_that_is_no_request_is_refused_with_the_way_out(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASGI_APP", "web:app")
    event: Any
    event, output = OTHER[case]
    with pytest.raises(TypeError, match=f"^web:app got {output}.* send this to a function with a 'handler'"):
        web_handler.handler(event, None)


@pytest.mark.parametrize("door", [rest_v1, http_v2, function_url])
def test_events_of_the_three_front_doors_are_requests(door: Any) -> None:
    assert web_handler._is_request(door(Sent(path="/x")))


def test_the_zip_of_an_asgi_application_needs_no_adapter_from_an_index(project: Project) -> None:
    with zipfile.ZipFile(project.package(target=host_target(), application="asgi").path) as zipped:
        names = set(zipped.namelist())
    assert {"stacks_web.py", "stacks_asgi.py"} <= names
    assert "serverless_wsgi.py" not in names


def test_of_django_only_what_a_new_project_leaves_open_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDN_DOMAIN", "cdn.example.com")
    for values, expected in (
        (([], "static/"), (["*"], "https://cdn.example.com/static/")),
        ((["a.example.com"], "https://x.example.com/"), (["a.example.com"], "https://x.example.com/")),
    ):
        settings = SimpleNamespace(configured=True, ALLOWED_HOSTS=values[0], STATIC_URL=values[1])
        monkeypatch.setitem(sys.modules, "django.conf", SimpleNamespace(settings=settings))
        django_settings.adapt()
        result = (settings.ALLOWED_HOSTS, settings.STATIC_URL)
        assert result == expected
