"""What a person sees while a deployment runs: stacks and resources with the time that each takes."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from stacks.cloud import STACK_TYPE, Event
from stacks.commands.status import age, verdict
from stacks.deploy.status import StackStatus
from stacks.live import LiveWork, elapsed
from stacks.progress import Published, ResourceEvent, StackFinished, StackStarted
from stacks.ui import Screen

START = StackStarted(stack="frontend", name="n-dev-frontend", region="eu-west-1")
END = StackFinished(stack="frontend", status="CREATE_COMPLETE")


def event(name: str, status: str, kind: str = "AWS::CloudFront::Distribution") -> ResourceEvent:
    what = Event(id="1", logical_id=name, physical_id="", type=kind, status=status)
    return ResourceEvent(stack="frontend", event=what)


def test_a_slow_resource_is_shown_with_its_time_and_the_reason() -> None:
    work = LiveWork()
    work.note(START, 0)
    work.note(event("Site", "CREATE_IN_PROGRESS"), 5)
    assert list(work.lines(10)) == ["frontend  0:10", "  Site create in progress 0:05"]
    work.note(event("Site", "CREATE_IN_PROGRESS"), 12)
    title, line, reason = work.lines(130)
    assert (title, line) == ("frontend  2:10", "  Site create in progress 2:05")
    assert reason.startswith("    CloudFront updates all edge locations")


def test_what_is_done_is_no_longer_shown_and_a_stack_reports_its_time() -> None:
    work = LiveWork()
    work.note(START, 0)
    work.note(event("Site", "CREATE_IN_PROGRESS"), 5)
    work.note(event("n-dev-frontend", "CREATE_IN_PROGRESS", STACK_TYPE), 6)
    work.note(event("Site", "CREATE_COMPLETE"), 60)
    assert list(work.lines(61)) == ["frontend  1:01"]
    assert work.note(END, 83) == 83
    assert not work.busy


def test_many_resources_are_counted_and_a_file_is_shown_until_the_next_fact() -> None:
    work = LiveWork()
    work.note(START, 0)
    for number in range(6):
        work.note(event(f"Table{number}", "CREATE_IN_PROGRESS", "AWS::DynamoDB::Table"), number)
    assert list(work.lines(9))[-1] == "  and 2 more"
    work.note(Published(key="index.html"), 9)
    assert list(work.lines(9))[-1] == "  index.html"


def test_a_terminal_shows_how_long_a_stack_took() -> None:
    out, times = io.StringIO(), iter((0.0, 83.0))
    with Screen(out, interactive=True, clock=lambda: next(times, 83.0)) as screen:
        screen.show(START)
        screen.show(END)
    assert "CREATE_COMPLETE\n  took 1:" in out.getvalue()


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (600, "10:00"), (-1, "0:00")])
def test_durations_are_minutes_and_seconds(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ("", "-"),
        ("2026-01-02T03:04:05+00:00", "just now"),
        ("2026-01-02T03:00:00+00:00", "4 min ago"),
        ("2026-01-01T03:00:00+00:00", "1 d ago"),
    ],
)
def test_times_are_shown_by_their_age(changed: str, text: str) -> None:
    assert age(changed, datetime(2026, 1, 2, 3, 4, 30, tzinfo=UTC)) == text


@pytest.mark.parametrize(
    ("status", "changes", "sign"),
    [
        ("CREATE_COMPLETE", 0, "✓"),
        ("UPDATE_COMPLETE", 2, "~"),
        ("UPDATE_IN_PROGRESS", 0, "…"),
        ("UPDATE_ROLLBACK_FAILED", 0, "✗"),
        ("ROLLBACK_COMPLETE", 0, "✗"),
        ("", 3, "·"),
    ],
)
def test_each_state_has_a_sign(status: str, changes: int, sign: str) -> None:
    stack = StackStatus(stack="data", name="n-dev-data", region="eu-west-1", status=status, changes=changes)
    assert verdict(stack)[0] == sign
