"""The recipes of ARCHITECTURE.md are enough: a copy of the library gets an option, a verb, facts, a check and sources.

``tests/kinds/test_new_kind.py`` does the same for a new kind of resource.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NEW = {
    "A new verb": {
        "commands/greet.py": '''
"""``greet``: greet a stage."""

from stacks.commands.common import described
from stacks.reporting import answer


def run(arguments):
    """Greet the stages of the application."""
    app = described(arguments)
    answer({"greeted": list(app.stages)}, lambda: f"{arguments.word}, {app.name}!")
    return 0
''',
    },
    "A new check": {
        "checks/teams.py": '''
"""Who a resource belongs to."""

from stacks.checks.rule import rule


@rule("TEAM", why="nobody could be told", fix="Add a tag 'team'", source="https://example.com/teams")
def buckets_have_a_team(stacks):
    """Buckets name their team."""
    for bucket in stacks.of("AWS::S3::Bucket"):
        if "team" not in bucket.tags:
            yield bucket.hit("Tags", "have no team")


RULES = (buckets_have_a_team,)
''',
    },
}
"""Recipe → the files that it adds."""
EDITS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "A new option": (
        (
            "model/texts.py",
            r"^TagKey = Annotated\[",
            'About = Annotated[str, Text(r"[^<>]*", "has brackets", "Leave them out", 256)]\n\\g<0>',
        ),
        ("model/backend.py", r"^from stacks\.model\.texts import \(", "\\g<0>\n    About,"),
        (
            "model/backend.py",
            r"^    tracing: bool = False\n",
            '    about: About = ""\n    """What it is for, as the console shows it."""\n\\g<0>',
        ),
        (
            "backend.py",
            r"^    if function\.tracing:\n",
            '    if function.about:\n        yield "Description", function.about\n\\g<0>',
        ),
        (
            "description/backend_rules.py",
            r"^        yield from _url\(function, stage, .*\n",
            (
                "\\g<0>        if function.about == name:\n"
                '            yield (*where, "about"), "says no more than its name", "Say what it is for"\n'
            ),
        ),
    ),
    "A new verb": (
        ("commands/catalog.py", r"^COMMANDS = \{\n", '\\g<0>    "greet": "Greet a stage",\n'),
        ("commands/verb_options.py", r"^SHARED.*$", '\\g<0>\n    ({"greet"}, "--word", {"default": "Hello"}),'),
    ),
    "A new AWS fact": (
        (
            "types/compute.py",
            r'(?s)("AWS::Lambda::Function": Type\(.*?quotas=\()',
            '\\g<1>\n            Quota("Description", 40, "characters about a function", "Say less", "https://example.com"),',
        ),
        (
            "forecast/documented.py",
            r"^FACTS = \(\n",
            '\\g<0>    Fact(type="AWS::SQS::Queue", keys=("DelaySeconds",), replacement="always", source="x"),\n',
        ),
        ("prices/list_prices.py", r"^KEY = ", 'BUS = Price(2.5, "bus and month", _page("eventbridge"))\n\\g<0>'),
        (
            "prices/floor.py",
            r'^    "AWS::KMS::Key": _fixed',
            '    "AWS::Events::EventBus": _fixed("event bus", prices.BUS),\n\\g<0>',
        ),
    ),
    "A new check": (
        ("checks/run.py", r"^from stacks\.checks import \(\n", "\\g<0>    teams,\n"),
        ("checks/run.py", r"^    \*storage\.RULES,\n", "\\g<0>    *teams.RULES,\n"),
    ),
    "A new pipeline source": (
        ("model/base.py", r'    source: Literal\["github", ', '\\g<0>"azure", "bucket", '),
        ("model/base.py", r'^CONNECTED = \{"github": "GitHub", ', '\\g<0>"azure": "AzureDevOps", '),
        (
            "pipelines/actions.py",
            r'^    if pipelines\.source == "codecommit":\n',
            (
                '    if pipelines.source == "bucket":\n'
                '        settings = {"S3Bucket": pipelines.repository, "S3ObjectKey": "source.zip"}\n'
                '        return _action("Source", "Source", "S3", settings, makes=[SOURCE], Namespace=SOURCE)\n\\g<0>'
            ),
        ),
        (
            "pipelines/delivery.py",
            r'^    if pipelines\.source == "codecommit":\n        verbs',
            (
                '    if pipelines.source == "bucket":\n'
                '        return allow("s3:GetObject", on=f"arn:aws:s3:::{pipelines.repository}/source.zip")\n\\g<0>'
            ),
        ),
        ("pipelines/steps.py", r'"CodeStarSourceConnection" \| ', '\\g<0>"S3" | '),
        (
            "description/pipeline_rules.py",
            r'^    if pipelines\.source == "codecommit":\n        if parts',
            (
                '    if pipelines.source == "bucket":\n        if parts:\n'
                '            yield (*at, "repository"), "is no bucket", "Write its name alone"\n        return\n\\g<0>'
            ),
        ),
    ),
}
"""Recipe → file, what is looked for, what stands there then."""
FUNCTION = {"handler": "a.py:b", "routes": ["GET /"], "public": True}
PAYLOAD = {
    "described": {"about": "Shows the shop."},
    "broken": {"about": "web"},
    "bracketed": {"about": "<b>"},
    "long": {"about": "x" * 41},
}
REPORT = """
import contextlib, io, json, sys
from pathlib import Path
from stacks import Rendered, render
from stacks.checks.run import check
from stacks.cli import main
from stacks.description.schema import json_schema
from stacks.errors import StacksError
from stacks.forecast.compare import compare
from stacks.limits import within_limits
from stacks.loading import validated
from stacks.pipelines.steps import steps
from stacks.prices.floor import template_lines

