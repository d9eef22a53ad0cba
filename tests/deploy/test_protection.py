"""Termination protection and stack policies: what deploy switches on, lets through for once, and keeps again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import pytest
from botocore.stub import Stubber

from stacks.aws.cloud import BotoCloud
from stacks.cloud import ChangedResource, ChangeSet, StackState
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee, refuse_unasked
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.protection import MOST, kept, let_through, report_unguarded, stack_policy
from stacks.errors import DeployError
from stacks.progress import Guarded, Unguarded
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.cloud import Cloud
    from stacks.progress import Progress
    from stacks.template.rendered import Rendered

REGION = "eu-west-1"
ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack/t-x-data/1"
STATE = StackState(id=ARN, name="t-x-data", region=REGION, status="UPDATE_COMPLETE")


def bucket(name: str = "t-guarded", policy: str = "Retain") -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "DeletionPolicy": policy, "Properties": {"BucketName": name}}


@pytest.fixture
def data(build: Callable[..., Rendered], parameter: Callable[..., Any]) -> Callable[..., Rendered]:
    """Make a stack with a retained bucket, one that goes with it, and a parameter."""

    def make(name: str = "t-guarded", **more: Any) -> Rendered:
        return build("data", {"Kept": bucket(name), "Loose": bucket("t-loose", "Delete"), "P": parameter("x"), **more})

    return make


class Ending(MemoryCloud):
    """The session ends at one call, once."""

    def __init__(self, call: str) -> None:
        super().__init__()
        self.ends, self._call = False, call

    def _met(self, call: str) -> None:
        if self.ends and call == self._call:
            self.ends = False
            raise DeployError("t-x-data", "the AWS session has ended", "Log in")

    def protect(self, stack: StackState, *, on: bool) -> None:
        self._met("protect")
        super().protect(stack, on=on)

    def set_stack_policy(self, stack: StackState, policy: str) -> None:
        self._met("set_stack_policy")
        super().set_stack_policy(stack, policy)


def build_without_data(data: Callable[..., Rendered]) -> Rendered:
    """The stack before it held anything for good."""
    rendered = data()
    del rendered.template["Resources"]["Kept"]
    return rendered


def denied(cloud: Cloud) -> list[str]:
    """What the policy of ``t-x-data`` denies to replace and remove."""
    state = cloud.stack("t-x-data", REGION)
    assert state is not None
    results: list[str] = []
    for rule in json.loads(cloud.stack_policy(state) or '{"Statement": []}')["Statement"]:
        if rule["Effect"] == "Deny":
            assert rule["Action"] == ["Update:Replace", "Update:Delete"]
            results += rule["Resource"]
    return results


def protected(cloud: Cloud) -> bool:
    state = cloud.stack("t-x-data", REGION)
    assert state is not None
    return state.protected


def test_a_stack_with_retained_data_is_guarded_and_reported(
    cloud: Cloud, data: Callable[..., Rendered], seen: list[Progress]
) -> None:
    deploy(make_plan([data()]), cloud, seen.append)
    assert protected(cloud)
    assert denied(cloud) == ["LogicalResourceId/Kept"]
    assert Guarded(stack="data", kept=("Kept",)) in seen


def test_what_is_guarded_already_is_left_alone(
    cloud: Cloud, data: Callable[..., Rendered], seen: list[Progress]
) -> None:
    deploy(make_plan([data()]), cloud, ignore)
    deploy(make_plan([data()]), cloud, seen.append)
    assert not [event for event in seen if isinstance(event, Guarded)]


def test_a_stack_that_holds_nothing_for_good_is_not_guarded(
    cloud: Cloud, build: Callable[..., Rendered], parameter: Callable[..., Any]
) -> None:
    deploy(make_plan([build("data", {"P": parameter("x", DeletionPolicy="Retain")})]), cloud, ignore)
    assert not protected(cloud)
    assert denied(cloud) == []


def test_protection_that_was_switched_off_by_hand_is_on_after_a_deploy_without_changes(
    cloud: Cloud, data: Callable[..., Rendered]
) -> None:
    deploy(make_plan([data()]), cloud, ignore)
    state = cloud.stack("t-x-data", REGION)
    assert state is not None
    cloud.protect(state, on=False)
    deploy(make_plan([data()]), cloud, ignore)
    assert protected(cloud)


def test_a_replacement_that_was_agreed_to_is_let_through_and_kept_again(
    memory: MemoryCloud, data: Callable[..., Rendered]
) -> None:
    deploy(make_plan([data()]), memory, ignore)
    deploy(make_plan([data("t-other")]), memory, ignore)
    assert memory.status("t-x-data", REGION) == "UPDATE_COMPLETE"
    assert denied(memory) == ["LogicalResourceId/Kept"]


def test_a_removal_that_was_agreed_to_is_let_through(memory: MemoryCloud, data: Callable[..., Rendered]) -> None:
    deploy(make_plan([data(More=bucket("t-more"))]), memory, ignore)
    assert denied(memory) == ["LogicalResourceId/Kept", "LogicalResourceId/More"]
    deploy(make_plan([data()]), memory, ignore)
    assert denied(memory) == ["LogicalResourceId/Kept"]


def test_another_tool_cannot_replace_what_is_guarded(
    memory: MemoryCloud, data: Callable[..., Rendered], monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(make_plan([data()]), memory, ignore)
    monkeypatch.setattr(memory, "set_stack_policy", lambda *_: None)
    with pytest.raises(DeployError, match=r"t-x-data.Kept: .* denied by stack policy: Update:Replace for \[Kept\]"):
        deploy(make_plan([data("t-other")]), memory, ignore)


def test_an_update_that_fails_leaves_the_policy_as_it_was(memory: MemoryCloud, data: Callable[..., Rendered]) -> None:
    deploy(make_plan([data()]), memory, ignore)
    memory.fail("Kept", "no")
    with pytest.raises(DeployError, match=r"t-x-data\.Kept"):
        deploy(make_plan([data("t-other")]), memory, ignore)
    assert denied(memory) == ["LogicalResourceId/Kept"]


@pytest.mark.parametrize("call", ["protect", "set_stack_policy"])
def test_a_session_that_ends_while_a_stack_is_guarded_is_repaired_by_the_next_run(
    data: Callable[..., Rendered], call: str
) -> None:
    cloud = Ending(call)
    deploy(make_plan([build_without_data(data)]), cloud, ignore)
    cloud.ends = True
    with pytest.raises(DeployError, match="session has ended"):
        deploy(make_plan([data()]), cloud, ignore)
    assert cloud.status("t-x-data", REGION) == "UPDATE_COMPLETE"
    deploy(make_plan([data()]), cloud, ignore)
    assert (protected(cloud), denied(cloud)) == (True, ["LogicalResourceId/Kept"])


def test_destroying_a_guarded_stack_is_refused_without_its_option(
    memory: MemoryCloud, data: Callable[..., Rendered]
) -> None:
    deploy(make_plan([data()]), memory, ignore)
    plan = foresee([data()], memory)
    with pytest.raises(DeployError, match=r"termination protection .* 'destroy --unprotect'"):
        refuse_unasked(plan, memory, unprotect=False, empty_buckets=False)
    refuse_unasked(plan, memory, unprotect=True, empty_buckets=False)
    destroy(plan, memory, ignore)
    assert memory.status("t-x-data", REGION) is None


def test_only_retained_resources_with_data_are_kept() -> None:
    resources = {"A": bucket(), "B": bucket(policy="Delete"), "C": {**bucket(), "Type": "AWS::SNS::Topic"}}
    assert kept({"Resources": resources}) == ("A",)


def test_more_ids_than_a_policy_takes_are_kept_by_their_types() -> None:
    template = {"Resources": {f"Bucket{number:0>40}": bucket() for number in range(400)}}
    statement = json.loads(stack_policy(template))["Statement"]
    assert statement[1]["Condition"] == {"StringEquals": {"ResourceType": ["AWS::S3::Bucket"]}}
    assert len(json.loads(stack_policy(template, [next(iter(template["Resources"]))]))["Statement"]) == 1
    assert len(stack_policy(template)) < MOST


STACK_POLICY = [
    {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
    {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["Update:Replace", "Update:Delete"],
        "Resource": ["LogicalResourceId/A", "LogicalResourceId/B"],
    },
]
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html"""


