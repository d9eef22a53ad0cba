"""What ``destroy`` would do is told before it does it; data goes only when that is said, and then for good."""

from __future__ import annotations

import io
import sys
from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.cli import main
from stacks.cloud import Headers, StackResource, Work
from stacks.commands.asking import typed
from stacks.deploy.apply import DeployInterrupted
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import destroy_lines, foresee, refuse_unasked
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.stored_data import StoredData, contents, cost, monthly, size
from stacks.errors import DeployError, UsageError
from stacks.progress import DataDeleted, ResourceEvent
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.deploy.stored_data import DataCloud
    from stacks.progress import Progress
    from stacks.template.rendered import Rendered

    Build = Callable[..., Rendered]

REGION = "eu-west-1"
TABLE: dict[str, Any] = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "Properties": {
        "TableName": "t-notes",
        "DeletionProtectionEnabled": True,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    },
}
POOL: dict[str, Any] = {
    "Type": "AWS::Cognito::UserPool",
    "DeletionPolicy": "Retain",
    "Properties": {"UserPoolName": "t", "DeletionProtection": "ACTIVE"},
}
FILES: dict[str, Any] = {
    "Type": "AWS::S3::Bucket",
    "DeletionPolicy": "Retain",
    "Properties": {"BucketName": {"Fn::Sub": "t-files-${AWS::AccountId}-${AWS::Region}"}},
}
SITE: dict[str, Any] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "t-site"}}
STEPS = ("StackStarted", "BucketEmptied", "StackDeleted", "StackAbsent")
BUCKET = "t-files-111111111111-eu-west-1"


@pytest.fixture
def stage(build: Build) -> list[Rendered]:
    """A data stack that keeps a table, users and files, and a frontend that keeps nothing."""
    return [
        build("data", {"Table": TABLE, "Pool": POOL, "Files": FILES}),
        build("frontend", {"Site": SITE}),
    ]


@pytest.fixture
def deployed(cloud: DataCloud, stage: list[Rendered]) -> DataCloud:
    """Each cloud, with the stage and an object in each bucket."""
    deploy(make_plan(stage), cloud, ignore)
    cloud.put(BUCKET, "a", b"12345", Headers())
    cloud.put("t-site", "index.html", b"x", Headers())
    return cloud


def test_the_plan_says_what_goes_what_is_emptied_and_what_stays(deployed: DataCloud, stage: list[Rendered]) -> None:
    plan = foresee(stage, deployed)
    lines = list(destroy_lines(plan, delete_data=False, stage="dev"))
    assert lines[:2] == [
        "frontend: t-x-frontend (eu-west-1): 1 resource is deleted",
        "  - empties Site t-site: 1 object, 1 bytes",
    ]
    assert lines[2].startswith("data: t-x-data (eu-west-1): 0 resources are deleted")
    files = f"  = keeps Files {BUCKET}: 1 object, 5 bytes; less than 0.01 USD a month; the next deploy takes it back"
    assert files in lines
    pool = next(
        entry.resource.physical_id for going in plan for entry in going.kept if entry.resource.logical_id == "Pool"
    )
    users = next(line for line in lines if "keeps Pool" in line)
    assert users.endswith(f"unless 'import data Pool={pool} --stage dev' comes first")
    assert any(line.startswith("  = keeps Table t-notes") and "takes it back" in line for line in lines)
    assert lines[-1].endswith("'--delete-data' deletes it.")


