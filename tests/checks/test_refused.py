"""What AWS refuses is found by its rule, in templates that nobody here made, and what AWS takes is not."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from stacks.checks import Template
from stacks.checks.refused import ADVICE as REFUSED_OF_MOST
from stacks.checks.refused import RULES as REFUSED
from stacks.checks.refused import names, ranges
from stacks.checks.run import RULES, check, refuse_refused
from stacks.errors import CheckError
from tests.checks.agreement_cases import ADVICE
from tests.checks.agreement_cases import CASES as AGREEMENT
from tests.checks.refused_cases import CASES as OTHERS
from tests.checks.refused_cases import Case

if TYPE_CHECKING:
    from pathlib import Path


CASES = (*AGREEMENT, *OTHERS)


def _rules_broken(case: Case) -> list[str]:
    template = {**case.more, "Resources": case.resources}
    target = Template(stack="backend", region=case.region, template=template)
    return [finding.rule for finding in check([target], REFUSED)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule or 'taken'}: {case.name}")
def test_a_template_that_aws_refuses_is_found_by_its_rule(case: Case) -> None:
    results = _rules_broken(case)
    assert set(results) == ({case.rule} if case.rule else set())


@pytest.mark.parametrize("case", ADVICE, ids=lambda case: f"{case.rule}: {case.name}")
def test_a_quota_that_accounts_can_have_raised_is_advice(case: Case) -> None:
    target = Template(stack="backend", region=case.region, template={"Resources": case.resources})
    result = {finding.rule: finding.grade for finding in check([target], (*REFUSED, *REFUSED_OF_MOST))}
    assert result == {case.rule: "advice"}
    refuse_refused([target])


def _nested(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = [value] if part == "*" else {part: value}
    return dict(value)


@pytest.mark.parametrize("row", ranges.ROWS, ids=lambda row: row.id)
def test_numbers_outside_of_a_range_are_found_and_those_inside_are_not(row: ranges.Range) -> None:
    def hits(value: float | str) -> list[str]:
        resource = {"Type": row.type, "Properties": _nested(row.path, value)}
        target = Template(stack="s", region="eu-west-1", template={"Resources": {"X": resource}})
        return [finding.rule for finding in check([target], [row.rule()])]

    assert row.most == ranges.NO_MOST or hits(row.most + 1) == [row.id]
    assert hits(str(row.least - 2 - len(row.also))) == [row.id]
    assert hits(row.least) == []
    assert hits("many") == [row.id]


ROWS = (*names.ROWS, *names.FIFO)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_names_of_other_characters_are_found(row: names.NameRule) -> None:
    more = {"FifoQueue": True, "FifoTopic": True} if "FIFO" in row.id else {}
    resource = {"Type": row.type, "Properties": {**_nested(row.path, "\n/ é?{" * 400), **more}}
    target = Template(stack="s", region="eu-west-1", template={"Resources": {"X": resource}})
    assert row.id in {finding.rule for finding in check([target], names.RULES)}


def test_every_rule_of_the_book_has_a_case() -> None:
    tables = {row.id for row in (*ranges.ROWS, *ROWS)}
    cases = {case.rule for case in (*CASES, *ADVICE)}
    assert {rule.id for rule in (*REFUSED, *REFUSED_OF_MOST)} - cases - tables == set()


def test_what_aws_refuses_cannot_be_suppressed() -> None:
    case = next(case for case in CASES if case.rule == "CIDR-SIZE")
    skip = [{"id": "CIDR-SIZE", "reason": "we would rather not be told about this"}]
    template = {"Resources": case.resources, "Metadata": {"stacks": {"skip": skip}}}
    findings = check([Template(stack="base", region="eu-west-1", template=template)], REFUSED)
    assert [finding.rule for finding in findings] == ["CIDR-SIZE", "SKIP-REFUSED"]


def test_all_that_is_refused_is_reported_at_once_with_its_source() -> None:
    resources = {
        f"{case.rule}{n}".replace("-", ""): body
        for n, case in enumerate(CASES[-3:])
        for body in case.resources.values()
    }
    with pytest.raises(CheckError) as caught:
        refuse_refused([Template(stack="backend", region="eu-west-1", template={"Resources": resources})])
    assert len(caught.value.problems) == 3
    assert "https://docs.aws.amazon.com/" in str(caught.value)


def test_a_value_given_for_a_parameter_counts_not_its_default() -> None:
    template = {
        "Parameters": {"Memory": {"Type": "Number", "Default": 20_000}},
        "Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": {"Ref": "Memory"}}}},
    }
    rule = [entry for entry in REFUSED if entry.id == "FN-MEMORY-RANGE"]
    with_value = Template(stack="s", region="eu-west-1", template=template, parameters={"Memory": "512"})
    assert check([with_value], rule) == ()
    assert len(check([Template(stack="s", region="eu-west-1", template=template)], rule)) == 1


def test_the_book_needs_the_standard_library_alone(root: Path) -> None:
    """The local AWS imports it in a process of its own, which has none of our dependencies."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from stacks.local.front.refused import Deployed, refusals\n"
        "role = lambda path: {'Type': 'AWS::IAM::Role', 'Properties': {'RoleName': 'r', 'Path': path}}\n"
        "of = lambda path: {'Resources': {'R': role(path)}}\n"
        "deployed = Deployed(template=of('/a/'), parameters={})\n"
        "print(any('CHANGE-NAMED' in one for one in refusals(of('/b/'), {}, 'eu-west-1', deployed)))"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(root)]  # -S: without any package
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("True", "")


def test_every_rule_has_an_id_of_its_own_and_a_grade() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {rule.grade for rule in RULES} == {"refused", "advice"}
    assert all(rule.grade == "refused" for rule in REFUSED)
