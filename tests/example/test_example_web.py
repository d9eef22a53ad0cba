"""The Flask application through its test client, with notes in memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.example.conftest import Load

KEY = "a key for tests"


@pytest.fixture
def web(load: Load) -> ModuleType:
    return load("web/app.py")


@pytest.fixture
def store(web: ModuleType, load: Load) -> Any:
    assert web
    return load("web/store.py").MemoryStore()


@pytest.fixture
def application(web: ModuleType, store: Any) -> Any:
    return web.create_app(store, lambda: KEY, "dev")


@pytest.fixture
def visitor(application: Any) -> Browser:
    return Browser(application)


class Browser:
    """A visitor with a cookie jar of their own, who sends the token they find in the page."""

    def __init__(self, application: Any) -> None:
        self.client: FlaskClient = application.test_client()

    def get(self, path: str = "/") -> TestResponse:
        return self.client.get(path, base_url="https://localhost")

    def post(self, path: str, **form: str) -> TestResponse:
        return self.client.post(path, data=form, base_url="https://localhost")

    def token(self) -> str:
        match = re.search(r'name="csrf" value="([^"]+)"', self.get().text)
        assert match
        return match[1]

    def add(self, text: str) -> TestResponse:
        return self.post("/notes", csrf=self.token(), text=text)

    def note_ids(self) -> list[str]:
        return re.findall(r'action="/notes/([^/]+)/delete"', self.get().text)


def test_a_note_added_is_listed_after_a_redirect(visitor: Browser) -> None:
    answer = visitor.add("Buy lemons")
    page = visitor.get().text
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Buy lemons" in page
    assert "Note added." in page
    assert "Note added." not in visitor.get().text


def test_a_note_deleted_is_gone(visitor: Browser) -> None:
    visitor.add("Buy lemons")
    [note_id] = visitor.note_ids()
    answer = visitor.post(f"/notes/{note_id}/delete", csrf=visitor.token())
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.note_ids() == []


def test_another_visitor_neither_sees_nor_deletes_a_note(visitor: Browser, application: Any) -> None:
    visitor.add("Mine alone")
    [note_id] = visitor.note_ids()
    other = Browser(application)
    other.add("Theirs")
    other.post(f"/notes/{note_id}/delete", csrf=other.token())
    assert "Mine alone" not in other.get().text
    assert visitor.note_ids() == [note_id]


def test_an_empty_note_is_refused_with_the_reason(visitor: Browser) -> None:
    answer = visitor.add("  \r\n ")
    assert answer.status_code == 422
    assert "a note cannot be empty" in answer.text
    assert visitor.note_ids() == []


def test_a_note_that_is_too_long_comes_back_in_the_form(visitor: Browser) -> None:
    answer = visitor.add("x" * 2001)
    assert answer.status_code == 422
    assert "This note has 2001 characters; at most 2000 fit." in answer.text
    assert "x" * 2001 in answer.text


def test_line_ends_count_as_the_one_character_that_the_browser_shows(visitor: Browser) -> None:
    assert visitor.add("a\r\n" * 999 + "bc").status_code == 303


def test_a_note_never_becomes_markup(visitor: Browser) -> None:
    visitor.add('<script>alert("x")</script>')
    page = visitor.get().text
    assert '<script>alert("' not in page
    assert "&lt;script&gt;alert(" in page


@pytest.mark.parametrize("token", ["", "guessed", "é"])
def test_a_post_without_the_visitors_token_changes_nothing(visitor: Browser, token: str) -> None:
    visitor.get()
    answer = visitor.post("/notes", csrf=token, text="forged")
    assert answer.status_code == 400
    assert "no longer valid" in answer.text
    assert visitor.note_ids() == []


def test_a_first_request_cannot_post(visitor: Browser) -> None:
    assert visitor.post("/notes", text="no session yet").status_code == 400


def test_the_cookie_is_out_of_reach_of_scripts_and_of_foreign_pages(visitor: Browser) -> None:
    visitor.token()
    cookie = visitor.post("/notes", csrf=visitor.token(), text="hello").headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Expires=" in cookie


@pytest.mark.parametrize("path", ["/nowhere", "/notes/1/delete"])
def test_an_unknown_address_has_a_page_that_leads_back(visitor: Browser, path: str) -> None:
    answer = visitor.get(path) if path == "/nowhere" else visitor.post(path, csrf=visitor.token())
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert 'href="/"' in answer.text


def test_a_failing_store_gives_a_page_and_no_details(web: ModuleType) -> None:
    class Broken:
        def newest(self, owner: str) -> list[Any]:
            raise RuntimeError(f"secret detail of {owner}")

        def add(self, owner: str, text: str) -> None:
            """Forgets the note."""

    visitor = Browser(web.create_app(Broken(), lambda: KEY, "dev"))
    visitor.add("anything")
    answer = visitor.get()
    assert answer.status_code == 500
    assert "went wrong on our side" in answer.text
    assert "secret detail" not in answer.text


def test_a_key_that_cannot_be_read_is_asked_for_again_and_then_kept(web: ModuleType, store: Any) -> None:
    answers = [KEY]
    outages = [TimeoutError("Secrets Manager does not answer")]

    def read_key() -> str:
        if outages:
            raise outages.pop()
        return answers.pop()

    visitor = Browser(web.create_app(store, read_key, "dev"))
    assert "went wrong on our side" in visitor.get().text
    assert [visitor.get().status_code for _ in range(2)] == [200, 200]
    assert answers == []


def test_health_says_the_stage(visitor: Browser) -> None:
    answer = visitor.get("/healthz")
    assert answer.json == {"stage": "dev", "ok": True}
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/nowhere", "/healthz"])
def test_no_cache_keeps_a_page(visitor: Browser, path: str) -> None:
    assert visitor.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_pages_obey_the_sites_content_security_policy(visitor: Browser, path: str) -> None:
    visitor.add("something to list")
    page = visitor.get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page)


def test_each_static_file_a_page_names_exists(visitor: Browser) -> None:
    named = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', visitor.get().text))
    assert len(named) == 4
    for path in named:
        with visitor.get(path) as answer:
            assert answer.status_code == 200


def test_without_a_deployment_the_application_runs_from_memory(web: ModuleType) -> None:
    visitor = Browser(web.app)
    visitor.add("for now")
    assert "for now" in visitor.get().text
    assert visitor.get("/healthz").json == {"stage": "local", "ok": True}
