"""HTTP as a browser knows it: a table of behaviours, each for every front door and both kinds of application."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from stacks.packaging import asgi_server, web_handler
from tests.packaging.requests_as_events import (
    FUNCTION,
    GATEWAY,
    Response,
    Sent,
    function_url,
    http_v2,
    received,
    rest_v1,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Ask = Callable[..., Response]

APP = """
    import gzip, json
    from flask import Blueprint, Flask, Response, make_response, redirect, request, session, url_for

    closed = []

    class Pages:
        def __init__(self):
            self.wsgi = create_app()

    def create_app(name="default", *, debug=False):
        app = Flask(__name__)
        app.secret_key, app.made = "k", (name, debug)
        extension = Blueprint("bootstrap", __name__, static_folder="files", static_url_path="/bootstrap/static")
        app.register_blueprint(extension)

        @app.route("/", methods=["GET", "POST", "PUT", "DELETE"])
        @app.route("/see/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
        def see(rest=""):
            return {
                "path": request.path, "script": request.script_root, "url": request.url, "method": request.method,
                "args": request.args.to_dict(flat=False), "form": request.form.to_dict(flat=False),
                "cookies": request.cookies.to_dict(), "from": request.remote_addr, "secure": request.is_secure,
                "host": request.host, "made": app.made, "edge": request.headers.get("X-Origin-Verify"),
                "referer": request.headers.get("Referer"), "origin": request.headers.get("Origin"),
                "files": {name: file.read().hex() for name, file in request.files.items()},
            }

        @app.get("/cookies")
        def cookies():
            answer = make_response("ok")
            for name in "abc":
                answer.set_cookie(name, name * 2, httponly=True, secure=True)
            answer.headers.add("Vary", "Accept")
            answer.headers.add("Vary", "Origin")
            return answer

        @app.post("/echo")
        def echo():
            return Response(request.get_data(), mimetype=request.mimetype)

        @app.get("/to")
        def to():
            return redirect(url_for("see", rest="ä b"), 303)

        @app.get("/latin")
        def latin():
            return Response("grün".encode("latin-1"), content_type="text/plain; charset=iso-8859-1")

        @app.get("/utf")
        def utf():
            return Response("grün €", content_type="text/plain; charset=utf-8")

        @app.get("/gzip")
        def zipped():
            body = gzip.compress(b"text" * 100)
            return Response(body, mimetype="text/html", headers={"Content-Encoding": "gzip"})

        @app.get("/big/<int:size>/<kind>")
        def big(size, kind):
            return Response(b"x" * size, mimetype={"text": "text/plain", "binary": "image/png"}[kind])

        @app.get("/stream")
        def stream():
            answer = Response((part for part in ("a", "b")), mimetype="text/plain")
            answer.call_on_close(lambda: closed.append(1))
            return answer

        @app.get("/empty")
        def empty():
            return "", 204

        @app.get("/fails")
        def fails():
            raise ValueError("no")

        return app
"""
AS_ASGI = """
    import io, sys
    from urllib.parse import unquote
    import table_app

    started = []

    def create_app(*arguments, **named):
        pages = table_app.create_app(*arguments, **named)

        async def application(scope, receive, send):
            if scope["type"] == "lifespan":
                assert (await receive())["type"] == "lifespan.startup"
                scope["state"]["db"] = "open"
                started.append(1)
                await send({"type": "lifespan.startup.complete"})
                await receive()
            assert scope["state"] == {"db": "open"} and scope["path"].startswith(scope["root_path"])
            assert unquote(scope["raw_path"]) == scope["path"]
            message = await receive()
            environ = {
                "REQUEST_METHOD": scope["method"], "SCRIPT_NAME": scope["root_path"],
                "PATH_INFO": scope["path"].removeprefix(scope["root_path"]).encode().decode("latin-1"),
                "QUERY_STRING": scope["query_string"].decode(), "REMOTE_ADDR": scope["client"][0],
                "SERVER_NAME": scope["server"][0], "SERVER_PORT": str(scope["server"][1]),
                "wsgi.url_scheme": scope["scheme"], "wsgi.errors": sys.stderr,
                "wsgi.input": io.BytesIO(message["body"]),
            }
            for name, value in scope["headers"]:
                key = name.decode().upper().replace("-", "_")
                environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value.decode("latin-1")
            begun = []
            parts = pages(environ, lambda *start: begun.append(start))
            status, headers = begun[0][:2]
            pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            await send({"type": "http.response.start", "status": int(status[:3]), "headers": pairs})
            for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body"})
            getattr(parts, "close", bool)()

        return application
"""
DOORS = pytest.mark.parametrize("door", [rest_v1, http_v2, function_url])


@pytest.fixture(params=["wsgi", "asgi"])
def ask(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Send a request to the application through one front door, as a cold start answers it."""
    (tmp_path / "table_app.py").write_text(textwrap.dedent(APP))
    (tmp_path / "asgi_app.py").write_text(textwrap.dedent(AS_ASGI))
    named = {"wsgi": "table_app", "asgi": "asgi_app"}[request.param]
    monkeypatch.setitem(sys.modules, "stacks_asgi", asgi_server)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/icon.png").write_bytes(bytes(range(256)))
    monkeypatch.syspath_prepend(tmp_path)

    def asked(door: Callable[[Sent], dict[str, Any]], *, app: str = "create_app()", **sent: Any) -> Response:
        monkeypatch.setenv(f"{request.param.upper()}_APP", f"{named}:{app}")
        module = _fresh_module()
        try:
            return received(module.handler(door(Sent(**sent)), None))
        finally:
            if request.param == "asgi":
                module._server().close()

    yield asked
    sys.modules.pop("table_app", None)
    sys.modules.pop("asgi_app", None)


def _fresh_module() -> Any:
    spec = importlib.util.spec_from_file_location("stacks_web", str(web_handler.__file__))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _seen(response: Response) -> dict[str, Any]:
    assert response.status == 200, response
    loads: dict[str, Any] = json.loads(response.body)
    return loads


FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
UPLOAD = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n\x00\xff\r\n--b--\r\n'
MULTIPART = (("Content-Type", "multipart/form-data; boundary=b"),)
TABLE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a path": ({"path": "/see/1/2"}, {"path": "/see/1/2", "method": "GET"}),
    "a path with an escaped letter": ({"path": "/see/%C3%A4"}, {"path": "/see/ä"}),
    "a closing slash": ({"path": "/see/x/"}, {"path": "/see/x/"}),
    "the root": ({"path": "/"}, {"path": "/"}),
    "values of one name in the query": ({"path": "/see/q", "query": "t=1&t=%C3%A4+b"}, {"args": {"t": ["1", "ä b"]}}),
    "a name without a value in the query": ({"path": "/see/q", "query": "flag="}, {"args": {"flag": [""]}}),
    "signs in the query": ({"path": "/see/q", "query": "t=%2B%26%25%3D"}, {"args": {"t": ["+&%="]}}),
    "several cookies": ({"path": "/see/c", "headers": (("Cookie", "a=1; b=2"),)}, {"cookies": {"a": "1", "b": "2"}}),
    "cookies in several lines": (
        {"path": "/see/c", "headers": (("Cookie", "a=1"), ("Cookie", "b=2"))},
        {"cookies": {"a": "1", "b": "2"}},
    ),
    "a form": (
        {"path": "/see/f", "method": "POST", "headers": FORM, "body": b"a=%C3%A4&a=2"},
        {"form": {"a": ["ä", "2"]}},
    ),
    "an upload": (
        {"path": "/see/f", "method": "POST", "headers": MULTIPART, "body": UPLOAD},
        {"files": {"f": "00ff"}, "form": {}},
    ),
    "the viewer's address": ({"path": "/see/a"}, {"from": "192.0.2.1", "secure": True}),
    "another method": ({"path": "/see/m", "method": "DELETE"}, {"method": "DELETE"}),
}


