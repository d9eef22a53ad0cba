"""A distribution in front of an API alone, and what is said of the pages that come through it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.running import ROOT, Project, Running, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator
PAGE = """<!doctype html>
<link rel="stylesheet" href="https://cdn.example.com/a.css">
<script src="/static/ext/e.js"></script>
<h1>Hello</h1>
"""
APP = f"""
def app(environ, start_response):
    headers = [("Content-Type", "text/html; charset=utf-8")]
    if environ["PATH_INFO"] == "/own":
        headers += [("X-Frame-Options", "SAMEORIGIN"), ("-".join(["Content", "Security", "Policy"]), "default-src *")]
    status = "404 Not Found" if environ["PATH_INFO"] == "/static/ext/e.js" else "200 OK"
    start_response(status, headers)
    return [{PAGE.encode()!r}]
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("api")
    (folder / "src").mkdir()
    (folder / "src/app.py").write_text(APP)
    functions = {"web": {"wsgi": "src/app.py:app", "public": True}}
    described = {
        "name": "api",
        "stages": {"dev": {"region": "eu-west-1"}},
        "backend": {"functions": functions},
        "frontend": {"price_class": "all", "countries": {"only": ["DE"]}, "waf": False},
    }
    (folder / "app.yaml").write_text(json.dumps(described))
    shutil.copy2(ROOT / "build.py", folder)
    with local_run(Project(folder=folder)) as running:
        yield running


def test_the_api_answers_through_the_distribution(api: Running) -> None:
    answer = api.visitor().ask("/")
    assert (answer.status, "Hello" in answer.text, "(CloudFront)" in str(answer.headers["Via"])) == (200, True, True)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_headers_of_the_application_are_kept(api: Running) -> None:
    headers = api.visitor().ask("/own").headers
    assert headers.get_all("Content-Security-Policy") == ["default-src *"]
    assert headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]


def test_the_run_says_what_a_browser_would_miss(api: Running) -> None:
    assert "  /  <link> of https://cdn.example.com is blocked by the Content-Security-Policy (style-src)." in api.output
    assert "  /  asks for /static/ext/e.js, which is missing." in api.output


def test_routes_knows_the_distribution(api: Running) -> None:
    assert "origin     api /dev/x" in api.project.build("routes", "/x")
