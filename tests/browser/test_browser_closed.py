"""A stage in maintenance, in a browser: one page in place of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import Running, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example, closed."""
    project = copied(tmp_path_factory.mktemp("closed"))
    file = project.folder / "app.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}  maintenance: true\n", encoding="utf-8")
    with local_run(project) as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/app/notes", "/api/notes", "/static/style.css"])
def test_a_closed_stage_answers_everything_with_one_page(site: Running, path: str) -> None:
    answer = site.visitor().ask(path)
    assert (answer.status, answer.headers["Retry-After"], "Back soon" in answer.text) == (503, "600", True)


def test_the_page_has_its_style_and_breaks_no_policy(browser: Browser) -> None:
    browser.open("/")
    browser.see("Back soon")
    browser.picture("closed")
    assert [complaint for complaint in browser.complaints() if "status of 503" not in complaint] == []
