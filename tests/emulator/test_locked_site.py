"""A stage with basic auth: nothing is shown without the password, and the application works with it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.running import Running, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator
PASSWORD = "correct-horse-battery"
BASIC = f"Basic {base64.b64encode(f'team:{PASSWORD}'.encode()).decode()}"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example behind a password, which the local run's own smoke test knows."""
    project = copied(tmp_path_factory.mktemp("locked"))
    file = project.folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f'{text}  basic_auth: {{user: team, password: "${{env:SITE_PASSWORD}}"}}\n', encoding="utf-8")
    (project.folder / ".env").write_text(f"SITE_PASSWORD={PASSWORD}\n", encoding="utf-8")
    with local_run(project) as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/app/", "/static/style.css", "/api/notes"])
def test_nothing_is_shown_without_the_password(locked: Running, path: str) -> None:
    answer = locked.visitor().ask(path)
    assert (answer.status, answer.headers["WWW-Authenticate"][:5]) == (401, "Basic")


def test_with_the_password_a_browser_gets_a_key_and_then_the_pages(locked: Running) -> None:
    visitor = locked.visitor()
    first = visitor.ask("/", Authorization=BASIC, Sec_Fetch_Mode="navigate")
    assert (first.status, list(visitor.cookies)) == (302, ["__Host-stage-key"])
    assert "What is on your mind?" in visitor.ask("/").text
    assert visitor.note("Behind the lock").status == 303
    assert visitor.ask("/app/").status == 200
