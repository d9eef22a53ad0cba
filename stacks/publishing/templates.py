"""The page templates of web applications → what the distribution's Content-Security-Policy stops of their pages.

Reads the source folders. An application that sends a policy of its own is left alone: it keeps it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.files import text_of
from stacks.parts.frontend.behaviors import has_api
from stacks.parts.frontend.headers import sources
from stacks.progress import InlineBlocked
from stacks.publishing.inline import FILLED_IN, blocked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Function, Stage

_PAGES = (".html", ".htm", ".jinja", ".jinja2", ".j2")
_SKIPPED = {"node_modules", "site-packages", "__pycache__", "tests", "venv"}
_LARGEST = 1024**2
_OWN_POLICY = re.compile(
    r"content[-_]security[-_]policy|\btalisman\b|\bSECURE_CSP\b|csp\.middleware|\bsecweb\b", re.IGNORECASE
)
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def blocked_in_templates(stage: Stage, root: Path) -> Iterator[InlineBlocked]:
    """Each source that is missing, and inline code that none could allow, once for a directive, at the first place."""
    if not has_api(stage) or stage.frontend.csp.report_only:
        return
    policy, reported = sources(stage), set[tuple[str, str]]()
    for folder in dict.fromkeys(
        function.folder for function in stage.backend.functions.values() if _has_pages(function)
    ):
        files = list(_files(root / folder))
        if any(_sends_its_own(file) for file in files):
            continue
        for file in files:
            if file.suffix not in _PAGES:
                continue
            text = text_of(file, errors="replace")
            for inline in blocked(_EXPRESSION.sub(_blank, text), policy):
                key = (inline.directive, inline.source)
                if key not in reported:
                    reported.add(key)
                    yield InlineBlocked(key=file.relative_to(root).as_posix(), inline=inline)


def _has_pages(function: Function) -> bool:
    return function.application is not None and bool(function.all_routes)


def _blank(match: re.Match[str]) -> str:
    """A mark, with as many lines as there were."""
    return FILLED_IN + "\n" * match[0].count("\n")


def _sends_its_own(file: Path) -> bool:
    return file.suffix == ".py" and _OWN_POLICY.search(text_of(file, errors="replace")) is not None


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(folder for folder in folders if not folder.startswith(".") and folder not in _SKIPPED)
        paths = (Path(here, name) for name in sorted(names) if name.endswith((".py", *_PAGES)))
        yield from (path for path in paths if path.is_file() and path.stat().st_size <= _LARGEST)
