"""Stacks that left the description are found, reported, and deleted with what remains; the others are not touched."""

from __future__ import annotations

import os
import signal
from argparse import Namespace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.app import App, Stage
from stacks.cloud import Headers
from stacks.commands.signals import interruptible
from stacks.commands.undescribed import chosen_to_prune, prune, seen_undescribed
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee
from stacks.deploy.execute import deploy
from stacks.deploy.lock import KEY, Holder, Lock
from stacks.deploy.plan import make_plan
from stacks.deploy.status import leftover
from stacks.deploy.undescribed import together, undescribed
from stacks.errors import DeployError
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STAGE = Stage(name="x", app_name="t", region="eu-west-1")
APP = App(name="t", stages={"x": STAGE})
TAGS = [{"Key": "app", "Value": "t"}, {"Key": "stage", "Value": "x"}]
HOLDER = Holder(caller="arn:aws:iam::111111111111:user/ann", machine="hers", since="2026-01-01T12:00:00+00:00")


def stack(name: str, region: str = "eu-west-1", tags: Any = TAGS, kind: str = "AWS::SNS::Topic") -> Rendered:
    template = {"Resources": {"Only": {"Type": kind, "Properties": {"Tags": tags}}}}
    return Rendered(stack=name, name=f"t-x-{name}", region=region, template=template, body="")


def deployed(*rendered: Rendered) -> MemoryCloud:
    cloud = MemoryCloud()
    deploy(make_plan(rendered), cloud, ignore)
    return cloud


def names(stacks: Sequence[Rendered]) -> list[str]:
    return [rendered_stack.stack for rendered_stack in stacks]


def test_a_web_acl_an_own_stack_and_a_share_of_the_backend_are_found_where_they_are() -> None:
    left = (stack("frontend-edge", "us-east-1"), stack("mail", tags={"app": "t", "stage": "x"}), stack("backend-2"))
    cloud = deployed(stack("base"), *left)
    stacks = undescribed(STAGE, [stack("base")], cloud)
    assert sorted(names(stacks)) == ["backend-2", "frontend-edge", "mail"]
    assert {rendered_stack.region for rendered_stack in stacks if rendered_stack.stack == "frontend-edge"} == {
        "us-east-1"
    }
    assert undescribed(STAGE, [stack("base"), *left], cloud) == ()


def test_an_own_stack_that_moved_to_another_region_is_found_where_it_was() -> None:
    cloud = deployed(stack("base"), stack("mail", "us-east-1"))
    assert names(undescribed(STAGE, [stack("base"), stack("mail")], cloud)) == ["mail"]


@pytest.mark.parametrize(
    "tags",
    [
        [],
        None,
        [{"Key": "app", "Value": "t"}, {"Key": "stage", "Value": "x-preview"}],
        [{"Key": "app", "Value": {"Ref": "AWS::StackName"}}],
    ],
)
def test_stacks_of_others_that_only_share_the_beginning_of_the_name_are_not_found(tags: Any) -> None:
    cloud = deployed(stack("base"), stack("preview-data", tags=tags))
    assert undescribed(STAGE, [stack("base")], cloud) == ()


def test_they_are_deleted_in_the_order_in_which_the_description_had_them() -> None:
    described = [stack("base"), stack("backend"), stack("frontend"), stack("own")]
    others = [stack("frontend-edge", "us-east-1"), stack("data"), stack("backend-2"), stack("mail")]
    expected = ["base", "data", "backend", "backend-2", "frontend-edge", "frontend", "own", "mail"]
    assert names(together(described, others)) == expected


def test_status_says_that_a_stack_is_no_longer_described() -> None:
    standing = leftover(stack("mail"), deployed(stack("mail")))
    assert (standing.status, standing.behind) == ("CREATE_COMPLETE", "no longer described; 'deploy --prune' deletes it")


