"""The program of the CloudFront Functions, run by node on tables of requests."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from stacks.loading import validated
from stacks.parts.frontend.edge_program import code
from stacks.parts.frontend.headers import content_security_policy, edge_headers

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.parts.frontend.edge_program import EdgeKind

NODE = shutil.which("node") or "node"
MOST_BYTES = 10_240
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions"""


def stage(**frontend: Any) -> Stage:
    described = {"static": "static", "site": {"folder": "dist", "path": "/app"}, **frontend}
    return validated({"name": "n", "stages": {"s": {"region": "eu-west-1", "frontend": described}}}).stages["s"]


def asked(program: str, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """What the program makes of each request."""
    events = [{"request": {"headers": {}, "querystring": {}, **request}} for request in requests]
    script = f"{program}\nconsole.log(JSON.stringify({json.dumps(events)}.map(handler)));"
    done = subprocess.run([NODE, "-e", script], check=True, capture_output=True, text=True)
    loads: list[dict[str, Any]] = json.loads(done.stdout)
    return loads


ROUTES = {
    "/app": "/app/index.html",
    "/app/": "/app/index.html",
    "/app/notes": "/app/index.html",
    "/app/user/jane.doe": "/app/index.html",
    "/app/v1.2/notes": "/app/index.html",
    "/app/a%20b": "/app/index.html",
    "/app/index.html": "/app/index.html",
    "/app/config.json": "/app/config.json",
    "/app/assets/x-1a2B3c4D.js": "/app/assets/x-1a2B3c4D.js",
    "/app/assets/x": "/app/assets/x",
    "/app/static/x.unheard": "/app/static/x.unheard",
    "/app/my/assets": "/app/index.html",
    "/app/logo.SVG": "/app/logo.SVG",
    "/app/.well-known/security": "/app/.well-known/security",
}


def test_routes_are_the_applications_page_and_files_are_themselves() -> None:
    answers = asked(code("site", stage()), *({"uri": uri} for uri in ROUTES))
    assert {uri: answer["uri"] for uri, answer in zip(ROUTES, answers, strict=True)} == ROUTES


@pytest.mark.parametrize(("uri", "rewritten"), [("/", "/index.html"), ("/a/b", "/index.html"), ("/a.js", "/a.js")])
def test_an_application_at_the_root_has_its_page_there(uri: str, rewritten: str) -> None:
    (answer,) = asked(code("site", stage(site={"folder": "dist", "path": "/"})), {"uri": uri})
    assert answer["uri"] == rewritten


@pytest.mark.parametrize("kind", ["static", "api"])
def test_no_other_behaviour_rewrites_a_path(kind: EdgeKind) -> None:
    (answer,) = asked(code(kind, stage()), {"uri": "/somewhere/else"})
    assert answer["uri"] == "/somewhere/else"


def test_the_api_gets_the_viewers_host_and_nobody_can_invent_it() -> None:
    headers = {"host": {"value": "notes.example.com"}, "x-viewer-host": {"value": "evil.example.com"}}
    (answer,) = asked(code("api", stage()), {"uri": "/api", "headers": headers})
    assert answer["headers"]["x-viewer-host"] == {"value": "notes.example.com"}


DOMAIN = {"name": "notes.example.com", "zone": "Z0123456789", "www": True}


def test_www_leads_to_the_domain_with_path_and_query() -> None:
    query = {"a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}, "b": {"value": ""}}
    request = {"uri": "/app/x", "headers": {"host": {"value": "www.notes.example.com"}}, "querystring": query}
    for kind in ("site", "static", "api"):
        (answer,) = asked(code(kind, stage(domain=DOMAIN)), request)
        assert answer["statusCode"] == 301
        assert answer["headers"]["location"] == {"value": "https://notes.example.com/app/x?a=1&a=2&b"}


def test_other_hosts_are_answered() -> None:
    hosts = ("notes.example.com", "d111.cloudfront.net", "127.0.0.1:8000")
    requests = [{"uri": "/a.js", "headers": {"host": {"value": host}}} for host in hosts]
    assert [answer["uri"] for answer in asked(code("site", stage(domain=DOMAIN)), *requests)] == ["/a.js"] * 3


@pytest.mark.parametrize("kind", ["site", "static", "api"])
def test_maintenance_answers_everything_with_503_that_no_cache_keeps(kind: EdgeKind) -> None:
    (answer,) = asked(code(kind, stage(maintenance=True)), {"uri": "/app/"})
    assert (answer["statusCode"], answer["headers"]["cache-control"]) == (503, {"value": "no-store"})
    assert "Back soon" in answer["body"]


def test_browsers_may_use_the_style_of_the_maintenance_page() -> None:
    (answer,) = asked(code("site", stage(maintenance=True)), {"uri": "/app/"})
    style = answer["body"].partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}'" in content_security_policy(stage(maintenance=True))
    assert "style-src" not in content_security_policy(stage())


@pytest.mark.parametrize("kind", ["site", "static", "api"])
def test_the_program_is_as_small_as_cloudfront_wants(kind: EdgeKind) -> None:
    assert len(code(kind, stage(domain=DOMAIN)).encode()) < MOST_BYTES


PASSWORD = "correct horse battery staple"
AUTH = {"user": "team", "password": PASSWORD}
COOKIE = "__Host-stage-key"


def basic(text: str) -> dict[str, Any]:
    return {"authorization": {"value": f"Basic {base64.b64encode(text.encode()).decode()}"}}


def locked(*requests: dict[str, Any], kind: EdgeKind = "site") -> list[dict[str, Any]]:
    host = {"host": {"value": "d111.cloudfront.net"}}
    all_requests = [
        {"uri": "/app/a.js", "method": "GET", **request, "headers": {**host, **request["headers"]}}
        for request in requests
    ]
    return asked(code(kind, stage(basic_auth=AUTH)), *all_requests)


@pytest.mark.parametrize("kind", ["site", "static", "api"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("team:wrong horse battery staple"),
        basic(f"someone:{PASSWORD}"),
        basic(""),
        {"authorization": {"value": "Basic"}},
        {"authorization": {"value": "Basic %%%"}},
        {"authorization": {"value": "Bearer eyJhbGciOi"}},
    ],
)
def test_every_behaviour_asks_who_shows_no_password(kind: EdgeKind, headers: dict[str, Any]) -> None:
    (answer,) = locked({"headers": headers}, kind=kind)
    assert answer["statusCode"] == 401
    assert answer["headers"]["www-authenticate"] == {"value": 'Basic realm="stage", charset="UTF-8"'}
    assert answer["headers"]["cache-control"] == {"value": "no-store"}


def test_the_password_lets_in_and_goes_no_further() -> None:
    (answer,) = locked({"headers": basic(f"team:{PASSWORD}")})
    assert (answer["uri"], "authorization" in answer["headers"]) == ("/app/a.js", False)


def test_a_page_gives_a_key_with_which_the_applications_own_tokens_reach_the_api() -> None:
    page = {**basic(f"team:{PASSWORD}"), "sec-fetch-mode": {"value": "navigate"}}
    (first,) = locked({"uri": "/app/x", "headers": page, "querystring": {"a": {"value": "1"}}})
    assert first["statusCode"] == 302
    assert first["headers"]["location"] == {"value": "https://d111.cloudfront.net/app/x?a=1"}
    assert first["cookies"][COOKIE]["attributes"] == "Path=/; Secure; HttpOnly; SameSite=Lax"
    kept = {COOKIE: {"value": first["cookies"][COOKIE]["value"]}, "session": {"value": "s"}}
    token = {"authorization": {"value": "Bearer eyJhbGciOi"}}
    again, call = locked({"headers": page, "cookies": kept}, {"headers": token, "cookies": kept})
    assert again["uri"] == "/app/a.js"
    assert (call["headers"]["authorization"], call["cookies"]) == (token["authorization"], {"session": {"value": "s"}})


def test_neither_the_password_nor_the_key_is_in_the_program() -> None:
    described = stage(basic_auth=AUTH)
    key = hashlib.sha256(f"team:{PASSWORD}".encode()).hexdigest()
    program = code("api", described)
    assert not [secret for secret in (PASSWORD, key) if secret in program or secret in repr(described)]
    (answer,) = locked({"headers": {}, "cookies": {COOKIE: {"value": program.split('LOCK = "')[1][:64]}}})
    assert answer["statusCode"] == 401


def test_the_program_with_a_lock_is_as_small_as_cloudfront_wants() -> None:
    assert len(code("site", stage(domain=DOMAIN, basic_auth=AUTH)).encode()) < MOST_BYTES


BASIC = {"user": "team", "password": "correct horse battery staple"}
WWW = {"domain": {"name": "notes.example.com", "zone": "Z0123456789", "www": True}}


@pytest.mark.parametrize("kind", ["site", "static", "api"])
@pytest.mark.parametrize(
    ("frontend", "host", "headers", "status"),
    [
        (WWW, "www.notes.example.com", {}, 301),
        ({"maintenance": True}, "d111.cloudfront.net", {}, 503),
        ({"basic_auth": BASIC}, "d111.cloudfront.net", {}, 401),
        ({"basic_auth": BASIC}, "d111.cloudfront.net", {"sec-fetch-mode": {"value": "navigate"}}, 302),
    ],
)
def test_what_the_edge_answers_itself_carries_the_security_headers(
    kind: EdgeKind, frontend: dict[str, Any], host: str, headers: dict[str, Any], status: int
) -> None:
    """CloudFront's headers policy is for answers of the cache and of origins.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-response-headers.html
    """
    shown = base64.b64encode(":".join(BASIC.values()).encode()).decode()
    known = {"authorization": {"value": f"Basic {shown}"}} if status == 302 else {}
    request = {"uri": "/app/x", "method": "GET", "headers": {"host": {"value": host}, **headers, **known}}
    (answer,) = asked(code(kind, stage(**frontend)), request)
    assert answer["statusCode"] == status
    result = {name: value["value"] for name, value in answer["headers"].items()}
    assert edge_headers(stage(**frontend)).items() <= result.items()
    assert "default-src 'none'" in result["content-security-policy"]


def test_a_function_that_answers_nothing_itself_carries_no_headers() -> None:
    assert "var HEADERS = {};" in code("api", stage())
