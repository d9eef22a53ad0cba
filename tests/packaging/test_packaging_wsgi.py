"""The WSGI handler between API Gateway's events and an application."""

from __future__ import annotations

import base64
import importlib.util
import json
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from stacks.packaging import web_handler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

APP = """
    import json
    from werkzeug.wrappers import Request, Response

    imported = []

    @Request.application
    def app(request):
        if request.path == "/echo":
            return Response(request.get_data(), mimetype=request.mimetype)
        if request.path == "/cookies":
            answer = Response("ok")
            answer.set_cookie("a", "1")
            answer.set_cookie("b", "2")
            answer.headers.add("Vary", "Accept")
            answer.headers.add("Vary", "Cookie")
            return answer
        seen = {
            "path": request.path, "script": request.script_root, "url": request.url, "method": request.method,
            "args": request.args.to_dict(flat=False), "cookies": request.cookies.to_dict(), "from": request.remote_addr,
        }
        return Response(json.dumps(seen), mimetype="application/json")

    def create():
        imported.append(1)
        return app
"""


@pytest.fixture(params=["notes_app:app", "notes_app:create()"])
def wsgi_app(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An importable application, and ``WSGI_APP`` that names it; gone after the test."""
    (tmp_path / "notes_app.py").write_text(textwrap.dedent(APP))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("WSGI_APP", request.param)
    yield request.param
    sys.modules.pop("notes_app", None)


@pytest.fixture
def handler(wsgi_app: str) -> Callable[..., dict[str, Any]]:
    """The handler of a fresh copy of the module, as a cold start makes it."""
    assert wsgi_app
    spec = importlib.util.spec_from_file_location("stacks_web", str(web_handler.__file__))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    result: Callable[..., dict[str, Any]] = module.handler
    return result


def rest(path: str = "/", **changes: Any) -> dict[str, Any]:
    """An event of a REST API's proxy integration, in the stage ``dev``."""
    host = {"Host": ["abc.execute-api.eu-west-1.amazonaws.com"], "X-Forwarded-Proto": ["https"]}
    return {
        "httpMethod": "GET",
        "path": path,
        "headers": {name: values[-1] for name, values in host.items()},
        "multiValueHeaders": host | changes.pop("more_headers", {}),
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "192.0.2.1"}},
        "body": None,
        "isBase64Encoded": False,
    } | changes


