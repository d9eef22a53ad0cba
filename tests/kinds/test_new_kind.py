"""The recipe "A new kind of resource" of ARCHITECTURE.md is enough: a copy of the library gets a kind by it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, get_args

import pytest

from stacks.kinds import KINDS
from stacks.kinds.functions import FUNCTIONS
from stacks.kinds.kind import Part

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = {
    "__init__.py": '''
"""Kinesis data streams."""

from stacks.kinds.kind import Kind

STREAMS = Kind(
    name="streams",
    singular="stream",
    title="Kinesis stream",
    section="backend",
    type="AWS::Kinesis::Stream",
    suffix="Stream",
    service="kinesis",
    endpoint=None,
    uses={"put": ("kinesis:PutRecord", "kinesis:PutRecords")},
    variable=("STREAM_NAME", "the name"),
    starts="pushed",
    shared=("AWS::Kinesis::",),
    parts=("prices", "resources", "rules", "suppressions"),
)
''',
    "model.py": '''
"""What a description says of streams."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.texts import Between, Name, Plain
from stacks.values import value


@value
class Stream(Described):
    """A Kinesis stream."""

    shards: Annotated[int, Between(1, 10)] = 1


@value
class OfBackend(Described):
    streams: Mapping[Name, Annotated[Stream, Plain]] = field(default_factory=dict)
    """Streams of records."""


@value
class OfFunction(Described):
    streams: Mapping[Name, Literal["put"]] = field(default_factory=dict)


@value
class OfEvents(Described):
    streams: tuple[Name, ...] = ()
''',
    "resources.py": '''
"""Streams."""

from troposphere import GetAtt, Ref, awslambda, kinesis

from stacks import naming
from stacks.parts.policies import arn


def add(template, stage):
    for name, stream in stage.backend.streams.items():
        template.add_resource(kinesis.Stream(naming.logical_id(name, "Stream"), ShardCount=stream.shards))


def identity(name, stage):
    return Ref(naming.logical_id(name, "Stream"))


def arns(name, stage):
    return [GetAtt(naming.logical_id(name, "Stream"), "Arn")]


def all_arns(stage):
    return [arn("kinesis", f"stream/{naming.prefix(stage)}-*")]


def listen(name, stream, stage):
    yield awslambda.EventSourceMapping(
        naming.pair_id(name, "From", stream, "Stream"),
        FunctionName=Ref(naming.logical_id(name, "Function")),
        EventSourceArn=GetAtt(naming.logical_id(stream, "Stream"), "Arn"),
        StartingPosition="LATEST",
    )

''',
    "rules.py": '''
"""Streams have few shards together."""


def problems(stage, at):
    if sum(stream.shards for stream in stage.backend.streams.values()) > 9:
        yield at, "have over 9 shards together", "Use fewer"
''',
    "prices.py": '''
"""Streams."""

from stacks.prices.list_prices import Price


def uses(stage, writes):
    yield "Kinesis records", writes, "records", Price(1.4e-8, "record", "https://aws.amazon.com/kinesis/")
''',
    "suppressions.py": '''
"""Streams."""

from stacks.suppressions.when import Suppression, always

