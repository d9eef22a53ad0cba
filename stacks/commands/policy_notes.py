"""What several commands say of pages that the distribution's Content-Security-Policy would break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.publishing.templates import blocked_in_templates
from stacks.ui import lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.app import Stage


def note_blocked(stage: Stage, root: Path, say: Callable[[str], None]) -> None:
    """Report what the policy blocks in the templates of the stage's web applications, and what would allow it."""
    if not (stage.frontend.is_described and any(function.application for function in stage.backend.functions.values())):
        return
    for fact in blocked_in_templates(stage, root):
        for line in lines(fact):
            say(line.text.strip())