given = json.load(sys.stdin)


def stacks(**more):
    base = {"base": {"pipelines": more["pipelines"]}} if "pipelines" in more else {}
    function = {**given["function"], **more.get("function", {})}
    sections = {"stages": {"dev": {"region": "eu-west-1", **base}}, "backend": {"functions": {"web": function}}}
    app = validated({"name": "shop", **sections})
    return {one.stack: one for one in render(app, app.stages["dev"])}


def refused(call):
    try:
        call()
    except StacksError as error:
        return [str(one) for one in error.problems]


def source(name, repository):
    base = stacks(pipelines={"repository": repository, "source": name})["base"].template
    pipeline = base["Resources"]["BackendPipeline"]["Properties"]
    return {
        "provider": pipeline["Stages"][0]["Actions"][0]["ActionTypeId"]["Provider"],
        "triggers": "Triggers" in pipeline,
        "rights": json.dumps(base["Resources"]["BackendPipelinePolicy"]),
        "connections": [
            body["Properties"]["ProviderType"]
            for body in base["Resources"].values()
            if body["Type"] == "AWS::CodeConnections::Connection"
        ],
        "read": type(steps(base, "BackendPipeline")[0]).__name__,
    }


def said(*words):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main([*words, "--app", given["app"]])
    return out.getvalue()


