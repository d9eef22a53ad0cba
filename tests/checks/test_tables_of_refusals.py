"""No row of the tables of refusals refuses what CloudFormation's registry takes: each exception has its reason."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks import registry
from stacks.checks.refused import lists, names, ranges

ROOT = Path(__file__).parents[2]
RANGES = {row.id: row for row in ranges.ROWS}
NUMBERS = {
    "ALARM-PERIOD-RANGE": "10, 20, 30 and multiples of 60, says PutMetricAlarm",
    "FN-MEMORY-RANGE": "the registry has the most of Lambda Managed Instances",
    "FN-STORAGE-RANGE": "the registry has the most of Lambda Managed Instances",
    "FN-TIMEOUT-RANGE": "the registry has the most of Lambda Managed Instances",
    "SOURCE-AGE-RANGE": "-1, or 60 and more, says CreateEventSourceMapping",
    "TABLE-READS-RANGE": "1 at least, says DynamoDB's ProvisionedThroughput",
    "TABLE-WRITES-RANGE": "1 at least, says DynamoDB's ProvisionedThroughput",
    "HEALTH-INTERVAL-RANGE": "10 and 30 alone, says HealthCheckConfig",
}
"""Ranges that are narrower than the registry's, with the reason."""
PATTERNS = {
    "EVENT-BUS-NAME": "'/' is for partners' buses alone, and 'default' is taken, says CreateEventBus",
    "FN-NAME": "an ARN in the registry is of any partition",
    "FN-PERMISSION-PRINCIPAL": "an account, an ARN or a service, says AddPermission",
    "KEY-ALIAS-NAME": "'alias/' and a name, and 'alias/aws/' is reserved, says CreateAlias",
    "LOG-GROUP-NAME": "'aws/' is reserved, says CreateLogGroup",
    "TRAIL-NAME": "no two of '._-' together, says the naming requirements",
    "WAF-METRIC-NAME": "All and Default_Action are reserved, says VisibilityConfig",
}
"""Patterns that are narrower than the registry's, with the reason."""


def schema_of(row: ranges.Range | names.NameRule) -> dict[str, Any]:
    """What the registry's schema says of a row's property; empty when it has no such type or property."""
    schema: Any = registry.schema(row.type) or {}

    def followed(node: Any) -> Any:
        name = str(node.get("$ref", "")).rpartition("/")[2]
        return followed(schema["definitions"][name]) if name else node

    node: Any = {"properties": schema.get("properties", {})}
    for part in row.path.split("."):
        node = followed(node.get("items", {}) if part == "*" else node.get("properties", {}).get(part, {}))
    return dict(node)


@pytest.mark.parametrize(
    "row",
    [entry for entry in ranges.ROWS if entry.grade == "refused" and entry.id not in NUMBERS],
    ids=lambda row: row.id,
)
def test_a_range_is_not_narrower_than_the_registrys(row: ranges.Range) -> None:
    schema = schema_of(row)
    numbers = schema.get("enum") or [schema[name] for name in ("minimum", "maximum") if name in schema]
    assert [number for number in numbers if not (row._is_in(number) or number in row.also)] == []


_PATTERNED = [
    row
    for row in names.ROWS
    if row.id not in PATTERNS and row.grade == "refused" and r"\p" not in schema_of(row).get("pattern", r"\p")
]


@pytest.mark.parametrize("row", _PATTERNED, ids=lambda row: row.id)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_pattern_is_not_narrower_than_the_registrys(row: names.NameRule, data: st.DataObject) -> None:
    schema = schema_of(row)
    pattern = re.compile(f"(?:{schema['pattern']})\\Z", re.ASCII)
    text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=st.sampled_from(string.printable)))
    if schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        assert re.fullmatch(row.pattern, text, re.ASCII), text


def test_each_exception_is_one() -> None:
    assert NUMBERS.keys() <= {entry.id for entry in ranges.ROWS}
    assert PATTERNS.keys() <= {name_rule.id for name_rule in names.ROWS}


def test_a_quota_that_accounts_can_have_raised_refuses_nothing() -> None:
    """The grade is one field of a row; rows named so are the quotas of which AWS's pages say that they can be raised.

    https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html
    """
    rows = (*lists.ROWS, *ranges.ROWS, *names.ROWS)
    assert {row.id for row in rows if row.grade == "advice"} == {
        "CDN-BEHAVIORS", "CDN-ORIGINS", "ROLE-POLICIES-QUOTA", "TABLE-INDEXES-QUOTA", "FN-TIMEOUT-QUOTA",
        "CDN-READ-QUOTA", "CDN-ALIVE-QUOTA", "CSP-LENGTH",
    }  # fmt: skip


def _described() -> list[tuple[str, int, int]]:
    """Every range of a description that names a row: the row's id, and the numbers that are taken."""
    results = []
    for file in (*(ROOT / "stacks/model").rglob("*.py"), *(ROOT / "stacks/kinds").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Between":
                keywords = {keyword.arg: keyword.value for keyword in node.keywords}
                rule = keywords.get("rule") or (node.args[4] if len(node.args) > 4 else None)
                if isinstance(rule, ast.Constant):
                    results.append((str(rule.value), ast.literal_eval(node.args[0]), ast.literal_eval(node.args[1])))
    return results


@pytest.mark.parametrize(("rule", "low", "high"), [row for row in _described() if row[0] in RANGES])
def test_a_description_takes_what_the_row_it_names_takes(rule: str, low: int, high: int) -> None:
    row = RANGES[rule]
    assert row._is_in(low)
    assert row._is_in(high)
    assert row.most in {high, ranges.NO_MOST}
    assert not row._is_in(high + 1) or high >= 1_000_000, "a quota that can be raised is no limit of a description"
