"""The documentation is true: generated pages, links, commands and descriptions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.app import Sections
from stacks.cli import parser
from stacks.loading import validated
from tests.docs.pages import Block, blocks, pages
from tools.reference import llms_text, options_page
from tools.reference import pages as generated

ROOT = Path(__file__).parents[2]
BLOCKS = [block for page in pages(ROOT) for block in blocks(page)]
COMMANDS = [(block.page, words) for block in BLOCKS for words in block.commands() if words[0] == "stacks"]
SECTIONS = set(Sections.__dataclass_fields__)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def described(block: Block) -> dict[str, Any] | None:
    """The description that a block of YAML is or is a part of; None for other YAML."""
    if block.language != "yaml" or "!" in block.text:
        return None
    data = yaml.safe_load(block.text)
    if not isinstance(data, dict) or not data.keys() <= {*SECTIONS, "name", "stages"}:
        return None
    return {"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, **data}


DESCRIBED = [(block.page, data) for block in BLOCKS if (data := described(block))]


@pytest.mark.parametrize("name", sorted(generated()))
def test_generated_pages_are_fresh(name: str) -> None:
    """``python -m tools.reference`` writes them again."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generated()[name]


@pytest.mark.parametrize(
    "page", [*pages(ROOT), ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name
)
def test_links_lead_to_files(page: Path) -> None:
    links = {link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link}
    assert {link for link in links if not (page.parent / link).exists()} == set()


def test_the_documentation_names_commands_and_descriptions() -> None:
    assert (len(COMMANDS) > 30, len(DESCRIBED) > 10) == (True, True)


@pytest.mark.parametrize(("page", "words"), COMMANDS, ids=[f"{page}-{' '.join(words)}" for page, words in COMMANDS])
def test_commands_are_accepted(page: str, words: list[str]) -> None:
    arguments = words[1 : words.index("--") if "--" in words else len(words)]
    arguments = arguments[: arguments.index(">")] if ">" in arguments else arguments
    assert parser("stacks").parse_args(arguments).command in arguments, page


@pytest.mark.parametrize(("page", "data"), DESCRIBED, ids=[f"{page}-{i}" for i, (page, _) in enumerate(DESCRIBED)])
def test_descriptions_are_accepted(page: str, data: dict[str, Any]) -> None:
    backend = {"functions": {"web": {"wsgi": "app.py:app", "public": True}}, **data.get("backend", {})}
    assert validated({**data, "backend": backend}).name == data["name"], page


def test_the_website_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    built = [file.read_text(encoding="utf-8") for file in tmp_path.glob("*.html")]
    loads = {
        address
        for text in built
        for address in re.findall(r"<(?:script|img)[^>]* src=\"?(\S+)|<link[^>]*stylesheet[^>]* href=\"?(\S+)", text)
    }
    assert len(built) > 20
    assert {address for pair in loads for address in pair if "//" in address} == set()


def test_an_option_of_the_schema_becomes_a_row_with_its_limits_and_its_text() -> None:
    inner = {"properties": {"tries": {"type": "integer", "minimum": 1, "maximum": 9, "default": 5}}}
    schema = {
        "properties": {"queue": {"$ref": "#/$defs/Queue", "description": "A ``queue`` | more."}, "stages": {}},
        "required": [],
        "$defs": {"Queue": inner, "Stage": {"properties": {"region": {"type": "string"}}, "required": ["region"]}},
    }
    lines = options_page(schema).splitlines()
    assert "| `queue` | [options](#queue) |  | A `queue` \\| more. |" in lines
    assert "| `stages.NAME.region` | string | required |  |" in lines
    assert lines[-4:] == [
        "",
        "| option | value | default | |",
        "|---|---|---|---|",
        "| `tries` | integer, 1 to 9 | `5` |  |",
    ]


def test_the_index_for_language_models_names_each_page_once() -> None:
    names = re.findall(r"\]\((\S+)\)", llms_text({}))
    assert names == sorted(file.name for file in (ROOT / "docs").glob("*.md"))