def test_data_outlives_its_stack_and_goes_on_request(
    deployed: DataCloud, stage: list[Rendered], seen: list[Progress]
) -> None:
    destroy(foresee(stage, deployed), deployed, seen.append)
    left = foresee(stage, deployed)
    assert [entry.state for entry in left] == [None, None]
    assert sorted(entry.resource.logical_id for entry in left[1].kept) == ["Files", "Pool", "Table"]
    destroy(left, deployed, seen.append, delete_data=True)
    steps = [(type(event).__name__, getattr(event, "stack", "")) for event in seen]
    assert [step for step in steps if step[0] in STEPS] == [
        *((step, "frontend") for step in STEPS[:3]),
        *((step, "data") for step in (STEPS[0], STEPS[2])),
        *[("StackAbsent", "frontend"), ("StackAbsent", "data")],
    ]
    gone = {event.resource.logical_id for event in seen if isinstance(event, DataDeleted)}
    assert gone == {"Files", "Pool", "Table"}
    assert [entry.kept for entry in foresee(stage, deployed)] == [(), ()]


def test_deleting_data_that_is_gone_is_no_mistake(deployed: DataCloud, stage: list[Rendered]) -> None:
    plan = foresee(stage, deployed)
    destroy(plan, deployed, ignore, delete_data=True)
    for entry in plan[1].kept:
        deployed.delete_data(entry.resource, REGION)
    assert foresee(stage, deployed)[1].kept == ()


def test_a_destruction_that_was_interrupted_is_completed_by_the_next(
    memory: MemoryCloud, stage: list[Rendered]
) -> None:
    deploy(make_plan(stage), memory, ignore)
    memory.put("t-site", "index.html", b"x", Headers())

    def interrupt(progress: Progress) -> None:
        if isinstance(progress, DataDeleted):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        destroy(foresee(stage, memory), memory, interrupt, delete_data=True)
    plan = foresee(stage, memory)
    assert len(plan[1].kept) == 2
    destroy(plan, memory, ignore, delete_data=True)
    assert [entry.kept for entry in foresee(stage, memory)] == [(), ()]


@pytest.mark.parametrize("at", ["t-x-frontend", "t-x-data", "Table"])
def test_after_ctrl_c_the_next_run_takes_down_what_is_left(memory: MemoryCloud, stage: list[Rendered], at: str) -> None:
    deploy(make_plan(stage), memory, ignore)

    def interrupt(progress: Progress) -> None:
        if isinstance(progress, ResourceEvent) and progress.event.logical_id == at:
            raise KeyboardInterrupt

    with pytest.raises(DeployInterrupted, match="the same command takes up where this run ended"):
        destroy(foresee(stage, memory), memory, interrupt, delete_data=True)
    destroy(foresee(stage, memory), memory, ignore, delete_data=True)
    assert [(entry.state, entry.kept) for entry in foresee(stage, memory)] == [(None, ()), (None, ())]


def test_a_stack_that_could_not_be_deleted_goes_with_the_next_run(memory: MemoryCloud, stage: list[Rendered]) -> None:
    deploy(make_plan(stage), memory, ignore)
    memory.fail("Site", "in use")
    with pytest.raises(DeployError, match=r"t-x-frontend.Site: .* DELETE_FAILED: in use"):
        destroy(foresee(stage, memory), memory, ignore)
    assert memory.status("t-x-data", REGION) == "CREATE_COMPLETE"
    memory.repair("Site")
    destroy(foresee(stage, memory), memory, ignore)
    assert [entry.state for entry in foresee(stage, memory)] == [None, None]


def test_termination_protection_is_reported_and_switched_off_on_request(memory: MemoryCloud, build: Build) -> None:
    data = [build("data", {"Table": TABLE})]
    deploy(make_plan(data), memory, ignore)
    plan = foresee(data, memory)
    assert "; its termination protection is switched off" in next(destroy_lines(plan, delete_data=False, stage="dev"))
    with pytest.raises(DeployError, match=r"t-x-data: the stack has termination protection .* 'destroy --unprotect'"):
        refuse_unasked(plan, memory, unprotect=False, empty_buckets=False)
    refuse_unasked(plan, memory, unprotect=True, empty_buckets=False)
    destroy(plan, memory, ignore)
    assert memory.status("t-x-data", REGION) is None


