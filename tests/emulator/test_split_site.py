"""The example with ``serve: split``: pages from the API's own address, static files from the CDN."""

from __future__ import annotations

import re
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.running import copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running import Running

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example without its single-page application, running."""
    project = copied(tmp_path_factory.mktemp("split"))
    file = project.folder / "app.yaml"
    text = file.read_text(encoding="utf-8").partition("\nfrontend:\n")[0]
    (project.folder / "lambda_src/web/static/404.html").write_text("<h1>Not here</h1>", encoding="utf-8")
    frontend = "  static: lambda_src/web/static\n  serve: split\n  errors: {404: /static/404.html}\n"
    file.write_text(f"{text}\nfrontend:\n{frontend}", encoding="utf-8")
    with local_run(project) as running:
        yield running


def page(site: Running) -> tuple[str, str]:
    """The first page and its Content-Security-Policy, from the API."""
    api = site.outputs()["backend"]["ApiId"]
    address = f"{site.emulator.endpoint_url}/_aws/execute-api/{api}/dev/"
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode(), answer.headers["Content-Security-Policy"]


def test_pages_link_to_static_files_that_this_machine_serves(split: Running) -> None:
    text, policy = page(split)
    (link,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
    assert link.startswith(f"{split.emulator.site_url}/static/")
    with urllib.request.urlopen(link) as answer:
        assert (answer.status, answer.headers.get_content_type()) == (200, "text/css")
    assert split.emulator.site_url in policy


def test_a_file_that_does_not_exist_is_answered_with_the_error_page(split: Running) -> None:
    answer = split.visitor().ask("/static/none.css")
    assert (answer.status, answer.text) == (404, "<h1>Not here</h1>")
