"""A deploy in which one call fails, whichever it is: nothing is lost or left behind, and a second run completes.

Lock, guards, indexes that come one by one, code and files are all in the plan. The call fails before AWS did what was
asked, or behind (a lost answer, a session that ended); or Ctrl-C comes there.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.cloud import ChangeSet, Cloud, NoChanges
from stacks.commands.signals import interruptible
from stacks.deploy.apply import DeployInterrupted
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee
from stacks.deploy.execute import How, deploy
from stacks.deploy.lock import KEY, Holder, Lock
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.deploy.stored_data import DataCloud
from stacks.errors import DeployError
from stacks.publishing.sites import SiteFiles
from stacks.publishing.step import Publish
from stacks.testing import MemoryCloud
from stacks.wiring import Output
from tests.deploy.conftest import reads
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stacks.cloud import Submission
    from stacks.deploy.plan import Plan
    from stacks.template.rendered import Rendered

    Build = Callable[..., Rendered]
    Make = Callable[[str], Plan]

REGION = "eu-west-1"
PLAINLY = How()
STACKS = ("t-x-base", "t-x-data", "t-x-backend", "t-x-extra")
CALLS = {name for kind in (Cloud, DataCloud) for name in vars(kind) if not name.startswith("_")}


class Frail(MemoryCloud):
    """An account that counts what it is asked; the call (or event) of one number fails."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.names: list[str] = []
        self.open: set[str] = set()
        self._fault: tuple[int, str, type[BaseException] | signal.Signals] | None = None
        self._inside = threading.local()
        self._counting = threading.Lock()

    def fail_at(self, number: int, when: str, kind: type[BaseException] | signal.Signals) -> None:
        self.count, self.names, self._fault = 0, [], (number, when, kind)

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name not in CALLS or getattr(self._inside, "on", False):
            return value

        def call(*arguments: Any, **more: Any) -> Any:
            number = self._next(name)
            self._break(number, "before")
            self._inside.on = True
            try:
                result = value(*arguments, **more)
                result = list(result) if name in {"execute", "delete", "table_at_work"} else result
            finally:
                self._inside.on = False
            if isinstance(result, ChangeSet) and self._fault and self._fault[:2] == (number, "behind"):
                object.__getattribute__(self, "discard")(result)  # as the cloud itself does: see test_aws
            self._break(number, "behind")
            return self._reported(result) if isinstance(result, list) else result

        return call

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        change_set = super().prepare(submission)
        self.open |= {change_set.id} if isinstance(change_set, ChangeSet) else set()
        return change_set

    def discard(self, change_set: ChangeSet) -> None:
        super().discard(change_set)
        self.open.discard(change_set.id)

    def execute(self, change_set: ChangeSet) -> Iterator[Any]:
        self.open.discard(change_set.id)
        return super().execute(change_set)

    def _next(self, name: str) -> int:
        with self._counting:
            self.count += 1
            self.names.append(name)
            return self.count

    def _break(self, number: int, when: str) -> None:
        if self._fault and self._fault[:2] == (number, when):
            kind, self._fault = self._fault[2], None
            if isinstance(kind, signal.Signals):
                os.kill(os.getpid(), kind)
            else:
                raise DeployError("aws", "the AWS session has ended", "Log in") if kind is DeployError else kind

    def _reported(self, events: list[Any]) -> Iterator[Any]:
        for event in events:
            self._break(self._next("event"), "before")
            yield event


@pytest.fixture
def plan(build: Build, parameter: Callable[..., Any], zipped: Path, tmp_path: Path) -> Make:
    """The stage before, and after: two more indexes, other values, other code, another file."""
    site = tmp_path / "site"
    site.mkdir()

    def make(version: str) -> Plan:
        text, key = f"text of {version}", f"code/{version}.zip"
        (site / "index.html").write_text(text)
        read, published = {"Ref": "DataText"}, parameter(text)
        published["Properties"]["Name"] = "/t/x/data/Text"
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {}}
        stacks = [
            build("base", {"Artifacts": bucket}, {"ArtifactBucketName": {"Ref": "Artifacts"}}),
            build("data", {"Table": table("abc" if version == "second" else "a"), "Text": published}, {"Text": text}),
            build(
                "backend",
                {"Web": parameter(read), "Code": parameter({"Ref": "CodeKey"}), "Site": bucket},
                {"Read": read, "SiteBucket": {"Ref": "Site"}},
                needs=("data",),
                Parameters={"CodeKey": {"Type": "String"}, "DataText": reads("/t/x/data/Text")},
            ),
            build("extra", {"Alone": parameter(text)}),
        ]
        folders = (SiteFiles(prefix="app/", folder=site, fallback=True),)
        publish = Publish(stack="backend", bucket=Output("backend", "SiteBucket"), distribution=None, folders=folders)
        code = [PackagedCode(stack="backend", parameter="CodeKey", key=key, path=zipped)]
        return make_plan(stacks, code=code, publish=publish)

    return make


def table(indexes: str) -> dict[str, Any]:
    named = [
        {"IndexName": f"by-{index}", "KeySchema": [{"AttributeName": index, "KeyType": "HASH"}]} for index in indexes
    ]
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {"TableName": "t-table", "GlobalSecondaryIndexes": named},
        **kept,
    }


