"""What ``routes`` tells of a URL, from the rendered template of the example and the program of its functions."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.cli import main
from stacks.edge_routes import Routed, routed
from stacks.loading import validated
from stacks.parts.frontend.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stacks.app import App

OBJECTS = {"app/index.html": "no-cache", "app/main-aB3dE6gH.js": "public", "static/a b.css": "no-cache"}


def node(code: str, event: Mapping[str, Any]) -> Any:
    script = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    done = subprocess.run([shutil.which("node") or "node", "-e", script], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def route(example: App) -> Callable[[str], Routed]:
    (template,) = [stack.template for stack in render(example, example.stages["dev"]) if stack.stack == "frontend"]
    return lambda url: routed(url, template, node, OBJECTS)


@pytest.mark.parametrize(
    ("url", "behavior", "place", "status"),
    [
        ("/", "default", "api /dev/", "the API's"),
        ("/notes/7", "default", "api /dev/notes/7", "the API's"),
        ("/api/notes?after=3", "default", "api /dev/api/notes", "the API's"),
        ("/app", "/app", "bucket /app/index.html", "200"),
        ("/app/user/jane.doe", "/app/*", "bucket /app/index.html", "200"),
        ("/app/main-aB3dE6gH.js", "/app/*", "bucket /app/main-aB3dE6gH.js", "200"),
        ("/app/assets/x-1a2B3c4D.js", "/app/*", "bucket /app/assets/x-1a2B3c4D.js", "404"),
        ("/static/a%20b.css", "/static/*", "bucket /static/a%20b.css", "200"),
        ("/static/none.css", "/static/*", "api /dev/static/none.css", "the API's"),
        ("https://notes.example.com/static/", "/static/*", "api /dev/static/", "the API's"),
        ("/Static/a.css", "default", "api /dev/Static/a.css", "the API's"),
    ],
)
def test_a_url_leads_to_its_place(
    route: Callable[[str], Routed], url: str, behavior: str, place: str, status: str
) -> None:
    result = route(url)
    assert (result.behavior, f"{result.origin} {result.path}", result.status) == (behavior, place, status)


def test_headers_are_reported_with_the_files_own_cache_control(route: Callable[[str], Routed]) -> None:
    headers = dict(header.split(": ", 1) for header in route("/app/main-aB3dE6gH.js").headers)
    assert headers["Cache-Control"] == "public"
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_a_redirect_of_a_function_is_the_answer() -> None:
    domain = {"name": "n.example.com", "zone": "Z0123456789", "www": True}
    described = {"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": {"static": "s", "domain": domain}}
    app = validated(described)
    (template,) = [stack.template for stack in render(app, app.stages["s"]) if stack.stack == "frontend"]
    result = routed("https://www.n.example.com/a?b=c", template, node, {})
    assert (result.status, result.origin, result.path) == ("301 https://n.example.com/a?b=c", "", "")


@pytest.mark.parametrize(
    ("pattern", "path", "covers"),
    [
        ("/a/*", "/a/", True),
        ("/a/*", "/a/b/c", True),
        ("/a/*", "/a", False),
        ("/a?.js", "/ab.js", True),
        ("/a?.js", "/a.js", False),
        ("*.jpg", "/x/y.jpg", True),
        ("/a.b", "/aXb", False),
    ],
)
def test_patterns_are_cloudfronts(pattern: str, path: str, *, covers: bool) -> None:
    assert matches(pattern, path) is covers


def test_the_command_shows_each_url(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    assert main(["routes", "--stage", "dev", "--format", "json", "/app/x", "/static/style.css"]) == 0
    load = json.loads(capsys.readouterr().out)
    assert [(entry["url"], entry["status"]) for entry in load] == [("/app/x", "200"), ("/static/style.css", "200")]
    assert main(["routes", "--stage", "dev"]) == 0
    assert "behaviour  /app/* (function SiteRouter)" in capsys.readouterr().out


def test_another_host_answers_for_itself() -> None:
    frontend = {"static": "s", "paths": {"/media/*": "media.example.com"}}
    app = validated({"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": frontend})
    (template,) = [stack.template for stack in render(app, app.stages["s"]) if stack.stack == "frontend"]
    result = routed("/media/cat.jpg", template, node, {})
    assert (result.origin, result.path, result.status) == (
        "media.example.com",
        "/media/cat.jpg",
        "that of media.example.com",
    )


def test_a_missing_file_has_the_error_page_of_the_description() -> None:
    frontend = {"site": "dist", "errors": {404: "/404.html"}}
    app = validated({"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": frontend})
    (template,) = [stack.template for stack in render(app, app.stages["s"]) if stack.stack == "frontend"]
    assert routed("/assets/none.js", template, node, {"404.html": "no-cache"}).status == "404 /404.html"
