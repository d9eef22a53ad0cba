"""Updates of tables that DynamoDB refuses are forecast as refused, with the steps, before CloudFormation is asked.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from typing import Any

import pytest

from stacks import render
from stacks.forecast import compare
from stacks.loading import validated

UNTIL, OFF, OTHER = "until", {"attribute": "until", "enabled": False}, "gone"


def template(*, function: bool = False, **table: Any) -> dict[str, Any]:
    events = {"handler": "lambda_src/api/notes.py:add_note", "events": {"tables": ["notes"]}}
    description = {
        "name": "n",
        "stages": {"s": {"region": "eu-west-1"}},
        "data": {"tables": {"notes": {"partition_key": "id", **table}}},
        "backend": {"functions": {"f": events}} if function else {},
    }
    app = validated(description)
    return dict(next(stack.template for stack in render(app, app.stages["s"]) if stack.stack == "data"))


def refused(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    changes = compare(template(**old), template(**new))
    return [reason for change in changes if change.name == "NotesTable" for reason in change.refused]


@pytest.mark.parametrize(
    ("old", "new", "steps"),
    [
        (UNTIL, OTHER, "First deploy 'expires: {attribute: until, enabled: false}'; an hour later"),
        (UNTIL, {"attribute": OTHER, "enabled": False}, "First deploy 'expires: {attribute: until, enabled: false}'"),
        (UNTIL, None, "First deploy 'expires: {attribute: until, enabled: false}'; then 'expires' may go"),
        (UNTIL, OFF, None),
        (OFF, OTHER, None),
        (OFF, None, None),
        (OFF, UNTIL, None),
        (None, UNTIL, None),
    ],
)
@pytest.mark.parametrize("replicas", [[], ["eu-central-1"]])
def test_items_expire_by_another_attribute_in_two_updates(
    old: Any, new: Any, steps: str | None, replicas: list[str]
) -> None:
    described = [{"replicas": replicas, **({"expires": entry} if entry else {})} for entry in (old, new)]
    results = refused(described[0], described[1])
    assert len(results) == bool(steps)
    assert all(steps in result for result in results if steps)


@pytest.mark.parametrize(
    ("old", "new", "is_refused"),
    [
        ({"stream": "keys"}, {"stream": "both"}, True),
        ({"stream": "keys"}, {"function": True}, True),
        ({"function": True}, {"stream": "new"}, True),
        ({"stream": "keys"}, {}, False),
        ({}, {"stream": "both"}, False),
        ({"function": True}, {"stream": "both"}, False),
    ],
)
def test_a_stream_shows_something_else_in_two_updates(old: Any, new: Any, *, is_refused: bool) -> None:
    results = refused(old, new)
    assert len(results) == is_refused
    assert all("First deploy the table without 'stream'" in result for result in results)


def test_switching_off_names_the_attribute() -> None:
    table = template(expires=OFF)["Resources"]["NotesTable"]["Properties"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "until", "Enabled": False}


def test_another_table_takes_any_attribute() -> None:
    """A table that is replaced anyway starts anew."""
    old, new = template(expires=UNTIL), template(expires=OTHER)
    new["Resources"]["NotesTable"]["Properties"]["TableName"] = "another"
    (change,) = (entry for entry in compare(old, new) if entry.section == "Resources" and entry.name == "NotesTable")
    assert change.refused == ()
