"""``lint`` as a person meets it: two grades, what they do to the exit code, and the list of the rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks.checks.book import entries, rule_page
from stacks.checks.run import RULES
from stacks.cli import main

if TYPE_CHECKING:
    from pathlib import Path

LARGE: dict[str, Any] = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "Role": "arn:aws:iam::123456789012:role/app",
        "MemorySize": 20_000,
        "Code": {"ZipFile": "def handler(*_): pass"},
    },
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose backend is a template of another framework, with a function of 20,000 MB."""
    (tmp_path / "template.json").write_text(json.dumps({"Resources": {"Large": LARGE}}))
    described = {"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, "backend": {"template": "template.json"}}
    (tmp_path / "app.yaml").write_text(json.dumps(described))
    return tmp_path / "app.yaml"


def test_what_aws_refuses_fails_in_a_template_of_another_framework(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "--app", str(project)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any("FN-MEMORY-RANGE is 20,000 MB" in line and line.endswith("[refused by AWS]") for line in lines)
    assert lines[-1].endswith("advice)")
    assert "finding" in lines[-1]
    assert "refused by AWS" in lines[-1]


def test_what_the_description_itself_says_is_reported_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "name: shop\nstages: {dev: {region: eu-west-1}}\nbackend:\n  resources:\n    Jobs:\n"
    queue = "      Type: AWS::SQS::Queue\n      Properties: {VisibilityTimeout: 99999}\n"
    (tmp_path / "app.yaml").write_text(text + queue)
    arguments = ["--app", str(tmp_path / "app.yaml"), "--stage", "dev"]
    assert main(["lint", *arguments]) == 1
    assert "app.yaml:7: dev/backend: Jobs: VisibilityTimeout: QUEUE-VISIBILITY-RANGE" in capsys.readouterr().out
    assert main(["deploy", *arguments]) == 1
    assert "app.yaml:7: backend: Jobs: VisibilityTimeout: QUEUE-VISIBILITY-RANGE" in capsys.readouterr().err


def test_the_grade_is_in_the_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--format", "json", "--app", str(project)]) == 1
    load = json.loads(capsys.readouterr().out)
    assert {(entry["grade"], entry["fails"]) for entry in load} == {("refused", True), ("advice", False)}


def test_what_aws_refuses_is_not_deployed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is packaged, and without a connection."""
    assert main(["deploy", "--app", str(project), "--stage", "dev"]) == 1
    assert "backend: Large: MemorySize: FN-MEMORY-RANGE is 20,000 MB" in capsys.readouterr().err


def test_the_rules_are_listed_with_their_grades(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--rules"]) == 0
    output = capsys.readouterr().out
    book = entries(RULES)
    assert f"{len(book)} rules: " in output
    assert main(["lint", "--rules", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in listed] == [entry.id for entry in book]
    assert {rule.id for rule in RULES} < {entry["id"] for entry in listed}
    assert all(entry[name] for entry in listed for name in ("grade", "why", "fix", "source"))


def test_markdown_is_for_the_list_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--format", "markdown", "--app", str(project)]) == 2
    assert "--format markdown: is for the list of rules. Add --rules" in capsys.readouterr().err


def test_the_page_of_the_rules_is_fresh(root: Path) -> None:
    assert (root / "docs" / "rules.md").read_text(encoding="utf-8") == rule_page(entries(RULES)).rstrip("\n") + "\n"
