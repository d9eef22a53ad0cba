"""``permissions`` at the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stacks.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.roles.conftest import Role


@pytest.fixture
def app(root: Path) -> list[str]:
    return ["--app", str(root / "app.yaml"), "--stage", "dev"]


def test_a_table_shows_actions_policies_and_bytes_of_every_stack(
    app: list[str], roles: dict[tuple[str, str], Role], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["permissions", *app]) == 0
    rights = roles["dev", "backend"].rights
    (line,) = [item for item in capsys.readouterr().out.splitlines() if item.startswith("notes-dev-backend ")]
    assert line.split()[1:4] == [str(len(rights.actions)), str(len(rights.policies)), str(rights.bytes)]


def test_the_readme_has_the_figures_that_are_printed(
    app: list[str], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["permissions", *app]) == 0
    lines = {line.split()[0]: line.split()[1:4] for line in capsys.readouterr().out.splitlines()}
    figures = zip(*(lines[f"notes-dev-{stack}"] for stack in ("data", "backend", "frontend")), strict=True)
    cells = (" / ".join(f"{int(entry):,}" for entry in column) for column in figures)
    assert f"| data / backend / frontend | {' | '.join(cells)} |" in (root / "README.md").read_text()


def test_one_stack_is_printed_as_the_policies_of_its_role(
    app: list[str], roles: dict[tuple[str, str], Role], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["permissions", "data", *app]) == 0
    assert json.loads(capsys.readouterr().out) == list(roles["dev", "data"].rights.documents())


def test_explain_shows_what_needs_an_action(app: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions", "backend", "--explain", *app]) == 0
    (line,) = [item for item in capsys.readouterr().out.splitlines() if item.startswith("s3:GetObjectVersion")]
    assert "AddNoteFunction, ListNotesFunction and 1 more: Code.S3Bucket" in line


def test_json_carries_the_reasons(app: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions", "data", "--explain", "--format", "json", *app]) == 0
    (load,) = json.loads(capsys.readouterr().out)
    assert {row["type"] for row in load["reasons"]} == {
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::DynamoDB::Table",
        "AWS::SSM::Parameter",
    }


def test_an_unknown_stack_is_reported_with_those_there_are(app: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions", "bakend", *app]) == 2
    assert "bakend: there is no such stack. Name one of base, data" in capsys.readouterr().err


def test_base_has_no_role_to_check(app: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions", "base", "--check", *app]) == 2
    assert "base is deployed by a person, there is no role to check. Name another stack." in capsys.readouterr().err
