"""Every status a stack can have, rollbacks that failed, and calls that fail at the worst moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.stub import Stubber

from stacks.aws.resume import BotoRollback
from stacks.cloud import ChangeSet, StackState, Submission, Work
from stacks.deploy.apply import carry_out, vacate
from stacks.deploy.execute import deploy
from stacks.deploy.failures import delete_failure, failed_update
from stacks.deploy.plan import make_plan
from stacks.deploy.resume import continue_rollbacks
from stacks.errors import DeployError, UsageError
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.cloud import Event, NoChanges
    from stacks.template.rendered import Rendered

    Stage = Callable[..., list[Rendered]]

REGION = "eu-west-1"
ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack/t-x-data/1"
ANN = "arn:aws:sts::111111111111:assumed-role/deployer/ann"
CHANGES = "arn:aws:cloudformation:eu-west-1:111111111111:changeSet/stacks-1/2"
EXPIRED = DeployError("t-x-data", "the AWS session has ended", "Log in")


def statuses() -> list[str]:
    """All that a stack can have, as botocore's model of CloudFormation lists them; a deleted stack is none."""
    shape: Any = botocore.session.Session().get_service_model("cloudformation").shape_for("StackStatus")
    return [str(entry) for entry in shape.enum if entry != "DELETE_COMPLETE"]


NEW = ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"]
SETTLED = [item for item in statuses() if item.endswith("_COMPLETE") and item not in NEW]
IN_THE_WAY = [item for item in statuses() if item not in {*NEW, *SETTLED}]


@pytest.fixture
def half(memory: MemoryCloud, stage: Stage) -> MemoryCloud:
    """An account in which the rollback of ``t-x-data`` failed at its table."""
    deploy(make_plan(stage()[1:2]), memory, ignore)
    memory.fail("Table", "Rate exceeded.")
    memory.set_status("t-x-data", REGION, "UPDATE_ROLLBACK_FAILED")
    return memory


def met(memory: MemoryCloud, stage: Stage, status: str) -> StackState | None:
    """What is made of a deployed stack in a status: the one to update, or none."""
    deploy(make_plan(stage()[1:2]), memory, ignore)
    memory.set_status("t-x-data", REGION, status)
    return vacate("data", memory.stack("t-x-data", REGION), memory, ignore)


@pytest.mark.parametrize("status", SETTLED)
def test_a_settled_stack_is_updated(memory: MemoryCloud, stage: Stage, status: str) -> None:
    assert met(memory, stage, status) == memory.stack("t-x-data", REGION)


@pytest.mark.parametrize("status", NEW)
def test_a_stack_that_holds_nothing_is_created_again(memory: MemoryCloud, stage: Stage, status: str) -> None:
    assert met(memory, stage, status) is None


@pytest.mark.parametrize("status", IN_THE_WAY)
def test_any_other_status_is_reported_with_a_way_on(memory: MemoryCloud, stage: Stage, status: str) -> None:
    words = "Wait until|Correct|Roll it back" + ("|Look at its events" if status.startswith("IMPORT") else "")
    with pytest.raises(DeployError, match=words) as caught:
        met(memory, stage, status)
    assert status in str(caught.value) or status == "UPDATE_ROLLBACK_FAILED"


def test_a_failed_create_that_cannot_be_deleted_is_reported(memory: MemoryCloud, stage: Stage) -> None:
    deploy(make_plan(stage()[1:2]), memory, ignore)
    memory.set_status("t-x-data", REGION, "ROLLBACK_COMPLETE")
    state = memory.stack("t-x-data", REGION)
    assert state is not None
    message = "the stack has termination protection and cannot be deleted. To delete it, run 'destroy --unprotect'."
    with pytest.raises(DeployError) as caught:
        vacate("data", replace(state, protected=True), memory, ignore)
    assert str(caught.value) == f"t-x-data: {message}"
    memory.fail("Table", "in use")
    with pytest.raises(DeployError, match=r"^t-x-data\.Table: .* DELETE_FAILED: in use\. .*, then destroy again\.$"):
        vacate("data", state, memory, ignore)


def test_a_failure_without_a_cause_is_looked_up_in_the_console() -> None:
    submission = Submission(name="t-x-data", region=REGION, template={}, body="{}", parameters={}, creates=False)
    state = StackState(id="", name="t-x-data", region=REGION, status="DELETE_FAILED")
    fix = "Look at its events in the CloudFormation console."
    assert [str(failed_update(submission, "UPDATE_FAILED", [])), str(delete_failure(state, []))] == [
        f"t-x-data: the stack ended in status UPDATE_FAILED and its events give no cause. {fix}",
        f"t-x-data: deleting the stack ended in status UNKNOWN. {fix}",
    ]


