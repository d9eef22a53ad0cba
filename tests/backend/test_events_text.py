"""Schedules as EventBridge takes them."""

from __future__ import annotations

import pytest

from stacks.model.schedules import schedule
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
]

BAD = {
    "": "is no schedule",
    "5 minutes": "is no schedule",
    "rate(0 minutes)": "is no schedule",
    "rate(1 minutes)": "refused by EventBridge",
    "rate(5 minute)": "refused by EventBridge",
    "rate(30 seconds)": "is no schedule",
    "cron(0 4 * * *)": "has 5 fields",
    "cron(0 4 * * * *)": "must have '?'",
    "cron(0 4 ? * ? *)": "must have '?'",
    "cron(60 4 * * ? *)": "has 60 as minutes",
    "cron(0 24 * * ? *)": "has 24 as hours",
    "cron(0 4 32 * ? *)": "has 32 as day of month",
    "cron(0 4 ? * 0 *)": "has 0 as day of week",
    "cron(0 4 ? * mon *)": "as day of week",
    "cron(0 4 * * ? 1969)": "has 1969 as year",
}


@pytest.mark.parametrize("text", GOOD)
def test_what_eventbridge_takes_is_taken(text: str) -> None:
    assert schedule(text) == text


@pytest.mark.parametrize("text", BAD)
def test_what_eventbridge_refuses_is_refused_before(text: str) -> None:
    with pytest.raises(Mistake) as caught:
        schedule(text)
    assert BAD[text] in caught.value.what
