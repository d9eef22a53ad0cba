"""``diff`` on the command line: two folders, git revisions, formats, exit codes, and what cannot be compared."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks.cli import main

if TYPE_CHECKING:
    from pathlib import Path

DESCRIPTION = """\
name: notes
stages:
  dev: {region: eu-west-1}
data:
  tables:
    notes: {partition_key: owner}
"""


def write(folder: Path, **resources: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.yaml").write_text(yaml.safe_dump({"Resources": resources}))
    return folder


def table(name: str) -> dict[str, Any]:
    return {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": name, "KeySchema": []}}


def git(folder: Path, *words: str) -> None:
    program = shutil.which("git")
    assert program
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run([program, "-C", str(folder), *identity, *words], check=True, capture_output=True)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    """Two folders: a table is replaced, a role is new."""
    old = write(tmp_path / "old" / "dev", Notes=table("a"))
    new = write(tmp_path / "new" / "dev", Notes=table("b"), Role={"Type": "AWS::IAM::Role", "Properties": {}})
    return str(old.parent), str(new.parent)


def test_the_same_folder_has_no_changes(folders: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--between", folders[0], folders[0]]) == 0
    assert capsys.readouterr().out == "1 stack: no changes\n"


def test_the_text_puts_what_is_destructive_first(folders: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--between", *folders]) == 4
    assert capsys.readouterr().out == (
        "dev/data: dev/data.yaml\n"
        "  destructive\n"
        "    -/+ Notes  AWS::DynamoDB::Table: replaced; WHAT IT HOLDS IS LOST\n"
        "        TableName: a -> b  (replaces)\n"
        "  security-relevant\n"
        "    + Role  AWS::IAM::Role: added\n"
        "1 stack: 1 added, 1 changed, 1 destructive, 1 security-relevant\n"
    )


def test_json_says_the_same(folders: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--json", "--between", *folders]) == 4
    (stack,) = json.loads(capsys.readouterr().out)
    assert [(change["name"], change["destructive"], change["replacement"]) for change in stack["changes"]] == [
        ("Notes", True, "always"),
        ("Role", False, "never"),
    ]


def test_markdown_says_the_same(folders: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--format", "markdown", "--between", *folders]) == 4
    output = capsys.readouterr().out
    assert "- `-/+` **Notes** `AWS::DynamoDB::Table`: replaced; WHAT IT HOLDS IS LOST" in output
    assert "  - `TableName` `a` → `b`  (replaces)" in output


def test_changes_that_lose_nothing_end_with_three(tmp_path: Path) -> None:
    old, new = write(tmp_path / "a", A=table("a")), write(tmp_path / "b", A=table("a"), B=table("b"))
    assert main(["diff", "--between", str(old), str(new)]) == 3


def test_only_the_stacks_asked_for_are_compared(folders: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "backend", "--between", *folders]) == 2
    assert capsys.readouterr().err == "backend: there is no such stack. Name one of data.\n"


def test_a_stage_can_be_chosen_and_must_exist(folders: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--stage", "dev", "--between", *folders]) == 4
    capsys.readouterr()
    assert main(["diff", "--stage", "prod", "--between", *folders]) == 2
    assert capsys.readouterr().err.startswith("--stage prod: is in neither folder. ")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose rendered templates are committed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(DESCRIPTION)
    assert main(["render"]) == 0
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_a_revision_is_compared_with_what_would_be_rendered(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--against", "HEAD"]) == 0
    (project / "app.yaml").write_text(DESCRIPTION.replace("partition_key: owner", "partition_key: who"))
    capsys.readouterr()
    assert main(["diff", "data", "--against", "HEAD"]) == 4
    output = capsys.readouterr().out
    assert "-/+ NotesTable  AWS::DynamoDB::Table: replaced; what it holds stays in AWS outside of the stack" in output
    assert "AWS refuses it: KeySchema[AttributeName=owner] replaces it: it keeps its name" in output


def test_a_stack_that_is_no_longer_rendered_is_removed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app.yaml").write_text(DESCRIPTION.partition("data:")[0])
    assert main(["diff", "data", "--against", "HEAD"]) == 4
    assert "- NotesTable" in capsys.readouterr().out


def test_an_unknown_revision_is_one_clear_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.is_dir()
    capsys.readouterr()
    for revision in ("nothing", "--output=x", "HEAD~9"):
        assert main(["diff", f"--against={revision}"]) == 2
        output = f"--against {revision}: there is no such revision. Name a commit, branch or tag of git.\n"
        assert capsys.readouterr().err == output


def test_a_revision_without_templates_is_one_clear_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(project, "rm", "-rq", "--cached", "templates_out")
    git(project, "commit", "-qm", "none")
    capsys.readouterr()
    assert main(["diff", "--against", "HEAD"]) == 2
    assert "HEAD:templates_out: has no templates" in capsys.readouterr().err


def test_outside_of_a_checkout_is_one_clear_error(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(project / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    capsys.readouterr()
    assert main(["diff", "--against", "HEAD"]) == 2
    assert "is not in a git checkout" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Resources: {", "cannot be read"),
        (b'{"Resources": ', "cannot be read"),
        (b"just text", "is not a CloudFormation template"),
        (b"Resources: []", "is not a CloudFormation template"),
        (b"", "is not a CloudFormation template"),
        (b"\xff\xfe\x00", "is not text"),
        (b"Resources: {A: \x07}", "cannot be read"),
        (b"[" * 500, "cannot be read"),
    ],
)
def test_a_corrupt_old_template_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, message: str
) -> None:
    old, new = tmp_path / "old", write(tmp_path / "new", A=table("a"))
    old.mkdir()
    (old / "data.yaml").write_bytes(content)
    assert main(["diff", "--between", str(old), str(new)]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith(str(old / "data.yaml"))
    assert error.count("\n") == 1


def test_a_corrupt_parameter_file_is_one_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "a", A=table("a"))
    (folder / "data.parameters.json").write_text("[]")
    assert main(["diff", "--between", str(folder), str(folder)]) == 1
    assert "data.parameters.json: is not a parameter file" in capsys.readouterr().err


def test_a_folder_that_is_missing_or_empty_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "--between", str(tmp_path / "no"), str(tmp_path)]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert main(["diff", "--between", str(tmp_path), str(tmp_path)]) == 2
    assert "has no templates" in capsys.readouterr().err


def test_short_functions_and_their_long_forms_are_the_same(tmp_path: Path) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    for folder, text in (
        (short, "Resources:\n  A:\n    Type: T\n    Properties: {X: !Ref B, Y: !GetAtt B.C.D, Z: !Sub 'a${B}'}\n"),
        (long, ""),
    ):
        folder.mkdir()
        (folder / "x.yaml").write_text(text)
    value = {"X": {"Ref": "B"}, "Y": {"Fn::GetAtt": ["B", "C.D"]}, "Z": {"Fn::Sub": "a${B}"}}
    (long / "x.yaml").write_text(json.dumps({"Resources": {"A": {"Type": "T", "Properties": value}}}))
    assert main(["diff", "--between", str(short), str(long)]) == 0