def test_what_an_earlier_stack_left_behind_is_reported_and_deleted_with_the_next(
    memory: MemoryCloud, build: Build
) -> None:
    deploy(make_plan([build("data", {"Pool": POOL})]), memory, ignore)
    destroy(foresee([build("data", {"Pool": POOL})], memory), memory, ignore)
    other = [build("data", {"Table": TABLE})]
    deploy(make_plan(other), memory, ignore)
    plan = foresee(other, memory)
    assert [entry.resource.logical_id for entry in plan[0].kept] == ["Table", "Pool"]
    destroy(plan, memory, ignore, delete_data=True)
    assert foresee(other, memory)[0].kept == ()


def test_what_holds_no_data_is_kept_without_a_word_and_never_deleted(memory: MemoryCloud, build: Build) -> None:
    role = {"Type": "AWS::IAM::Role", "DeletionPolicy": "Retain", "Properties": {"RoleName": "t-logs"}}
    base = [build("base", {"Role": role})]
    deploy(make_plan(base), memory, ignore)
    for delete_data in (False, True):
        lines = list(destroy_lines(foresee(base, memory), delete_data=delete_data, stage="dev"))
        assert lines == ["base: t-x-base (eu-west-1): 0 resources are deleted", "  = keeps Role t-logs"]
    destroy(foresee(base, memory), memory, ignore, delete_data=True)
    assert [entry.resource.physical_id for entry in foresee(base, memory)[0].kept] == ["t-logs"]


def test_a_stack_that_something_works_on_is_left_alone(memory: MemoryCloud, stage: list[Rendered]) -> None:
    deploy(make_plan(stage), memory, ignore)
    memory.set_status(
        "t-x-data", REGION, "UPDATE_IN_PROGRESS", Work(since="2026-11-23T01:02:03+00:00", caller="user/ann")
    )
    message = (
        r"t-x-data: user/ann is at work on the stack \(UPDATE_IN_PROGRESS since 2026-11-23T01:02:03\+00:00\)\. Wait"
    )
    with pytest.raises(DeployError, match=message):
        refuse_unasked(foresee(stage, memory), memory, unprotect=True, empty_buckets=True)


def test_a_bucket_that_goes_and_is_not_empty_is_named_before_anything_goes(
    memory: MemoryCloud, stage: list[Rendered]
) -> None:
    deploy(make_plan(stage), memory, ignore)
    refuse_unasked(foresee(stage, memory), memory, unprotect=True, empty_buckets=False)
    memory.put("t-site", "index.html", b"x", Headers())
    with pytest.raises(
        DeployError, match=r"t-x-frontend.Site: bucket t-site .* 1 object, 1 bytes\. Pass --empty-buckets"
    ):
        refuse_unasked(foresee(stage, memory), memory, unprotect=True, empty_buckets=False)
    refuse_unasked(foresee(stage, memory), memory, unprotect=True, empty_buckets=True)


def test_what_cannot_be_deleted_is_reported_once_everything_else_is_gone(stage: list[Rendered]) -> None:
    class Stubborn(MemoryCloud):
        def delete_data(self, resource: StackResource, region: str) -> None:
            if resource.logical_id == "Files":
                raise DeployError(resource.physical_id, "is not empty", "Try again")
            super().delete_data(resource, region)

    cloud = Stubborn()
    deploy(make_plan(stage), cloud, ignore)
    with pytest.raises(DeployError, match="is not empty"):
        destroy(foresee(stage, cloud), cloud, ignore, delete_data=True)
    assert [entry.resource.logical_id for entry in foresee(stage, cloud)[1].kept] == ["Files"]


