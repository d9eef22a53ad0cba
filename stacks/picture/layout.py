"""A picture → where everything is drawn, in pixels. Pure.

Boxes are in columns; those of one panel are next to each other, and each column's order follows what its boxes are
connected to, so that few arrows cross.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stacks.picture.picture import Arrow, Box, Picture

WIDTH, HEIGHT = 192, 46
"""Of a box."""
GAP = 16
"""Between the boxes of a column."""
BETWEEN = 104
"""Between two columns, where labels are."""
MARGIN, TOP = 28, 96
PADDING, HEADER = 14, 24
"""Of a panel around its boxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A box with the place of its upper left corner."""

    box: Box
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A panel's frame."""

    title: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Everything with its place, and the size of the whole."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    frames: tuple[Frame, ...]
    arrows: tuple[Arrow, ...]


def laid_out(picture: Picture) -> Layout:
    """The places of a picture's boxes and panels."""
    columns = _columns(picture)
    height = max((_height(column) for column in columns), default=0)
    placed: list[Placed] = []
    for index, column in enumerate(columns):
        x = MARGIN + PADDING + index * (WIDTH + BETWEEN)
        y = TOP + (height - _height(column)) / 2
        for before, box in pairwise([None, *column]):
            assert box is not None  # noqa: S101 - only the first of the list is None
            y += _space(before, box)
            placed.append(Placed(box=box, x=x, y=y))
            y += HEIGHT
    frames = tuple(_frames(placed))
    known = {entry.box.id for entry in placed}
    bottom = max([frame.y + frame.height for frame in frames] + [entry.y + HEIGHT for entry in placed], default=TOP)
    return Layout(
        width=2 * (MARGIN + PADDING) + len(columns) * WIDTH + max(len(columns) - 1, 0) * BETWEEN,
        height=bottom,
        boxes=tuple(placed),
        frames=frames,
        arrows=tuple(arrow for arrow in picture.arrows if {arrow.source, arrow.target} <= known),
    )


def _space(before: Box | None, box: Box) -> float:
    """What is free above a box."""
    opens = bool(box.panel) and (before is None or before.panel != box.panel)
    closes = before is not None and bool(before.panel) and before.panel != box.panel
    between = 0 if before is None else GAP
    return between + (HEADER + PADDING if opens else 0) + (PADDING if closes else 0)


def _height(column: Sequence[Box]) -> float:
    space = sum(_space(before, box) for before, box in pairwise([None, *column]) if box is not None)
    closing = PADDING if column and column[-1].panel else 0
    return space + len(column) * HEIGHT + closing


def _columns(picture: Picture) -> list[list[Box]]:
    """The boxes of each column, ordered by the mean place of those they are connected to."""
    count = max((box.column for box in picture.boxes), default=-1) + 1
    columns = [[box for box in picture.boxes if box.column == index] for index in range(count)]
    for _ in range(2):
        for index in [*range(1, count), *range(count - 2, -1, -1)]:
            columns[index] = _ordered(columns[index], columns, picture)
    return columns


def _ordered(column: list[Box], columns: list[list[Box]], picture: Picture) -> list[Box]:
    place = {box.id: row / max(len(column), 1) for column in columns for row, box in enumerate(column)}
    here = {box.id for box in column}
    panels = list(dict.fromkeys(box.panel for box in column))
    means = {
        box.id: _mean([place[other] for other in _neighbours(box.id, picture) if other in place and other not in here])
        for box in column
    }
    panel_mean = {panel: _mean([means[box.id] for box in column if box.panel == panel]) for panel in panels}
    return sorted(column, key=lambda box: (panel_mean[box.panel], panels.index(box.panel), means[box.id]))


def _neighbours(name: str, picture: Picture) -> Iterable[str]:
    for arrow in picture.arrows:
        if arrow.source == name:
            yield arrow.target
        elif arrow.target == name:
            yield arrow.source


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.5


def _frames(placed: Sequence[Placed]) -> Iterable[Frame]:
    """Frames around the boxes of each panel: over neighbouring columns, as long as no other box is between them."""
    for panel in dict.fromkeys(entry.box.panel for entry in placed if entry.box.panel):
        inside = [entry for entry in placed if entry.box.panel == panel]
        group: list[Placed] = []
        for x in sorted({entry.x for entry in inside}):
            column = [entry for entry in inside if entry.x == x]
            if group and not _is_free([*group, *column], placed):
                yield _frame(panel, group)
                group = []
            group += column
        yield _frame(panel, group)


def _is_free(group: Sequence[Placed], placed: Sequence[Placed]) -> bool:
    """Whether a frame around these boxes holds no other one and passes over no empty column."""
    frame = _frame("", group)
    columns = sorted({entry.x for entry in group})
    near = all(right - left <= WIDTH + BETWEEN for left, right in pairwise(columns))
    others = [entry for entry in placed if entry not in group]
    return near and not any(_overlaps(frame, other) for other in others)


def _overlaps(frame: Frame, entry: Placed) -> bool:
    across = frame.x < entry.x + WIDTH + PADDING and entry.x - PADDING < frame.x + frame.width
    return across and frame.y < entry.y + HEIGHT + PADDING and entry.y - PADDING - HEADER < frame.y + frame.height


def _frame(title: str, inside: Sequence[Placed]) -> Frame:
    left, right = min(entry.x for entry in inside), max(entry.x for entry in inside) + WIDTH
    upper, lower = min(entry.y for entry in inside), max(entry.y for entry in inside) + HEIGHT
    return Frame(
        title=title,
        x=left - PADDING,
        y=upper - PADDING - HEADER,
        width=right - left + 2 * PADDING,
        height=lower - upper + 2 * PADDING + HEADER,
    )
