"""A picture as a value: panels with boxes, and arrows between the boxes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

BoxTone = Literal["outside", "base", "data", "backend", "frontend", "own"]
"""What a box belongs to: the world outside, or a stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A thing in the picture. ``column`` counts from the left; ``panel`` is the title of the frame around it."""

    id: str
    title: str
    note: str = ""
    panel: str = ""
    tone: BoxTone = "own"
    column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """From one box to another, by their ids; a ``quiet`` one is drawn dashed: an event, not a request."""

    source: str
    target: str
    label: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn. ``footer`` are lines below it."""

    title: str
    subtitle: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    footer: tuple[str, ...] = ()

    def box(self, name: str) -> Box:
        """The box of an id. Raises ``KeyError`` when there is none."""
        return {box.id: box for box in self.boxes}[name]

    def only(self, names: Iterable[str], title: str, subtitle: str) -> Picture:
        """The part of the picture with these boxes and the arrows between them, without empty columns."""
        kept = set(names)
        boxes = [box for box in self.boxes if box.id in kept]
        columns = {column: index for index, column in enumerate(sorted({box.column for box in boxes}))}
        return Picture(
            title=title,
            subtitle=subtitle,
            boxes=tuple(replace(box, column=columns[box.column]) for box in boxes),
            arrows=tuple(arrow for arrow in self.arrows if {arrow.source, arrow.target} <= kept),
        )

    def folded(self, most: int) -> Picture:
        """The picture with at most ``most`` boxes of each panel and column; one box stands for all the others."""
        groups: dict[tuple[str, int], list[Box]] = {}
        for box in self.boxes:
            groups.setdefault((box.panel, box.column), []).append(box)
        stands_for: dict[str, Box] = {box.id: box for box in self.boxes}
        for (panel, column), boxes in groups.items():
            rest = boxes[most - 1 :] if len(boxes) > most else []
            if rest:
                title = f"{len(rest)} more"
                more = replace(rest[0], id=f"more {panel} {column}", title=title, note=f"as {rest[0].title}")
                stands_for |= {entry.id: more for entry in rest}
        arrows = [
            replace(arrow, source=stands_for[arrow.source].id, target=stands_for[arrow.target].id)
            for arrow in self.arrows
        ]
        return replace(self, boxes=tuple(dict.fromkeys(stands_for.values())), arrows=tuple(dict.fromkeys(arrows)))
