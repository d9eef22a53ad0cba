"""The picture of a terminal shows the words that a deployment prints today."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from tools.terminal import drawn

if TYPE_CHECKING:
    from pathlib import Path


def words(svg: str) -> list[str]:
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", svg, flags=re.DOTALL)).split()


def test_the_picture_is_fresh(root: Path) -> None:
    fresh = "Run 'python -m tools.terminal'"
    assert words(drawn()) == words((root / "docs" / "terminal.svg").read_text(encoding="utf-8")), fresh