BY_TYPE = {"AWS::Kinesis::Stream": (Suppression(reason="a test", when=always, checkov=("CKV_AWS_43",)),)}
''',
}
APP: dict[str, Any] = {
    "name": "shop",
    "stages": {"dev": {"region": "eu-west-1"}},
    "backend": {
        "stacks": 2,
        "streams": {"clicks": True, "visits": {"shards": 2}},
        "functions": {
            "web": {
                "handler": "a.py:b",
                "routes": ["GET /"],
                "public": True,
                "streams": {"clicks": "put"},
            },
            "count": {"handler": "a.py:b", "events": {"streams": ["clicks"]}},
        },
    },
}
REPORT = """
import json, sys
from stacks import render
from stacks.description.schema import json_schema
from stacks.errors import StacksError
from stacks.forecast.compare import compare
from stacks.loading import validated
from stacks.picture.stage import picture_of
from stacks.prices.load import Load, estimate


def problems(app):
    try:
        validated(app)
    except StacksError as error:
        return [str(one) for one in error.problems]

given = json.load(sys.stdin)
app = validated(given["app"])
stage = app.stages["dev"]
rendered = render(app, stage)
moved = validated(given["moved"])
json.dump(
    {
        "schema": json_schema()["$defs"]["Backend"]["properties"]["streams"]["description"],
        "stacks": {one.stack: one.template for one in rendered},
        "moved": {one.stack: one.template for one in render(moved, moved.stages["dev"])},
        "problems": [problems(one) for one in given["wrong"]],
        "boxes": [(one.id, one.note) for one in picture_of(stage, rendered).boxes],
        "arrows": [(one.source, one.target) for one in picture_of(stage, rendered).arrows],
        "uses": [one.what for one in estimate(stage, Load(requests=10))],
    },
    sys.stdout,
)
"""


def with_kind(root: Path, copy: Path) -> None:
    """Copy the library, and follow the recipe: a folder, its record in ``KINDS``, its fields in ``described``."""
    shutil.copytree(root / "stacks", copy / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    kinds = copy / "stacks/kinds"
    (kinds / "streams").mkdir()
    for name, text in FOLDER.items():
        (kinds / "streams" / name).write_text(text)
    listed = (kinds / "__init__.py").read_text()
    listed = re.sub(r"(?m)^(KINDS.*= \()", r"from stacks.kinds.streams import STREAMS\n\1STREAMS, ", listed)
    (kinds / "__init__.py").write_text(listed)
    described = (kinds / "described.py").read_text()
    described = re.sub(
        r"(?m)^class (Of(?:Backend|Function|Events))\(",
        r"from stacks.kinds.streams import model as s\nclass \1(s.\1, ",
        described,
    )
    (kinds / "described.py").write_text(described)


@pytest.fixture(scope="module")
def report(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the library with another kind says of descriptions that have such things."""
    copy = tmp_path_factory.mktemp("copy")
    with_kind(root, copy)
    text, moved = json.dumps(APP), {"backend.streams.clicks": "backend.streams.hits"}
    wrong = (('"clicks": "put"', '"click": "put"'), ("2}}", "9}}"))
    payload = {
        "app": APP,
        "moved": {**json.loads(text.replace("clicks", "hits")), "moved": moved},
        "wrong": [json.loads(text.replace(old, new)) for old, new in wrong],
    }
    done = subprocess.run(
        [sys.executable, "-c", REPORT],
        cwd=copy,
        input=json.dumps(payload, default=str),
        env={"PYTHONPATH": str(copy), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loads: dict[str, Any] = json.loads(done.stdout)
    return loads


def test_the_kind_reaches_the_schema_with_its_description(report: dict[str, Any]) -> None:
    assert report["schema"] == "Streams of records."


def test_the_kind_reaches_the_template_with_its_suppression(report: dict[str, Any]) -> None:
    stream = report["stacks"]["backend"]["Resources"]["VisitsStream"]
    assert stream["Properties"] == {"ShardCount": 2}
    assert stream["Metadata"]["checkov"]["skip"] == [{"id": "CKV_AWS_43", "comment": "a test"}]


def test_the_kind_reaches_variables_rights_boundary_and_its_guard(report: dict[str, Any]) -> None:
    (part,) = (stack["Resources"] for stack in report["stacks"].values() if "WebFunction" in stack["Resources"])
    assert "CLICKS_STREAM_NAME" in part["WebFunction"]["Properties"]["Environment"]["Variables"]
    assert "kinesis:PutRecord" in str(part["WebPolicy"])
    boundary = report["stacks"]["base"]["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]["Statement"]
    (allowed,) = (statement for statement in boundary if "kinesis:PutRecord" in statement["Action"])
    assert "stream/shop-dev-*" in str(allowed["Resource"])
    (denied,) = (statement for statement in boundary if statement.get("Sid") == "OthersWithOurName")
    assert "kinesis:*" in denied["Action"]


def test_split_backends_share_the_kind_and_move_what_starts_a_function(report: dict[str, Any]) -> None:
    stacks = {name: body["Resources"].keys() for name, body in report["stacks"].items()}
    assert {"ClicksStream", "VisitsStream"} <= stacks["backend"]
    assert "CountFromClicksStream" not in stacks["backend"]
    assert any({"CountFromClicksStream", "CountDeadLetters"} <= names for names in stacks.values())


def test_the_kind_has_rules_and_names_that_are_checked(report: dict[str, Any]) -> None:
    unknown, large = report["problems"]
    assert "backend.functions.web.streams.click: there is no stream 'click'. Did you mean 'clicks'?" in str(unknown)
    assert "backend.streams: have over 9 shards together. Use fewer" in str(large)


def test_a_moved_thing_keeps_its_logical_id(report: dict[str, Any]) -> None:
    assert "ClicksStream" in report["moved"]["backend"]["Resources"]
    assert "HITS_STREAM_NAME" in str(report["moved"])


def test_the_kind_reaches_graph_and_cost(report: dict[str, Any]) -> None:
    assert ["stream clicks", "Kinesis stream"] in report["boxes"]
    assert {("function web", "stream clicks"), ("stream clicks", "function count")} <= set(map(tuple, report["arrows"]))
    assert "Kinesis records" in report["uses"]


def test_the_recipe_names_every_place(root: Path) -> None:
    page = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    recipe = page[page.index("**A new kind of resource**") :].partition("**A new verb**")[0]
    named = set(re.findall(r"([a-z_]+\.py)`", recipe))
    assert named >= {*FOLDER, "described.py"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.inside], ids=lambda kind: kind.name)
def test_a_folder_holds_the_modules_that_its_record_lists(root: Path, kind: Any) -> None:
    names = {file.stem for file in (root / "stacks/kinds" / kind.name).iterdir()}
    assert names & set(get_args(Part)) == set(kind.parts)
    assert {"__init__", "model"} <= names or kind is FUNCTIONS
