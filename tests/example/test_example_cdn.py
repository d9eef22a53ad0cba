"""The Flask extension for sites that are split: static files from the CDN, and a policy that allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask, render_template_string, url_for

if TYPE_CHECKING:
    from types import ModuleType

    from tests.example.conftest import Load

CDN = "d111.cloudfront.net"


@pytest.fixture
def cdn(load: Load) -> ModuleType:
    return load("web/cdn.py")


def application(cdn: ModuleType, domain: str) -> Flask:
    made = Flask(__name__, static_folder=None)
    made.add_url_rule("/static/<path:filename>", "static", lambda filename: filename)
    made.add_url_rule("/", "page", lambda: render_template_string("{{ url_for('static', filename='a b.css', v=2) }}"))
    made.static_url_path = "/static"
    cdn.serve_static_from(made, domain)
    return made


def test_templates_and_code_lead_to_the_cdn(cdn: ModuleType) -> None:
    made = application(cdn, CDN)
    with made.test_request_context():
        assert url_for("static", filename="a/b.css") == f"https://{CDN}/static/a/b.css"
        assert url_for("page") == "/"
    assert made.test_client().get("/").text == f"https://{CDN}/static/a%20b.css?v=2"


def test_the_stage_of_the_api_is_not_part_of_the_cdns_paths(cdn: ModuleType) -> None:
    with application(cdn, CDN).test_request_context(environ_overrides={"SCRIPT_NAME": "/dev"}):
        assert url_for("static", filename="a.css") == f"https://{CDN}/static/a.css"
        assert url_for("page") == "/dev/"


def test_without_a_cdn_nothing_changes(cdn: ModuleType) -> None:
    answer = application(cdn, "").test_client().get("/")
    assert (answer.text, "Content-Security-Policy" in answer.headers) == ("/static/a%20b.css?v=2", False)


def test_pages_allow_the_cdn(cdn: ModuleType) -> None:
    policy = application(cdn, CDN).test_client().get("/").headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'self' https://{CDN}; base-uri 'self'; ")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("script-src 'self'; form-action 'self'", "script-src 'self' https://c; form-action 'self'"),
        ("img-src 'none'; Style-Src a.example", "img-src 'none'; Style-Src a.example https://c"),
        ("default-src https://c;", "default-src https://c"),
        ("", ""),
    ],
)
def test_only_directives_that_load_files_get_the_source(cdn: ModuleType, policy: str, expected: str) -> None:
    assert cdn.allowing(policy, "https://c") == expected
