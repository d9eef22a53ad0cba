"""The command line as a person meets it: messages, exit codes, and nothing half-written."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

import pytest

from stacks.cli import main, parser
from stacks.commands.catalog import COMMANDS, EXAMPLES
from stacks.commands.common import located
from stacks.deploy.apply import interrupted_at_work
from stacks.printable import Steady

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = "name: notes\nstages: {dev: {region: eu-west-1}, prod: {region: us-east-1}}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small description, as the current one."""
    (tmp_path / "app.yaml").write_text(MINIMAL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def messages(capsys: pytest.CaptureFixture[str]) -> str:
    """What went to standard error, which has no traceback."""
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


def describe_function(project: Path) -> None:
    """Add a function to the description, with its code."""
    functions = "backend: {functions: {web: {handler: src/web.py:handler, public: true}}}\n"
    (project / "app.yaml").write_text(MINIMAL + functions)
    (project / "src").mkdir()
    (project / "src/web.py").write_text("def handler(event, context): ...\n")


def test_without_a_command_every_stage_is_rendered(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert sorted(file.parent.name for file in project.rglob("base.yaml")) == ["dev", "prod"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["stage", "stack", "resources", "bytes"]
    assert lines[-1] == "2 templates, 2 changed"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist. Create it, or correct the path."),
        (b"\xff", "cannot be read: it is not UTF-8 text. Give a file of JSON."),
        (b"x", "is not JSON: Expecting value: line 1 column 1 (char 0). Correct it."),
        (b'"%b"' % (b"x" * (6 * 1024 * 1024)), "is larger than the 6 MB that Lambda takes. Make it smaller."),
    ],
    ids=["missing", "binary", "no JSON", "large"],
)
def test_an_event_that_lambda_would_not_take_is_refused(
    content: bytes | None, message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    describe_function(project)
    if content is not None:
        (project / "event.json").write_bytes(content)
    assert main(["invoke", "web", "--stage", "dev", "--event", "event.json"]) == 2
    assert messages(capsys) == f"--event event.json: {message}\n"


def test_a_function_without_commands_runs_none(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    describe_function(project)
    assert main(["run", "web", "--stage", "dev", "--", "flask", "db", "upgrade"]) == 2
    message = "function 'web': takes no commands in stage dev. Add 'commands: true' to it, and deploy.\n"
    assert messages(capsys) == message


def test_one_stage_can_be_rendered_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stage", "prod", "--format", "json", "--out", "made"]) == 0
    (written,) = json.loads(capsys.readouterr().out)
    assert (written["stack"], written["name"], written["changed"]) == ("base", "notes-prod-base", True)
    assert (project / written["file"]).is_file()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--stage", "test"], 2, "--stage test: is not described. Use one of dev, prod, or add it to the description."),
        (["deploy"], 2, "--stage: is needed here. Use one of dev, prod."),
        (["outputs"], 2, "--stage: is needed here. Use one of dev, prod."),
        (["status"], 2, "--stage: is needed here. Use one of dev, prod."),
        (["drift"], 2, "--stage: is needed here. Use one of dev, prod."),
        (["deploy", "--skip", "A"], 2, "--skip: says what a rollback leaves out. Add --continue-rollback."),
        (["status", "--stage", "dev", "--endpoint-url", "here"], 2, "--endpoint-url here: is not an address."),
        (["status", "--stage", "dev", "--endpoint-url", "http://localhost:99999"], 2, "is not an address."),
        (["status", "--stage", "dev", "--endpoint-url", "http://127.0.0.1:9"], 1, "nothing answers at the endpoint"),
        (["routes", "--stage", "dev", "http://[::1"], 2, "URL 'http://[::1': is not a URL: Invalid IPv6 URL."),
        (["routes", "--stage", "dev"], 2, "routes: stage dev has no site. Describe 'frontend.site' or 'static'."),
        (["explain", "nothing-of-this-name"], 2, "explain 'nothing-of-this-name': names no resource and no rule. "),
        (["run", "--stage", "dev"], 2, "run: needs a function and a command. Write 'run web -- flask db upgrade'."),
        (["run", "web", "--stage", "dev", "--", "x"], 2, "function 'web': is not described. Describe one, or leave"),
        (["local", "--stage", ""], 2, "--stage : is not described. Use one of dev, prod"),
        (["--app", "other.yaml"], 2, "other.yaml not found. Run '"),
        (["--out", "app.yaml"], 1, "app.yaml"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_is_wrong_is_one_message(
    capsys: pytest.CaptureFixture[str], words: list[str], code: int, message: str
) -> None:
    assert main(words) == code
    assert message in messages(capsys)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["depoly"], "'depoly' is not a command. Did you mean 'deploy'?"),
        (["grph", "--format", "svg"], "'grph' is not a command. Did you mean 'graph'?"),
        (["--stage", "dev", "frobnicate"], "'frobnicate' is not a command. '"),
        (["render", "--stge", "x"], "'--stge' is not an option of render. Did you mean '--stage'?"),
        (["deploy", "--rules"], "'--rules' is not an option of deploy. See '"),
        (["render", "dev"], "'dev' is one argument too many. See '"),
        (["secrets", "sett", "x"], "action: 'sett' is not one of its values. Did you mean 'set'?"),
        (["init", "--template", "x"], "--template: 'x' is not one of its values. Known: all, fastapi, "),
        (["--stage"], "See"),
    ],
)
def test_a_wrong_word_ends_with_code_2_and_the_nearest(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert message in messages(capsys)


@pytest.mark.parametrize("verb", COMMANDS)
def test_the_help_of_each_command_has_an_example_that_it_takes(verb: str) -> None:
    words = EXAMPLES[verb].partition(" > ")[0].partition(" -- ")[0].split()
    arguments = parser(verbs=[verb]).parse_args(words)
    assert arguments.command == verb


class _Pipe(io.StringIO):
    """Standard output whose reader left after the first line."""

    file = -1

    def write(self, text: str) -> int:
        if "\n" in self.getvalue():
            raise BrokenPipeError
        return super().write(text)

    def fileno(self) -> int:
        return self.file


@pytest.mark.parametrize("verb", ["init", "render"])
def test_work_goes_on_when_nobody_reads_its_output(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    pipe = _Pipe()
    with (tmp_path / "descriptor").open("w") as file:
        pipe.file = file.fileno()
        monkeypatch.setattr("sys.stdout", pipe)
        assert main(["init", "new", "--template", "flask"] if verb == "init" else []) == 0
    assert (project / ("new/.gitignore" if verb == "init" else "templates_out/prod/base.yaml")).is_file()


def test_what_would_go_on_for_ever_ends_when_nobody_reads_it(tmp_path: Path) -> None:
    pipe = _Pipe()
    with (tmp_path / "descriptor").open("w") as file:
        pipe.file = file.fileno()
        stream = Steady(pipe, ends=True)
        stream.write("first\n")
        with pytest.raises(BrokenPipeError):
            stream.write("second\n")


def test_signs_that_an_encoding_lacks_are_written_in_others(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert main(["--stage", "dev"]) == 0
    assert b"-----  -----  ---------  -----" in written.getvalue()
    assert (project / "templates_out/dev/base.yaml").is_file()


def test_a_wrong_description_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app.yaml").write_text(MINIMAL + "datas: {}\n")
    assert main([]) == 2
    assert messages(capsys) == "app.yaml:3: datas: is an unknown key. Did you mean 'data'?\n"
    assert [file.name for file in project.iterdir()] == ["app.yaml"]


@pytest.mark.usefixtures("project")
def test_deploying_without_credentials_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "--stage", "dev"]) == 1
    assert "aws configure" in messages(capsys)


def test_from_another_folder_templates_are_written_next_to_the_description(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["--app", str(project / "app.yaml"), "--stage", "dev"]) == 0
    assert (project / "templates_out/dev/base.yaml").is_file()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_version_is_what_a_script_reads(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert not caught.value.code
    assert capsys.readouterr().out.startswith("serverless-stacks ")


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    listed = capsys.readouterr().out
    for verb in ("render", "lint", "schema", "package", "deploy", "outputs", "destroy", "local"):
        assert f"    {verb} " in listed


def test_the_build_script_is_the_same_command(root: Path, project: Path) -> None:
    shutil.copy(root / "build.py", project / "build.py")
    command = [sys.executable, "build.py", "--stage", "dev"]
    done = subprocess.run(command, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=True)
    assert "templates_out/dev/base.yaml" in done.stdout


def test_an_interrupted_deploy_is_reported_as_what_it_is_when_there_is_a_description(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text("name: notes\n")
    error = interrupted_at_work("notes-dev-base", "eu-west-1")
    stacks_error = located(error, Namespace(app=file, stage=None))
    assert (stacks_error.exit_code, "goes on in AWS" in str(stacks_error)) == (130, True)
