"""Obstacles → what people read: lines for the screen, and MIGRATION.md, a list to work through. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stacks.migrating.obstacles import Obstacle, ObstacleKind

_HEADINGS: dict[ObstacleKind, tuple[str, str]] = {
    "lost": ("To do by hand", "These are not in app.yaml."),
    "changed": ("To check", "These are in app.yaml, and behave differently or are named differently."),
    "note": ("For information", "These need nothing more."),
}


def lines(obstacles: Sequence[Obstacle]) -> Iterator[str]:
    """What to do and to check, for the screen; notes are counted."""
    for kind in ("lost", "changed"):
        some = [obstacle for obstacle in obstacles if obstacle.kind == kind]
        if some:
            yield f"{_HEADINGS[kind][0]} ({len(some)}):"
            yield from (f"  {obstacle}" for obstacle in some)
    notes = sum(obstacle.kind == "note" for obstacle in obstacles)
    if notes:
        yield f"{counted(notes, 'note')} for information in MIGRATION.md."


def page(source: str, framework: str, obstacles: Sequence[Obstacle], docs: str) -> str:
    """MIGRATION.md: every obstacle as a box to tick, by kind."""
    parts = [
        f"# Migrated from {source}",
        f"`app.yaml` describes what {framework} had in `{source}`. Work through this list, then delete this file.",
        f"Data does not move by itself. How to move it, and in which order: {docs}",
    ]
    for kind, (heading, text) in _HEADINGS.items():
        some = [obstacle for obstacle in obstacles if obstacle.kind == kind]
        if some:
            parts += [f"## {heading}", text, "\n".join(_boxes(some, ticked=kind == "note"))]
    return "\n\n".join(parts) + "\n"


def _boxes(obstacles: Iterable[Obstacle], *, ticked: bool) -> Iterator[str]:
    for obstacle in obstacles:
        box = "-" if ticked else "- [ ]"
        fix = "" if ticked and obstacle.fix == "Nothing to do" else f" {obstacle.fix}."
        yield f"{box} `{obstacle.place}` **{obstacle.subject}**: {obstacle.what}.{fix}"
