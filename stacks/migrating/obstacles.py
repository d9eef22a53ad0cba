"""What could not be carried over, or was carried over in another way: where it was written, what it is, what to do."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.migrating.located import Place

ObstacleKind = Literal["lost", "changed", "note"]
"""``lost`` is not in app.yaml and has to be done by hand; ``changed`` is in it and behaves differently; ``note``
says how something is done here that needs nothing more."""


@dataclass(frozen=True, slots=True, order=True)
class Obstacle:
    """One thing that a person should know or do."""

    place: Place
    subject: str
    """The key or name it is about, as ``functions.hello.events``."""
    what: str
    fix: str
    kind: ObstacleKind = "lost"

    def __str__(self) -> str:
        return f"{self.place}: {self.subject}: {self.what}. {self.fix}."


_ODD = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What code that expects a mapping, a list or a text raises when it meets another kind of value."""


@contextmanager
def guarded(obstacles: Obstacles, place: Place, subject: str) -> Iterator[None]:
    """Report a part of the source whose values are of kinds that its framework does not take, and go on."""
    try:
        yield
    except _ODD:
        what = "has values of kinds that are not known here"
        obstacles.lost(place, subject, what, "Correct it, or describe in app.yaml what it does")


@dataclass(slots=True)
class Obstacles:
    """The obstacles of a migration, each once, at its first place, in the order of the source."""

    entries: dict[tuple[str, str], Obstacle] = field(default_factory=dict)

    def lost(self, place: Place, subject: str, what: str, fix: str) -> None:
        """Note something that is not carried over."""
        self._add(Obstacle(place, subject, what, fix))

    def changed(self, place: Place, subject: str, what: str, fix: str) -> None:
        """Note something that is carried over and behaves differently."""
        self._add(Obstacle(place, subject, what, fix, "changed"))

    def note(self, place: Place, subject: str, what: str, fix: str) -> None:
        """Note how something is done here."""
        self._add(Obstacle(place, subject, what, fix, "note"))

    def _add(self, obstacle: Obstacle) -> None:
        self.entries.setdefault((obstacle.subject, obstacle.what), obstacle)

    def __iter__(self) -> Iterator[Obstacle]:
        return iter(sorted(self.entries.values()))