@DOORS
@pytest.mark.parametrize("row", TABLE)
def test_the_application_sees_what_was_sent(door: Any, row: str, ask: Ask) -> None:
    sent, expected = TABLE[row]
    seen = _seen(ask(door, **sent))
    assert {name: seen[name] for name in expected} == expected


@DOORS
def test_every_cookie_and_every_value_of_a_header_arrives(door: Any, ask: Ask) -> None:
    response = ask(door, path="/cookies")
    assert response.cookies == [f"{name}={name * 2}; Secure; HttpOnly; Path=/" for name in "abc"]
    assert response.headers["vary"] == "Accept, Origin"


@DOORS
@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "text/plain", "application/json"])
def test_bytes_come_back_as_they_were_sent(door: Any, kind: str, ask: Ask) -> None:
    sent = bytes(range(256))
    response = ask(door, path="/echo", method="POST", headers=(("Content-Type", kind),), body=sent)
    assert (response.body, response.headers["content-type"].partition(";")[0]) == (sent, kind)


@DOORS
def test_a_body_that_is_handed_over_as_text_arrives_as_it_was_sent(door: Any, ask: Ask) -> None:
    body = "grün €\r\n"

    def as_text(sent: Sent) -> dict[str, Any]:
        return {**door(sent), "body": body, "isBase64Encoded": False}

    assert ask(as_text, path="/echo", method="POST", body=body.encode()).body == body.encode()


