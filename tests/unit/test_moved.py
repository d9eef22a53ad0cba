"""What was renamed in the description keeps its names in AWS, and with them its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.deploy.execute import deploy
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.errors import DescriptionError
from stacks.forecast.compare import compare
from stacks.loading import validated
from stacks.model.moved import entry
from stacks.rendering import render
from stacks.template.wired import read_names
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.template.rendered import Rendered

SECTIONS: dict[str, Any] = {
    "data": {
        "tables": {"notes": {"partition_key": "id", "encryption": "own"}, "other": {"partition_key": "id"}},
        "buckets": {"files": {}},
        "users": {
            "domain": "t-users",
            "clients": {"phone": {"kind": "machine", "scopes": ["api/read"]}},
            "resource_servers": {"api": {"read": "Reads"}},
        },
        "backup": True,
    },
    "backend": {
        "queues": {"work": True},
        "secrets": {"session-key": True},
        "functions": {
            "web": {
                "handler": "src/web.py:main",
                "tables": {"notes": "read-write", "other": "read"},
                "buckets": {"files": "read"},
                "queues": {"work": "send"},
                "secrets": ["session-key"],
            },
            "listener": {
                "handler": "src/web.py:heard",
                "events": {"tables": ["notes"], "queues": ["work"], "buckets": ["files"]},
            },
        },
    },
}
MOVED = {
    "data.tables.notes": "data.tables.memos",
    "data.buckets.files": "data.buckets.papers",
    "data.users.clients.phone": "data.users.clients.mobile",
    "backend.queues.work": "backend.queues.jobs",
    "backend.secrets.session-key": "backend.secrets.cookie-key",
}


def renamed(value: Any) -> Any:
    """The description with every name of ``MOVED`` replaced, where it is a key and where it is used."""
    names = {old.rpartition(".")[2]: new.rpartition(".")[2] for old, new in MOVED.items()}
    if isinstance(value, dict):
        return {names.get(key, key): renamed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def stacks(sections: dict[str, Any], **more: Any) -> tuple[Rendered, ...]:
    app = validated({"name": "t", "stages": {"dev": {"region": "eu-west-1"}}, **sections, **more})
    return render(app, app.stages["dev"])


def changes(before: tuple[Rendered, ...], after: tuple[Rendered, ...]) -> list[Any]:
    sides = zip(before, after, strict=True)
    return [change for stack, other in sides for change in compare(stack.template, other.template, {}, {})]


def test_without_moved_a_new_name_loses_what_the_old_one_holds_and_says_how_not_to() -> None:
    results = changes(stacks(SECTIONS), stacks(renamed(SECTIONS)))
    table = next(result for result in results if result.name == "NotesTable")
    assert (table.action, table.destructive) == ("remove", True)
    assert any(
        "'moved: {data.tables.notes: data.tables.memos}' in the description keeps" in note for note in table.notes
    )


def test_with_moved_nothing_but_the_variables_of_functions_changes() -> None:
    results = changes(stacks(SECTIONS), stacks(renamed(SECTIONS), moved=MOVED))
    assert {(result.name, result.action, result.replacement) for result in results} == {
        ("WebFunction", "change", "never")
    }
    paths = {item.path for change in results for item in change.properties}
    assert {path.rpartition(".")[2] for path in paths} == {
        *("NOTES_TABLE", "FILES_BUCKET", "WORK_QUEUE_URL", "SESSION_KEY_SECRET_ID"),
        *("MEMOS_TABLE", "PAPERS_BUCKET", "JOBS_QUEUE_URL", "COOKIE_KEY_SECRET_ID"),
    }


def test_data_stays_where_it_is_when_what_was_renamed_is_deployed(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")

    def deployed(cloud: MemoryCloud, rendered: tuple[Rendered, ...]) -> None:
        code = [
            PackagedCode(stack=stack.stack, parameter=name, key="code/x.zip", path=tmp_path / "x.zip")
            for stack in rendered
            for name in stack.template.get("Parameters", {}).keys() - read_names(stack.template).keys()
        ]
        deploy(make_plan(rendered, code=code), cloud, lambda _: None)

    cloud = MemoryCloud()
    deployed(cloud, stacks(SECTIONS))
    before = cloud.resources("t-dev-data", "eu-west-1")
    deployed(cloud, stacks(renamed(SECTIONS), moved=MOVED))
    assert cloud.resources("t-dev-data", "eu-west-1") == before
    variables = cloud.properties("t-dev-backend", "eu-west-1", "WebFunction")["Environment"]["Variables"]
    assert variables["MEMOS_TABLE"] == "t-dev-notes"


def test_what_names_a_moved_thing_from_another_kind_follows_it() -> None:
    """A topic hands its messages to a queue, and credentials of people read a table."""

    def sections(queue: str, table: str) -> dict[str, Any]:
        return {
            "data": {
                "tables": {table: {"partition_key": "id"}},
                "users": {
                    "domain": "t-users",
                    "clients": {"app": {"kind": "browser", "callbacks": ["https://example.com/in"]}},
                    "credentials": {"tables": {table: "read"}},
                },
            },
            "backend": {"queues": {queue: True}, "topics": {"sold": {"queues": [queue]}}},
        }

    before = stacks(sections("work", "notes"))
    moved = {"backend.queues.work": "backend.queues.jobs", "data.tables.notes": "data.tables.memos"}
    assert changes(before, stacks(sections("jobs", "memos"), moved=moved)) == []


def test_a_stage_may_say_for_itself_what_was_moved() -> None:
    app = validated(
        {
            "name": "t",
            "data": {"tables": {"memos": {"partition_key": "id"}}},
            "stages": {
                "dev": {"region": "eu-west-1"},
                "prod": {"region": "eu-west-1", "moved": {"data.tables.notes": "data.tables.memos"}},
            },
        }
    )
    result = {name: render(app, stage)[1].template["Resources"] for name, stage in app.stages.items()}
    assert {name: list(item) for name, item in result.items()} == {"dev": ["MemosTable"], "prod": ["NotesTable"]}
    assert result["prod"]["NotesTable"]["Properties"]["TableName"] == "t-prod-notes"


@pytest.mark.parametrize(
    ("moved", "message"),
    [
        ({"data.tables.other": "data.tables.notes"}, "moved.data.tables.other: data.tables.other is still described"),
        ({"data.tables.old": "data.tables.nots"}, "there is no data.tables.nots. Did you mean 'notes'"),
        ({"data.tables.old": "data.buckets.files"}, "becomes data.buckets.files, which is of another kind"),
        (
            {"data.tables.old": "data.tables.mid", "data.tables.mid": "data.tables.notes"},
            "is moved on from data.tables.mid to data.tables.notes. Write it in one step: 'data.tables.old: data.",
        ),
        (
            {"data.tables.notes": "data.tables.other", "data.tables.other": "data.tables.notes"},
            "data.tables.notes is still described. Rename it, or drop this entry",
        ),
        (
            {"data.tables.old": "data.tables.notes", "data.tables.older": "data.tables.notes"},
            "data.tables.notes was moved from data.tables.old already",
        ),
        ({"data.tables.old": "data.tables.old"}, "there is no data.tables.old"),
        ({"data.tables.not-es": "data.tables.notes"}, None),
        ({"data.buckets.fi-les": "data.buckets.files"}, None),
        ({"backend.functions.a": "backend.functions.web"}, "is nothing that keeps its name"),
        ({"data.tables": "data.tables"}, "is nothing that keeps its name"),
        (
            {"backend.secrets.old": "backend.secrets.given"},
            "is not a generated secret, and its value can be given again",
        ),
    ],
)
def test_what_moved_cannot_say_is_reported(moved: dict[str, str], message: str | None) -> None:
    backend = {**SECTIONS["backend"], "secrets": {"session-key": True, "given": {"kind": "given"}}}
    sections = {**SECTIONS, "backend": backend}
    if message is None:
        assert stacks(sections, moved=moved)
        return
    with pytest.raises(DescriptionError) as caught:
        stacks(sections, moved=moved)
    assert message in str(caught.value)


def test_names_of_the_same_letters_keep_logical_ids_apart() -> None:
    tables = {"a-1": {"partition_key": "id"}, "c": {"partition_key": "id"}}
    rendered = stacks({"data": {"tables": tables}}, moved={"data.tables.a1": "data.tables.c"})
    data = next(stack for stack in rendered if stack.stack == "data")
    resources = [body for body in data.template["Resources"].values() if body["Type"] == "AWS::DynamoDB::Table"]
    assert [resource["Properties"]["TableName"] for resource in resources] == ["t-dev-a-1", "t-dev-a1"]


@pytest.mark.parametrize(
    ("type_name", "old", "new", "expected"),
    [
        ("AWS::DynamoDB::Table", "AccessLogTable", "HitsTable", "data.tables.access-log: data.tables.hits"),
        ("AWS::SQS::Queue", "WorkQueue", "JobsQueue", "backend.queues.work: backend.queues.jobs"),
        ("AWS::SQS::Queue", "WorkQueueDeadLetters", "JobsQueueDeadLetters", None),
        ("AWS::S3::Bucket", "Bucket", "FilesBucket", None),
        ("AWS::Lambda::Function", "AFunction", "BFunction", None),
    ],
)
def test_what_to_write_is_reported_for_what_can_be_moved(
    type_name: str, old: str, new: str, expected: str | None
) -> None:
    assert entry(type_name, old, new) == expected
