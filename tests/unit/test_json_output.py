"""``--format json``: every verb, one mechanism; standard output is data, standard error is talk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from stacks.cli import main, parser
from stacks.cloud import Event
from stacks.commands.catalog import COMMANDS
from stacks.commands.output_schema import EVENTS, fact_types, output_page
from stacks.commands.output_verbs import ANSWERS, RESULTS
from stacks.progress import ResourceEvent, StackFinished, StackStarted
from stacks.reporting import event_name, reporting
from stacks.ui import Screen, is_automated
from tests.json_lines import SCHEMA, forms, refuse_undescribed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Lines = list[Any]
READING = {
    "render": ["render"],
    "lint": ["lint", "--rules"],
    "schema": ["schema"],
    "permissions": ["permissions", "--stage", "dev"],
    "routes": ["routes", "--stage", "dev", "/app/"],
    "graph": ["graph"],
    "explain": ["explain", "FN-URL"],
    "cost": ["cost"],
    "diff": ["diff", "--between", "old", "new"],
}
"""Verbs that answer without AWS, on the example."""
WORDS = {
    "migrate": ["file"],
    "sync": ["web"],
    "secrets": ["list"],
    "domain": ["status"],
    "explain": ["FN-URL"],
    "invoke": ["web"],
    "import": ["data"],
    "ci": ["github"],
    "pipeline": ["status"],
}
"""Verb → the words without which it is not understood."""
SERVERLESS = """service: notes
provider: {name: aws, runtime: python3.13, stage: dev, region: eu-west-1, tracing: {unknown: true}}
functions:
  hello: {handler: hello.handler, events: [{iot: {sql: "SELECT * FROM 'x'"}}]}
"""
FAILING = {
    "init": ["init", "file"],
    "explain": ["explain", "nothing-of-this-name"],
    "graph": ["graph", "--out", "picture.unknown"],
    "import": ["import", "data"],
    "invoke": ["invoke", "nobody"],
    "secrets": ["secrets", "set", "nobody"],
    "domain": ["domain", "status"],
    "pipeline": ["pipeline", "status"],
    "ci": ["ci", "github"],
    "sync": ["sync", "nobody"],
    "doctor": ["doctor", "--offline"],
    "local": ["local", "--watch", "--detach"],
    "diff": ["diff", "--against", "no-such-revision"],
    "schema": ["schema", "--nothing"],
    "permissions": ["permissions", "nobody"],
    "render": ["render", "--stage", "nobody"],
    "package": ["package", "--stage", "nobody"],
    "cost": ["cost", "--requests", "-1"],
    "routes": ["routes", "//["],
}
"""Verbs → words that fail; the others fail with a stage that is not described."""


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Lines]]:
    """Run a command; return its exit code and what standard output has, each line parsed and held to the schema."""

    def run(*words: str) -> tuple[int, Lines]:
        try:
            code = main([*words, "--json"])
        except SystemExit as ended:
            code = int(str(ended.code))
        results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        for line in results:
            refuse_undescribed(line, words[0])
        return code, results

    return run


@pytest.fixture
def project(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example in a folder that commands may write into."""
    shutil.copy(root / "app.yaml", tmp_path)
    for part in ("lambda_src", "site"):
        shutil.copytree(root / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "file").write_text("")
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "data.yaml").write_text("Resources: {A: {Type: 'AWS::SNS::Topic'}}\n")
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("verb", READING)
def test_a_verb_that_reads_writes_one_line(verb: str, lines: Callable[..., Any], project: Path) -> None:
    assert (project / "app.yaml").exists()
    code, result = lines(*READING[verb])
    assert code == 0
    assert len(result) == 1
    assert not (isinstance(result[0], dict) and "event" in result[0])


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_verb_that_fails_ends_with_its_errors(verb: str, lines: Callable[..., Any], project: Path) -> None:
    assert project
    words = FAILING.get(verb, [verb, "--stage", "nobody"])
    if verb == "doctor":
        (project / "app.yaml").unlink()
    code, result = lines(*words)
    assert code in {1, 2}
    end = result[-1]
    assert (end["event"], end["ok"], end["exit_code"]) == ("end", False, code)
    assert end["command"] == verb
    if verb != "doctor":  # which reports problems as checks
        assert end["errors"]
    for problem in end["errors"]:
        assert problem["where"]
        assert problem["what"]
        assert problem["fix"]


