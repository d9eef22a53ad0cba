"""A schedule's text, judged as EventBridge judges it: every value, range and step, and the fields against each other.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from stacks.model.described import Described
from stacks.model.texts import Mistake, SingleValue, Text
from stacks.values import positional_value, value

if TYPE_CHECKING:
    from collections.abc import Iterator


_WRITE = "Write 'rate(5 minutes)' or 'cron(0 4 * * ? *)': minutes, hours, day of month, month, day of week, year (UTC)"
_RATE = re.compile(r"rate\(([1-9]\d*) (minutes?|hours?|days?)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_UNIX_FIELDS = 5


@positional_value
class Field:
    """One field of a cron expression: the values it takes, their names, and the forms that only it has."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Names of the values, from ``low`` on."""
    steps: bool = True
    """Whether ``/`` is allowed."""
    alone: str = ""
    """A pattern of what may be the whole field, and no part of a list; its first group is a value."""

    def value(self, text: str) -> int | None:
        """The number that a value means; None when it is none."""
        if text in self.names:
            return self.low + self.names.index(text)
        return int(text) if text.isascii() and text.isdigit() and self.low <= int(text) <= self.high else None

    @property
    def allowed(self) -> str:
        """``1 to 12, or JAN to DEC``."""
        named = f", or {self.names[0]} to {self.names[-1]}" if self.names else ""
        return f"{self.low} to {self.high}{named}"


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY, _MONTH, _WEEKDAY = 2, 3, 4
FIELDS = (
    Field("minutes", 0, 59),
    Field("hours", 0, 23),
    Field("day of month", 1, 31, alone=r"\?|L|LW|(\w+)W"),
    Field("month", 1, 12, names=_MONTHS),
    Field("day of week", 1, 7, names=_DAYS, steps=False, alone=r"\?|L|(\w+)L|(\w+)#[1-5]"),
    Field("year", 1970, 2199),
)


def schedule(text: str) -> str:
    """The text, when EventBridge takes it.

    Raises:
        Mistake: with the field that is wrong, and what to write.
    """
    if rate := _RATE.fullmatch(text):
        if (rate[1] == "1") == rate[2].endswith("s"):
            raise Mistake(
                f"EventBridge refuses {text!r}", "Use the singular for one: rate(1 hour), rate(2 hours)", "SCHEDULE"
            )
        return text
    cron = _CRON.fullmatch(text)
    parts = (cron[1] if cron else text).split()
    if len(parts) == _UNIX_FIELDS:
        raise Mistake(f"{text!r} has five fields, EventBridge takes six", _from_unix(parts), "SCHEDULE")
    if not cron:
        raise Mistake(f"{text!r} is not a schedule", _WRITE, "SCHEDULE")
    if len(parts) != len(FIELDS):
        raise Mistake(f"{text!r} has {len(parts)} fields", _WRITE, "SCHEDULE")
    if (parts[_DAY] == "?") == (parts[_WEEKDAY] == "?"):
        raise Mistake(f"{text!r} must have '?' as day of month or as day of week, and not as both", _WRITE, "SCHEDULE")
    for field, result in zip(FIELDS, parts, strict=True):
        _check(text, field, result)
    _check_calendar(text, parts)
    return text


def _from_unix(parts: list[str]) -> str:
    """How to write a five-field expression; days of the week count from 0 there and from 1 (SUN) here."""
    minutes, hours, day, month, weekday = parts
    if weekday == "*":
        return f"Write 'cron({minutes} {hours} {day} {month} ? *)', in UTC"
    return f"Write 'cron({minutes} {hours} ? {month} MON-FRI *)' with your days of the week as names, in UTC"


def _check(text: str, field: Field, result: str) -> None:
    """Judge one field.

    Raises:
        Mistake: when EventBridge would refuse it.
    """
    alone = re.fullmatch(field.alone, result) if field.alone else None
    if alone:
        values = [group for group in alone.groups() if group is not None]
    else:
        values = [value for item in result.split(",") for value in _item(text, field, item)]
    for number in values:
        if field.value(number) is None:
            raise Mistake(f"{text!r} has {number!r} as {field.name}", f"Use {field.allowed}", "SCHEDULE")


def _item(text: str, field: Field, item: str) -> Iterator[str]:
    """The values that one item of a list names: ``MON``, ``1-5``, ``0/15``, ``*/10``."""
    span, slash, step = item.partition("/")
    if slash and not field.steps:
        raise Mistake(
            f"{text!r} has {item!r} as {field.name}, which takes no steps", "List the days, as MON,WED,FRI", "SCHEDULE"
        )
    if slash and not (re.fullmatch(r"[1-9]\d*", step) and int(step) <= field.high):
        raise Mistake(f"{text!r} has the step {step!r} in {field.name}", f"Use 1 to {field.high}, as 0/15", "SCHEDULE")
    if span == "*":
        return
    first, dash, last = span.partition("-")
    yield first
    if dash:
        yield last
        low, high = field.value(first), field.value(last)
        if low is not None and high is not None and low > high:
            ends = (field.names[-1], field.names[0]) if field.names else (str(field.high), str(field.low))
            fix = f"Write two ranges, as {first}-{ends[0]},{ends[1]}-{last}"
            raise Mistake(f"{text!r} has {span!r} as {field.name}, which ends before it begins", fix, "SCHEDULE")


def _check_calendar(text: str, parts: list[str]) -> None:
    """Refuse days that no named month has, such as the 31st of April."""
    days, months = _plain(FIELDS[_DAY], parts[_DAY]), _plain(FIELDS[_MONTH], parts[_MONTH])
    if days and months and min(days) > max(_LONGEST_MONTHS[month - 1] for month in months):
        raise Mistake(
            f"{text!r} never comes: no such month has a day {min(days)}",
            "Use L for the last day of a month",
            "SCHEDULE",
        )


def _plain(field: Field, result: str) -> list[int]:
    """The values of a list of single values; nothing when there is anything else in it."""
    values = [field.value(part) for part in result.split(",")]
    return [number for number in values if number is not None] if None not in values else []


@positional_value
class _Schedule(SingleValue):
    def __call__(self, text: str, /) -> str:
        return schedule(text)


ScheduleText = Annotated[str, _Schedule()]
TimeZone = Annotated[
    str,
    Text(
        r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*",
        "is not the name of a time zone",
        "Write a name of the IANA database, such as Europe/Berlin",
        50,
    ),
]


@value
class Schedule(Described):
    """When a function starts."""

    at: ScheduleText
    """``rate(5 minutes)`` or ``cron(0 4 * * ? *)``: minutes, hours, day of month, month, day of week, year."""
    zone: TimeZone | None = None
    """The time zone that a cron expression is in, as ``Europe/Berlin``; UTC when not given. EventBridge Scheduler
    runs a schedule in an hour that summer time skips after it."""

    def __post_init__(self) -> None:
        if self.zone and self.at.startswith("rate("):
            raise Mistake(f"{self.at!r} is the same in every time zone", "Leave 'zone' out, or write cron(…)")
