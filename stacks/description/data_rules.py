"""What does not agree in the data section of one stage, next to the rules of its kinds. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath


def data_problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Every problem of the data section, which is at ``at`` + ``data``."""
    if stage.data.backup and not stage.data.tables:
        where: KeyPath = (*at, "data", "backup")
        yield where, "there is no table to copy", "Describe one under 'tables', or drop 'backup'"
