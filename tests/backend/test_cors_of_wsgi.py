"""What a WSGI application answers other origins behind a REST API: the description's word, unless it says its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from stacks.packaging import web_handler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APP = """
def app(environ, start_response):
    own = [("access-control-allow-origin", "https://own.example")] if environ["PATH_INFO"] == "/own" else []
    start_response("200 OK", [("Content-Type", "text/plain"), *own])
    return [b"ok"]
"""
ORIGIN = "Access-Control-Allow-Origin"


@pytest.fixture(autouse=True)
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The application, importable; gone after the test."""
    (tmp_path / "cors_app.py").write_text(APP, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("WSGI_APP", "cors_app:app")
    web_handler.application.cache_clear()
    yield
    web_handler.application.cache_clear()
    sys.modules.pop("cors_app", None)


def answered(path: str) -> dict[str, list[str]]:
    event: dict[str, Any] = {
        "httpMethod": "GET",
        "path": path,
        "resource": "/{proxy+}",
        "pathParameters": {"proxy": path.removeprefix("/")},
        "headers": {"Host": "a.execute-api.eu-west-1.amazonaws.com"},
        "multiValueHeaders": {"Host": ["a.execute-api.eu-west-1.amazonaws.com"]},
        "requestContext": {"stage": "dev", "httpMethod": "GET"},
        "body": None,
        "isBase64Encoded": False,
    }
    headers: dict[str, list[str]] = web_handler.handler(event, None)["multiValueHeaders"]
    return headers


def test_without_cors_no_origin_is_named() -> None:
    assert ORIGIN not in answered("/page")


def test_the_described_origin_is_named_and_credentials_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://app.example.com")
    plain = answered("/page")
    monkeypatch.setenv("CORS_CREDENTIALS", "true")
    trusted = answered("/page")
    assert plain[ORIGIN] == trusted[ORIGIN] == ["https://app.example.com"]
    assert "Access-Control-Allow-Credentials" not in plain
    assert trusted["Access-Control-Allow-Credentials"] == ["true"]


def test_what_the_application_says_itself_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://app.example.com")
    result = {name.lower(): value for name, value in answered("/own").items()}
    assert result[ORIGIN.lower()] == ["https://own.example"]
