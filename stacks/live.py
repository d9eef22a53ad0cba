"""Facts of a deployment and their times → the lines that a terminal redraws: stacks, resources, elapsed, why. Pure.

A stack is shown from its start to its end, a resource while CloudFormation works on it; times are in seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.cloud import STACK_TYPE
from stacks.progress import Published, ResourceEvent, StackDeleted, StackFailed, StackFinished, StackStarted
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.progress import Progress

_MOST = 4
"""Resources that are shown of a stack, the oldest first."""
_SLOW = 15
"""Seconds from which the reason of a slow type is shown."""


class LiveWork:
    """What is in progress: stacks with their start, resources with their start, type and status."""

    def __init__(self) -> None:
        self._stacks: dict[str, float] = {}
        self._resources: dict[tuple[str, str], tuple[float, str, str]] = {}
        self._file = ""

    @property
    def busy(self) -> bool:
        """Whether a stack or a file is in progress."""
        return bool(self._stacks or self._file)

    def note(self, progress: Progress, now: float) -> float | None:
        """Take a fact; the seconds that a stack took when the fact ends one."""
        self._file = progress.key if isinstance(progress, Published) else ""
        match progress:
            case StackStarted():
                self._stacks[progress.stack] = now
            case ResourceEvent():
                self._event(progress, now)
            case StackFinished() | StackFailed() | StackDeleted():
                for key in [key for key in self._resources if key[0] == progress.stack]:
                    del self._resources[key]
                started = self._stacks.pop(progress.stack, None)
                return None if started is None else now - started
            case _:
                pass
        return None

    def _event(self, progress: ResourceEvent, now: float) -> None:
        event, key = progress.event, (progress.stack, progress.event.logical_id)
        if event.type == STACK_TYPE:
            return
        if event.status.endswith("_IN_PROGRESS"):
            since = self._resources[key][0] if key in self._resources else now
            self._resources[key] = (since, event.type, event.status)
        else:
            self._resources.pop(key, None)

    def lines(self, now: float) -> Iterator[str]:
        """A line for each stack in progress, and its oldest resources below it."""
        for stack, started in self._stacks.items():
            yield f"{stack}  {elapsed(now - started)}"
            waiting = [(*resource, name) for (of, name), resource in self._resources.items() if of == stack]
            for since, kind, status, name in sorted(waiting)[:_MOST]:
                took = now - since
                yield f"  {name} {status.lower().replace('_', ' ')} {elapsed(took)}"
                if took >= _SLOW and (wait := known(kind).wait):
                    yield f"    {wait.why}"
            if len(waiting) > _MOST:
                yield f"  and {len(waiting) - _MOST} more"
        if self._file:
            yield f"  {self._file}"


def elapsed(seconds: float) -> str:
    """A duration in seconds as minutes and seconds: ``2:05``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes}:{rest:02d}"