@DOORS
@pytest.mark.parametrize(("path", "body"), [("/latin", "grün".encode("latin-1")), ("/utf", "grün €".encode())])
def test_text_of_any_encoding_arrives_byte_for_byte(door: Any, path: str, body: bytes, ask: Ask) -> None:
    assert ask(door, path=path).body == body


@DOORS
def test_a_compressed_answer_passes_through_compressed(door: Any, ask: Ask) -> None:
    response = ask(door, path="/gzip")
    assert (gzip.decompress(response.body), response.headers["content-encoding"]) == (b"text" * 100, "gzip")


@pytest.mark.parametrize(
    ("door", "host", "location"),
    [
        (rest_v1, GATEWAY, "/dev/see/%C3%A4%20b"),
        (http_v2, GATEWAY, "/dev/see/%C3%A4%20b"),
        (function_url, FUNCTION, "/see/%C3%A4%20b"),
        (rest_v1, "www.example.com", "/see/%C3%A4%20b"),
        (http_v2, "www.example.com", "/see/%C3%A4%20b"),
    ],
)
def test_a_redirect_leads_where_the_front_door_answers(door: Any, host: str, location: str, ask: Ask) -> None:
    response = ask(door, path="/to", host=host)
    assert (response.status, response.headers["location"]) == (303, location)


@DOORS
def test_head_has_the_headers_of_get_and_no_body(door: Any, ask: Ask) -> None:
    response = ask(door, path="/utf", method="HEAD")
    assert (response.status, response.body, response.headers["content-type"]) == (200, b"", "text/plain; charset=utf-8")


@DOORS
def test_an_answer_without_content_stays_without(door: Any, ask: Ask) -> None:
    response = ask(door, path="/empty")
    assert (response.status, response.body) == (204, b"")


@DOORS
def test_a_streamed_answer_arrives_whole_and_is_closed(door: Any, ask: Ask) -> None:
    assert ask(door, path="/stream").body == b"ab"
    assert sys.modules["table_app"].closed == [1]


@DOORS
def test_an_extensions_own_static_folder_is_served(door: Any, ask: Ask) -> None:
    response = ask(door, path="/bootstrap/static/icon.png")
    assert (response.body, response.headers["content-type"]) == (bytes(range(256)), "image/png")


@DOORS
def test_an_error_in_the_application_is_its_own_500(door: Any, ask: Ask) -> None:
    assert (ask(door, path="/fails").status, ask(door, path="/nowhere").status) == (500, 404)


@DOORS
@pytest.mark.parametrize(("size", "kind"), [(6_200_000, "text"), (4_600_000, "binary")])
def test_an_answer_within_lambdas_limit_arrives(door: Any, size: int, kind: str, ask: Ask) -> None:
    assert len(ask(door, path=f"/big/{size}/{kind}").body) == size


