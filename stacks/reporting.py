"""What a command says to programs: JSON Lines on standard output, by ``--format json``. One mechanism for all verbs.

Every line is one JSON value. A verb that only reads writes one: its answer. A verb that works writes an event for each
fact, and at last an ``end`` with its result. Errors are part of an ``end``, whatever the verb. All other output is for
people: without ``--format json`` it goes where the verb prints it, with it to standard error.
``docs/json.md`` and ``schema --output`` describe the values.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, is_dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    from stacks.errors import Problem
    from stacks.json_types import JsonDict

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Report:
    """The lines of one command. Events may come from several threads."""

    def __init__(self, command: str, stream: TextIO) -> None:
        self._command, self._stream, self._lock = command, stream, Lock()
        self._answered = False
        self._result: JsonDict | None = None

    def event(self, name: str, values: JsonDict) -> None:
        """Write an event."""
        self._write({"event": name, **values})

    def answer(self, value: object) -> None:
        """Write what was asked for."""
        self._answered = True
        self._write(value)

    def keep(self, result: JsonDict) -> None:
        """Keep what the end will say of the work."""
        self._result = {**(self._result or {}), **result}

    def end(self, exit_code: int, problems: Sequence[Problem] = ()) -> None:
        """Write the last line, unless an answer was one."""
        if problems or not self._answered:
            self._write(end_of(self._command, exit_code, problems, self._result))

    def _write(self, value: object) -> None:
        with self._lock:
            self._stream.write(f"{json.dumps(value, default=_plain)}\n")
            self._stream.flush()


def end_of(command: str, exit_code: int, problems: Sequence[Problem], result: JsonDict | None = None) -> JsonDict:
    """The last line of a verb that works, or that failed."""
    return {
        "event": "end",
        "command": command,
        "ok": not problems and exit_code == 0,
        "exit_code": exit_code,
        "result": result,
        "errors": [asdict(problem) for problem in problems],
    }


_report: Report | None = None
"""The report of the command that runs, if it is asked for."""


@contextmanager
def reporting(command: str, *, wanted: bool) -> Iterator[Report | None]:
    """While it is entered, answers and events go to standard output as JSON, and what is printed to standard error."""
    global _report  # noqa: PLW0603 - a process runs one command; threads of its pools report, too
    if not wanted:
        yield None
        return
    _report = Report(command, sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield _report
    finally:
        _report = None


def is_wanted() -> bool:
    """Whether a program reads the output, so that no person can answer a question."""
    return _report is not None


def answer(value: object, text: Callable[[], str]) -> None:
    """Say what was asked for: ``value`` to a program, ``text()`` to a person."""
    if _report:
        _report.answer(value)
    else:
        print(text())


def event(name: str, **values: Any) -> None:
    """Report an event to the reading program."""
    if _report:
        _report.event(name, values)


def progress(fact: Any) -> None:
    """Report a fact of ``stacks.progress`` to the reading program: ``StackStarted`` is the event ``stack_started``."""
    if _report:
        values = asdict(fact)
        values |= values.pop("event", {})  # of a resource: its own fields
        _report.event(event_name(type(fact)), values)


def event_name(fact: type) -> str:
    """The event of a kind of fact."""
    return _HUMP.sub("_", fact.__name__).lower()


def done(**result: Any) -> None:
    """Report the outcome to the reading program."""
    if _report:
        _report.keep(result)


def _plain(value: object) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