@pytest.mark.parametrize(
    ("type_name", "stored", "words", "price"),
    [
        ("AWS::DynamoDB::Table", StoredData(items=2_000, bytes=10 * 1024**3), "2,000 items, 10.7 GB", "about 4.50 USD"),
        (
            "AWS::DynamoDB::Table",
            StoredData(items=0, bytes=0, read_units=10, write_units=10),
            "0 items, 0 bytes",
            "about 5.69",
        ),
        ("AWS::S3::Bucket", StoredData(items=100_000, bytes=0, more=True), "at least 100,000 objects, 0 bytes", "free"),
        ("AWS::S3::Bucket", StoredData(items=1, bytes=5), "1 object, 5 bytes", "less than 0.01 USD"),
        ("AWS::Cognito::UserPool", StoredData(items=3), "3 users", "free"),
        ("AWS::KMS::Key", StoredData(), "", "about 1.00 USD"),
        ("AWS::Backup::BackupVault", StoredData(), "", "cost not known"),
        ("AWS::X::Y", StoredData(bytes=7_000), "7.0 kB", "cost not known"),
    ],
)
def test_what_is_kept_is_reported_with_its_size_and_price(
    type_name: str, stored: StoredData, words: str, price: str
) -> None:
    assert contents(type_name, stored) == words
    assert cost(monthly(type_name, stored)).startswith(price)


def test_sizes_are_reported_in_units_of_a_thousand() -> None:
    assert [size(entry) for entry in (0, 1_500, 2_500_000, 3_000_000_000)] == ["0 bytes", "1.5 kB", "2.5 MB", "3.0 GB"]
    assert [size(10**power) for power in (3, 6, 9)] == ["1.0 kB", "1.0 MB", "1.0 GB"]
    assert [size(10**power - 1) for power in (3, 6, 9)] == ["999 bytes", "1000.0 kB", "1000.0 MB"]
    assert StoredData() == StoredData(items=-1, bytes=-1, more=False, read_units=0, write_units=0)


def test_a_stack_in_review_has_nothing_to_delete(build: Build) -> None:
    memory, data = MemoryCloud(), build("data", {"Table": TABLE})
    deploy(make_plan([data]), memory, ignore)
    memory.set_status("t-x-data", REGION, "REVIEW_IN_PROGRESS")
    (going,) = foresee([data], memory)
    assert (going.state and going.state.status, going.deleted, going.kept) == ("REVIEW_IN_PROGRESS", (), ())


def test_a_large_bucket_costs_more_than_what_was_counted(build: Build) -> None:
    class Large(MemoryCloud):
        def stored(self, resource: StackResource, region: str) -> StoredData | None:
            held = super().stored(resource, region)
            return held and replace(held, items=100_000, bytes=5, more=True)

    memory, data = Large(), build("data", {"Files": FILES})
    deploy(make_plan([data]), memory, ignore)
    lines = destroy_lines(foresee([data], memory), delete_data=False, stage="dev")
    assert any("at least 100,000 objects, 5 bytes; about 0.00 USD a month" in line for line in lines)


class Terminal(io.StringIO):
    """A person who has typed something."""

    def isatty(self) -> bool:
        """Say that somebody is there."""
        return True


@pytest.mark.parametrize(("answer", "agreed"), [("dev\n", True), ("y\n", False), ("\n", False)])
def test_only_the_stages_name_is_a_yes(monkeypatch: pytest.MonkeyPatch, answer: str, *, agreed: bool) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert typed(Namespace(yes=False), "Which?", "dev") == agreed


def test_without_a_terminal_yes_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(UsageError, match="Add --yes to agree"):
        typed(Namespace(yes=False, command="destroy"), "Which?", "dev")
    assert typed(Namespace(yes=True), "Which?", "dev")


def test_a_protected_stage_is_refused_before_aws_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = tmp_path / "app.yaml"
    app.write_text("name: t\nstages: {prod: {region: eu-west-1, protected: true}}\n")
    assert main(["destroy", "--yes", "--app", str(app), "--endpoint-url", "http://127.0.0.1:9"]) == 2
    message = "stages.prod: is protected and is not destroyed. To destroy it, first remove 'protected: true'"
    assert message in capsys.readouterr().err