def test_a_stack_policy_is_written_as_cloudformation_reads_it() -> None:
    template = {"Resources": {"B": bucket(), "A": bucket(), "C": bucket(policy="Delete")}}
    assert json.loads(stack_policy(template)) == {"Statement": STACK_POLICY}
    assert json.loads(stack_policy(template, ["A", "B"])) == {"Statement": STACK_POLICY[:1]}
    assert json.loads(stack_policy({})) == {"Statement": STACK_POLICY[:1]}


def test_a_policy_of_exactly_the_most_bytes_names_resources_and_one_more_byte_names_types() -> None:
    def template(longest: int) -> dict[str, Any]:
        names = [f"Bucket{number:0>50}" for number in range(200)]
        return {"Resources": {name: bucket() for name in [*names, "x" * longest]}}

    room = MOST - len(stack_policy(template(1)).encode())
    assert room > 0
    fits, over = stack_policy(template(1 + room)), stack_policy(template(2 + room))
    assert len(fits.encode()) == MOST
    assert "ResourceType" not in fits
    assert "ResourceType" in over


@dataclass
class Working(MemoryCloud):
    """An account whose stacks are at work as long as somebody says so."""

    at_work: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def stack(self, name: str, region: str) -> StackState | None:
        state = super().stack(name, region)
        return replace(state, status="UPDATE_IN_PROGRESS") if state and self.at_work else state