@DOORS
@pytest.mark.parametrize(("size", "kind"), [(6_300_000, "text"), (4_800_000, "binary")])
def test_an_answer_over_lambdas_limit_is_a_500_that_says_so(
    door: Any, size: int, kind: str, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    response = ask(door, path=f"/big/{size}/{kind}")
    assert (response.status, response.body) == (
        500,
        b"The answer is larger than the 6 MB (4.5 MB of binary) that Lambda takes.\n",
    )
    assert f"GET /big/{size}/{kind}: the answer has {size} bytes" in capsys.readouterr().err


@DOORS
def test_a_request_over_lambdas_limit_is_a_413_that_says_so(door: Any, ask: Ask) -> None:
    response = ask(door, path="/echo", method="POST", body=b"x" * 4_800_000)
    assert (response.status, response.body[:40]) == (413, b"The request is larger than the 6 MB (4.5")


@pytest.mark.parametrize("base", ["/v1", "/shop/v1", "/dev"])
@pytest.mark.parametrize(("path", "resource", "proxy"), [("/see/ä", "/{proxy+}", "see/ä"), ("/", "/", None)])
def test_the_base_path_of_a_domain_becomes_the_script_name_of_rest(
    base: str, path: str, resource: str, proxy: str | None, ask: Ask
) -> None:
    def mapped(sent: Sent) -> dict[str, Any]:
        parameters = {"proxy": proxy} if proxy else None
        return {**rest_v1(sent), "path": f"{base}{path}", "resource": resource, "pathParameters": parameters}

    seen = _seen(ask(mapped, host="api.example.com"))
    assert (seen["script"], seen["path"]) == (base, path)
    assert seen["url"].startswith(f"https://api.example.com{base}/")


def test_the_base_path_of_a_domain_becomes_the_script_name_of_an_http_api(ask: Ask) -> None:
    def mapped(sent: Sent) -> dict[str, Any]:
        return {**http_v2(sent), "rawPath": "/v1/see/x"}

    seen = _seen(ask(mapped, path="/see/x", host="api.example.com"))
    assert (seen["script"], seen["path"]) == ("/v1", "/see/x")


def test_a_path_behind_parameters_of_the_route_is_not_taken_for_a_base_path(ask: Ask) -> None:
    def narrow(sent: Sent) -> dict[str, Any]:
        return {**rest_v1(sent), "resource": "/see/{id}/{part+}", "pathParameters": {"id": "7", "part": "a/b"}}

    seen = _seen(ask(narrow, path="/see/7/a/b", host="api.example.com"))
    assert (seen["script"], seen["path"]) == ("", "/see/7/a/b")


VIEWER = (("X-Viewer-Host", "www.example.com"), ("X-Origin-Verify", "k1"))


@DOORS
def test_the_viewers_host_reaches_the_application_through_our_cloudfront(
    door: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_HOSTS", "*")
    seen = _seen(ask(door, path="/see/x", headers=VIEWER))
    assert (seen["host"], seen["url"], seen["edge"]) == ("www.example.com", "https://www.example.com/see/x", None)


@DOORS
def test_a_viewers_host_that_nothing_vouches_for_is_not_believed(door: Any, ask: Ask) -> None:
    seen = _seen(ask(door, path="/see/x", headers=VIEWER))
    assert (seen["host"] in {GATEWAY, FUNCTION}, seen["edge"]) == (True, None)


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [("a.example.com www.example.com", "www.example.com"), ("a.example.com", GATEWAY), ("", GATEWAY)],
)
def test_a_host_that_the_description_names_is_believed(
    hosts: str, expected: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_HOSTS", hosts)
    assert _seen(ask(rest_v1, path="/see/x", headers=VIEWER[:1]))["host"] == expected


@pytest.mark.parametrize(
    ("page", "seen"),
    [
        ("https://www.example.com/form?a=1", f"https://{GATEWAY}/form?a=1"),
        ("https://www.example.com", f"https://{GATEWAY}"),
        ("https://www.example.com.evil.example.com/form", "https://www.example.com.evil.example.com/form"),
        ("http://www.example.com/form", "http://www.example.com/form"),
    ],
)
def test_a_page_of_a_viewers_host_without_proof_counts_as_the_applications_own(page: str, seen: str, ask: Ask) -> None:
    result = _seen(ask(rest_v1, path="/see/x", headers=(VIEWER[0], ("Referer", page), ("Origin", page))))
    assert (result["host"], result["referer"], result["origin"]) == (GATEWAY, seen, seen)


@pytest.mark.parametrize("host", ["a b", "evil.example.com/x", "a@b", 'a"b'])
def test_what_is_no_host_is_not_believed(host: str, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_HOSTS", "*")
    headers = (("X-Viewer-Host", host), VIEWER[1])
    assert _seen(ask(rest_v1, path="/see/x", headers=headers))["host"] == GATEWAY


@pytest.mark.parametrize(
    ("app", "arguments"),
    [
        ("create_app()", ["default", False]),
        ("create_app('test')", ["test", False]),
        ('create_app("a)b", debug=True)', ["a)b", True]),
    ],
)
def test_a_factory_gets_its_arguments(app: str, arguments: list[Any], ask: Ask) -> None:
    assert _seen(ask(rest_v1, path="/see/x", app=app))["made"] == arguments


@pytest.mark.parametrize("many", [True, False])
def test_a_header_with_an_underscore_does_not_take_the_place_of_its_twin(*, many: bool) -> None:
    headers = {"X-User": "ada", "X_User": "eve", "x-user": "bob", "Cookie": "a=1", "cookie": "b=2"}
    event = {"multiValueHeaders": {name: [text] for name, text in headers.items()}} if many else {"headers": headers}
    assert web_handler._headers(event) == {"host": "lambda", "x-user": "ada, bob", "cookie": "a=1; b=2"}
