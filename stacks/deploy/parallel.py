"""Runs the steps of a plan that do not need each other at the same time, each in a thread.

A step waits for earlier steps whose stack it needs, for the upload of its code, and for base, which has the bucket for
code and large templates. The caller's thread asks all questions and handles Ctrl-C: a step whose change set was not
executed yet discards it, an executed change set continues in AWS and is reported.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from stacks.deploy.apply import interrupted_at_work
from stacks.deploy.plan import DeployStack, UploadArtifact
from stacks.progress import StackFinished
from stacks.wiring import ARTIFACT_BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stacks.cloud import ChangeSet
    from stacks.deploy.apply import Confirm
    from stacks.deploy.plan import Step
    from stacks.progress import Progress, Watch


def waits_for(number: int, steps: Sequence[Step]) -> set[int]:
    """The numbers of the steps that must be over before a step begins."""
    step = steps[number]
    needs = {*step.needs, ARTIFACT_BUCKET.stack}
    keys = step.artifacts if isinstance(step, DeployStack) else ()
    return {
        earlier
        for earlier, other in enumerate(steps[:number])
        if other.stack in needs or (isinstance(other, UploadArtifact) and other.key in keys)
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """A thread wants to execute a change set; the answer is yes, no, or an error to raise."""

    change_set: ChangeSet
    answer: SimpleQueue[bool | BaseException] = field(default_factory=SimpleQueue)


@dataclass(frozen=True, slots=True)
class _Over:
    """A step has ended. An ``error`` is an unexpected exception (a bug), never a failed deployment."""

    number: int
    error: BaseException | None


_Message: TypeAlias = _Asked | _Over


class SideBySide:
    """Runs steps, which report to ``watch`` and ask ``confirm`` of this object."""

    def __init__(self, steps: Sequence[Step], watch: Watch, confirm: Confirm) -> None:
        self._steps, self._watch, self._confirm = steps, watch, confirm
        self._names = {step.stack: step.rendered.name for step in steps if isinstance(step, DeployStack)}
        self._inbox: SimpleQueue[_Message] = SimpleQueue()
        self._showing = threading.Lock()
        self._running: set[int] = set()
        self._at_work: dict[str, ChangeSet] = {}
        self._asked: _Asked | None = None

    def watch(self, fact: Progress) -> None:
        """Pass a fact on, one at a time."""
        if isinstance(fact, StackFinished):
            self._at_work.pop(self._names[fact.stack], None)
        with self._showing:
            self._watch(fact)

    def confirm(self, change_set: ChangeSet) -> bool:
        """Have a change set confirmed by the caller's thread."""
        asked = _Asked(change_set)
        self._inbox.put(asked)
        answer = asked.answer.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def run(self, attempt: Callable[[Step], None]) -> None:
        """Attempt every step as soon as what it waits for is over.

        Raises ``DeployInterrupted`` for Ctrl-C while a stack was at work, for each such stack.
        """
        order = TopologicalSorter({number: waits_for(number, self._steps) for number in range(len(self._steps))})
        order.prepare()
        try:
            while order.is_active():
                for number in order.get_ready():
                    self._start(number, attempt)
                order.done(self._next())
        except KeyboardInterrupt:
            self._stop()
            raise self._interrupted() from None
        except BaseException:
            self._stop()
            raise

    def _start(self, number: int, attempt: Callable[[Step], None]) -> None:
        def work() -> None:
            error = None
            try:
                attempt(self._steps[number])
            except BaseException as caught:  # noqa: BLE001 - passed to the caller's thread, which raises it
                error = caught
            self._inbox.put(_Over(number, error))

        self._running.add(number)
        threading.Thread(target=work, daemon=True).start()

    def _next(self) -> int:
        """Answer questions until a step is over; return its number."""
        while isinstance(message := self._inbox.get(), _Asked):
            self._asked = message
            message.answer.put(self._answer(message.change_set))
            self._asked = None
        self._running.discard(message.number)
        if message.error:
            raise message.error
        return message.number

    def _answer(self, change_set: ChangeSet) -> bool | BaseException:
        try:
            with self._showing:
                agreed = self._confirm(change_set)
        except Exception as error:  # noqa: BLE001 - it is the step's, and raised there
            return error
        if agreed:
            self._at_work[change_set.stack] = change_set
        return agreed

    def _stop(self) -> None:
        """Wait until each running step has either executed its change set or discarded it."""
        if self._asked:
            self._asked.answer.put(KeyboardInterrupt())
        while any(self._gives_up(self._steps[number]) for number in self._running):
            message = self._inbox.get()
            if isinstance(message, _Asked):
                message.answer.put(KeyboardInterrupt())
            else:
                self._running.discard(message.number)

    def _gives_up(self, step: Step) -> bool:
        return isinstance(step, DeployStack) and step.rendered.name not in self._at_work

    def _interrupted(self) -> BaseException:
        errors = [interrupted_at_work(change_set.stack, change_set.region) for change_set in self._at_work.values()]
        if not errors:
            return KeyboardInterrupt()
        errors[0].problems = tuple(problem for error in errors for problem in error.problems)
        return errors[0]
