"""What does not agree in a stage's queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath


def problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Two functions at one queue would get half of its messages each."""
    first: dict[str, str] = {}
    functions: KeyPath = (*at[:-1], "functions")
    for name, function in stage.backend.functions.items():
        for queue in function.events.queues:
            if first.setdefault(queue, name) != name:
                what = f"queue {queue!r} starts {first[queue]!r} already, and each message goes to one function only"
                yield (*functions, name, "events", "queues"), what, "Give each function a queue of its own"