def test_every_verb_says_what_it_writes() -> None:
    assert [verb for verb in COMMANDS if not forms(ANSWERS, verb) and not forms(RESULTS, verb)] == []
    assert {name.split()[0] for name in (*ANSWERS, *RESULTS)} == COMMANDS.keys()


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_writes_json_by_both_options(verb: str) -> None:
    for option in (["--json"], ["--format", "json"]):
        known, _ = parser().parse_known_args([verb, *WORDS.get(verb, []), *option])
        assert known.format == "json"


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"], ["--app", "app.yaml", "--json"]])
def test_options_are_accepted_in_front_of_the_verb(
    option: list[str], capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    assert project
    assert main([*option, "explain", "FN-URL"]) == 0
    assert json.loads(capsys.readouterr().out)["explanations"]


def test_a_migration_ends_with_what_it_wrote_and_what_is_left(lines: Callable[..., Any], project: Path) -> None:
    (project / "old" / "serverless.yml").write_text(SERVERLESS)
    code, value = lines("migrate", "old/serverless.yml")
    assert code == 0
    (end,) = value
    result = end["result"]
    assert (result["framework"], result["functions"], result["stages"]) == ("serverless", ["hello"], ["dev"])
    assert result["files"][:2] == ["app.yaml", "MIGRATION.md"]
    assert result["written"]
    assert {problem["file"] for problem in result["obstacles"]} == {"serverless.yml"}
    assert (project / "old" / "app.yaml").read_text() == result["description"]


def test_a_rehearsed_migration_has_its_description_in_the_result(lines: Callable[..., Any], project: Path) -> None:
    (project / "old" / "serverless.yml").write_text(SERVERLESS)
    _, (end,) = lines("migrate", "old/serverless.yml", "--dry-run")
    assert not end["result"]["written"]
    assert "hello" in end["result"]["description"]
    assert not (project / "old" / "app.yaml").exists()


def test_errors_of_a_description_have_their_line(lines: Callable[..., Any], project: Path) -> None:
    (project / "app.yaml").write_text("name: notes\nstages:\n  dev:\n    region: nowhere\n")
    code, result = lines("render")
    assert code == 2
    (problem,) = result[-1]["errors"]
    assert (problem["where"], problem["file"], problem["line"]) == ("stages.dev.region", "app.yaml", 4)


def test_errors_of_the_command_line_are_json_too(lines: Callable[..., Any]) -> None:
    code, result = lines("deploy", "--paralell")
    assert code == 2
    assert result[-1]["errors"][0]["fix"] == "Did you mean '--parallel'?"


def test_facts_of_a_deployment_are_events_and_people_read_them_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with reporting("deploy", wanted=True) as report, Screen() as screen:
        screen.show(StackStarted(stack="data", name="notes-dev-data", region="eu-west-1"))
        event = Event(id="1", logical_id="A", physical_id="a", type="AWS::SNS::Topic", status="CREATE_COMPLETE")
        screen.show(ResourceEvent(stack="data", event=event))
        screen.show(StackFinished(stack="data", status="CREATE_COMPLETE", adopted=()))
        assert report
        report.end(0)
    out, err = capsys.readouterr()
    results = [json.loads(line) for line in out.splitlines()]
    for entry in results:
        refuse_undescribed(entry)
    assert [result["event"] for result in results] == ["stack_started", "resource_event", "stack_finished", "end"]
    assert (results[1]["logical_id"], results[1]["status"]) == ("A", "CREATE_COMPLETE")
    assert "data: notes-dev-data (eu-west-1)" in err


def test_the_schema_has_every_fact_once() -> None:
    names = [event_name(fact) for fact in fact_types()] + [event.event for event in EVENTS]
    assert len(set(names)) == len(names)
    described = {f"answer of {verb}" for verb in ANSWERS} | {f"result of {verb}" for verb in RESULTS}
    assert {*names, *described, "end", "problem"} == SCHEMA.keys()


def test_the_page_of_the_documentation_is_fresh(root: Path) -> None:
    assert (root / "docs" / "json.md").read_text() == f"{output_page()}\n"


@pytest.mark.parametrize(
    ("variables", "automated"),
    [({}, False), ({"CI": "true"}, True), ({"CI": "false"}, False), ({"CI": ""}, False), ({"AI_AGENT": "x"}, True)],
)
def test_ci_services_and_agents_are_known(variables: dict[str, str], *, automated: bool) -> None:
    assert is_automated(variables) is automated


def test_no_question_is_asked_of_a_program(root: Path) -> None:
    environment = {**os.environ, "CI": "true", "PYTHONPATH": str(root)}
    words = [sys.executable, "-m", "stacks.cli", "domain", "delete", "example.com", "--stage", "dev", "--json"]
    done = subprocess.run(
        [*words, "--endpoint-url", "http://127.0.0.1:9"],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["errors"]
