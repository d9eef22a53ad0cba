"""What does not agree in a stage's buses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath


def problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """``default`` exists in every account, and CloudFormation cannot create it."""
    if "default" in stage.backend.buses:
        yield (
            (*at, "default"),
            "is the account's own bus, which already exists",
            "Leave it out, or rename it",
            "NAME-TAKEN",
        )
