"""The single-page application's files: what the browser will ask for is there, and the site's CSP lets it run."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "site"
PAGE = (SITE / "index.html").read_text(encoding="utf-8")


def test_the_page_has_no_inline_scripts_or_styles() -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", PAGE)


def test_every_file_the_page_loads_is_in_the_site() -> None:
    named = re.findall(r'<(?:script|img)\s[^>]*src="([^"]+)"|<link\s[^>]*href="([^"]+)"', PAGE)
    files = {script or link for script, link in named}
    assert files == {"vendor/amazon-cognito-identity.min.js", "app.js", "logo.svg", "style.css"}
    assert all((SITE / file).is_file() for file in files)


@pytest.mark.parametrize("module", ["app.js", "account.js", "views.js"])
def test_every_module_imports_what_another_exports(module: str) -> None:
    source = (SITE / module).read_text(encoding="utf-8")
    for names, path in re.findall(r'import \{([^}]+)\} from "\./([^"]+)"', source):
        exported = set(re.findall(r"export (?:async )?function (\w+)", (SITE / path).read_text(encoding="utf-8")))
        assert {name.strip() for name in names.split(",")} <= exported


def test_every_view_and_every_link_to_one_has_a_template() -> None:
    templates = set(re.findall(r'<template id="view-(\w+)" data-title="[^"]+"', PAGE))
    views = set(re.findall(r"^export function (\w+)", (SITE / "views.js").read_text(encoding="utf-8"), re.MULTILINE))
    links = set(re.findall(r'href="(\w+)" data-route', PAGE))
    assert templates == views
    assert links <= templates


def test_every_field_has_a_label() -> None:
    for view in PAGE.split("<template ")[1:]:
        fields = re.findall(r'<(?:input|textarea) id="(\w+)"', view)
        assert fields == re.findall(r'<label for="(\w+)"', view)


def test_the_page_allows_as_many_characters_as_the_api() -> None:
    api = (SITE.parent / "lambda_src/api/notes.py").read_text(encoding="utf-8")
    assert re.findall(r'data-limit="(\d+)"', PAGE) == re.findall(r"^MAX_CHARACTERS = (\d+)$", api, re.MULTILINE)


def test_the_vendored_library_is_the_one_its_readme_names() -> None:
    digest = hashlib.sha256((SITE / "vendor/amazon-cognito-identity.min.js").read_bytes()).hexdigest()
    assert digest in (SITE / "vendor/README.md").read_text(encoding="utf-8")


def test_our_own_modules_need_no_eval_no_raw_markup_and_no_foreign_origin() -> None:
    sources = [*SITE.glob("*.js"), SITE / "index.html"]
    text = "".join(file.read_text(encoding="utf-8") for file in sources)
    assert len(sources) == 4
    assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|https?://", text)
