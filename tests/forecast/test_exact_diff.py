"""``diff`` with CloudFormation's own change set: what both know, and that nothing of the asking stays."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.cloud import ChangedResource as Found
from stacks.cloud import ChangeSet, NoChanges, StackState, Submission
from stacks.deploy.foresee import foresee
from stacks.deploy.preview import exact, preview
from stacks.forecast import compare
from stacks.forecast.change import StackChanges
from stacks.forecast.exact import with_change_set
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.forecast.change import Change

REGION = "eu-west-1"
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def table(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::DynamoDB::Table", "Properties": properties, **KEPT}


def forecast(old: Mapping[str, Any], new: Mapping[str, Any], *result: Found) -> list[Change]:
    changes = compare({"Resources": old}, {"Resources": new})
    message = with_change_set(StackChanges(stack="data", name="t-x-data", changes=changes), result, old, new)
    return list(message.changes)


def in_change_set(name: str, kind: str = "AWS::DynamoDB::Table", **more: Any) -> Found:
    return Found(**{"action": "change", "logical_id": name, "type": kind, **more})


def test_what_may_be_replaced_is_settled_by_the_change_set() -> None:
    old = {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"Schema": [{"Name": "a"}]}, **KEPT}}
    new = {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"Schema": [{"Name": "a"}, {"Name": "b"}]}, **KEPT}}
    kind = "AWS::Cognito::UserPool"
    (alone,) = forecast(old, new)
    (kept,) = forecast(old, new, in_change_set("Pool", kind, replacement="never"))
    (replaced,) = forecast(old, new, in_change_set("Pool", kind, replacement="always"))
    assert (kept.replacement, kept.loss) == ("never", "none")
    assert (replaced.replacement, replaced.loss) == ("always", "kept")
    assert replaced.properties == alone.properties


def test_what_is_certain_to_be_replaced_stays_so_whatever_the_change_set_says() -> None:
    old, new = (
        {"Table": table(KeySchema=[{"AttributeName": "a"}])},
        {"Table": table(KeySchema=[{"AttributeName": "b"}])},
    )
    (change,) = forecast(old, new, in_change_set("Table", replacement="never"))
    assert (change.replacement, change.loss) == ("always", "kept")


@pytest.mark.parametrize(
    ("seen", "action", "loss"),
    [
        (in_change_set("Table", replacement="always"), "change", "kept"),
        (in_change_set("Table"), "change", "none"),
        (in_change_set("Table", action="remove"), "remove", "kept"),
        (in_change_set("Other", action="add"), "add", "none"),
    ],
)
def test_what_the_templates_do_not_show_is_reported_with_its_loss(seen: Found, action: str, loss: str) -> None:
    (change,) = forecast({"Table": table()}, {"Table": table()}, seen)
    assert (change.name, change.action, change.loss) == (seen.logical_id, action, loss)
    assert "the templates do not show why" in change.notes[0]


def rendered(value: str) -> Rendered:
    body = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, "Name": {"Ref": "Key"}}}
    template = {"Resources": {"One": body}, "Parameters": {"Key": {"Type": "String"}}}
    return Rendered(stack="data", name="t-x-data", region=REGION, template=template, body=json.dumps(template))


class Counted(MemoryCloud):
    """An account that remembers the change sets that are left."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[str] = []

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        change_set = super().prepare(submission)
        self.left += [change_set.id] if isinstance(change_set, ChangeSet) else []
        return change_set

    def discard(self, change_set: ChangeSet) -> None:
        super().discard(change_set)
        self.left.remove(change_set.id)


@pytest.fixture
def deployed() -> tuple[Counted, StackState]:
    cloud = Counted()
    submission: dict[str, Any] = {"name": "t-x-data", "region": REGION, "parameters": {"Key": "k"}, "creates": True}
    stack = rendered("a")
    change_set = cloud.prepare(Submission(**submission, template=dict(stack.template), body=stack.body))
    assert isinstance(change_set, ChangeSet)
    list(cloud.execute(change_set))
    cloud.left.clear()
    state = cloud.stack("t-x-data", REGION)
    assert state
    return cloud, state


def test_a_change_set_is_created_with_the_values_that_are_deployed_and_discarded(
    deployed: tuple[Counted, StackState],
) -> None:
    cloud, state = deployed
    assert preview(rendered("a"), state, {}, cloud, None) == ()
    (change,) = preview(rendered("b"), state, {}, cloud, None)
    assert (change.logical_id, change.replacement) == ("One", "never")
    (change,) = preview(rendered("a"), state, {"Key": "other"}, cloud, None)
    assert (change.logical_id, change.replacement) == ("One", "always")
    assert cloud.left == []
    assert cloud.stack("t-x-data", REGION) == state


def test_where_cloudformation_does_not_answer_the_forecast_stays_with_the_reason(
    deployed: tuple[Counted, StackState],
) -> None:
    cloud, _ = deployed
    declared = {"Key": {"Type": "String"}, "New": {"Type": "String"}}
    stack = replace(rendered("b"), template={**rendered("b").template, "Parameters": declared}, body="{}")
    forecast = foresee(stack, {}, cloud, "111111111111")
    changes, problems = exact(stack, forecast, {}, cloud, None)
    assert changes == forecast
    assert [problem.what for problem in problems] == ["Parameters: [New] must have values"]
    assert cloud.left == []


def test_a_stack_that_does_not_exist_has_no_change_set() -> None:
    cloud = Counted()
    forecast = foresee(rendered("a"), {}, cloud, "111111111111")
    assert exact(rendered("a"), forecast, {}, cloud, None) == (forecast, ())
    assert cloud.stack("t-x-data", REGION) is None


def test_the_forecast_and_the_change_set_are_reported_as_one(deployed: tuple[Counted, StackState]) -> None:
    cloud, _ = deployed
    forecast = foresee(rendered("a"), {"Key": "other"}, cloud, "111111111111")
    changes, _ = exact(rendered("a"), forecast, {"Key": "other"}, cloud, None)
    assert [(change.name, change.replacement) for change in changes.changes if change.section == "Resources"] == [
        ("One", "always")
    ]
