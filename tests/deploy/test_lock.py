"""Two deploys of one stage: the second says who is at it, and stops."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from stacks.aws.cloud import BotoCloud
from stacks.cloud import Headers, StackState
from stacks.deploy.execute import How, deploy
from stacks.deploy.lock import KEY, Holder, Lock
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.cloud import Cloud
    from stacks.progress import Progress

    Stage = Callable[..., list[Rendered]]

REGION = "eu-west-1"
ANN = Holder(caller="arn:aws:iam::111111111111:user/ann", machine="hers", since="2026-01-01T12:00:00+00:00")
BOB = Holder(caller="arn:aws:iam::111111111111:user/bob", machine="his", since="2026-01-01T12:01:00+00:00")


def bucket_of(cloud: Cloud) -> str:
    state = cloud.stack("t-x-base", REGION)
    assert state is not None
    return state.outputs["ArtifactBucketName"]


@pytest.fixture
def bucket(cloud: Cloud, stage: Stage) -> str:
    """The artifact bucket of a stage whose base is there."""
    deploy(make_plan(stage(), only=["base"]), cloud, ignore)
    return bucket_of(cloud)


def test_the_second_deploy_says_who_is_at_it_and_changes_nothing(cloud: Cloud, bucket: str, stage: Stage) -> None:
    with Lock(cloud, ANN) as hers, Lock(cloud, BOB) as his:
        hers.take(bucket)
        with pytest.raises(DeployError) as caught:
            deploy(make_plan(stage(), only=["data"]), cloud, ignore, how=How(lock=his))
    assert str(caught.value) == (
        f"s3://{bucket}/{KEY}: the stage is locked by arn:aws:iam::111111111111:user/ann on hers, "
        "since 2026-01-01T12:00:00+00:00. Wait for it; if it was killed, add --take-over."
    )
    assert cloud.stack("t-x-data", REGION) is None


def test_the_lock_is_given_back(cloud: Cloud, bucket: str, stage: Stage) -> None:
    with Lock(cloud, ANN) as lock:
        deploy(make_plan(stage(), only=["data"]), cloud, ignore, how=How(lock=lock))
        assert cloud.has(bucket, KEY)
    assert not cloud.has(bucket, KEY)
    with Lock(cloud, BOB) as lock:
        deploy(make_plan(stage("two"), only=["data"]), cloud, ignore, how=How(lock=lock))


def test_the_lock_is_given_back_after_a_failure(memory: MemoryCloud, stage: Stage) -> None:
    memory.fail("Table", "no")
    with pytest.raises(DeployError, match="no"), Lock(memory, ANN) as lock:
        deploy(make_plan(stage(), only=["base", "data"]), memory, ignore, how=How(lock=lock))
    assert not memory.has(bucket_of(memory), KEY)


def test_the_first_deploy_takes_the_lock_once_base_exists(memory: MemoryCloud, stage: Stage) -> None:
    results: list[str] = []

    def watch(_: Progress) -> None:
        results.extend(json.loads(held[KEY].body)["machine"] for held in memory.buckets.values() if KEY in held)

    with Lock(memory, ANN) as lock:
        deploy(make_plan(stage(), only=["base", "data"]), memory, watch, how=How(lock=lock))
    assert set(results) == {"hers"}


def test_a_killed_deploy_is_taken_over_on_request_and_cannot_end_its_successor(cloud: Cloud, bucket: str) -> None:
    with Lock(cloud, BOB, take_over=True) as his:
        with Lock(cloud, ANN) as hers:
            hers.take(bucket)
            his.take(bucket)
        assert json.loads(cloud.get(bucket, KEY) or b"")["machine"] == "his"
    assert not cloud.has(bucket, KEY)


AT_REST = "no stack has changed for 120 minutes, so that run has probably ended without releasing it"


@pytest.mark.parametrize(
    ("status", "changed", "now", "message"),
    [
        ("UPDATE_COMPLETE", "2026-01-01T12:05:00+00:00", "2026-01-01T14:05:00+00:00", AT_REST),
        ("UPDATE_ROLLBACK_COMPLETE", "2026-01-01T10:00:00+00:00", "2026-01-01T14:00:00+00:00", AT_REST),
        ("UPDATE_COMPLETE", "", "2026-01-01T14:00:00+00:00", AT_REST),
        ("UPDATE_COMPLETE", "2026-01-01T13:45:00+00:00", "2026-01-01T14:05:00+00:00", "if it was killed, add --take"),
        ("UPDATE_COMPLETE", "yesterday", "2026-01-01T14:05:00+00:00", "if it was killed, add --take-over"),
        (
            "UPDATE_IN_PROGRESS",
            "2026-01-01T10:00:00+00:00",
            "2026-01-01T14:05:00+00:00",
            "CloudFormation is changing t-x-data (UPDATE_IN_PROGRESS). Wait until it is done",
        ),
    ],
)
def test_an_old_lock_says_whether_the_stacks_are_at_rest(status: str, changed: str, now: str, message: str) -> None:
    state = StackState(id="1", name="t-x-data", region=REGION, status=status, changed=changed)

    class Standing(MemoryCloud):
        def stack(self, name: str, region: str) -> StackState | None:
            return state if (name, region) == ("t-x-data", REGION) else None

    cloud = Standing()
    cloud.buckets["b"] = {}
    data = Rendered(stack="data", name="t-x-data", region=REGION, template={}, body="")
    with Lock(cloud, ANN) as hers, Lock(cloud, replace(BOB, since=now)) as his:
        hers.take("b")
        with pytest.raises(DeployError) as caught:
            his.take("b", [data, replace(data, name="t-x-gone")])
    assert message in str(caught.value)


@pytest.mark.parametrize(("minutes", "message"), [(29, "Wait for it"), (30, "for 30 minutes"), (31, "for 31 minutes")])
def test_a_lock_is_taken_for_abandoned_after_half_an_hour(minutes: int, message: str) -> None:
    cloud = MemoryCloud()
    cloud.buckets["b"] = {}
    later = replace(BOB, since=f"2026-01-01T12:{minutes}:00+00:00")
    with Lock(cloud, ANN) as hers, Lock(cloud, later) as his:
        hers.take("b")
        with pytest.raises(DeployError) as caught:
            his.take("b")
    assert message in str(caught.value)
    assert f"the stage is locked by {ANN}" in str(caught.value)


class Stopped(MemoryCloud):
    """Ctrl-C comes while the lock is written: after it was, or before."""

    def __init__(self, *, written: bool) -> None:
        super().__init__()
        self.buckets["b"] = {}
        self._written = written

    def put_new(self, bucket: str, key: str, body: bytes | Path) -> str | None:
        if self._written:
            super().put_new(bucket, key, body)
        raise KeyboardInterrupt


@pytest.mark.parametrize("cloud", [Stopped(written=True), Stopped(written=False)], ids=["after", "before"])
def test_ctrl_c_while_the_lock_is_written_leaves_none_behind(cloud: Stopped) -> None:
    with pytest.raises(KeyboardInterrupt), Lock(cloud, ANN) as lock:
        lock.take("b")
    assert not cloud.has("b", KEY)


def test_ctrl_c_leaves_the_lock_of_somebody_else() -> None:
    cloud = Stopped(written=False)
    cloud.put("b", KEY, b"theirs", Headers())
    with pytest.raises(KeyboardInterrupt), Lock(cloud, ANN) as lock:
        lock.take("b")
    assert cloud.get("b", KEY) == b"theirs"


def test_a_lock_that_stays_is_a_warning_with_its_cause_and_the_way_out() -> None:
    class Ended(MemoryCloud):
        def remove_if(self, bucket: str, key: str, etag: str) -> None:  # noqa: ARG002
            raise DeployError("s3", "the session has ended", "Log in")

    cloud, warnings = Ended(), list[str]()
    cloud.buckets["b"] = {}
    with Lock(cloud, ANN, warn=warnings.append) as lock:
        lock.take("b")
    (warning,) = warnings
    assert warning == (
        "s3://b/deploying.json: the lock of the stage could not be released and stays: the session has ended. Log in."
        " Add --take-over to the next deploy or destroy."
    )


def test_what_cannot_be_read_as_a_lock_still_is_one(cloud: Cloud, bucket: str) -> None:
    cloud.put_new(bucket, KEY, b"?")
    with pytest.raises(DeployError, match="locked by somebody"), Lock(cloud, ANN) as lock:
        lock.take(bucket)


def test_a_lock_whose_answer_got_lost_is_known_again(cloud: Cloud, bucket: str) -> None:
    with Lock(cloud, ANN) as lost, Lock(cloud, ANN) as again:
        lost.take(bucket)
        again.take(bucket)
        assert json.loads(cloud.get(bucket, KEY) or b"")["machine"] == "hers"
    assert not cloud.has(bucket, KEY)


def test_a_new_object_is_written_once_and_removed_by_who_wrote_it(cloud: Cloud, bucket: str) -> None:
    etag = cloud.put_new(bucket, "k", b"mine")
    assert etag is not None
    assert cloud.put_new(bucket, "k", b"other") is None
    assert cloud.sha256(bucket, "k") == hashlib.sha256(b"mine").hexdigest()
    assert cloud.sha256(bucket, "none") is None
    cloud.remove_if(bucket, "k", '"0"')
    assert cloud.get(bucket, "k") == b"mine"
    cloud.remove_if(bucket, "k", etag)
    cloud.remove_if(bucket, "k", etag)
    cloud.remove_if(f"{bucket}-deleted", "k", etag)
    assert cloud.get(bucket, "k") is None
    assert cloud.put_new(bucket, "k", b"again") is not None


def test_aws_decides_who_is_first_and_a_refusal_is_reported() -> None:
    boto = BotoCloud(REGION, credentials=("test", "test"))
    with Stubber(boto._client("s3")) as stub:
        stub.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
        stub.add_client_error("put_object", "AccessDenied", "s3:PutObject")
        stub.add_client_error("delete_object", "AccessDenied", "s3:DeleteObject")
        assert boto.put_new("b", "k", b"") is None
        with pytest.raises(DeployError, match="s3:PutObject"):
            boto.put_new("b", "k", b"")
        with pytest.raises(DeployError, match="s3:DeleteObject"):
            boto.remove_if("b", "k", "1")


def test_the_deployer_is_known_by_an_arn(cloud: Cloud) -> None:
    assert cloud.caller().startswith("arn:aws:")
