"""What a failure tells beside AWS's words: what to do, and where the description speaks of the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.deploy.hints import hint
from stacks.description.origins import located, origin, written
from stacks.errors import Problem
from stacks.intrinsics.reading import parse
from stacks.loading import load
from stacks.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.template.rendered import Rendered

TEXT = """\
name: notes
stages:
  dev:
    region: eu-west-1
    data:
      tables:
        old-notes: {partition_key: id}
data:
  tables:
    notes: {partition_key: owner}
    notes-archive: {partition_key: owner}
  users: {self_sign_up: true}
backend:
  functions:
    web: {wsgi: a.py:app}
stacks:
  data-lake: {template: lake.yaml}
"""
TREE = parse(TEXT, "app.yaml")


@pytest.mark.parametrize(
    ("stack", "resource", "line"),
    [
        ("data", "NotesTable", 10),
        ("data", "NotesArchiveTable", 11),
        ("data", "OldNotesTable", 7),
        ("data", "UserPool", 12),
        ("backend", "WebFunction", 15),
        ("backend-2", "WebLogGroup", 15),
        ("data", "Anything", 5),
        ("frontend-edge", "WebAcl", None),
        ("data-lake", "NotesTable", 17),
    ],
)
def test_a_resource_is_found_by_the_longest_name_it_begins_with(stack: str, resource: str, line: int | None) -> None:
    path = origin(TREE, "dev", stack, resource)
    assert (TREE.line(path) if path else None) == line


MOVED = """\
moved: {data.tables.notes: data.tables.memos, data.tables.gone: data.tables.nowhere}
stages:
  dev:
    moved: {backend.queues.old-work: backend.queues.work}
data:
  tables:
    memos: {partition_key: owner}
backend:
  queues:
    work: {}
"""


@pytest.mark.parametrize(
    ("stack", "resource", "line"),
    [("data", "NotesTable", 7), ("backend", "OldWorkQueue", 10), ("data", "GoneTable", 5)],
)
def test_what_was_moved_is_found_where_it_is_described_now(stack: str, resource: str, line: int) -> None:
    tree = parse(MOVED, "app.yaml")
    path = origin(tree, "dev", stack, resource)
    assert path
    assert tree.line(path) == line


OWN = """\
backend:
  resources:
    Jobs:
      Type: AWS::SQS::Queue
      Properties:
        Tags: []
  overrides:
    WebFunction:
      Properties:
        MemorySize: 128
        VpcConfig:
          SubnetIds: [a]
stages:
  dev:
    backend:
      overrides:
        WebFunction: {Properties: {MemorySize: 256}}
"""


@pytest.mark.parametrize(
    ("stage", "resource", "path", "line"),
    [
        ("prod", "WebFunction", ("Properties", "MemorySize"), 10),
        ("dev", "WebFunction", ("Properties", "MemorySize"), 17),
        ("dev", "WebFunction", ("Properties", "VpcConfig", "SubnetIds", 0), 12),
        ("dev", "WebFunction", ("Properties", "Timeout"), None),
        ("dev", "WebFunction", ("Properties", "VpcConfig", "SecurityGroupIds"), None),
        ("dev", "Jobs", ("Properties", "Tags"), 6),
        ("dev", "Jobs", ("Properties", "QueueName"), 5),
        ("dev", "WebRole", ("Properties",), None),
    ],
)
def test_a_value_is_found_where_the_description_says_it_and_not_where_it_is_generated(
    stage: str, resource: str, path: tuple[str | int, ...], line: int | None
) -> None:
    tree = parse(OWN, "app.yaml")
    assert written(tree, stage, "backend", resource, path) == line
    assert written(tree, stage, "data", resource, path) is None


def test_a_failed_resource_is_reported_with_its_line_and_others_as_they_were(
    tmp_path: Path, build: Callable[..., Rendered]
) -> None:
    (tmp_path / "app.yaml").write_text(TEXT)
    problems = [Problem(where=where, what="w", fix="f") for where in ("t-x-data.NotesTable", "t-x-data", "s3://b/k.x")]
    results = located(problems, [build("data", {})], "dev", tmp_path / "app.yaml")
    assert [str(problem) for problem in results] == [
        "app.yaml:10: t-x-data.NotesTable: w. f.",
        "t-x-data: w. f.",
        "s3://b/k.x: w. f.",
    ]


def test_every_resource_of_the_example_has_a_line_in_its_section_or_its_section_is_not_described(root: Path) -> None:
    file = root / "app.yaml"
    app, tree = load(file), parse(file.read_text(), "app.yaml")
    for stage in app.stages.values():
        for stack in render(app, stage):
            section = stack.stack.partition("-")[0]
            described = {path for path in ((section,), ("stages", stage.name, section)) if path in tree.lines}
            results = [origin(tree, stage.name, stack.stack, name) for name in stack.template["Resources"]]
            assert all(results) == bool(described)
    assert tree.line(origin(tree, "dev", "data", "NotesTable") or ()) > tree.line(("data",))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Resource of type 'X' with identifier 'n' already exists. (HandlerErrorCode: AlreadyExists)", "'import'"),
        ("User: u is not authorized to perform: dynamodb:CreateTable on resource: r", "the right that is named here"),
        ("Resource handler returned message: no (RequestToken: 1, HandlerErrorCode: AccessDenied)", "'permissions'"),
        ("(HandlerErrorCode: Throttling)", "wait a minute"),
        ("decreases account's UnreservedConcurrentExecution below its minimum", "'reserved_concurrency'"),
        ("n already exists in stack arn:aws:cloudformation:r:1:stack/o/1", "exists outside of the stack"),
        ("One or more of the CNAMEs you provided are already associated with a different resource.", "this domain"),
        ("cannot update a stack when a custom-named resource requires replacing. Rename n", "under another name"),
        ("The bucket you tried to delete is not empty", "Empty it"),
        ("Action denied by stack policy: Statement [#1] does not allow", "--allow-replacement"),
    ],
)
def test_a_known_reason_has_a_hint(reason: str, words: str) -> None:
    assert words in (hint(reason) or "")


@pytest.mark.parametrize("reason", ["", "Something new", "(HandlerErrorCode: SomethingNew)"])
def test_an_unknown_reason_has_none(reason: str) -> None:
    assert hint(reason) is None


def test_a_hint_is_one_sentence_without_its_full_stop() -> None:
    from stacks.deploy import hints  # noqa: PLC0415 - its tables

    messages = {*hints._CODES.values(), *(text for _, text in hints._WORDS)}
    assert not [text for text in messages if text.endswith(".") or ". " in text]
