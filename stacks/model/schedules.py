"""A schedule's text: what EventBridge takes, said with its remedy where it does not.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stacks.model.texts import Mistake

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_RATE = re.compile(r"rate\(([1-9]\d*) (minutes?|hours?|days?)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_FIELDS = ("minutes", "hours", "day of month", "month", "day of week", "year")
_NUMBERS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
_NAMES = re.compile(r"[A-Z]{3}")
_WRITE = "Write 'rate(5 minutes)' or 'cron(0 4 * * ? *)', six fields in UTC"


def schedule(text: str) -> str:
    """The text, when EventBridge takes it.

    Raises:
        Mistake: with the field that is wrong.
    """
    rate, cron = _RATE.fullmatch(text), _CRON.fullmatch(text)
    if rate:
        if (rate[1] == "1") == rate[2].endswith("s"):
            raise Mistake(f"{text!r} is refused by EventBridge", "One takes the singular: rate(1 hour), rate(2 hours)")
        return text
    if not cron:
        raise Mistake(f"{text!r} is no schedule", _WRITE)
    fields = cron[1].split()
    if len(fields) != len(_FIELDS):
        raise Mistake(f"{text!r} has {len(fields)} fields", _WRITE)
    if (fields[2] == "?") == (fields[4] == "?"):
        raise Mistake(f"{text!r} must have '?' as day of month or as day of week, not both", _WRITE)
    for name, found, (low, high) in zip(_FIELDS, fields, _NUMBERS, strict=True):
        _check(text, name, found, low, high)
    return text


def _check(text: str, name: str, found: str, low: int, high: int) -> None:
    for number in re.findall(r"(?<![/#A-Z])\d+", found):
        if not low <= int(number) <= high:
            raise Mistake(f"{text!r} has {number} as {name}", f"Use {low} to {high}")
    if not re.fullmatch(r"[0-9A-Z*?,/#-]+", _NAMES.sub("", found) or "*"):
        raise Mistake(f"{text!r} has {found!r} as {name}", _WRITE)


@dataclass(frozen=True, slots=True)
class _Schedule:
    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # noqa: PLC0415 - only when a description is read

        return core_schema.no_info_after_validator_function(schedule, handler(source))


ScheduleText = Annotated[str, _Schedule()]