def test_without_prune_they_are_reported_and_stay(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = deployed(stack("base"), stack("mail"))
    left = seen_undescribed(STAGE, [stack("base")], cloud)
    assert chosen_to_prune(Namespace(prune=False, yes=True), STAGE, left, cloud) == ()
    message = (
        "mail: t-x-mail (eu-west-1) is deployed with 1 resource, and no longer described. 'deploy --prune' deletes"
    )
    assert message in capsys.readouterr().out


def test_with_prune_they_go_and_the_described_ones_stay() -> None:
    described = [stack("base")]
    cloud = deployed(*described, stack("mail"))
    left = seen_undescribed(STAGE, described, cloud)
    prune(chosen_to_prune(Namespace(prune=True, yes=True), STAGE, left, cloud), described, cloud, ignore)
    assert cloud.status("t-x-mail", "eu-west-1") is None
    assert cloud.status("t-x-base", "eu-west-1") == "CREATE_COMPLETE"


def test_prune_deletes_no_files_and_no_protected_stack() -> None:
    cloud = deployed(stack("base"), stack("mail", kind="AWS::S3::Bucket"))
    left = undescribed(STAGE, [stack("base")], cloud)
    cloud.put(next(iter(cloud.buckets)), "letter", b"x", Headers())
    with pytest.raises(DeployError, match="1 object, 1 bytes"):
        chosen_to_prune(Namespace(prune=True, yes=True), STAGE, left, cloud)
    state = cloud.stack("t-x-mail", "eu-west-1")
    assert state is not None
    cloud.protect(state, on=True)
    with pytest.raises(DeployError, match="termination protection"):
        chosen_to_prune(Namespace(prune=True, yes=True), STAGE, left, cloud)


def test_destroy_takes_them_down_with_the_stage() -> None:
    described = [stack("base")]
    cloud = deployed(*described, stack("frontend-edge", "us-east-1"))
    destroy(foresee(together(described, undescribed(STAGE, described, cloud)), cloud), cloud, ignore)
    assert cloud.stacks("t-x-", "us-east-1") == cloud.stacks("t-x-", "eu-west-1") == ()


def test_where_stacks_cannot_be_listed_a_note_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    class Denying(MemoryCloud):
        def stacks(self, prefix: str, region: str) -> tuple[Any, ...]:
            raise DeployError(f"{prefix} in {region}", "AWS denies this (cloudformation:ListStacks)", "Ask for it")

    assert seen_undescribed(STAGE, [stack("base")], Denying()) == ()
    assert "cloudformation:ListStacks). Stacks that the description no longer has are not" in capsys.readouterr().err


def _end(lock: Lock, number: signal.Signals) -> None:
    """Send a signal while the lock is held, and another one during the clean-up."""
    lock.take("b")
    try:
        os.kill(os.getpid(), number)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_the_process_releases_the_lock_once(memory: MemoryCloud, number: signal.Signals) -> None:
    memory.buckets["b"] = {}
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible(), Lock(memory, HOLDER) as lock:
        _end(lock, number)
    assert not memory.has("b", KEY)
    assert signal.getsignal(number) is before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_lock_that_cannot_be_released_is_reported_with_the_way_on() -> None:
    class Expired(MemoryCloud):
        def remove_if(self, bucket: str, key: str, etag: str) -> None:
            raise DeployError(bucket, f"the AWS session has ended ({key} {etag})", "Log in with `aws sso login`")

    cloud, messages = Expired(), list[str]()
    cloud.buckets["b"] = {}
    with Lock(cloud, HOLDER, warn=messages.append) as lock:
        lock.take("b")
    assert messages[0].startswith(
        f"s3://b/{KEY}: the lock of the stage could not be released and stays: the AWS session"
    )
    assert messages[0].endswith("Add --take-over to the next deploy or destroy.")


def test_an_interruption_while_the_lock_is_written_leaves_none() -> None:
    class Interrupted(MemoryCloud):
        def put_new(self, bucket: str, key: str, body: bytes | Path) -> str | None:
            super().put_new(bucket, key, body)
            raise KeyboardInterrupt

    cloud = Interrupted()
    cloud.buckets["b"] = {}
    with pytest.raises(KeyboardInterrupt), Lock(cloud, HOLDER) as lock:
        lock.take("b")
    assert not cloud.has("b", KEY)
