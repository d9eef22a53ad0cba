"""The page of facts about AWS names tests that exist, or says why there is none."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/proofs.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
FACTS = [row for row in ROWS if row[0] != "what AWS does"]
NAMED = re.compile(r"`(tests/[^`]+)::(test_[a-z0-9_]+)`")


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", FACTS, ids=lambda row: row[0][:60])
def test_a_fact_names_tests_that_exist_and_its_source(row: list[str]) -> None:
    _, answer, proof, source = row
    assert re.fullmatch(r"\[(AWS|report)\]\(https://[^)]+\)", source)
    named = NAMED.findall(proof)
    assert proof == " ".join(f"`{file}::{name}`" for file, name in named) or proof == "\N{EN DASH}"
    assert named or answer.startswith("no test: ")
    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []


def test_the_page_has_every_fact() -> None:
    assert len(FACTS) == 5 + 13 + 26