def test_a_failed_rollback_names_what_failed_and_both_ways_on(half: MemoryCloud, stage: Stage) -> None:
    with pytest.raises(DeployError) as caught:
        deploy(make_plan(stage("two")[1:2]), half, ignore)
    assert str(caught.value) == (
        "t-x-data: its last update failed, and the rollback of it, too (Table (AWS::SSM::Parameter): Rate exceeded). "
        "Correct the cause and run 'deploy --continue-rollback'; what cannot be corrected is left as it is with "
        "'--continue-rollback --skip Table'."
    )


def test_a_repaired_rollback_goes_on_and_the_stack_deploys(half: MemoryCloud, stage: Stage) -> None:
    half.repair("Table")
    continue_rollbacks(stage(), (), half, ignore)
    assert half.status("t-x-data", REGION) == "UPDATE_ROLLBACK_COMPLETE"
    deploy(make_plan(stage("two")[1:2]), half, ignore)
    assert half.status("t-x-data", REGION) == "UPDATE_COMPLETE"


def test_a_rollback_that_fails_again_says_so(half: MemoryCloud, stage: Stage) -> None:
    with pytest.raises(DeployError, match=r"Table \(AWS::SSM::Parameter\): Rate exceeded"):
        continue_rollbacks(stage(), (), half, ignore)
    assert half.status("t-x-data", REGION) == "UPDATE_ROLLBACK_FAILED"


def test_what_is_skipped_is_left_as_it_is(half: MemoryCloud, stage: Stage) -> None:
    continue_rollbacks(stage(), ["Table"], half, ignore)
    assert half.status("t-x-data", REGION) == "UPDATE_ROLLBACK_COMPLETE"


def test_only_what_failed_can_be_skipped(half: MemoryCloud, stage: Stage) -> None:
    with pytest.raises(UsageError, match=r"--skip Other: its rollback has not failed\. Name one of Table"):
        continue_rollbacks(stage(), ["Other"], half, ignore)


def test_without_a_failed_rollback_there_is_nothing_to_go_on_with(memory: MemoryCloud, stage: Stage) -> None:
    with pytest.raises(UsageError, match="no stack's rollback has failed"):
        continue_rollbacks(stage(), (), memory, ignore)


def test_aws_is_asked_to_go_on_without_what_is_skipped() -> None:
    boto = BotoRollback(REGION, credentials=("test", "test"))
    state = StackState(id=ARN, name="t-x-data", region=REGION, status="UPDATE_ROLLBACK_FAILED")
    end = {
        "StackId": ARN,
        "EventId": "2",
        "StackName": "t-x-data",
        "LogicalResourceId": "t-x-data",
        "PhysicalResourceId": ARN,
        "ResourceType": "AWS::CloudFormation::Stack",
        "Timestamp": "2026-01-01",
        "ResourceStatus": "UPDATE_ROLLBACK_COMPLETE",
    }
    with Stubber(boto._client("cloudformation")) as stub:
        stub.add_response("describe_stack_events", {"StackEvents": [{**end, "EventId": "1"}]})
        stub.add_response("continue_update_rollback", {}, {"StackName": ARN, "ResourcesToSkip": ["Table"]})
        stub.add_response("describe_stack_events", {"StackEvents": [end, {**end, "EventId": "1"}]})
        assert [event.id for event in boto.resume(state, ["Table"])] == ["2"]


class Failing(MemoryCloud):
    """Fails at one call, once: ``before`` or ``behind`` what the call does, or at the event of that number."""

    def __init__(self, call: str, when: str, event: int = 0) -> None:
        super().__init__()
        self._fault: tuple[str, str] | None = (call, when)
        self._event = event

    def _now(self, call: str, when: str) -> None:
        if self._fault == (call, when):
            self._fault = None
            raise EXPIRED

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        self._now("prepare", "before")
        return super().prepare(submission)

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:
        self._now("execute", "before")
        events = list(super().execute(change_set))
        self._now("execute", "behind")
        return self._reported(events)

    def _reported(self, events: list[Event]) -> Iterator[Event]:
        for number, event in enumerate(events):
            if number == self._event:
                self._now("events", "at")
            yield event


