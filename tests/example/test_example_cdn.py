"""Links to static files: the names under which the publisher keeps them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from stacks.publishing.web import fingerprinted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    Load = Callable[[str], ModuleType]


@pytest.fixture
def application(tmp_path: Path) -> Flask:
    (tmp_path / "css").mkdir()
    (tmp_path / "css/style.css").write_bytes(b"body {}")
    return Flask("application", static_folder=str(tmp_path), static_url_path="/static")


def link(application: Flask, filename: str) -> str:
    with application.test_request_context():
        return application.url_for("static", filename=filename)


@pytest.mark.parametrize(
    ("domain", "site"),
    [
        ("", "/"),
        ("cdn.example.com", "https://cdn.example.com/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
    ],
)
def test_a_link_has_the_name_that_the_publisher_gives(load: Load, application: Flask, domain: str, site: str) -> None:
    cdn = load("web/cdn.py")
    cdn.name_static_by_content(application)
    cdn.serve_static_from(application, domain)
    digest = hashlib.sha256(b"body {}").hexdigest()
    assert link(application, "css/style.css") == site + fingerprinted("static/css/style.css", digest)


def test_a_file_that_does_not_exist_keeps_its_name(load: Load, application: Flask) -> None:
    load("web/cdn.py").name_static_by_content(application)
    assert link(application, "none.css") == "/static/none.css"
