"""Several indexes or replicas of a table that stands come and go, in as many updates as that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks import render
from stacks.cloud import Submission
from stacks.deploy.apply import apply
from stacks.deploy.execute import agree, deploy
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError
from stacks.forecast.compare import compare
from stacks.forecast.table_parts import moves, updates
from stacks.loading import validated
from stacks.pipelines.preparing import refuse_several_moves
from stacks.progress import ChangesFound, PartAwaited, PartsMoved
from stacks.testing import MemoryCloud
from stacks.ui import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.progress import Progress
    from stacks.template.rendered import Rendered

NAME, REGION = "notes-dev-data", "eu-west-1"


def rendered(*indexes: str, **table: Any) -> tuple[Rendered, ...]:
    notes = {
        "partition_key": "owner",
        "global_indexes": {index: {"partition_key": index} for index in indexes},
        **table,
    }
    tables = {"notes": notes, "tags": {"partition_key": "id"}}
    app = validated({"name": "notes", "stages": {"dev": {"region": REGION}}, "data": {"tables": tables}})
    return render(app, app.stages["dev"])


def template(*indexes: str, **table: Any) -> dict[str, Any]:
    return dict(next(stack for stack in rendered(*indexes, **table) if stack.stack == "data").template)


def deployed(cloud: MemoryCloud, *indexes: str, **table: Any) -> list[Progress]:
    events: list[Progress] = []
    deploy(make_plan(rendered(*indexes, **table)), cloud, events.append)
    return events


def standing(cloud: MemoryCloud) -> list[str]:
    index = cloud.properties(NAME, REGION, "NotesTable").get("GlobalSecondaryIndexes", [])
    return [entry["IndexName"] for entry in index]


def words(events: list[Progress]) -> list[str]:
    return [
        line.text.strip() for event in events if isinstance(event, PartsMoved | PartAwaited) for line in lines(event)
    ]


class Building(MemoryCloud):
    """An account in which an index is at work for a while after it was asked for."""

    def table_at_work(self, table: str, region: str) -> Iterator[str]:
        results = standing(self)
        yield from (f"index {result}" for result in results[-1:] if (table, region) == ("notes-dev-notes", REGION))


def test_three_indexes_take_three_updates() -> None:
    cloud = MemoryCloud()
    deployed(cloud)
    events = deployed(cloud, "by-a", "by-b", "by-c")
    assert standing(cloud) == ["by-a", "by-b", "by-c"]
    assert words(events) == [
        "update 1 of 3: adds index by-a of NotesTable",
        "update 2 of 3: adds index by-b of NotesTable",
        "update 3 of 3: adds index by-c of NotesTable",
    ]
    assert cloud.template(NAME, REGION) == template("by-a", "by-b", "by-c")


def test_each_update_waits_for_the_index_before() -> None:
    cloud = Building()
    deployed(cloud)
    events = deployed(cloud, "by-a", "by-b")
    assert words(events) == [
        "update 1 of 2: adds index by-a of NotesTable",
        "waiting for index by-a of NotesTable",
        "update 2 of 2: adds index by-b of NotesTable",
    ]


def test_a_new_table_has_all_its_indexes_at_once() -> None:
    cloud = MemoryCloud()
    events = deployed(cloud, "by-a", "by-b")
    assert words(events) == []
    assert standing(cloud) == ["by-a", "by-b"]


def test_one_index_is_an_update_like_any_other() -> None:
    cloud = MemoryCloud()
    deployed(cloud, "by-a")
    events = deployed(cloud, "by-a", "by-b")
    assert words(events) == []
    assert len([event for event in events if isinstance(event, ChangesFound) and event.stack == "data"]) == 1


def test_what_was_interrupted_is_gone_on_with() -> None:
    cloud = MemoryCloud()
    deployed(cloud)

    def until_the_second(progress: Progress) -> None:
        if isinstance(progress, PartsMoved) and progress.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy(make_plan(rendered("by-a", "by-b", "by-c")), cloud, until_the_second)
    assert standing(cloud) == ["by-a"]
    events = deployed(cloud, "by-a", "by-b", "by-c")
    assert words(events)[0] == "update 1 of 2: adds index by-b of NotesTable"
    assert standing(cloud) == ["by-a", "by-b", "by-c"]


def test_a_failure_leaves_the_indexes_that_were_created() -> None:
    cloud = MemoryCloud()
    deployed(cloud)

    def fail_at_the_second(progress: Progress) -> None:
        if isinstance(progress, PartsMoved) and progress.number == 2:
            cloud.fail("NotesTable", "Subscriber limit exceeded")

    with pytest.raises(DeployError, match="limit exceeded"):
        deploy(make_plan(rendered("by-a", "by-b")), cloud, fail_at_the_second)
    assert standing(cloud) == ["by-a"]
    cloud.repair("NotesTable")
    deployed(cloud, "by-a", "by-b")
    assert standing(cloud) == ["by-a", "by-b"]


def test_a_renamed_index_is_created_again_before_it_goes() -> None:
    (first, last) = updates(template("by-a"), template("by-z"))
    assert [(move.action, move.name) for update in (first, last) for move in update.moves] == [
        ("add", "by-z"),
        ("remove", "by-a"),
    ]
    result = first.template["Resources"]["NotesTable"]["Properties"]
    assert [definition["AttributeName"] for definition in result["AttributeDefinitions"]] == ["owner", "by-a", "by-z"]


def test_at_twenty_indexes_one_goes_before_another_comes() -> None:
    names = [f"by-{number}" for number in range(20)]
    first = updates(template(*names), template(*names[1:], "by-new"))[0]
    assert [move.action for move in first.moves] == ["remove"]
    result = first.template["Resources"]["NotesTable"]["Properties"]
    assert "by-0" not in [definition["AttributeName"] for definition in result["AttributeDefinitions"]]


def test_an_early_update_changes_nothing_but_indexes() -> None:
    old = template("by-a")
    first = updates(old, template("by-a", "by-b", "by-c", stream="new", expires="until", max_read_units=7))[0]
    table = first.template["Resources"]["NotesTable"]["Properties"]
    assert table.keys() == old["Resources"]["NotesTable"]["Properties"].keys()
    assert {index["OnDemandThroughput"]["MaxReadRequestUnits"] for index in table["GlobalSecondaryIndexes"]} == {1000}
    others = {name: body for name, body in first.template["Resources"].items() if name != "NotesTable"}
    assert others == {name: body for name, body in old["Resources"].items() if name != "NotesTable"}


def test_a_table_that_becomes_another_is_created_with_all_its_indexes() -> None:
    assert updates(template("by-a"), template("by-b", "by-c", sort_key="id")) == ()


def test_replicas_come_and_go_one_by_one_and_after_the_indexes() -> None:
    results = updates(template(replicas=["us-east-1"]), template("by-a", replicas=["eu-central-1", "us-west-2"]))
    assert [(move.action, move.kind, move.name) for update in results for move in update.moves] == [
        ("add", "index", "by-a"),
        ("add", "replica", "eu-central-1"),
        ("add", "replica", "us-west-2"),
        ("remove", "replica", "us-east-1"),
    ]
    result = results[1].template["Resources"]["NotesTable"]["Properties"]
    assert [replica["Region"] for replica in result["Replicas"]] == ["eu-west-1", "us-east-1", "eu-central-1"]
    assert [index["IndexName"] for index in result["GlobalSecondaryIndexes"]] == ["by-a"]


def test_the_forecast_shows_how_many_updates_it_takes() -> None:
    (change,) = (entry for entry in compare(template(), template("by-a", "by-b", "by-c")) if entry.name == "NotesTable")
    (note,) = change.notes
    assert note.endswith("'deploy' makes 3 updates of it, a pipeline takes one a push")


def test_aws_refuses_two_at_once() -> None:
    cloud = MemoryCloud()
    deployed(cloud)
    wanted = template("by-a", "by-b")
    both = Submission(name=NAME, region=REGION, template=wanted, body="", parameters={}, creates=False)
    with pytest.raises(DeployError, match="more than one GSI"):
        apply("data", both, cloud, lambda _: None, agree)


def test_a_pipelines_build_refuses_what_takes_several_updates() -> None:
    cloud = MemoryCloud()
    deployed(cloud)
    (wanted,) = (stack for stack in rendered("by-a", "by-b") if stack.stack == "data")
    with pytest.raises(DeployError) as raised:
        refuse_several_moves(wanted, cloud)
    assert str(raised.value) == (
        "notes-dev-data.NotesTable: 2 of its indexes and replicas come or go, and a pipeline's update moves one of "
        "them. Push them one by one, or run 'deploy data' once, and push then."
    )


def test_a_pipelines_build_takes_one_index_and_a_new_stack() -> None:
    cloud = MemoryCloud()
    for indexes in (("by-a", "by-b"), ("by-a", "by-b", "by-c")):
        (wanted,) = (stack for stack in rendered(*indexes) if stack.stack == "data")
        refuse_several_moves(wanted, cloud)
        deployed(cloud, *indexes)
    assert standing(cloud) == ["by-a", "by-b", "by-c"]


INDEXES = st.lists(st.sampled_from([f"by-{letter}" for letter in "abcdefgh"]), unique=True)


def keyed(table: dict[str, Any]) -> set[str]:
    every = [table, *table.get("LocalSecondaryIndexes", []), *table.get("GlobalSecondaryIndexes", [])]
    return {key["AttributeName"] for entry in every for key in entry["KeySchema"]}


@given(before=INDEXES, after=INDEXES)
def test_every_way_is_of_updates_that_aws_takes(before: list[str], after: list[str]) -> None:
    at, wanted = template(*before, sort_key="id", local_indexes={"by-y": "y"}), None
    goal = template(*after, sort_key="id", local_indexes={"by-y": "y"})
    for update in updates(at, goal):
        wanted = dict(update.template)
        old, new = (entry["Resources"]["NotesTable"] for entry in (at, wanted))
        assert len(moves("NotesTable", old, new)) == 1
        defined = [definition["AttributeName"] for definition in new["Properties"]["AttributeDefinitions"]]
        assert sorted(defined) == sorted(keyed(new["Properties"]))
        at = wanted
    assert wanted == (goal if set(before) != set(after) else None)
