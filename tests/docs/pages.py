"""The Markdown of the documentation, cut into what a test can run."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of code: ``console``, ``yaml``, ``python`` …, and the file that it is the text of, if any."""

    page: str
    language: str
    file: str
    text: str

    def commands(self) -> Iterator[list[str]]:
        """The words of each line that starts with ``$ ``, without comments; continued lines are joined."""
        for line in re.sub(r"\\\n\s*", "", self.text).splitlines():
            if line.startswith("$ "):
                yield shlex.split(line.removeprefix("$ "), comments=True)


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    results = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [Block(page=page.name, language=language, file=file, text=text) for language, file, text in results]


def pages(root: Path) -> list[Path]:
    """Every page that people read: the README and what is below docs."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]
