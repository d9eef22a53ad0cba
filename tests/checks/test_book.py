"""The book of refusals lists whatever AWS refuses, in templates and in descriptions, under one id each."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stacks.checks.book import entries
from stacks.checks.run import RULES
from stacks.cli import main
from stacks.description.refused import REFUSALS
from stacks.description.validation import app_of
from stacks.errors import DescriptionError
from stacks.intrinsics.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

STACKS = Path(__file__).parents[2] / "stacks"
JUDGING = sorted(file for folder in ("description", "model", "kinds") for file in (STACKS / folder).rglob("*.py"))
ID = re.compile(r"(?!AWS-)[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+|TAGS|CIDR|SCALING|SCHEDULE|REGION|ZONES")
REFUSING = re.compile(
    r"(?:Lambda|Cognito|DynamoDB|S3|API Gateway|CloudFront|IAM|EventBridge|SQS|KMS|CloudFormation|Parameter Store|WAF"
    r"|AWS Backup|CodePipeline|HTTP API)\b[^.]*?\b(?:takes?|refuses|allows?|asks|has it|has no|has pages|knows?|keeps"
    r"|does not make|cannot set up|is always|looks for|looks at|reserved)\b|reserved for (?:DynamoDB|Lambda)"
)
REFUSERS = {"Mistake", "Text", "Between", "Claim"}
OWN_REFUSALS = {
    "each message goes to one function only": "both mappings are taken, and each gets half of the messages",
    "an HTTP API can be called around the web ACL": "AWS takes it, and it is a way around",
    "is an API of another framework, which can be called around": "as above",
    "an HTTP API takes access tokens, too": "AWS takes it, and more tokens are let in than described",
    "are the same for API Gateway": "AWS takes it, and more clients are let in than described",
    "API Gateway waits 29 s": "Lambda takes the timeout, and the answer comes too late",
    "CloudFront has error pages for a whole distribution": "AWS takes it, and answers of the API are replaced",
    "leads to the API, and CloudFront has none behind it": "there is no resource to lead to",
}
"""Words of messages that name a service, where AWS takes what this project refuses, and why it is refused here."""


class _Refusal:
    """A place that refuses: its text, and the ids of rules that it names."""

    def __init__(self, file: Path, node: ast.expr, around: ast.AST) -> None:
        self.place = f"{file.relative_to(STACKS.parent)}:{node.lineno}"
        names = {entry.id for entry in ast.walk(node) if isinstance(entry, ast.Name)}
        used = names & {"what", "taken"}
        before = [entry for entry in (ast.walk(around) if used else ()) if isinstance(entry, ast.Assign)]
        meant = [assign for assign in before if _named(assign) & used and assign.lineno < node.lineno]
        texts = _texts(node) + (_texts(max(meant, key=lambda assign: assign.lineno)) if meant else [])
        constants = _constants(file)
        self.text = " ".join(texts)
        self.ids = {text for text in texts if ID.fullmatch(text)} | {
            constants[name] for name in names & constants.keys()
        }


def _texts(node: ast.AST) -> list[str]:
    return [entry.value for entry in ast.walk(node) if isinstance(entry, ast.Constant) and isinstance(entry.value, str)]


def _named(node: ast.Assign) -> set[str]:
    return {target.id for target in node.targets if isinstance(target, ast.Name)}


@cache
def _constants(file: Path) -> dict[str, str]:
    """Module constants that hold an id."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name) and ID.fullmatch(node.value.value)
    }


def _refusals() -> Iterator[_Refusal]:
    """Every finding that is yielded, and every mistake, text and range that the models refuse by."""
    for file in JUDGING:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        functions = [entry for entry in ast.walk(tree) if isinstance(entry, ast.FunctionDef)]
        inside = {id(node): function_def for function_def in functions for node in ast.walk(function_def)}
        for node in ast.walk(tree):
            is_refuser = isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSERS
            if isinstance(node, ast.expr) and (is_refuser or isinstance(node, ast.Yield)):
                yield _Refusal(file, node, inside.get(id(node), tree))


@pytest.fixture(scope="module")
def refusals() -> tuple[_Refusal, ...]:
    return tuple(_refusals())


def test_what_refuses_in_the_name_of_a_service_names_its_rule(refusals: tuple[_Refusal, ...]) -> None:
    """Proved by leaving out the id of any one of them."""
    bare = [
        f"{entry.place}: {entry.text[:150]}"
        for entry in refusals
        if REFUSING.search(entry.text) and not entry.ids and not any(words in entry.text for words in OWN_REFUSALS)
        if "body_schemas" not in entry.place  # named as a whole, where they are yielded to others
    ]
    assert not bare, "\n".join(bare)
    assert [words for words in OWN_REFUSALS if not any(words in entry.text for entry in refusals)] == []


def test_every_id_that_a_description_names_is_in_the_book(refusals: tuple[_Refusal, ...]) -> None:
    known = {entry.id for entry in entries(RULES)}
    named = {name for entry in refusals for name in entry.ids} | {"API-MODEL"}
    assert named <= known


def test_every_refusal_of_descriptions_is_named_by_one(refusals: tuple[_Refusal, ...]) -> None:
    named = {name for entry in refusals for name in entry.ids} | {"API-MODEL"}
    assert {refusal.id for refusal in REFUSALS} <= named


def test_ids_are_unique_and_each_says_why_and_where_from() -> None:
    book = entries(RULES)
    assert len({entry.id for entry in book}) == len(book)
    assert all(entry.why and entry.fix and entry.source.startswith("https://") for entry in book)
    assert [refusal.id for refusal in REFUSALS] == sorted(refusal.id for refusal in REFUSALS)


@pytest.mark.parametrize(
    ("section", "rule"),
    [
        ("backend: {functions: {a: {handler: 'a.py:f', memory: 20000}}}", "FN-MEMORY-RANGE"),
        ("data: {users: {password_length: 100}}", "USERS-PASSWORD-RANGE"),
        ("data: {tables: {a: {partition_key: x, sort_key: x}}}", "TABLE-KEY-SCHEMA"),
        ("data: {users: {domain: my-aws-login}}", "USERS-PREFIX"),
        ("base: {vpc: {cidr: 10.0.0.0/8}}", "CIDR-SIZE"),
        ("frontend: {static: static, waf: {block_countries: [UK]}}", "WAF-COUNTRY"),
        ("backend: {resources: {A: {Type: AWS::SNS::Topc}}}", "RESOURCE-SCHEMA"),
    ],
)
def test_a_refused_description_names_the_rule_at_the_end(section: str, rule: str) -> None:
    tree = parse(f"name: shop\nstages: {{dev: {{region: eu-west-1}}}}\n{section}\n", "app.yaml")
    with pytest.raises(DescriptionError) as caught:
        app_of(tree, "app.yaml")
    assert any(str(problem).endswith(f" [{rule}]") for problem in caught.value.problems)


def test_what_only_this_project_refuses_names_no_rule() -> None:
    """AWS takes a password of 11 characters."""
    tree = parse("name: shop\nstages: {dev: {region: eu-west-1}}\ndata: {users: {password_length: 11}}\n", "app.yaml")
    with pytest.raises(DescriptionError) as caught:
        app_of(tree, "app.yaml")
    assert str(caught.value).endswith("Use 12 to 99.")


def test_a_rule_of_descriptions_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "users-attributes"]) == 0
    assert capsys.readouterr().out.startswith("USERS-ATTRIBUTES (AWS refuses the description)\n  Why: Cognito takes")