@pytest.mark.parametrize(
    ("call", "when", "event"),
    [("prepare", "before", 0), ("execute", "before", 0), ("execute", "behind", 0)]
    + [("events", "at", number) for number in range(4)],
)
def test_after_a_call_that_failed_the_second_run_completes(stage: Stage, call: str, when: str, event: int) -> None:
    cloud = Failing(call, when, event)
    with pytest.raises(DeployError, match="session has ended"):
        deploy(make_plan(stage()[1:2]), cloud, ignore)
    assert cloud.status("t-x-data", REGION) in {None, "CREATE_COMPLETE"}, "no change set is left"
    deploy(make_plan(stage()[1:2]), cloud, ignore)
    assert cloud.status("t-x-data", REGION) == "CREATE_COMPLETE"
    assert cloud.properties("t-x-data", REGION, "Table")["Value"] == "one"


@pytest.mark.parametrize("code", ["Throttling", "ExpiredToken"])
def test_a_change_set_that_cannot_be_waited_for_is_taken_back(code: str) -> None:
    boto = BotoRollback(REGION, credentials=("test", "test"))
    wanted: dict[str, Any] = {"name": "t-x-data", "region": REGION, "template": {}, "body": "{}", "parameters": {}}
    with Stubber(boto._client("cloudformation")) as stub:
        stub.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN})
        stub.add_client_error("describe_change_set", code, "no", http_status_code=403)
        stub.add_response("delete_change_set", {}, {"ChangeSetName": CHANGES})
        stub.add_client_error("describe_stacks", "ValidationError", "Stack with id t-x-data does not exist")
        with pytest.raises(DeployError, match=r"AWS throttles|session has ended"):
            boto.prepare(Submission(**wanted, creates=False))
        stub.assert_no_pending_responses()


def test_a_failed_update_reports_truly_what_became_of_the_stack(stage: Stage) -> None:
    class Worse(MemoryCloud):
        """Its rollbacks fail."""

        def execute(self, change_set: ChangeSet) -> Iterator[Event]:
            from dataclasses import replace  # noqa: PLC0415 - only here

            for event in super().execute(change_set):
                status = event.status.replace("UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")
                yield replace(event, status=status)

    cloud = Worse()
    deploy(make_plan(stage()[1:2]), cloud, ignore)
    cloud.fail("Table", "no")
    with pytest.raises(DeployError, match=r"the rollback failed too: .* \(UPDATE_ROLLBACK_FAILED\)"):
        deploy(make_plan(stage("two")[1:2]), cloud, ignore)


def test_a_started_change_set_whose_answer_was_lost_is_not_taken_back() -> None:
    boto = BotoRollback(REGION, credentials=("test", "test"))
    change_set = ChangeSet(id=CHANGES, stack="t-x-data", region=REGION, creates=False, changes=())
    wanted: dict[str, Any] = {"name": "t-x-data", "region": REGION, "template": {}, "body": "{}", "parameters": {}}
    result = {"ChangeSetId": CHANGES, "StackId": ARN, "Status": "CREATE_COMPLETE"}
    with Stubber(boto._client("cloudformation")) as stub:
        stub.add_response("describe_change_set", result)
        stub.add_response("describe_stack_events", {"StackEvents": []})
        token = {"ChangeSetName": CHANGES, "ClientRequestToken": "stacks-1", "DisableRollback": False}
        stub.add_client_error("execute_change_set", "RequestExpired", "no", expected_params=token)
        stub.add_client_error("delete_change_set", "InvalidChangeSetStatus", "EXECUTE_IN_PROGRESS")
        with pytest.raises(DeployError, match="session has ended"):
            carry_out("data", Submission(**wanted, creates=False), change_set, boto, ignore)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (Work(since="noon", caller=ANN), f"{ANN} is at work on the stack (UPDATE_IN_PROGRESS since noon). Wait until"),
        (Work(since="noon"), "something is at work on the stack (UPDATE_IN_PROGRESS since noon). Wait until"),
        (Work(), "something is at work on the stack (UPDATE_IN_PROGRESS). Wait until"),
    ],
)
def test_a_busy_stack_is_reported_with_all_that_is_known(
    memory: MemoryCloud, build: Callable[..., Rendered], parameter: Callable[..., Any], work: Work, words: str
) -> None:
    deploy(make_plan([build("data", {"P": parameter("x")})]), memory, ignore)
    memory.set_status("t-x-data", REGION, "UPDATE_IN_PROGRESS", work)
    with pytest.raises(DeployError) as caught:
        vacate("data", memory.stack("t-x-data", REGION), memory, ignore)
    assert words in str(caught.value)
