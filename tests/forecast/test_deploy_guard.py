"""Deploying refuses what would lose data unless it is named: before anything is changed, and at each change set."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from stacks.cloud import ChangedResource, ChangeSet
from stacks.deploy.data_loss import refuse_unnamed, second_look
from stacks.deploy.execute import deploy
from stacks.deploy.foresee import foresee_plan
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError, UsageError
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud

KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
KEYS = [{"AttributeName": "owner", "KeyType": "HASH"}]


def table(name: str = "notes", keys: list[dict[str, str]] | None = None, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": name, "KeySchema": keys or KEYS, **more}}


def rendered(stack: str = "data", **resources: Any) -> Rendered:
    template = {"Resources": resources}
    body = yaml.safe_dump(template)
    return Rendered(stack=stack, name=f"t-x-{stack}", region="eu-west-1", template=template, body=body)


def deployed(*stacks: Rendered) -> MemoryCloud:
    cloud = MemoryCloud()
    deploy(make_plan(stacks), cloud, lambda _: None)
    return cloud


def guarded(cloud: MemoryCloud, *stacks: Rendered, allow: tuple[str, ...] = ()) -> None:
    """Deploy as the command does."""
    plan = make_plan(stacks)
    all_changes = foresee_plan(plan, cloud)
    refuse_unnamed(all_changes, allow)
    deploy(plan, cloud, lambda _: None, confirm=second_look(all_changes, allow, never_asked))


def never_asked(question: str) -> bool:
    pytest.fail(f"nobody is to be asked: {question}")


def test_a_first_deployment_and_harmless_changes_pass() -> None:
    cloud = MemoryCloud()
    guarded(cloud, rendered(Notes=table()))
    guarded(cloud, rendered(Notes=table(TableClass="STANDARD"), More=table("more")))
    assert cloud.properties("t-x-data", "eu-west-1", "Notes")["TableClass"] == "STANDARD"


def test_a_replacement_names_resource_property_cause_and_way_out_and_changes_nothing() -> None:
    cloud = deployed(rendered("base", Log=table("log")), rendered(Notes={**table(), **KEPT}))
    before = cloud.template("t-x-base", "eu-west-1")
    base = rendered("base", Log=table("log", TableClass="STANDARD"))
    with pytest.raises(DeployError) as caught:
        guarded(cloud, base, rendered(Notes={**table("other"), **KEPT}))
    assert str(caught.value) == (
        "t-x-data.Notes: AWS::DynamoDB::Table would be replaced; what it holds stays in AWS outside of the stack, and a"
        " new one starts empty, since TableName changes (notes -> other). Take the change back; or describe a second"
        " one under another name, copy the data, then remove this one, or pass --allow-replacement Notes."
    )
    assert cloud.template("t-x-base", "eu-west-1") == before


def test_every_destructive_change_is_reported_at_once() -> None:
    cloud = deployed(rendered("base", Log=table("log")), rendered(Notes=table(), Other=table("other")))
    with pytest.raises(DeployError) as caught:
        guarded(cloud, rendered("base", Log=table("log2")), rendered(Notes=table("new"), Third=table("third")))
    assert [problem.where for problem in caught.value.problems] == ["t-x-base.Log", "t-x-data.Notes", "t-x-data.Other"]
    assert "WHAT IT HOLDS IS LOST" in caught.value.problems[2].what


def test_named_destructive_changes_pass_and_the_others_do_not() -> None:
    cloud = deployed(rendered(Notes=table(), Other=table("other")))
    new = rendered(Notes=table("new"))
    with pytest.raises(DeployError) as caught:
        guarded(cloud, new, allow=("Notes",))
    assert [problem.where for problem in caught.value.problems] == ["t-x-data.Other"]
    guarded(cloud, new, allow=("Notes", "Other"))
    assert list(cloud.template("t-x-data", "eu-west-1")["Resources"]) == ["Notes"]


def test_what_aws_fails_anyway_is_refused_with_the_reason() -> None:
    def users(attribute: str) -> Rendered:
        pool = {"Type": "AWS::Cognito::UserPool", "Properties": {"UsernameAttributes": [attribute]}}
        return rendered(Users=pool)

    cloud = deployed(users("email"))
    with pytest.raises(DeployError, match=r"t-x-data\.Users: AWS would refuse this update .*Cognito fixes it"):
        guarded(cloud, users("phone_number"))
    with pytest.raises(DeployError, match=r"another type under the same logical id"):
        guarded(cloud, rendered(Users=table()))


@pytest.mark.parametrize("name", ["Notes", "Nothing"])
def test_naming_what_is_not_replaced_is_an_error(name: str) -> None:
    cloud = deployed(rendered(Notes=table()))
    with pytest.raises(UsageError, match=rf"--allow-replacement {name}: is not replaced or removed by this deployment"):
        guarded(cloud, rendered(Notes=table(TableClass="STANDARD")), allow=(name,))


def test_naming_something_else_shows_what_there_is_to_name() -> None:
    cloud = deployed(rendered(Notes=table()))
    with pytest.raises(UsageError, match="These are: Notes"):
        guarded(cloud, rendered(Notes=table("b")), allow=("Tables",))


def test_a_renamed_table_is_reported_as_one() -> None:
    cloud = deployed(rendered(Notes={**table(), **KEPT}))
    with pytest.raises(DeployError, match=r"looks renamed: Notes is now Memos.*Keep the old name in the description"):
        guarded(cloud, rendered(Memos={**table(), **KEPT}))


def test_a_stack_that_never_came_to_be_holds_nothing() -> None:
    cloud = MemoryCloud()
    cloud.fail("Notes", "no")
    with pytest.raises(DeployError):
        deploy(make_plan([rendered(Notes=table())]), cloud, lambda _: None)
    assert cloud.status("t-x-data", "eu-west-1") == "ROLLBACK_COMPLETE"
    cloud.repair("Notes")
    guarded(cloud, rendered(Notes=table("other")))
    assert cloud.status("t-x-data", "eu-west-1") == "CREATE_COMPLETE"


def change_set(change: ChangedResource) -> ChangeSet:
    return ChangeSet(id="1", stack="t-x-data", region="eu-west-1", creates=False, changes=(change,))


@pytest.mark.parametrize(
    "change",
    [
        ChangedResource(action="change", logical_id="Notes", type="AWS::DynamoDB::Table", replacement="always"),
        ChangedResource(action="remove", logical_id="Notes", type="AWS::DynamoDB::Table"),
    ],
)
def test_what_only_the_change_set_shows_is_refused(change: ChangedResource) -> None:
    confirm = second_look((), (), never_asked)
    with pytest.raises(DeployError, match=r"t-x-data\.Notes: .* says CloudFormation"):
        confirm(change_set(change))
    assert second_look((), ("Notes",), never_asked)(change_set(change))


@pytest.mark.parametrize("answer", [True, False])
def test_what_the_change_set_holds_possible_is_asked(answer: bool) -> None:  # noqa: FBT001
    change = ChangedResource(action="change", logical_id="Notes", type="AWS::DynamoDB::Table", replacement="maybe")
    assert second_look((), (), lambda question: "Notes" in question and answer)(change_set(change)) is answer


def test_a_replaced_function_is_nobodys_loss() -> None:
    change = ChangedResource(action="change", logical_id="Web", type="AWS::Lambda::Function", replacement="always")
    assert second_look((), (), never_asked)(change_set(change))
