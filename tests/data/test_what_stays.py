"""What DynamoDB and Cognito fix for ever: a description that changes it is refused, offline and before a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.deploy.data_loss import refuse_unnamed
from stacks.deploy.execute import deploy
from stacks.deploy.foresee import foresee_plan
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError
from stacks.forecast.change import StackChanges
from stacks.forecast.compare import compare
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from tests.data.conftest import Rendering

KEYS = {"partition_key": "owner", "sort_key": "id"}
INDEXED = {**KEYS, "global_indexes": {"by-x": {"partition_key": "x"}}}
SORTED = {**KEYS, "local_indexes": {"by-y": "y"}}
COPY = "describe a second one under another name, copy the data, then remove this one"
NEW_POOL = "Cognito fixes it when the pool is made; a new pool, and moving the users, is the only way"
OTHER_NAME = "an index cannot change; describe it under another name, let functions ask that one, then drop this one"
OTHER_TYPE = "CloudFormation refuses another type under the same logical id"

TABLES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "partition key": (KEYS, {**KEYS, "partition_key": "author"}, COPY),
    "sort key": (KEYS, {"partition_key": "owner"}, COPY),
    "type of a key": (KEYS, {**KEYS, "sort_key": {"name": "id", "type": "N"}}, COPY),
    "local index added": (KEYS, SORTED, COPY),
    "local index removed": (SORTED, KEYS, COPY),
    "local index changed": (SORTED, {**KEYS, "local_indexes": {"by-y": {"sort_key": "y", "holds": "keys"}}}, COPY),
    "key of an index": (INDEXED, {**KEYS, "global_indexes": {"by-x": {"partition_key": "z"}}}, OTHER_NAME),
    "what an index holds": (
        INDEXED,
        {**KEYS, "global_indexes": {"by-x": {"partition_key": "x", "holds": "keys"}}},
        OTHER_NAME,
    ),
    "one region or several": (KEYS, {**KEYS, "replicas": ["us-east-1"]}, OTHER_TYPE),
    "files it started with": (KEYS, {**KEYS, "import_from": {"bucket": "old-notes", "format": "ion"}}, COPY),
}
PLAN: dict[str, Any] = {"attributes": {"plan": {}}}
USERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "names to sign in with": ({}, {"user_names": True}),
    "attribute removed": (PLAN, {}),
    "attribute renamed": (PLAN, {"attributes": {"offer": {}}}),
    "type of an attribute": (PLAN, {"attributes": {"plan": {"type": "number"}}}),
    "length of an attribute": (PLAN, {"attributes": {"plan": {"longest": 10}}}),
    "whether it is changeable": (PLAN, {"attributes": {"plan": {"changeable": False}}}),
    "required attribute added": ({}, {"required": ["given_name"]}),
    "another required attribute": ({"required": ["name"]}, {"required": ["name", "given_name"]}),
    "required attribute removed": ({"required": ["given_name"]}, {}),
}


def refusal(rendering: Rendering, before: dict[str, Any], after: dict[str, Any]) -> str:
    """What a deployment of ``after`` over ``before`` is refused with; offline the same is foretold."""
    cloud = MemoryCloud()
    deploy(make_plan(list(rendering(before).values())), cloud, lambda _: None)
    all_changes = foresee_plan(make_plan(list(rendering(after).values())), cloud)
    with pytest.raises(DeployError) as refused:
        refuse_unnamed(all_changes, ())
    old, new = rendering(before)["data"], rendering(after)["data"]
    offline = StackChanges(stack="data", name=new.name, changes=compare(old.template, new.template))
    with pytest.raises(DeployError) as foretold:
        refuse_unnamed((offline,), ())
    assert str(foretold.value) == str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("case", TABLES)
def test_a_tables_keys_and_what_it_started_with_stay(rendering: Rendering, case: str) -> None:
    before, after, way = TABLES[case]
    output = refusal(rendering, {"tables": {"notes": before}}, {"tables": {"notes": after}})
    assert output.startswith("notes-dev-data.NotesTable: ")
    assert way in output


@pytest.mark.parametrize("case", USERS)
def test_what_a_pool_knows_of_people_stays(rendering: Rendering, case: str) -> None:
    before, after = USERS[case]
    output = refusal(rendering, {"users": before or True}, {"users": after or True})
    assert output.startswith("notes-dev-data.UserPool: AWS would refuse this update of AWS::Cognito::UserPool, ")
    assert NEW_POOL in output


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"users": True}, {"users": PLAN}),
        ({"users": PLAN}, {"users": {"attributes": {"plan": {}, "offer": {}}}}),
        ({"users": True}, {"users": {"mfa": "required", "groups": ["admins"], "password_length": 20}}),
        ({"tables": {"notes": KEYS}}, {"tables": {"notes": {**INDEXED, "stream": "both", "expires": "until"}}}),
    ],
)
def test_what_can_be_changed_is_not_refused(
    rendering: Rendering, before: dict[str, Any], after: dict[str, Any]
) -> None:
    cloud = MemoryCloud()
    deploy(make_plan(list(rendering(before).values())), cloud, lambda _: None)
    refuse_unnamed(foresee_plan(make_plan(list(rendering(after).values())), cloud), ())
    done = deploy(make_plan(list(rendering(after).values())), cloud, lambda _: None)
    assert cloud.status("notes-dev-data", "eu-west-1") == "UPDATE_COMPLETE"
    assert done["data"]
