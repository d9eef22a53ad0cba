"""``explain`` and ``doctor`` as a person meets them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stacks.checks.run import RULES
from stacks.cli import main
from stacks.commands.doctor import account_check, machine, stack_checks

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App
    from stacks.testing import MemoryCloud


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["WebFunction", "--stage", "dev"], "AWS::Lambda::Function"),
        (["web: WebRole CREATE_FAILED", "--stage", "dev"], "AWS::IAM::Role"),
        (["Rate exceeded (HandlerErrorCode: Throttling)"], "Fix: AWS was busy"),
        (["E3012"], "E3012 (cfn-lint)"),
    ],
)
def test_what_is_named_is_explained(
    words: list[str], expected: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", *words, "--app", str(root / "app.yaml")]) == 0
    assert expected in capsys.readouterr().out


def test_a_rule_is_explained_without_a_description(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = RULES[0]
    assert main(["explain", f"base:3: {rule.id} something", "--app", str(tmp_path / "app.yaml")]) == 0
    output = capsys.readouterr().out
    assert output.startswith(rule.id)
    assert f"Fix: {rule.fix}." in output


def test_what_nothing_is_named_by_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "WebFunctoin", "--app", str(root / "app.yaml")]) == 2
    assert "Did you mean 'WebFunction'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("python", "node", "problems"),
    [
        ((3, 11, 0), "v20.1.0", []),
        ((3, 10, 9), "v20.1.0", ["Python"]),
        ((3, 14, 0), "v16.0.0", ["node"]),
        ((3, 14, 0), None, ["node"]),
        ((3, 14, 0), "nonsense", ["node"]),
    ],
)
def test_the_machine_is_checked(python: tuple[int, ...], node: str | None, problems: list[str]) -> None:
    checks = [check for check in machine(python, node) if check.state == "problem"]
    assert [check.what for check in checks] == problems
    assert all(check.fix for check in checks)


def test_credentials_of_another_account_are_a_problem(example: App) -> None:
    stage = replace(example.stages["dev"], account="123456789012")
    assert account_check(stage, "123456789012", "me").state == "ok"
    assert account_check(stage, "210987654321", "me").state == "problem"
    assert account_check(example.stages["dev"], "1", "me").state == "note"


def test_doctor_without_a_description_says_how_to_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--offline", "--app", str(tmp_path / "app.yaml")]) == 1
    assert "init' to create one" in capsys.readouterr().out


def test_doctor_without_credentials_goes_on_to_the_end(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--app", str(root / "app.yaml"), "--stage", "dev"]) == 1
    output = capsys.readouterr().out
    assert "dev: credentials" in output
    assert "1 problem" in output


def test_stacks_are_counted(example: App, memory: MemoryCloud) -> None:
    (check,) = stack_checks(example, example.stages["dev"], memory)
    assert (check.state, check.detail) == ("ok", "0 of 6 deployed")
