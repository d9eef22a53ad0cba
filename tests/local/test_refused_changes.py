"""What the local AWS refuses although its emulator would take it: templates, changes, and imports. No emulator here."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.checks.refused.changes import RULES, changes
from stacks.checks.rule import Template
from stacks.local.front.refused import Deployed, conflicts, created, import_refusals, refusals
from stacks.registry import create_only
from stacks.types import TYPES
from tests.checks.refused_cases import API, CASES, FUNCTION, HTTP, Case, function, of, path, table

KEYS = {"AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("id", "at", "by")]}
INDEX = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
TTL = {"TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True}}
NEW_TTL = {"TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}}
VERSION = of("AWS::Lambda::Version", FunctionName={"Ref": "Fn"})
POOL = of("AWS::Cognito::UserPool", Schema=[{"Name": "team", "AttributeDataType": "String"}])


def route(key: str) -> dict[str, Any]:
    """A route of the HTTP API."""
    return of("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey=key)


# rule, before, after
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("CHANGE-TYPE", {"A": of("AWS::SQS::Queue")}, {"A": of("AWS::SNS::Topic")}),
    ("CHANGE-TABLE", {"T": table(**TTL)}, {"T": table(**NEW_TTL)}),
    ("CHANGE-TABLE", {"T": table(**TTL)}, {"T": table()}),
    (
        "CHANGE-TABLE",
        {"T": table(StreamSpecification={"StreamViewType": "KEYS_ONLY"})},
        {"T": table(StreamSpecification={"StreamViewType": "NEW_IMAGE"})},
    ),
    (
        "CHANGE-INDEXES",
        {"T": table()},
        {"T": table(GlobalSecondaryIndexes=[{"IndexName": name, **INDEX} for name in ("one", "two")])},
    ),
    ("CHANGE-VERSION", {"Fn": FUNCTION, "V1": VERSION}, {"Fn": FUNCTION, "V2": VERSION}),
    (
        "CHANGE-VERSION",
        {"Fn": FUNCTION, "V1": VERSION},
        {"Fn": function(ReservedConcurrentExecutions=5, Tags=[{"Key": "a", "Value": "b"}]), "V2": VERSION},
    ),
    ("CHANGE-SIBLING", {"Api": API, "A": path("{id}")}, {"Api": API, "B": path("{name}")}),
    ("CHANGE-SIBLING", {"Api": API, "A": path("{id}")}, {"Api": API, "A": path("{name}")}),
    ("CHANGE-ROUTE", {"Api": HTTP, "A": route("GET /a/{id}")}, {"Api": HTTP, "A": route("GET /a/{key}")}),
    (
        "CHANGE-ROUTE",
        {"Api": HTTP, "A": route("GET /a/{id}"), "B": route("POST /a/{id}")},
        {"Api": HTTP, "A": route("GET /a/{key}")},
    ),
    ("CHANGE-NAME", {"A": table(TableName="notes")}, {"B": table(TableName="notes")}),
    (
        "CHANGE-NAMED",
        {"T": table(TableName="notes")},
        {
            "T": table(
                TableName="notes",
                AttributeDefinitions=[{"AttributeName": "at", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "at", "KeyType": "HASH"}],
            )
        },
    ),
    ("CHANGE-POOL", {"P": POOL}, {"P": of("AWS::Cognito::UserPool")}),
    (
        "CHANGE-POOL",
        {"P": of("AWS::Cognito::UserPool")},
        {"P": of("AWS::Cognito::UserPool", UsernameAttributes=["email"])},
    ),
]
TAKEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"Fn": FUNCTION, "V1": VERSION}, {"Fn": function(MemorySize=512), "V2": VERSION}),
    ({"Fn": FUNCTION}, {"Fn": FUNCTION, "V1": VERSION}),
    # What another stack or Parameter Store holds may have changed.
    (
        {"Fn": function(MemorySize={"Ref": "Memory"}), "V1": VERSION},
        {"Fn": function(MemorySize={"Ref": "Memory"}), "V2": VERSION},
    ),
    ({"T": table(**TTL)}, {"T": table(TimeToLiveSpecification={"AttributeName": "expires", "Enabled": False})}),
    ({"Api": API, "A": path("{id}")}, {"Api": API, "A": path("{id}"), "B": path("notes")}),
    ({"Api": HTTP, "A": route("GET /a/{id}")}, {"Api": HTTP, "A": route("GET /a/{id}"), "B": route("GET /a/{b+}")}),
    ({"Api": HTTP, "A": route("GET /a/{id}")}, {"Api": HTTP}),
    ({"P": POOL}, {"P": of("AWS::Cognito::UserPool", Schema=[*POOL["Properties"]["Schema"], {"Name": "desk"}])}),
]


def _rules_broken(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    pair = (Template(stack="s", region="eu-west-1", template={"Resources": entry}) for entry in (before, after))
    return {rule.id for rule, _ in changes(*pair)}


@pytest.mark.parametrize(("rule", "before", "after"), CHANGES)
def test_a_change_that_aws_refuses_is_found_by_its_rule(
    rule: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert _rules_broken(before, after) == {rule}


@pytest.mark.parametrize(("before", "after"), TAKEN)
def test_a_change_that_aws_takes_is_not_found(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert _rules_broken(before, after) == set()


def test_every_rule_about_changes_is_broken_above() -> None:
    assert {rule.id for rule in RULES} == {rule for rule, _, _ in CHANGES}


@pytest.mark.parametrize("case", [case for case in CASES if case.rule], ids=lambda case: case.name)
def test_the_local_aws_refuses_what_lint_refuses(case: Case) -> None:
    results = refusals({**case.more, "Resources": case.resources}, {}, case.region, None)
    assert results
    assert all(f"({case.rule}, https://docs.aws.amazon.com/" in result for result in results)


def test_the_value_that_a_parameter_keeps_counts() -> None:
    template = {
        "Parameters": {"Memory": {"Type": "Number"}},
        "Resources": {"Fn": function(MemorySize={"Ref": "Memory"})},
    }
    form = {"Parameters.member.1.ParameterKey": "Memory", "Parameters.member.1.UsePreviousValue": "true"}
    deployed = Deployed(template=template, parameters={"Memory": "20000"})
    assert any("FN-MEMORY-RANGE" in refusal for refusal in refusals(template, form, "eu-west-1", deployed))


IMPORT = {
    "ChangeSetType": "IMPORT",
    "ResourcesToImport.member.1.ResourceType": "AWS::DynamoDB::Table",
    "ResourcesToImport.member.1.LogicalResourceId": "T",
    "ResourcesToImport.member.1.ResourceIdentifier.entry.1.key": "TableName",
    "ResourcesToImport.member.1.ResourceIdentifier.entry.1.value": "notes",
}


def test_an_import_needs_a_deletion_policy_and_nothing_else() -> None:
    kept = {**table(TableName="notes"), "DeletionPolicy": "Retain"}
    deployed = Deployed(template={"Resources": {"Q": of("AWS::SQS::Queue")}}, parameters={})
    fine = {"Resources": {"T": kept, "Q": of("AWS::SQS::Queue")}}
    assert list(import_refusals(fine, IMPORT, deployed)) == []
    (bare,) = import_refusals({"Resources": {**fine["Resources"], "T": table()}}, IMPORT, deployed)
    assert "missing DeletionPolicy" in bare
    (other,) = import_refusals({"Resources": {**fine["Resources"], "X": of("AWS::SQS::Queue")}}, IMPORT, deployed)
    assert "[X]" in other


def test_what_another_stack_holds_is_neither_imported_nor_created() -> None:
    template = {"Resources": {"T": table(TableName="notes")}}
    wanted = created(template, {}, "eu-west-1", None)
    held = {("AWS::DynamoDB::Table", "notes"): "shop-dev-data"}
    assert list(conflicts(wanted, held, "shop-dev-data")) == []
    (why,) = conflicts(created(template, IMPORT, "eu-west-1", None)[:1], held, "other")
    assert (
        why == "notes (AWS::DynamoDB::Table) already exists in the stack shop-dev-data: a resource belongs to one stack"
    )


def test_what_only_a_new_resource_can_have_is_known_without_the_registry() -> None:
    """The local AWS has no registry at hand, as its environment has the emulator alone."""
    for name, record in TYPES.items():
        if record.unique:
            listed = {path.removeprefix("/properties/") for path in create_only(name) if "*" not in path}
            assert listed - {record.name} <= set(record.create_only), name
