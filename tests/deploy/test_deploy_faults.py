"""What deploying does when something goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.cloud import ChangeSet, Event, Headers
from stacks.deploy.apply import DeployInterrupted
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee
from stacks.deploy.execute import deploy
from stacks.deploy.failures import first_cause
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.errors import DeployError
from stacks.progress import FailedCreateRemoved, NotTried, ResourceEvent, StackFinished, StackStarted
from stacks.publishing.sites import SiteFiles
from stacks.publishing.step import Publish
from stacks.testing import MemoryCloud
from stacks.wiring import Output
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stacks.progress import Progress
    from stacks.template.rendered import Rendered

    Stage = Callable[..., list[Rendered]]

REGION = "eu-west-1"


def code(path: Path) -> list[PackagedCode]:
    return [PackagedCode(stack="backend", parameter="CodeKey", key="code/1.zip", path=path)]


def test_the_wrong_account_is_reported_before_anything(memory: MemoryCloud, stage: Stage, seen: list[Progress]) -> None:
    with pytest.raises(DeployError, match=r"account 222222222222, the credentials to account 111111111111"):
        deploy(make_plan(stage()[:1]), memory, seen.append, account="222222222222")
    assert seen == []


def test_a_missing_site_folder_is_reported_before_anything(
    memory: MemoryCloud, stage: Stage, tmp_path: Path, seen: list[Progress]
) -> None:
    folders = (SiteFiles(prefix="app/", folder=tmp_path / "none", fallback=True),)
    wanted = Publish(stack="base", bucket=Output("base", "X"), distribution=None, folders=folders)
    with pytest.raises(DeployError, match="no such folder"):
        deploy(make_plan(stage()[:1], publish=wanted), memory, seen.append)
    assert seen == []


def test_missing_code_is_reported_before_anything(
    memory: MemoryCloud, stage: Stage, tmp_path: Path, seen: list[Progress]
) -> None:
    with pytest.raises(DeployError, match="packaged code was not found"):
        deploy(make_plan(stage(), code=code(tmp_path / "none.zip")), memory, seen.append)
    assert seen == []


def test_a_failure_names_the_resource_its_type_and_the_reason(memory: MemoryCloud, stage: Stage) -> None:
    memory.fail("Table", "Resource limit exceeded.")
    with pytest.raises(DeployError) as caught:
        deploy(make_plan([stage()[1]]), memory, ignore)
    assert str(caught.value) == (
        "t-x-data.Table: AWS::SSM::Parameter CREATE_FAILED: Resource limit exceeded. Have the quota raised in Service "
        "Quotas, or delete what is not used, then deploy again; the failed stack is then deleted and created anew "
        "(ROLLBACK_COMPLETE)."
    )


def test_what_needs_a_failed_stack_is_not_tried_and_the_others_go_on(
    memory: MemoryCloud, stage: Stage, zipped: Path, seen: list[Progress]
) -> None:
    memory.fail("Table", "no")
    with pytest.raises(DeployError):
        deploy(make_plan(stage(), code=code(zipped)), memory, seen.append)
    assert [entry for entry in seen if isinstance(entry, NotTried)] == [
        NotTried(stack="backend", what="stack", because="data")
    ]
    finished = [entry.stack for entry in seen if isinstance(entry, StackFinished)]
    assert finished == ["base", "frontend", "extra"]


def test_without_base_code_is_not_uploaded_nor_its_stack_tried(
    memory: MemoryCloud, stage: Stage, zipped: Path, seen: list[Progress]
) -> None:
    memory.fail("Artifacts", "no")
    with pytest.raises(DeployError):
        deploy(make_plan(stage(), code=code(zipped)), memory, seen.append)
    assert [(entry.stack, entry.what) for entry in seen if isinstance(entry, NotTried)] == [
        ("backend", "upload of code/1.zip"),
        ("backend", "stack"),
        ("frontend", "stack"),
    ]


def test_what_needs_a_stack_that_was_not_tried_is_not_tried_either(
    memory: MemoryCloud, build: Callable[..., Rendered], parameter: Callable[..., Any], seen: list[Progress]
) -> None:
    memory.fail("A", "no")
    row = [("one", ()), ("two", ("one",)), ("three", ("two",))]
    stacks = [build(stack, {"A": parameter("x")}, needs=needs) for stack, needs in row]
    with pytest.raises(DeployError):
        deploy(make_plan(stacks), memory, seen.append)
    assert [(entry.stack, entry.because) for entry in seen if isinstance(entry, NotTried)] == [
        ("two", "one"),
        ("three", "two"),
    ]


def test_a_stack_whose_code_is_not_in_the_bucket_is_not_touched(stage: Stage, zipped: Path) -> None:
    class Losing(MemoryCloud):
        def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
            return "" if key == "code/1.zip" else super().put(bucket, key, body, headers)

    cloud = Losing()
    with pytest.raises(DeployError, match=r"t-x-backend: its code code/1.zip is not in bucket t-x-base-artifacts"):
        deploy(make_plan(stage(), code=code(zipped)), cloud, ignore)
    assert cloud.status("t-x-backend", REGION) is None


def test_two_failures_are_both_reported(memory: MemoryCloud, stage: Stage) -> None:
    memory.fail("Table", "first")
    memory.fail("Alone", "second")
    with pytest.raises(DeployError) as caught:
        deploy(make_plan([stage()[1], stage()[4]]), memory, ignore)
    assert [problem.where for problem in caught.value.problems] == ["t-x-data.Table", "t-x-extra.Alone"]


def test_a_failed_first_creation_is_deleted_and_created_again(
    memory: MemoryCloud, stage: Stage, seen: list[Progress]
) -> None:
    memory.fail("Table", "no")
    with pytest.raises(DeployError):
        deploy(make_plan([stage()[1]]), memory, ignore)
    assert memory.status("t-x-data", REGION) == "ROLLBACK_COMPLETE"
    memory.repair("Table")
    deploy(make_plan([stage()[1]]), memory, seen.append)
    assert FailedCreateRemoved(stack="data", status="ROLLBACK_COMPLETE") in seen
    assert memory.status("t-x-data", REGION) == "CREATE_COMPLETE"


def test_a_failed_update_leaves_the_stack_as_it_was_and_can_be_updated_again(memory: MemoryCloud, stage: Stage) -> None:
    deploy(make_plan([stage("one")[1]]), memory, ignore)
    memory.fail("Table", "no")
    with pytest.raises(DeployError, match="the stack was rolled back"):
        deploy(make_plan([stage("two")[1]]), memory, ignore)
    assert memory.status("t-x-data", REGION) == "UPDATE_ROLLBACK_COMPLETE"
    assert memory.properties("t-x-data", REGION, "Table")["Value"] == "one"
    memory.repair("Table")
    assert deploy(make_plan([stage("two")[1]]), memory, ignore) == {"data": {"TableName": "two"}}


def test_a_leftover_review_stack_is_taken_over(memory: MemoryCloud, stage: Stage) -> None:
    def interrupted(_: object) -> bool:
        memory.set_status("t-x-data", REGION, "REVIEW_IN_PROGRESS")
        return True

    deploy(make_plan([stage()[1]]), memory, ignore, confirm=interrupted)
    memory.set_status("t-x-data", REGION, "REVIEW_IN_PROGRESS")
    deploy(make_plan([stage("two")[1]]), memory, ignore)
    assert memory.status("t-x-data", REGION) == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("UPDATE_IN_PROGRESS", "something is at work"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "something is at work"),
        ("UPDATE_ROLLBACK_FAILED", "deploy --continue-rollback"),
        ("DELETE_FAILED", "delete-stack --stack-name t-x-data"),
        ("ROLLBACK_FAILED", "delete-stack --stack-name t-x-data"),
        ("UPDATE_FAILED", "rollback-stack --stack-name t-x-data --region eu-west-1"),
    ],
)
def test_a_stack_that_is_busy_or_stuck_is_left_alone(
    memory: MemoryCloud, stage: Stage, status: str, words: str
) -> None:
    deploy(make_plan([stage()[1]]), memory, ignore)
    memory.set_status("t-x-data", REGION, status)
    with pytest.raises(DeployError, match=words):
        deploy(make_plan([stage("two")[1]]), memory, ignore)
    assert memory.status("t-x-data", REGION) == status


def test_saying_no_leaves_nothing_of_a_new_stack(memory: MemoryCloud, stage: Stage) -> None:
    with pytest.raises(DeployError, match="not confirmed"):
        deploy(make_plan([stage()[1]]), memory, ignore, confirm=lambda _: False)
    assert memory.status("t-x-data", REGION) is None


def test_ctrl_c_at_the_question_leaves_nothing_of_a_new_stack(memory: MemoryCloud, stage: Stage) -> None:
    def interrupt(_: object) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy(make_plan([stage()[1]]), memory, ignore, confirm=interrupt)
    assert memory.status("t-x-data", REGION) is None


def test_ctrl_c_while_a_stack_is_at_work_says_that_it_goes_on(memory: MemoryCloud, stage: Stage) -> None:
    def watch(progress: Progress) -> None:
        if isinstance(progress, ResourceEvent):
            raise KeyboardInterrupt

    with pytest.raises(DeployInterrupted, match=r"describe-stack-events --stack-name t-x-data --region eu-west-1"):
        deploy(make_plan(stage()[1:2]), memory, watch)


class Interrupted(MemoryCloud):
    """Ctrl-C comes while a change set is being started; ``at_work`` says that AWS has it already."""

    def __init__(self, *, at_work: bool) -> None:
        super().__init__()
        self._at_work = at_work

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:  # noqa: ARG002 - as the protocol has it
        raise KeyboardInterrupt

    def discard(self, change_set: ChangeSet) -> None:
        if self._at_work:
            raise DeployError(change_set.stack, "cannot be deleted in status EXECUTE_IN_PROGRESS", "Wait")
        super().discard(change_set)


def test_ctrl_c_while_a_change_set_is_being_started_says_that_it_goes_on(stage: Stage) -> None:
    with pytest.raises(DeployInterrupted, match="goes on in AWS"):
        deploy(make_plan(stage()[1:2]), Interrupted(at_work=True), ignore)


def test_ctrl_c_before_a_change_set_is_started_leaves_nothing_of_it(stage: Stage) -> None:
    cloud = Interrupted(at_work=False)
    with pytest.raises(KeyboardInterrupt):
        deploy(make_plan(stage()[1:2]), cloud, ignore)
    assert cloud.status("t-x-data", REGION) is None


def test_ctrl_c_ends_the_run(memory: MemoryCloud, stage: Stage) -> None:
    seen = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if isinstance(progress, ResourceEvent):
            raise KeyboardInterrupt

    with pytest.raises(DeployInterrupted):
        deploy(make_plan([stage()[1], stage()[4]]), memory, watch)
    assert [entry.stack for entry in seen if isinstance(entry, StackStarted)] == ["data"]


def test_a_reader_whose_producer_is_not_deployed_says_what_to_deploy_first(
    memory: MemoryCloud, stage: Stage, zipped: Path
) -> None:
    deploy(make_plan(stage(), only=["base"]), memory, ignore)
    with pytest.raises(DeployError, match=r"/t/x/data/TableName, .* Deploy t-x-data, which publishes it, first"):
        deploy(make_plan(stage(), code=code(zipped), only=["backend"]), memory, ignore)


def test_code_without_a_bucket_says_what_to_deploy_first(memory: MemoryCloud, stage: Stage, zipped: Path) -> None:
    with pytest.raises(DeployError, match=r"no output ArtifactBucketName. Deploy base first"):
        deploy(make_plan(stage(), code=code(zipped), only=["backend"]), memory, ignore)


def test_destroying_stops_at_a_stack_that_cannot_be_deleted(memory: MemoryCloud, stage: Stage) -> None:
    stacks = [stage()[1], stage()[4]]
    deploy(make_plan(stacks), memory, ignore)
    memory.fail("Alone", "in use")
    with pytest.raises(DeployError, match=r"t-x-extra.Alone: .* DELETE_FAILED: in use"):
        destroy(foresee(stacks, memory), memory, ignore)
    assert memory.status("t-x-data", REGION) == "CREATE_COMPLETE"


def event(logical_id: str, status: str, reason: str = "", kind: str = "AWS::X::Y") -> Event:
    return Event(id="1", logical_id=logical_id, physical_id="p", type=kind, status=status, reason=reason)


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([event("A", "CREATE_FAILED", "Resource creation cancelled"), event("B", "CREATE_FAILED", "real")], "B"),
        ([event("A", "UPDATE_FAILED", "Resource update cancelled"), event("B", "UPDATE_FAILED", "real")], "B"),
        ([event("A", "CREATE_FAILED", "first"), event("B", "DELETE_FAILED", "later")], "A"),
        ([event("S", "ROLLBACK_IN_PROGRESS", "timed out", "AWS::CloudFormation::Stack")], "S"),
        ([event("A", "CREATE_COMPLETE")], None),
    ],
)
def test_the_cause_is_the_first_failure_that_is_no_echo(events: list[Event], cause: str | None) -> None:
    result: Any = first_cause(events)
    assert (result.logical_id if result else None) == cause