def run(plan: Plan, cloud: MemoryCloud, how: How = PLAINLY, *, second: bool = False) -> None:
    holder = Holder(caller="ann", machine="laptop", since="02:00" if second else "01:00")
    with Lock(cloud, holder, take_over=second and KEY in cloud.buckets.get("t-x-base-artifacts", {})) as lock:
        deploy(plan, cloud, ignore, how=replace(how, lock=lock))


def held(cloud: MemoryCloud) -> dict[str, Any]:
    """All that the account holds in the end."""
    stacks = [state for name in STACKS if (state := cloud.stack(name, REGION))]
    return {
        "stacks": [(stack.name, stack.status.partition("_")[2], stack.outputs, stack.protected) for stack in stacks],
        "kept": [cloud.stack_policy(stack) for stack in stacks],
        "resources": [cloud.resources(stack.name, REGION) for stack in stacks],
        "table": cloud.properties("t-x-data", REGION, "Table"),
        "site": {
            key: stored_object.body
            for key, stored_object in cloud.buckets["t-x-backend-site"].items()
            if key.startswith("app/")
        },
        "locked": KEY in cloud.buckets.get("t-x-base-artifacts", {}),
    }


def ready(plan: Make, version: str) -> Frail:
    """An account in which the stage is as it was before, if there was one."""
    cloud = Frail()
    if version == "second":
        run(plan("first"), cloud)
    return cloud


def clean(plan: Make, version: str) -> tuple[dict[str, Any], int]:
    """What is held after a run in which nothing fails, and how many calls that takes."""
    cloud = ready(plan, version)
    cloud.fail_at(0, "never", DeployError)
    run(plan(version), cloud)
    calls = cloud.count
    return held(cloud), calls


@pytest.mark.parametrize("version", ["first", "second"])
@pytest.mark.parametrize("when", ["before", "behind"])
@pytest.mark.parametrize(
    ("kind", "how"),
    [(DeployError, PLAINLY), (KeyboardInterrupt, PLAINLY), (DeployError, How(parallel=True))],
    ids=["refused", "ctrl-c", "refused-in-parallel"],
)
def test_whichever_call_fails_nothing_is_left_behind_and_a_second_run_completes(
    plan: Make, version: str, when: str, kind: type[BaseException], how: How
) -> None:
    wanted, calls = clean(plan, version)
    for number in range(1, calls + 1):
        cloud = ready(plan, version)
        cloud.fail_at(number, when, kind)
        failed = None
        try:
            run(plan(version), cloud, how)
        except (DeployError, KeyboardInterrupt) as error:
            failed = error
        name = cloud.names[number - 1]
        assert failed or name in {"remove_if", "event"}, (number, name)
        assert cloud.open == set(), (number, name)
        assert "delete" not in cloud.names
        cloud.fail_at(0, "never", kind)
        run(plan(version), cloud, second=True)
        assert held(cloud) == wanted, (number, name)


@pytest.mark.parametrize("version", ["first", "second"])
@pytest.mark.parametrize("when", ["before", "behind"])
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_any_step_leaves_a_stage_that_the_next_deploy_finishes_without_a_flag(
    plan: Make, version: str, when: str, kind: signal.Signals
) -> None:
    wanted, calls = clean(plan, version)
    for number in range(1, calls + 1):
        cloud = ready(plan, version)
        cloud.fail_at(number, when, kind)
        stopped = None
        try:
            with interruptible():
                run(plan(version), cloud)
        except (DeployInterrupted, KeyboardInterrupt) as error:
            stopped = error
        name = cloud.names[number - 1]
        assert stopped or name == "event", (number, name)
        assert KEY not in cloud.buckets.get("t-x-base-artifacts", {}), (number, name)
        assert cloud.open == set(), (number, name)
        run(plan(version), cloud)
        assert held(cloud) == wanted, (number, name)


@pytest.mark.parametrize("when", ["before", "behind"])
@pytest.mark.parametrize("kind", [DeployError, KeyboardInterrupt])
def test_whichever_call_fails_a_second_destroy_completes(plan: Make, when: str, kind: type[BaseException]) -> None:
    cloud = ready(plan, "second")
    cloud.fail_at(0, "never", kind)
    destroy(foresee(plan("first").stacks, cloud), cloud, ignore, delete_data=True)
    for number in range(1, cloud.count + 1):
        cloud = ready(plan, "second")
        cloud.fail_at(number, when, kind)
        with suppress(DeployError, KeyboardInterrupt):
            destroy(foresee(plan("first").stacks, cloud), cloud, ignore, delete_data=True)
        name = cloud.names[number - 1]
        cloud.fail_at(0, "never", kind)
        destroy(foresee(plan("first").stacks, cloud), cloud, ignore, delete_data=True)
        assert [cloud.stack(item, REGION) for item in STACKS] == [None] * 4, (number, name)
        assert [entry.data for entry in foresee(plan("first").stacks, cloud)] == [()] * 4, (number, name)
        assert cloud.buckets == {}, (number, name)
