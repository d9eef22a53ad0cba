"""What of a page its Content-Security-Policy stops."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stacks.errors import DeployError
from stacks.progress import InlineBlocked
from stacks.publishing.inline import blocked
from stacks.publishing.publish import publish
from stacks.publishing.sites import SiteFiles
from stacks.publishing.step import Publish
from stacks.publishing.target import files_of, report_site
from stacks.testing import MemoryCloud
from stacks.wiring import Output

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.progress import Progress

STRICT = {"default-src": ["'self'"]}


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<script>go()</script>", ["an inline <script>"]),
        ('<script type="module">go()</script>', ["an inline <script>"]),
        ('<script type="importmap">{}</script>', ["an inline <script>"]),
        ('<script type="application/ld+json">{}</script>', []),
        ('<script src="a.js"></script>', []),
        ("<script></script>", []),
        ("<style>a{}</style>", ["an inline <style>"]),
        ('<link rel="stylesheet" href="a.css" onload="go()">', ["the attribute onload of <link>"]),
        ('<p style="color: red">', ["the attribute style of <p>"]),
        ("<!-- <script>go()</script> -->", []),
    ],
)
def test_only_what_is_inline_and_runs_is_stopped(page: str, expected: list[str]) -> None:
    assert [inline.what for inline in blocked(page, STRICT)] == expected


def test_a_script_is_reported_with_its_line_and_the_hash_that_allows_it() -> None:
    (inline,) = blocked("<!doctype html>\n<title>x</title>\n<script>go()</script>", STRICT)
    assert (inline.line, inline.directive) == (3, "script-src")
    assert blocked("<script>go()</script>", {"script-src": ["'self'", inline.source]}) == ()
    assert blocked("<script>go() </script>", {"script-src": ["'self'", inline.source]}) != ()


@pytest.mark.parametrize("policy", [{}, {"default-src": ["'self'", "'unsafe-inline'"]}, {"img-src": ["'self'"]}])
def test_a_policy_that_does_not_speak_of_scripts_stops_none(policy: dict[str, list[str]]) -> None:
    assert blocked("<script>go()</script><p onclick='go()'>", policy) == ()


def test_a_hash_takes_the_word_unsafe_inline_away() -> None:
    assert len(blocked("<script>go()</script>", {"script-src": ["'unsafe-inline'", "'sha256-x'"]})) == 1


def step(*folders: SiteFiles) -> Publish:
    return Publish(stack="f", bucket=Output("f", "B"), distribution=None, folders=folders, policy=STRICT)


def test_pages_that_are_put_are_looked_at(tmp_path: Path, seen: list[Progress]) -> None:
    (tmp_path / "index.html").write_text("<script>go()</script>")
    (tmp_path / "a.js").write_text("<script>go()</script>")
    entry, cloud = step(SiteFiles(prefix="app/", folder=tmp_path, fallback=True)), MemoryCloud()
    cloud.buckets["b"] = {}
    for _ in range(2):
        plan = publish(files_of(entry), cloud, lambda _: None, bucket="b", distribution=None)
        report_site(plan, entry, seen.append)
    assert [event.key for event in seen if isinstance(event, InlineBlocked)] == ["app/index.html"]


def test_two_files_with_one_address_are_reported(tmp_path: Path) -> None:
    for name in ("site/static/a.css", "static/a.css"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    folders = [
        SiteFiles(prefix="", folder=tmp_path / "site", fallback=False),
        SiteFiles(prefix="static/", folder=tmp_path / "static", fallback=False),
    ]
    with pytest.raises(DeployError, match=r"is published as static/a\.css, too"):
        files_of(step(*folders))


def test_an_error_page_that_is_no_file_of_the_site_is_reported(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    folders = (SiteFiles(prefix="", folder=tmp_path, fallback=True),)
    errors = {"403": "index.html", "404": "none.html", "500": "off.html"}
    with pytest.raises(DeployError) as caught:
        files_of(replace(step(), folders=folders, errors=errors))
    assert [f"{problem.where}: {problem.what}" for problem in caught.value.problems] == [
        "frontend.errors.404: no file is published as none.html",
        "frontend.errors.500: no file is published as off.html",
    ]