REMOVED = ChangedResource(action="remove", logical_id="Kept", type="AWS::S3::Bucket", replacement="never")
SET = ChangeSet(id="1", stack="t-x-data", region=REGION, creates=False, changes=(REMOVED,))
KEPT, LET_GO = ["LogicalResourceId/Kept"], list[str]()


def fail(cloud: Working, error: BaseException, *, at_work: bool) -> None:
    """What executing a change set does when it ends in ``error``."""
    assert denied(cloud) == LET_GO
    cloud.at_work = at_work
    raise error


@pytest.mark.parametrize("error", [DeployError("t", "the connection broke", "Try again"), KeyboardInterrupt()])
@pytest.mark.parametrize("after", [KEPT, LET_GO], ids=["settled", "at-work"])
def test_a_policy_is_put_back_after_a_failure_unless_cloudformation_works(
    data: Callable[..., Rendered], error: BaseException, after: list[str]
) -> None:
    cloud = Working()
    deploy(make_plan([data()]), cloud, ignore)
    with pytest.raises(type(error)), let_through(SET, cloud):
        fail(cloud, error, at_work=after == LET_GO)
    assert denied(cloud) == after


@pytest.mark.parametrize(
    "change",
    [
        replace(REMOVED, action="change"),
        replace(REMOVED, type="AWS::SNS::Topic"),
        replace(REMOVED, action="add"),
    ],
)
def test_a_change_that_takes_no_data_leaves_the_policy_alone(
    data: Callable[..., Rendered], change: ChangedResource
) -> None:
    cloud = Working()
    deploy(make_plan([data()]), cloud, ignore)
    with let_through(replace(SET, changes=(change,)), cloud):
        assert denied(cloud) == KEPT


@pytest.mark.parametrize("replacement", ["always", "maybe"])
def test_what_may_be_replaced_is_let_through_too(
    data: Callable[..., Rendered], replacement: Literal["always", "maybe"]
) -> None:
    cloud = Working()
    deploy(make_plan([data()]), cloud, ignore)
    change = replace(REMOVED, action="change", replacement=replacement)
    with let_through(replace(SET, changes=(change,)), cloud):
        assert denied(cloud) == LET_GO


def test_who_may_not_protect_stacks_reports_one_that_is_unguarded(
    data: Callable[..., Rendered], seen: list[Progress]
) -> None:
    unprotected, protected_state = STATE, replace(STATE, protected=True)
    report_unguarded("data", unprotected, data().template, seen.append)
    report_unguarded("data", protected_state, data().template, seen.append)
    report_unguarded("data", unprotected, build_without_data(data).template, seen.append)
    assert seen == [Unguarded(stack="data", kept=("Kept",))]


def test_aws_is_asked_by_the_id_of_the_stack() -> None:
    boto = BotoCloud(REGION, credentials=("test", "test"))
    with Stubber(boto._client("cloudformation")) as stub:
        wanted = {"StackName": ARN, "EnableTerminationProtection": True}
        stub.add_response("update_termination_protection", {}, wanted)
        stub.add_response("get_stack_policy", {}, {"StackName": ARN})
        stub.add_response("set_stack_policy", {}, {"StackName": ARN, "StackPolicyBody": "{}"})
        boto.protect(STATE, on=True)
        assert boto.stack_policy(STATE) is None
        boto.set_stack_policy(STATE, "{}")
        stub.assert_no_pending_responses()
