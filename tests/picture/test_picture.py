"""Pictures of stages: complete, well-formed, safe for any text, and fresh in the README."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks import render
from stacks.cli import main
from stacks.errors import UsageError
from stacks.loading import validated
from stacks.picture.layout import HEIGHT, WIDTH, laid_out
from stacks.picture.narrow import function_picture, request_picture, stack_picture
from stacks.picture.picture import Arrow, Box, Picture
from stacks.picture.stage import picture_of
from stacks.picture.svg import svg
from stacks.picture.words import dot, mermaid, text_tree

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="session")
def full_picture(example: App) -> Picture:
    """The picture of the example's first stage."""
    stage = example.stages["dev"]
    return picture_of(stage, render(example, stage))


def test_the_picture_in_the_docs_is_fresh(root: Path, full_picture: Picture) -> None:
    """``python build.py graph --stage dev --out docs/graph.svg`` draws it again."""
    assert (root / "docs/graph.svg").read_text() == svg(full_picture.folded(24))
    assert "docs/graph.svg" in (root / "README.md").read_text()


def test_every_function_table_and_bucket_is_in_the_picture(example: App, full_picture: Picture) -> None:
    stage = example.stages["dev"]
    names = {box.title for box in full_picture.boxes}
    assert {*stage.backend.functions, *stage.data.tables, *stage.backend.secrets, "users", "S3 bucket"} <= names


def test_arrows_say_how_functions_use_data(full_picture: Picture) -> None:
    uses = {(arrow.source, arrow.target): arrow.label for arrow in full_picture.arrows}
    assert uses["function web", "table notes"] == "read-write"
    assert uses["function list-notes", "table notes"] == "read"


def test_every_resource_of_a_stack_is_in_its_picture(example: App) -> None:
    for stack in render(example, example.stages["dev"]):
        picture = stack_picture(stack)
        assert {box.id for box in picture.boxes} == set(stack.template["Resources"])
        ET.fromstring(svg(picture))


@pytest.mark.parametrize(
    ("request_", "way"),
    [
        ("GET /api/notes", {"visitor", "cdn", "waf", "api", "function list-notes", "table notes"}),
        ("POST /api/notes", {"visitor", "cdn", "waf", "api", "function add-note", "table notes", "users"}),
        ("/static/style.css", {"visitor", "cdn", "waf", "site"}),
        ("/app/some/page?x=1", {"visitor", "cdn", "waf", "site"}),
        ("/", {"visitor", "cdn", "waf", "api", "function web", "table notes", "secret session-key"}),
    ],
)
def test_the_way_of_a_request(example: App, full_picture: Picture, request_: str, way: set[str]) -> None:
    picture = request_picture(full_picture, example.stages["dev"], request_)
    assert {box.id for box in picture.boxes} >= way - {"users"}
    assert {box.id for box in picture.boxes} - way <= {"users"}


@pytest.mark.parametrize("request_", ["notes", "get /", "GET notes", "", "GET  /x"])
def test_what_is_no_request_is_refused(example: App, full_picture: Picture, request_: str) -> None:
    with pytest.raises(UsageError, match="is not a request"):
        request_picture(full_picture, example.stages["dev"], request_)


def test_a_request_that_no_route_answers_is_refused() -> None:
    app = validated(
        {
            "name": "x",
            "stages": {
                "dev": {
                    "name": "dev",
                    "region": "us-east-1",
                    "backend": {"functions": {"f": {"handler": "a/f.py:f", "routes": ["GET /x/{id}"], "public": True}}},
                }
            },
        }
    )
    stage = app.stages["dev"]
    full_picture = picture_of(stage, render(app, stage))
    assert {"function f"} <= {box.id for box in request_picture(full_picture, stage, "/x/1").boxes}
    for other in ("/x", "POST /x/1", "/x/1/2"):
        with pytest.raises(UsageError, match="no function has a route for it"):
            request_picture(full_picture, stage, other)


def test_a_function_that_is_not_described_is_refused(example: App, full_picture: Picture) -> None:
    with pytest.raises(UsageError, match="Did you mean 'web'"):
        function_picture(full_picture, example.stages["dev"], "webb")


def test_boxes_do_not_overlap(full_picture: Picture) -> None:
    placed = laid_out(full_picture).boxes
    assert len(placed) == len(full_picture.boxes)
    for entry in placed:
        for other in placed:
            apart = abs(entry.x - other.x) >= WIDTH or abs(entry.y - other.y) >= HEIGHT
            assert entry is other or apart


def test_many_boxes_are_folded_into_one_with_their_arrows() -> None:
    boxes = tuple(Box(id=f"f{n}", title=f"f{n}", column=1) for n in range(400))
    arrows = tuple(Arrow(source=f"f{n}", target="t") for n in range(400))
    unfolded = Picture(title="", subtitle="", boxes=(*boxes, Box(id="t", title="t", column=2)), arrows=arrows)
    picture = unfolded.folded(24)
    assert [box.title for box in picture.boxes if box.column == 1][-1] == "377 more"
    assert len(picture.boxes) == 25
    assert len(picture.arrows) == 24


def test_an_svg_needs_no_other_file_and_has_colours_for_dark_pages(full_picture: Picture) -> None:
    drawn = svg(full_picture)
    assert "prefers-color-scheme:dark" in drawn
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|<script|<image|@font-face", drawn)
    assert ET.fromstring(drawn).get("role") == "img"


@given(st.text(max_size=80))
def test_any_text_can_be_drawn(words: str) -> None:
    boxes = (Box(id="a", title=words, note=words, panel=words), Box(id="b", title="b", column=1))
    picture = Picture(title=words, subtitle=words, boxes=boxes, arrows=(Arrow(source="a", target="b", label=words),))
    parsed = ET.fromstring(svg(picture))
    assert len(parsed.findall(f".//{SVG}g")) == 2
    for drawn in (dot(picture), mermaid(picture), text_tree(picture)):
        assert drawn.endswith("\n")


@pytest.mark.parametrize("kind", ["text", "svg", "mermaid", "dot"])
def test_each_format_is_printed(kind: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--app", str(root / "app.yaml"), "--format", kind]) == 0
    assert "list-notes" in capsys.readouterr().out


def test_a_file_without_a_known_ending_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--app", str(root / "app.yaml"), "--out", "picture.png"]) == 2
    output = capsys.readouterr().err
    assert output.startswith("--out picture.png: has no ending that names a format. Use one of .svg, .mmd, .dot")
