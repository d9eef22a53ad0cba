"""Plain technical English: words and phrases of the old voice are in no message, docstring, comment or page."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PHRASES = {
    r"told": "reported, shown, given",
    r"tells?": "shows, reports, distinguishes",
    r"foretells?": "forecasts",
    r"beside": "next to, together with, in addition to",
    r"stands?(?! for\b| in for\b|-)": "is, is in, is at",
    r"(?:is|are) (?:not )?there(?: already)?\b(?! (?:a|an|any|no)\b)": "exists, is missing",
    r"whoever": "anyone who",
    r"mend(?:s|ed)?": "correct, fix",
    r"made anew": "created again",
    r"(?:to|by|for|from|with|lets|give) who": "to the caller, by anyone who",
    r"how each": "the state of each",
    r"nearest to its end": "closest to its limit",
    r"how it stands": "its state",
    r"what is told": "what is reported",
    r"wherefrom|whereto|wherein|therein|thereof|hereof|whither|whence": "from where, in it",
    r"put in order": "sorted",
    r"is no more": "no longer exists",
    r"goes? round": "bypasses, forms a circle",
    r"bring\w* (?:\w+ ){0,3}up": "uploads, deploys",
}
"""What is not written, and what is written instead."""
WORDS = re.compile(r"(?<![\w-])(?:" + "|".join(f"(?:{item})" for item in PHRASES) + r")(?![\w-])", re.IGNORECASE)
CODE = ("stacks", "tools", "lambda_src")
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md", "docs")
MEANT = {
    "tools/sam_inputs.py": {"told"},  # a field's name
}
"""Files whose names of parameters are in their docstrings."""


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """Each text of a file that people read, with its line: strings of several words and comments, or a page's lines."""
    source = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        yield from enumerate(source.splitlines(), 1)
        return
    if not WORDS.search(" ".join(source.split())):
        return  # parsing takes longer than looking
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, " ".join(node.value.split())
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def read(root: Path) -> Iterator[Path]:
    for name in CODE:
        yield from (root / name).rglob("*.py")
    for name in PAGES:
        yield from (root / name).rglob("*.md") if (root / name).is_dir() else [root / name]


def test_nothing_is_written_in_the_old_voice(root: Path) -> None:
    odd = {
        f"{file.relative_to(root)}:{line}: {result}: {text[:120]}"
        for file in read(root)
        for line, text in texts(file)
        for result in WORDS.findall(text)
        if result.lower() not in MEANT.get(file.relative_to(root).as_posix(), set())
    }
    assert odd == set(), PHRASES


@pytest.mark.parametrize(
    "text",
    [
        "what is told of it",
        "how each stands",
        "a file that is there",
        "beside app.py",
        "lets who has it",
        "it tells all",
    ],
)
def test_old_words_are_noticed(text: str) -> None:
    assert WORDS.search(text)


@pytest.mark.parametrize("text", ["'*' stands for each", "is there a zone?", "a stand-in", "anyone who may"])
def test_idioms_stay(text: str) -> None:
    assert not WORDS.search(text)
