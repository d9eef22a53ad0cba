"""Schedules as EventBridge takes them.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.model.schedules import FIELDS, Field, schedule
from stacks.model.texts import Mistake

GOOD = [
    "rate(1 minute)",
    "rate(5 minutes)",
    "rate(1 hour)",
    "rate(12 hours)",
    "rate(1 day)",
    "cron(0 4 * * ? *)",
    "cron(0/15 8-17 ? * MON-FRI *)",
    "cron(0 12 L * ? *)",
    "cron(0 12 ? * 6#3 *)",
    "cron(0 12 1,15 JAN,JUL ? 2027)",
    "cron(*/10 4 * * ? 2026-2030)",
    "cron(0 12 LW * ? *)",
    "cron(0 12 15W * ? *)",
    "cron(0 12 ? * FRIL *)",
    "cron(0 12 ? * L *)",
    "cron(0 12 ? JAN-MAR MON,WED *)",
    "cron(0 12 29 2 ? *)",
    "cron(0 22-23,0-2 * * ? *)",
]

BAD = {
    "": "is not a schedule",
    "5 minutes": "is not a schedule",
    "rate(0 minutes)": "is not a schedule",
    "rate(1 minutes)": "EventBridge refuses",
    "rate(5 minute)": "EventBridge refuses",
    "rate(30 seconds)": "is not a schedule",
    "cron(0 4 * * ?)": "has five fields",
    "cron(0 4 * * *)": "has five fields",
    "0 4 * * MON": "has five fields",
    "cron(0 4 * * ? * *)": "has 7 fields",
    "cron(0 4 * * * *)": "must have '?'",
    "cron(0 4 ? * ? *)": "must have '?'",
    "cron(? 4 * * ? *)": "has '?' as minutes",
    "cron(60 4 * * ? *)": "has '60' as minutes",
    "cron(0 24 * * ? *)": "has '24' as hours",
    "cron(0 4 32 * ? *)": "has '32' as day of month",
    "cron(0 4 ? * 0 *)": "has '0' as day of week",
    "cron(0 4 ? * 8 *)": "has '8' as day of week",
    "cron(0 4 ? * mon *)": "has 'mon' as day of week",
    "cron(0 4 ? * MOM *)": "has 'MOM' as day of week",
    "cron(0 4 ? * MONDAY *)": "has 'MONDAY' as day of week",
    "cron(0 4 1 MON ? *)": "has 'MON' as month",
    "cron(0 4 * 13 ? *)": "has '13' as month",
    "cron(0 4 * * ? 1969)": "has '1969' as year",
    "cron(0 4 ? * 2/2 *)": "takes no steps",
    "cron(0/0 4 * * ? *)": "has the step '0'",
    "cron(0/60 4 * * ? *)": "has the step '60'",
    "cron(5/ 4 * * ? *)": "has the step ''",
    "cron(0 4 W * ? *)": "has 'W' as day of month",
    "cron(0 4 32W * ? *)": "has '32' as day of month",
    "cron(0 4 1W,15W * ? *)": "has '1W' as day of month",
    "cron(0 4 L,15 * ? *)": "has 'L' as day of month",
    "cron(0 L * * ? *)": "has 'L' as hours",
    "cron(0 4 ? * 3W *)": "has '3W' as day of week",
    "cron(0 4 ? * 6#6 *)": "has '6#6' as day of week",
    "cron(0 4 ? * 3#1,6#3 *)": "has '3#1' as day of week",
    "cron(0 22-2 * * ? *)": "ends before it begins",
    "cron(0 4 ? * FRI-MON *)": "ends before it begins",
    "cron(0 1-2-3 * * ? *)": "has '2-3' as hours",
    "cron(0, 4 * * ? *)": "has '' as minutes",
    "cron(0 4 30 2 ? *)": "never comes",
    "cron(0 4 31 APR,JUN ? *)": "never comes",
}


@pytest.mark.parametrize("text", GOOD)
def test_what_eventbridge_takes_is_taken(text: str) -> None:
    assert schedule(text) == text


@pytest.mark.parametrize("text", BAD)
def test_what_eventbridge_refuses_is_refused_before(text: str) -> None:
    with pytest.raises(Mistake) as caught:
        schedule(text)
    assert BAD[text] in caught.value.what


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("0 4 * * *", "Write 'cron(0 4 * * ? *)', in UTC"),
        ("cron(30 2 1 * *)", "Write 'cron(30 2 1 * ? *)', in UTC"),
        ("cron(0 22-2 * * ? *)", "Write two ranges, as 22-23,0-2"),
        ("cron(0 4 ? * SAT-MON *)", "Write two ranges, as SAT-SAT,SUN-MON"),
    ],
)
def test_the_fix_is_one_that_eventbridge_takes(text: str, fix: str) -> None:
    with pytest.raises(Mistake) as caught:
        schedule(text)
    assert caught.value.fix == fix


def values(field: Field) -> st.SearchStrategy[str]:
    return st.sampled_from([*map(str, range(field.low, field.high + 1)), *field.names])


@given(st.data())
def test_every_list_of_values_in_range_is_taken(data: st.DataObject) -> None:
    parts = [",".join(data.draw(st.lists(values(field), min_size=1, max_size=4))) for field in FIELDS]
    parts[2] = "?"
    assert schedule(f"cron({' '.join(parts)})")


@given(st.sampled_from(range(6)), st.text(alphabet="0123456789ABCLMNORSTUWX*?,/#-", min_size=1, max_size=5))
def test_no_text_in_a_field_ends_in_anything_but_a_message(index: int, text: str) -> None:
    parts = ["0", "4", "1", "1", "?", "*"]
    parts[index] = text
    with suppress(Mistake):
        schedule(f"cron({' '.join(parts)})")
