"""What a new stack takes back is reported, and changed to what the template says: CloudFormation imports it as it is.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import ANY, Stubber

from stacks.aws.cloud import BotoCloud
from stacks.cloud import ChangedResource, ChangeSet, NoChanges, Submission
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.taken_back import bring_up_to_date
from stacks.errors import DeployError
from stacks.progress import ChangesFound, DriftFound, DriftLeft, StackFinished
from stacks.testing import MemoryCloud
from stacks.ui import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.cloud import StackState
    from stacks.progress import Progress
    from stacks.template.rendered import Rendered

REGION = "eu-west-1"
NAME = "t-data"
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "Properties": {"TableName": "t-notes", "BillingMode": "PAY_PER_REQUEST"},
}
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t-news"}}


def submission(*, creates: bool = True) -> Submission:
    template = {"Resources": {"Notes": TABLE, "News": TOPIC}}
    return Submission(name=NAME, region=REGION, template=template, body="{}", parameters={}, creates=creates)


def done(cloud: MemoryCloud, wanted: Submission) -> ChangeSet:
    prepared = cloud.prepare(wanted)
    assert isinstance(prepared, ChangeSet)
    list(cloud.execute(prepared))
    return prepared


def state(cloud: MemoryCloud) -> StackState:
    result = cloud.stack(NAME, REGION)
    assert result
    return result


@pytest.fixture
def taken_back(memory: MemoryCloud) -> ChangeSet:
    """A stack that was made, destroyed and made again, while its table got another billing mode."""
    done(memory, submission())
    list(memory.delete(state(memory)))
    memory.change_outside(NAME, REGION, "Notes", {"BillingMode": "PROVISIONED"})
    return done(memory, submission())


def brought(memory: MemoryCloud, seen: list[Progress], **more: Any) -> None:
    how = {"confirm": lambda _: True, **more}
    bring_up_to_date("data", submission(), ("Notes",), memory, seen.append, how["confirm"])


def test_what_was_left_behind_is_imported_as_it_is(memory: MemoryCloud, taken_back: ChangeSet) -> None:
    assert {change.logical_id: change.action for change in taken_back.changes} == {"Notes": "import", "News": "add"}
    assert [drift.logical_id for drift in memory.drift(state(memory))] == ["Notes"]
    assert isinstance(memory.prepare(submission(creates=False)), NoChanges)  # CloudFormation believes its template


@pytest.mark.usefixtures("taken_back")
def test_what_was_taken_back_is_changed_to_what_the_template_says(memory: MemoryCloud, seen: list[Progress]) -> None:
    brought(memory, seen)
    (result,) = [event for event in seen if isinstance(event, DriftFound)]
    assert [(drift.logical_id, drift.differences[0].path) for drift in result.drifted] == [("Notes", "/BillingMode")]
    (changes,) = [event for event in seen if isinstance(event, ChangesFound)]
    assert [(change.action, change.logical_id) for change in changes.change_set.changes] == [("change", "Notes")]
    assert memory.drift(state(memory)) == ()
    assert "    /BillingMode: PAY_PER_REQUEST -> PROVISIONED" in [line.text for line in lines(result)]


def test_what_is_as_described_is_not_touched(memory: MemoryCloud, seen: list[Progress]) -> None:
    done(memory, submission())
    brought(memory, seen)
    assert seen == []


@pytest.mark.usefixtures("taken_back")
def test_other_drift_than_of_what_was_taken_back_is_no_reason_to_change_anything(
    memory: MemoryCloud, seen: list[Progress]
) -> None:
    memory.change_outside(NAME, REGION, "Notes", {})
    memory.change_outside(NAME, REGION, "News", {"DisplayName": "x"})
    brought(memory, seen)
    assert seen == []


@pytest.mark.usefixtures("taken_back")
def test_it_is_asked_for_like_every_change(memory: MemoryCloud, seen: list[Progress]) -> None:
    with pytest.raises(DeployError, match="its changes were not confirmed"):
        brought(memory, seen, confirm=lambda _: False)
    assert [drift.logical_id for drift in memory.drift(state(memory))] == ["Notes"]


class _Replacing(MemoryCloud):
    """CloudFormation can change what differs by a replacement only."""

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        change_set = super().prepare(submission)
        if isinstance(change_set, NoChanges) or not submission.reverts:
            return change_set
        change = ChangedResource(action="change", logical_id="Notes", type="AWS::DynamoDB::Table", replacement="always")
        return ChangeSet(
            id=change_set.id, stack=change_set.stack, region=change_set.region, creates=False, changes=(change,)
        )


def test_data_is_never_replaced_to_make_it_as_described(seen: list[Progress]) -> None:
    cloud = _Replacing()
    done(cloud, submission())
    cloud.change_outside(NAME, REGION, "Notes", {"KeySchema": "other"})
    with pytest.raises(DeployError, match=r"t-data\.Notes: was taken back .*, and /KeySchema cannot be changed"):
        brought(cloud, seen)
    assert cloud.status(NAME, REGION) == "CREATE_COMPLETE"
    assert not any(isinstance(event, StackFinished) for event in seen)


class _Blind(MemoryCloud):
    def drift(self, stack: StackState) -> Any:
        raise DeployError(stack.name, "AccessDenied: cloudformation:DetectStackDrift", "Ask for it")


def test_who_may_not_look_for_drift_learns_that_nobody_looked(seen: list[Progress]) -> None:
    cloud = _Blind()
    done(cloud, submission())
    brought(cloud, seen)
    (left,) = seen
    assert isinstance(left, DriftLeft)
    (line,) = lines(left)
    assert "left as they were before: Notes. AccessDenied" in line.text
    assert "drift data' shows what differs" in line.text


class _Unable(MemoryCloud):
    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        return NoChanges(stack=submission.name) if submission.reverts else super().prepare(submission)


def test_what_cloudformation_cannot_change_back_is_reported(seen: list[Progress]) -> None:
    cloud = _Unable()
    done(cloud, submission())
    cloud.change_outside(NAME, REGION, "Notes", {"BillingMode": "PROVISIONED"})
    brought(cloud, seen)
    assert isinstance(seen[-1], DriftLeft)


def test_a_drift_aware_change_set_is_asked_for() -> None:
    cloud = BotoCloud(REGION, credentials=("test", "test"))
    wanted = {"StackName": NAME, "ChangeSetType": "UPDATE", "DeploymentMode": "REVERT_DRIFT", "TemplateBody": "{}"}
    rest = dict.fromkeys(("ChangeSetName", "ClientToken", "Parameters", "Capabilities"), ANY)
    with Stubber(cloud._formation(REGION)) as stub:
        stub.add_response(
            "create_change_set",
            {"Id": "arn:x/c/1", "StackId": "s"},
            {**wanted, **rest, "ImportExistingResources": False},
        )
        stub.add_response("describe_change_set", {"Status": "CREATE_COMPLETE", "ChangeSetName": "c", "Changes": []})
        stub.add_response("describe_events", {"OperationEvents": []})
        change_set = cloud.prepare(
            Submission(name=NAME, region=REGION, template={}, body="{}", parameters={}, creates=False, reverts=True)
        )
    assert isinstance(change_set, ChangeSet)


def test_a_deploy_that_takes_data_back_changes_it_in_the_same_run(
    memory: MemoryCloud, seen: list[Progress], build: Callable[..., Rendered]
) -> None:
    plan = make_plan([build("data", {"Notes": TABLE, "News": TOPIC})], only=("data",))
    deploy(plan, memory, seen.append)
    stack = memory.stack("t-x-data", REGION)
    assert stack
    memory.protect(stack, on=False)
    list(memory.delete(stack))
    memory.change_outside("t-x-data", REGION, "Notes", {"BillingMode": "PROVISIONED"})
    seen.clear()
    deploy(plan, memory, seen.append)
    finished = [(event.status, event.adopted) for event in seen if isinstance(event, StackFinished)]
    assert finished == [("CREATE_COMPLETE", ("Notes",)), ("UPDATE_COMPLETE", ())]
    again = memory.stack("t-x-data", REGION)
    assert again
    assert memory.drift(again) == ()