queue = {"Type": "AWS::SQS::Queue", "Properties": {}}
delayed = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}}
(change,) = compare({"Resources": {"Q": queue}}, {"Resources": {"Q": delayed}}, {}, {})
owned = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}
bucket = Rendered(stack="data", name="x", region="eu-west-1", template=owned, body="")
bus = {"Resources": {"Bus": {"Type": "AWS::Events::EventBus"}}}
json.dump(
    {
        "schema": json_schema()["$defs"]["Function"]["properties"]["about"],
        "function": stacks(function=given["described"])["backend"].template["Resources"]["WebFunction"]["Properties"],
        "broken": refused(lambda: stacks(function=given["broken"])),
        "bracketed": refused(lambda: stacks(function=given["bracketed"])),
        "long": refused(lambda: within_limits(list(stacks(function=given["long"]).values()))),
        "greeting": said("greet", "--word", "Good morning"),
        "greeting as json": said("greet", "--json"),
        "replacement": change.replacement,
        "price": [line.monthly for line in template_lines("x", bus)],
        "findings": [one.rule for one in check([bucket])],
        "azure": source("azure", "team/shop"),
        "bucket": source("bucket", "sources"),
        "wrong bucket": refused(lambda: source("bucket", "a/b")),
    },
    sys.stdout,
)
"""


def followed(root: Path, copy: Path) -> None:
    """Copy the library, and do what the recipes say."""
    shutil.copytree(root / "stacks", copy / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    for files in NEW.values():
        for name, text in files.items():
            (copy / "stacks" / name).write_text(text.lstrip(), encoding="utf-8")
    for edits in EDITS.values():
        for name, old, new in edits:
            file = copy / "stacks" / name
            text, count = re.subn(old, new, file.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert count == 1, f"{name}: {old} is there {count} times"
            file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def report(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the library says that has got all of it."""
    copy = tmp_path_factory.mktemp("copy")
    followed(root, copy)
    app = copy / "app.yaml"
    app.write_text("name: shop\nstages: {dev: {region: eu-west-1}}\n")
    done = subprocess.run(
        [sys.executable, "-c", REPORT],
        cwd=copy,
        input=json.dumps({**PAYLOAD, "function": FUNCTION, "app": str(app)}),
        env={"PYTHONPATH": str(copy), "PATH": "", "STACKS_CACHE_DIR": str(copy / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loads: dict[str, Any] = json.loads(done.stdout)
    return loads


@pytest.mark.parametrize("recipe", EDITS)
def test_a_recipe_names_every_place(root: Path, recipe: str) -> None:
    page = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    start = page.index(f"**{recipe}**")
    text = page[start : page.index("\n**", start)]
    touched = {name for name, *_ in EDITS[recipe]} | NEW.get(recipe, {}).keys()
    assert {
        name for name in touched if not any(spelling in text for spelling in (f"`{name}`", *_folders(name)))
    } == set()


def _folders(name: str) -> tuple[str, ...]:
    """How a recipe may name a file by its folder."""
    folder = name.rpartition("/")[0]
    return (
        (f"`{folder}/`", f"`stacks/{folder}/`", f"`{folder}/*_rules.py`")
        if folder in {"model", "commands", "description", "checks", "types"}
        else ()
    )


def test_an_option_reaches_schema_template_and_rules(report: dict[str, Any]) -> None:
    assert report["schema"]["maxLength"] == 256
    assert report["schema"]["description"] == "What it is for, as the console shows it."
    assert report["function"]["Description"] == "Shows the shop."
    assert report["broken"] == ["backend.functions.web.about: says no more than its name. Say what it is for."]
    assert "has brackets. Leave them out." in report["bracketed"][0]


def test_a_verb_is_parsed_run_and_readable_by_programs(report: dict[str, Any]) -> None:
    assert report["greeting"] == "Good morning, shop!\n"
    assert '"greeted": ["dev"]' in report["greeting as json"].replace("\n", "").replace("  ", "")


def test_each_fact_changes_a_verdict(report: dict[str, Any]) -> None:
    assert "has 41 characters about a function, AWS allows 40. Say less." in report["long"][0]
    assert report["replacement"] == "always"
    assert report["price"] == [2.5]


def test_a_check_finds_what_it_is_about(report: dict[str, Any]) -> None:
    assert "TEAM" in report["findings"]


def test_a_source_behind_a_connection_reaches_pipeline_and_connection(report: dict[str, Any]) -> None:
    azure = report["azure"]
    assert (azure["provider"], azure["triggers"], azure["connections"], azure["read"]) == (
        *("CodeStarSourceConnection", True, ["AzureDevOps"], "FetchSource"),
    )
    assert "UseConnection" in azure["rights"]


def test_a_source_of_its_own_has_its_action_rights_reader_and_rules(report: dict[str, Any]) -> None:
    bucket = report["bucket"]
    assert (bucket["provider"], bucket["triggers"], bucket["connections"], bucket["read"]) == (
        "S3",
        False,
        [],
        "FetchSource",
    )
    assert "s3:::sources/source.zip" in bucket["rights"]
    assert "repository: is no bucket. Write its name alone." in report["wrong bucket"][0]
