"""Stacks that do not need each other go at the same time, and each outcome is told."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

import pytest

from stacks.deploy.apply import DeployInterrupted
from stacks.deploy.execute import How, deploy
from stacks.deploy.parallel import waits_for
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.errors import DeployError
from stacks.progress import NotTried, StackFinished, StackStarted
from stacks.testing import MemoryCloud
from stacks.ui import Screen
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stacks.cloud import ChangeSet, Cloud, Event, NoChanges, Submission
    from stacks.deploy.plan import Plan
    from stacks.progress import Progress
    from stacks.template.rendered import Rendered

    Stage = Callable[..., list[Rendered]]

REGION = "eu-west-1"
PARALLEL = How(parallel=True)


@pytest.fixture
def plan(stage: Stage, zipped: Path) -> Plan:
    """Base, then data, frontend and extra at once, backend after data and its code."""
    return make_plan(stage(), code=[PackagedCode(stack="backend", parameter="CodeKey", key="code/1.zip", path=zipped)])


class Meeting(MemoryCloud):
    """``t-x-data`` and ``t-x-extra`` are executed only when both are there."""

    def __init__(self) -> None:
        super().__init__()
        self._both = threading.Barrier(2, timeout=20)

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:
        if change_set.stack in {"t-x-data", "t-x-extra"}:
            self._both.wait()
        return super().execute(change_set)


class Stuck(MemoryCloud):
    """Its ``t-x-data`` goes on for ever; then Ctrl-C comes, while ``t-x-extra`` is still prepared."""

    def __init__(self) -> None:
        super().__init__()
        self.executing, self.preparing, self.discarded = threading.Event(), threading.Event(), list[str]()

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        if submission.name == "t-x-extra":
            self.executing.wait(20)
        return super().prepare(submission)

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:
        if change_set.stack != "t-x-data":
            return super().execute(change_set)
        self.executing.set()
        threading.Event().wait()
        raise AssertionError

    def discard(self, change_set: ChangeSet) -> None:
        self.discarded.append(change_set.stack)
        super().discard(change_set)


def test_a_step_waits_for_what_it_needs_and_for_nothing_else(plan: Plan) -> None:
    names = [getattr(step, "key", step.stack) for step in plan.steps]
    order = {names[number]: {names[wait] for wait in waits_for(number, plan.steps)} for number in range(len(names))}
    assert order == {
        "base": set(),
        "data": {"base"},
        "code/1.zip": {"base"},
        "backend": {"base", "data", "code/1.zip"},
        "frontend": {"base"},
        "extra": {"base"},
    }


def test_a_stack_waits_for_code_that_is_uploaded_for_another(
    build: Callable[..., Rendered], parameter: Callable[..., Any], zipped: Path
) -> None:
    names = ("base", "one", "two")
    template = {"P": parameter("x")}
    rendered = [build(name, template, Parameters={} if name == "base" else {"K": {"Type": "String"}}) for name in names]
    code = [PackagedCode(stack=name, parameter="K", key="same", path=zipped) for name in names[1:]]
    plan = make_plan(rendered, code=code)
    assert [step.stack for step in plan.steps] == ["base", "one", "one", "two"]
    assert waits_for(3, plan.steps) == {0, 1}


def test_stacks_that_do_not_need_each_other_are_at_work_at_the_same_time(plan: Plan, seen: list[Progress]) -> None:
    cloud = Meeting()
    result = deploy(plan, cloud, seen.append, how=PARALLEL)
    assert list(result) == ["base", "data", "backend", "frontend", "extra"]
    order = [(type(event), event.stack) for event in seen if isinstance(event, StackStarted | StackFinished)]
    assert order.index((StackFinished, "data")) < order.index((StackStarted, "backend"))
    assert order[:2] == [(StackStarted, "base"), (StackFinished, "base")]


@pytest.mark.emulator
def test_the_outcome_is_the_same_as_one_after_the_other(emulated: Cloud, plan: Plan) -> None:
    result = deploy(plan, emulated, ignore, how=PARALLEL)
    assert deploy(plan, emulated, ignore) == result


def test_a_failure_lets_the_others_end_and_is_reported(memory: MemoryCloud, plan: Plan, seen: list[Progress]) -> None:
    memory.fail("Table", "no room")
    memory.fail("Site", "taken")
    with pytest.raises(DeployError) as caught:
        deploy(plan, memory, seen.append, how=PARALLEL)
    assert [problem.where for problem in caught.value.problems] == ["t-x-data.Table", "t-x-frontend.Site"]
    assert memory.status("t-x-extra", REGION) == "CREATE_COMPLETE"
    assert NotTried(stack="backend", what="stack", because="data") in seen
    memory.repair("Table")
    memory.repair("Site")
    assert "Read" in deploy(plan, memory, ignore, how=PARALLEL)["backend"]


def test_each_change_set_is_confirmed_in_the_thread_that_deploys(memory: MemoryCloud, plan: Plan) -> None:
    asked: list[tuple[str, bool]] = []

    def confirm(change_set: ChangeSet) -> bool:
        asked.append((change_set.stack, threading.current_thread() is threading.main_thread()))
        return change_set.stack != "t-x-extra"

    with pytest.raises(DeployError, match="t-x-extra: its changes were not confirmed"):
        deploy(plan, memory, ignore, confirm=confirm, how=PARALLEL)
    assert len(asked) == 5
    assert all(here for _, here in asked)
    assert memory.status("t-x-extra", REGION) is None


def test_ctrl_c_names_what_goes_on_in_aws_and_gives_the_rest_up(plan: Plan) -> None:
    cloud = Stuck()

    def confirm(change_set: ChangeSet) -> bool:
        if change_set.stack == "t-x-extra":
            raise KeyboardInterrupt
        return True

    with pytest.raises(DeployInterrupted, match="t-x-data: the run was interrupted"):
        deploy(plan, cloud, ignore, confirm=confirm, how=PARALLEL)
    assert cloud.status("t-x-extra", REGION) is None
    assert cloud.discarded == ["t-x-extra"]


def test_lines_of_stacks_that_run_together_begin_with_their_names() -> None:
    out = io.StringIO()
    with Screen(out, mixed=["data", "frontend"]) as screen:
        screen.show(StackStarted(stack="data", name="n-data", region="r"))
        screen.show(StackFinished(stack="frontend", status="CREATE_COMPLETE"))
    assert out.getvalue() == "data     | data: n-data (r)\nfrontend | CREATE_COMPLETE\n"