def http(path: str = "/", stage: str = "$default", **changes: Any) -> dict[str, Any]:
    """An event of an HTTP API, payload 2.0."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "abc.execute-api.eu-west-1.amazonaws.com"} | changes.pop("more_headers", {}),
        "requestContext": {"stage": stage, "http": {"method": changes.pop("method", "GET"), "sourceIp": "192.0.2.1"}},
        "isBase64Encoded": False,
    } | changes


def _seen(answer: dict[str, Any]) -> dict[str, Any]:
    loads: dict[str, Any] = json.loads(answer["body"])
    return loads


def test_json_goes_out_as_text(handler: Callable[..., dict[str, Any]]) -> None:
    answer = handler(rest("/x"), None)
    assert (answer["statusCode"], answer["isBase64Encoded"], _seen(answer)["path"]) == (200, False, "/x")


@pytest.mark.parametrize("kind", ["image/svg+xml", "application/javascript", "application/problem+json", "text/css"])
@pytest.mark.parametrize("event", [rest, http])
def test_text_of_every_kind_goes_out_as_text(
    handler: Callable[..., dict[str, Any]], event: Callable[..., dict[str, Any]], kind: str
) -> None:
    headers = {"Content-Type": [kind]} if event is rest else {"content-type": kind}
    answer = handler(event("/echo", body="grün", more_headers=headers), None)
    assert (answer["body"], answer["isBase64Encoded"]) == ("grün", False)


@pytest.mark.parametrize("event", [rest, http])
def test_binary_goes_in_and_out_unchanged(
    handler: Callable[..., dict[str, Any]], event: Callable[..., dict[str, Any]]
) -> None:
    sent = base64.b64encode(bytes(range(256))).decode()
    headers = {"Content-Type": ["image/png"]} if event is rest else {"content-type": "image/png"}
    answer = handler(event("/echo", body=sent, isBase64Encoded=True, more_headers=headers), None)
    assert (answer["body"], answer["isBase64Encoded"]) == (sent, True)


def test_a_rest_answer_carries_every_cookie(handler: Callable[..., dict[str, Any]]) -> None:
    assert handler(rest("/cookies"), None)["multiValueHeaders"]["Set-Cookie"] == ["a=1; Path=/", "b=2; Path=/"]


def test_an_http_answer_carries_every_cookie_and_every_value_of_a_header(
    handler: Callable[..., dict[str, Any]],
) -> None:
    answer = handler(http("/cookies"), None)
    assert (answer["cookies"], answer["headers"]["vary"]) == (["a=1; Path=/", "b=2; Path=/"], "Accept, Cookie")
    assert not any(name.lower() == "set-cookie" for name in answer["headers"])


def test_cookies_of_a_rest_request_arrive(handler: Callable[..., dict[str, Any]]) -> None:
    assert _seen(handler(rest(more_headers={"Cookie": ["a=1; b=2"]}), None))["cookies"] == {"a": "1", "b": "2"}


def test_cookies_of_an_http_request_arrive_from_their_list(handler: Callable[..., dict[str, Any]]) -> None:
    assert _seen(handler(http(cookies=["a=1", "b=2"]), None))["cookies"] == {"a": "1", "b": "2"}


def test_cookies_of_an_http_request_arrive_from_the_header_when_there_is_no_list(
    handler: Callable[..., dict[str, Any]],
) -> None:
    assert _seen(handler(http(more_headers={"cookie": "a=1; b=2"}), None))["cookies"] == {"a": "1", "b": "2"}


def test_every_value_of_a_rest_querys_parameter_arrives(handler: Callable[..., dict[str, Any]]) -> None:
    event = rest(multiValueQueryStringParameters={"tag": ["a b", "ä&"], "q": ["1"]})
    assert _seen(handler(event, None))["args"] == {"tag": ["a b", "ä&"], "q": ["1"]}


def test_every_value_of_an_http_querys_parameter_arrives(handler: Callable[..., dict[str, Any]]) -> None:
    event = http(rawQueryString="tag=a%20b&tag=%C3%A4&q=1")
    assert _seen(handler(event, None))["args"] == {"tag": ["a b", "ä"], "q": ["1"]}


@pytest.mark.parametrize("event", [rest("/notes/1"), http("/dev/notes/1", stage="dev")])
def test_addresses_hold_the_stage_when_a_browser_talks_to_api_gateway_itself(
    handler: Callable[..., dict[str, Any]], event: dict[str, Any]
) -> None:
    seen = _seen(handler(event, None))
    assert (seen["path"], seen["script"]) == ("/notes/1", "/dev")


@pytest.mark.parametrize("event", [rest("/notes/1"), http("/dev/notes/1", stage="dev")])
def test_addresses_do_not_hold_the_stage_when_it_is_to_be_stripped(
    handler: Callable[..., dict[str, Any]], event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIP_STAGE_PATH", "true")
    seen = _seen(handler(event, None))
    assert (seen["path"], seen["script"], seen["url"]) == (
        "/notes/1",
        "",
        "https://abc.execute-api.eu-west-1.amazonaws.com/notes/1",
    )


@pytest.mark.parametrize(
    ("raw", "stage", "path"),
    [("/dev", "dev", "/"), ("/device", "dev", "/device"), ("/dev/x", "$default", "/dev/x"), ("/", "$default", "/")],
)
def test_only_a_named_stage_is_taken_off_an_http_path(
    handler: Callable[..., dict[str, Any]], raw: str, stage: str, path: str
) -> None:
    assert _seen(handler(http(raw, stage=stage), None))["path"] == path


@pytest.mark.parametrize("event", [rest(), http()])
def test_the_event_itself_is_not_changed(handler: Callable[..., dict[str, Any]], event: dict[str, Any]) -> None:
    before = json.dumps(event)
    handler(event, None)
    assert json.dumps(event) == before


def test_an_application_is_created_once_at_cold_start(handler: Callable[..., dict[str, Any]]) -> None:
    results = list(sys.modules["notes_app"].imported)
    handler(rest(), None)
    handler(http(), None)
    assert sys.modules["notes_app"].imported == results


def test_importing_the_module_outside_lambda_needs_only_the_standard_library() -> None:
    bare = [sys.executable, "-I", "-S", str(web_handler.__file__)]
    assert subprocess.run(bare, env={}, check=False).returncode == 0
