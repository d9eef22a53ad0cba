"""``pipeline run --local``: the rendered pipeline on this machine, and what fails where when something is broken."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks.commands.aws import cloud, endpoint_of
from stacks.errors import DeployError, StacksError
from stacks.loading import load
from stacks.local.emulator import local_aws
from stacks.naming import words
from stacks.pipelines import local
from stacks.pipelines.shell import clean_environment
from stacks.pipelines.steps import Build, Execute, Prepare, steps
from stacks.rendering import render
from tests.readers import readers
from tests.running import REGION, ROOT, Running, copied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stacks.pipelines.steps import PipelineStep

ON_THIS_PYTHON = (f"export PATH={Path(sys.executable).parent}:$PATH PYTHONPATH={ROOT}",)
"""Instead of the commands that make a virtual environment: the library and its tools run where the tests run."""
CHECKING = ("python build.py lint", "python build.py permissions")
TEST = "tests/test_notes.py"
RENAMED = """def renamed(template, app, stage):
    template.resources["WebAcl"].Name = "notes-dev-again"
"""


def git(folder: Path, *words: str) -> None:
    """Run git without anybody's settings."""
    variables = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    names = {f"GIT_{role}_{what}": "test@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = [shutil.which("git") or "git", *words]
    subprocess.run(command, cwd=folder, env={**variables, **names}, check=True, capture_output=True)


def commit(folder: Path) -> None:
    """Commit everything there is."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a change")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Running]:
    """A repository of the example with pipelines and a test, and a local AWS."""
    project = copied(tmp_path_factory.mktemp("pipelines") / "project")
    description = yaml.safe_load((project.folder / "app.yaml").read_text())
    description["base"] = {"pipelines": {"repository": "someone/notes"}}
    description["stages"]["prod"]["base"] = {"pipelines": {"after": "dev", "stacks": ["data"]}}
    (project.folder / "app.yaml").write_text(yaml.safe_dump(description))
    shutil.copy(root / "pyproject.toml", project.folder)
    (project.folder / "tests").mkdir()
    (project.folder / TEST).write_text("def test_notes() -> None:\n    assert True\n")
    (project.folder / ".gitignore").write_text("/.build/\n/.local/\n__pycache__/\n/templates_out/\n")
    git(project.folder, "init", "--quiet")
    commit(project.folder)
    with local_aws(region=REGION, account="000000000000", home=project.home) as emulator:
        running = Running(project=project, emulator=emulator)
        running.command("deploy", "artifacts-us-east-1", "base", "--yes")
        yield running


@pytest.fixture
def run(account: Running, tmp_path: Path) -> Callable[..., list[str]]:
    """Run a pipeline, changed by ``change``; return what it says."""
    app = load(account.project.folder / "app.yaml")
    stage = app.stages["dev"]
    base = next(stack for stack in render(app, stage) if stack.stack == "base")
    home_folder = tmp_path / "home"
    home_folder.mkdir()
    aws = {
        "AWS_ENDPOINT_URL": account.emulator.endpoint_url,
        "AWS_ACCESS_KEY_ID": account.emulator.key,
        "AWS_SECRET_ACCESS_KEY": account.emulator.secret,
        "AWS_DEFAULT_REGION": REGION,
    }

    def start(
        family: str, change: Callable[[PipelineStep], PipelineStep] = lambda step: step, *, row: bool = False
    ) -> list[str]:
        messages: list[str] = []
        work = Path(tempfile.mkdtemp(dir=tmp_path))
        shop = local.RunContext(
            repository=account.project.folder,
            work=work,
            logs=tmp_path / "logs",
            region=REGION,
            bucket=account.outputs()["base"]["ArtifactBucketName"],
            environment=clean_environment(home_folder, os.environ, aws),
            cloud=cloud(stage, endpoint_of(account.emulator)),
            say=messages.append,
            watch=lambda _: None,
        )
        results = steps(base.template, f"{words(family)}Pipeline")
        local.run(family, [change(installed(step)) for step in results if row or step.stage != "prod"], shop)
        return messages

    return start


def installed(step: PipelineStep) -> PipelineStep:
    """The step, spared the making of a virtual environment; what it does before stays."""
    if not isinstance(step, Build):
        return step
    commands = dict(step.phases)["install"]
    return with_phase(step, "install", [*commands[: commands.index("python -m venv .venv")], *ON_THIS_PYTHON])


def unchecked(step: PipelineStep) -> PipelineStep:
    """The step, spared what the first test of this module has seen every pipeline do: lint and permissions."""
    if not isinstance(step, Build):
        return step
    kept = [text for text in dict(step.phases)["build"] if not text.startswith(CHECKING)]
    return with_phase(with_phase(step, "pre_build", []), "build", kept)


def with_phase(step: Build, name: str, commands: Sequence[str]) -> Build:
    """A build with other commands in a phase."""
    phases = tuple((phase, tuple(commands) if phase == name else messages) for phase, messages in step.phases)
    return dataclasses.replace(step, phases=phases)


@pytest.mark.emulator
def test_the_pipelines_deploy_every_stack_and_the_site_answers(account: Running, run: Callable[..., list[str]]) -> None:
    assert "data" not in account.outputs()
    for family in ("data", "backend", "frontend-edge", "frontend", "frontend-logs-edge"):
        messages = run(family)
        assert messages[:4] == ["Source · Source", "dev · Build", "  install", "  pre_build"]
        assert "dev · Execute" in messages
        (question,) = [line for line in messages if "would wait here for a person" in line]
        assert re.search(
            rf"asked: Commit [0-9a-f]{{40}}\.( Files: [0-9a-f]{{64}}\.)? notes-dev-{family}: 1 stack: \d+ added",
            question,
        )
    assert {"base", "data", "backend", "frontend-edge", "frontend"} <= account.outputs().keys()
    assert "What is on your mind?" in account.visitor().ask("/").text
    assert account.visitor().ask("/app/config.json").json()["stage"] == "dev"


@pytest.mark.emulator
def test_a_row_goes_on_to_the_next_stage_and_deploys_it_as_described_there(
    account: Running, run: Callable[..., list[str]]
) -> None:
    url = account.emulator.endpoint_url
    account.project.build("deploy", "base", "--stage", "prod", "--endpoint-url", url, "--yes")
    messages = run("data", unchecked, row=True)
    assert [line for line in messages if line.endswith(("Build", "Execute"))] == [
        f"{stage} · {action}" for stage in ("dev", "prod") for action in ("Build", "Execute")
    ]
    question = next(line for line in messages if "notes-prod-data: " in line)
    assert "1 stack: 9 added" in question
    outputs = account.project.build("outputs", "--stage", "prod", "--endpoint-url", url, "--format", "json")
    assert json.loads(outputs)["data"]["NotesTableName"] == "notes-prod-notes"


@pytest.mark.emulator
def test_what_is_created_again_reaches_all_that_read_it_in_pipeline_runs(
    account: Running, run: Callable[..., list[str]]
) -> None:
    """Somebody deletes the data stack with its table, and the web ACL gets another name: the pipelines make them again.

    A function, its alias, the published site and the distribution read the new ones after one run of each pipeline.
    """
    file = account.project.folder / "app.yaml"
    good = file.read_text()
    folder = account.project.folder / "infra"

    def described(**more: Any) -> None:
        description = yaml.safe_load(good) | more
        description["backend"]["functions"]["list-notes"] |= {"users": "read", "provisioned_concurrency": 1}
        file.write_text(yaml.safe_dump(description))
        commit(account.project.folder)

    try:
        described()
        account.command("deploy", "--yes")
        first = readers(account)
        formation, tables = account.client("cloudformation"), account.client("dynamodb")
        formation.update_termination_protection(StackName="notes-dev-data", EnableTerminationProtection=False)
        formation.delete_stack(StackName="notes-dev-data")
        formation.get_waiter("stack_delete_complete").wait(StackName="notes-dev-data", WaiterConfig={"Delay": 1})
        tables.update_table(TableName="notes-dev-notes", DeletionProtectionEnabled=False)
        tables.delete_table(TableName="notes-dev-notes")
        folder.mkdir()
        (folder / "edge.py").write_text(RENAMED)
        described(extend={"frontend-edge": "infra/edge.py:renamed"})
        account.command("deploy", "base", "--yes")  # the rights to make one of that name
        for family in ("data", "backend", "frontend-edge", "frontend"):
            run(family, unchecked)
        second = readers(account)
        assert (first.agree, second.agree, second.moved_since(first)) == (True, True, True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        file.write_text(good)
        commit(account.project.folder)


@pytest.mark.emulator
def test_stages_of_another_account_are_reported_and_left_out(account: Running) -> None:
    file = account.project.folder / "app.yaml"
    good = file.read_text()
    description = yaml.safe_load(good)
    description["base"]["pipelines"]["install"] = ["exit 9"]
    description["stages"]["dev"]["account"], description["stages"]["prod"]["account"] = "0" * 12, "2" * 12
    file.write_text(yaml.safe_dump(description))
    try:
        commit(account.project.folder)
        done = account.project.run("pipeline", "run", "data", "--stage", "dev", "--local")
    finally:
        file.write_text(good)
        commit(account.project.folder)
    assert done.stdout.startswith("In another account, and not run here: prod\n")
    assert "notes-prod" not in done.stdout
    assert done.stderr.startswith("data-notes-dev: stage dev, action Build, phase install: ")


@pytest.mark.emulator
def test_a_run_in_which_nothing_changed_deploys_nothing(account: Running, run: Callable[..., list[str]]) -> None:
    def last_change(family: str) -> object:
        result = account.client("cloudformation").describe_stacks(StackName=f"notes-dev-{family}")["Stacks"][0]
        return result.get("LastUpdatedTime", result["CreationTime"])

    account.command("deploy", "--yes")  # as described, whatever the tests before changed
    before = last_change("data")
    making = [
        *ON_THIS_PYTHON,
        "python build.py render --stage dev",
        "python build.py pipeline prepare data --stage dev",
        'export DATA_CHANGES="$(cat .build/changes/dev/data.txt)"',
    ]
    messages = run("data", lambda step: plain_build(step, making))
    assert any(line.endswith("notes-dev-data: 1 stack: no changes") for line in messages)
    assert last_change("data") == before


@pytest.mark.emulator
def test_a_failing_test_fails_the_build_with_its_log(account: Running, run: Callable[..., list[str]]) -> None:
    file = account.project.folder / TEST
    good = file.read_text()
    file.write_text("def test_notes() -> None:\n    assert 'this' == 'that'\n")
    try:
        commit(account.project.folder)
        with pytest.raises(DeployError) as raised:
            run("data")
    finally:
        file.write_text(good)
        commit(account.project.folder)
    output = str(raised.value)
    assert output.startswith("data: stage dev, action Build, phase pre_build: 'python -m pytest")
    assert "assert 'this' == 'that'" in output


NO_SUCH_ATTRIBUTE = json.dumps(
    {
        "Resources": {
            "It": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Net": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "It"}, "CidrBlock": {"Fn::GetAtt": ["It", "CidrBlock"]}},
            },
        }
    }
)
"""The local AWS has no CidrBlock of a network: creating the stack fails."""


def plain_build(step: PipelineStep, commands: Sequence[str]) -> PipelineStep:
    """A build that runs nothing but some commands."""
    return dataclasses.replace(step, phases=(("build", tuple(commands)),)) if isinstance(step, Build) else step


OUT = "templates_out/dev"
MAKE = f"export DATA_CHANGES=all; mkdir -p {OUT} && echo '{{\"Parameters\": {{}}}}' > {OUT}/data.parameters.json"


@pytest.mark.emulator
@pytest.mark.parametrize(
    ("template", "action", "message"),
    [
        ("Resources: [", "Prepare", "is not a template"),
        (
            '{"Parameters": {"It": {"Type": "String"}}, "Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
            "Prepare",
            "It",
        ),
        (
            NO_SUCH_ATTRIBUTE,
            "Execute",
            "CidrBlock",
        ),
    ],
)
def test_a_broken_template_fails_its_own_action(
    run: Callable[..., list[str]], template: str, action: str, message: str
) -> None:
    broken = f"echo '{template}' > {OUT}/data.yaml"
    with pytest.raises(DeployError, match=f"(?s)data: stage dev, action {action}: .*{message}"):
        run("data", lambda step: of_another_stack(plain_build(step, [MAKE, broken])))


def of_another_stack(step: PipelineStep) -> PipelineStep:
    """The step, if it changes a stack, for one that no other test has."""
    return dataclasses.replace(step, stack="notes-dev-other") if isinstance(step, Prepare | Execute) else step


@pytest.mark.emulator
def test_a_build_that_does_not_make_its_artifact_fails(run: Callable[..., list[str]]) -> None:
    with pytest.raises(
        DeployError, match=r"data: stage dev, action Build: the build made no templates_out/dev/data.yaml"
    ):
        run("data", lambda step: plain_build(step, [MAKE]))


@pytest.mark.emulator
@pytest.mark.parametrize(
    ("export", "message"),
    [
        ("true", "it reads the variable Build.DATA_CHANGES, which no action before it makes"),
        ("export DATA_CHANGES=$(printf '%01000d' 0)", r"its setting has \d+ characters, 1000 are allowed"),
    ],
)
def test_a_question_that_codepipeline_could_not_ask_fails_its_action(
    run: Callable[..., list[str]], export: str, message: str
) -> None:
    template = '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'
    making = [MAKE, f"echo '{template}' > {OUT}/data.yaml", export.replace("true", "unset DATA_CHANGES")]
    with pytest.raises(DeployError, match=f"data: stage dev, action Approve: {message}"):
        run("data", lambda step: of_another_stack(plain_build(step, making)))


@pytest.mark.emulator
def test_a_command_that_does_not_exist_is_named_with_its_phase(run: Callable[..., list[str]]) -> None:
    with pytest.raises(DeployError, match=r"phase build: 'no-such-command' failed with 127"):
        run("data", lambda step: plain_build(step, ["no-such-command"]))


@pytest.mark.emulator
def test_what_is_not_committed_is_not_built(account: Running, run: Callable[..., list[str]]) -> None:
    (account.project.folder / "uncommitted.txt").write_text("x")
    with pytest.raises(DeployError, match=r"'cat uncommitted.txt' failed"):
        run("data", lambda step: plain_build(step, ["cat uncommitted.txt"]))


@pytest.mark.emulator
def test_a_build_sees_nothing_of_the_callers_environment(
    run: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "x")
    with pytest.raises(DeployError, match="failed with 7"):
        run("data", lambda step: plain_build(step, ['[ -z "$MY_TOKEN" ] && exit 7']))


def test_a_build_specification_that_is_no_yaml_is_refused(template: dict[str, Any]) -> None:
    project = template["Resources"]["DataBuild"]
    source = {**project["Properties"]["Source"], "BuildSpec": "phases: ["}
    broken = {**project, "Properties": {**project["Properties"], "Source": source}}
    changed = {**template, "Resources": {**template["Resources"], "DataBuild": broken}}
    with pytest.raises(StacksError, match=r"DataBuild\.Source\.BuildSpec: is not YAML: line 2"):
        steps(changed, "DataPipeline")


def test_a_pipeline_that_is_not_in_the_template_is_refused(template: dict[str, Any]) -> None:
    with pytest.raises(StacksError, match="OtherPipeline: is not an AWS::CodePipeline::Pipeline"):
        steps(template, "OtherPipeline")


def test_an_action_that_runs_in_aws_only_is_refused(template: dict[str, Any]) -> None:
    action = {"Name": "Scan", "ActionTypeId": {"Provider": "InspectorScan"}}
    pipeline = {
        "Type": "AWS::CodePipeline::Pipeline",
        "Properties": {"Stages": [{"Name": "Build", "Actions": [action]}]},
    }
    with pytest.raises(StacksError) as caught:
        steps({**template, "Resources": {"P": pipeline}}, "P")
    what = "the action Scan of InspectorScan (no mode) cannot be run on this machine"
    assert str(caught.value) == f"stage Build: {what}. Leave it out, or run the pipeline in AWS."


def test_without_pipelines_the_command_says_where_to_describe_them(tmp_path: Path) -> None:
    project = copied(tmp_path / "project")
    done = project.run("pipeline", "run", "--stage", "dev")
    assert (done.returncode, done.stderr) == (
        2,
        "stage dev: has no pipelines. Describe them under 'base.pipelines'.\n",
    )
