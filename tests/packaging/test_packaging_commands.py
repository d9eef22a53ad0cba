"""Commands beside a deployed application: who may send them, what runs, and what comes back."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.app import App, Backend, Function, Stage
from stacks.deploy.functions import Command, FunctionResult, Outcome, after_deploy, run_command
from stacks.errors import DeployError
from stacks.packaging import command_runner, web_handler
from tests.packaging.requests_as_events import Sent, function_url, http_v2, rest_v1

if TYPE_CHECKING:
    from pathlib import Path

ARN = "arn:aws:lambda:eu-west-1:000000000000:function:app-dev-web"


def _context(arn: str = f"{ARN}:commands", seconds: float = 60) -> Any:
    return SimpleNamespace(invoked_function_arn=arn, get_remaining_time_in_millis=lambda: seconds * 1000)


def _run(*words: str, seconds: float = 60) -> dict[str, Any]:
    return command_runner.run({"words": words, "id": "x1"}, _context(seconds=seconds))


def test_output_and_exit_code_come_back_and_each_line_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys; print('a'); print('b', file=sys.stderr); sys.exit(3)"
    assert _run("python", "-c", code) == {"exit_code": 3, "output": "a\nb\n", "cut": 0, "stopped": False}
    assert capfd.readouterr().out == "stacks-run x1 a\nstacks-run x1 b\n"


def test_an_installed_program_is_found_by_its_entry_point() -> None:
    result = _run("flask", "--version")
    assert (result["exit_code"], "Flask 3" in result["output"]) == (0, True)


def test_a_script_of_the_package_runs_with_the_functions_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manage.py").write_text("import sys; print(sys.executable, sys.argv)")
    monkeypatch.chdir(tmp_path)
    assert _run("manage.py", "migrate")["output"] == f"{sys.executable} ['manage.py', 'migrate']\n"


def test_a_program_that_is_not_packaged_is_reported_with_those_that_are() -> None:
    result = _run("rake", "db")
    assert result["exit_code"] == 127
    assert result["output"].startswith("rake: not in the package. There are: ")
    assert " flask, " in result["output"]


def test_a_command_that_outlives_the_function_is_stopped_with_its_output() -> None:
    code = "import time; print('started', flush=True); time.sleep(60)"
    result = _run("python", "-c", code, seconds=command_runner.SPARE + 4)
    assert (result["exit_code"], result["stopped"], result["output"]) == (124, True, "started\n")


def test_of_long_output_the_end_is_returned() -> None:
    result = _run("python", "-c", "for i in range(30): print(i, 'x' * 50_000)")
    lines = result["output"].splitlines()
    assert result["cut"] + len(lines) == 30
    assert len(result["output"]) <= command_runner.MOST
    assert lines[-1].startswith("29 ")


COMMAND = {"stacks_command": {"words": ["python", "-c", "print(1)"], "id": "x"}}


def test_a_command_runs_through_the_alias_for_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACKS_COMMANDS", "true")
    monkeypatch.setitem(sys.modules, "stacks_commands", command_runner)
    assert web_handler.handler(COMMAND, _context())["output"] == "1\n"


@pytest.mark.parametrize(
    ("arn", "switch"),
    [
        (ARN, "true"),
        (f"{ARN}:live", "true"),
        (f"{ARN}:3", "true"),
        (f"{ARN}:commands", "false"),
        (f"{ARN}:commands", None),
    ],
)
def test_a_command_that_comes_another_way_is_refused(
    arn: str, switch: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "stacks_commands", None)
    if switch:
        monkeypatch.setenv("STACKS_COMMANDS", switch)
    with pytest.raises(TypeError, match="through the function's alias 'commands' only"):
        web_handler.handler(COMMAND, _context(arn))


@pytest.mark.parametrize("door", [rest_v1, http_v2, function_url])
def test_no_request_is_taken_for_a_command(door: Any) -> None:
    sent = Sent(path="/stacks_command", query="stacks_command=1", body=json.dumps(COMMAND).encode(), method="POST")
    event = door(sent)
    assert not web_handler._is_command(event)
    assert not web_handler._is_command({**event, **COMMAND})


@dataclass
class Lambda:
    """Functions that answer as told; ``calls`` are the calls."""

    answer: FunctionResult
    calls: list[tuple[str, str, str, str | None]] = field(default_factory=list)

    def invoke(self, function: str, region: str, payload: str, *, alias: str | None = None) -> FunctionResult:
        self.calls.append((function, region, payload, alias))
        return self.answer


def _stage(**function: Any) -> Stage:
    web = Function(wsgi="src/app.py:app", public=True, **function)
    stage = Stage(name="dev", region="eu-west-1", backend=Backend(functions={"web": web}))
    return App(name="app", stages={"dev": stage}).stages["dev"]


def test_a_command_is_sent_once_to_the_alias_and_its_outcome_read() -> None:
    functions = Lambda(FunctionResult(payload='{"exit_code": 3, "output": "no\\n", "cut": 0, "stopped": false}'))
    command = Command(function="web", words=("flask", "x"), id="i")
    assert run_command(command, _stage(), functions) == Outcome(exit_code=3, output="no\n")
    (call,) = functions.calls
    assert (call[0], call[3]) == ("app-dev-web", "commands")
    assert json.loads(call[2]) == {"stacks_command": {"words": ["flask", "x"], "id": "i"}}


@pytest.mark.parametrize(
    "answer",
    [
        FunctionResult(payload='{"errorMessage": "no module"}', failed=True),
        FunctionResult(payload="null"),
        FunctionResult(payload="x"),
    ],
)
def test_an_application_that_could_not_start_a_command_is_an_error(answer: FunctionResult) -> None:
    with pytest.raises(DeployError, match=r"app-dev-web:commands: .*See its log"):
        run_command(Command(function="web", words=("x",)), _stage(), Lambda(answer))


def test_commands_after_a_deployment_run_when_the_backend_was_deployed() -> None:
    stage = _stage(commands=True, after_deploy=("flask a", "flask b"))
    both = (("web", "flask a"), ("web", "flask b"))
    assert after_deploy(stage, ()) == after_deploy(stage, ("data", "backend")) == both
    assert after_deploy(stage, ("frontend",)) == ()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ({"after_deploy": ("x",)}, "Add 'commands: true'"),
        ({"commands": True, "after_deploy": ("a 'b",)}, "cannot be split into words"),
        ({"commands": True, "after_deploy": (" ",)}, "empty command"),
        ({"wsgi": None, "handler": "src/a.py:b", "commands": True}, "commands run in web applications only"),
    ],
)
def test_what_makes_no_command_is_refused(function: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Function(**{"wsgi": "src/app.py:app", "public": True, **function})
