"""Every row of a table by type that is no field of ``stacks.types`` changes a verdict; others are to be deleted.

The tables of refusals and of suppressions have tests of their own: each row refuses something (``tests/checks``), and
the scan fails on a suppression without a finding.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from stacks import registry
from stacks.app import Stage
from stacks.aws.stored_data import BotoData
from stacks.checks.refused import networks
from stacks.checks.rule import Stacks
from stacks.deploy import stored_data
from stacks.deploy.stored_data import GIB, StoredData, monthly
from stacks.forecast import security
from stacks.forecast.behaviour import property_change, replacement_by_registry
from stacks.forecast.difference import Difference
from stacks.forecast.documented import FACTS
from stacks.foreign import artifacts, roles
from stacks.foreign.artifacts import local_artifacts
from stacks.prices import floor
from stacks.prices.floor import template_lines
from stacks.roles import authorization
from stacks.template.rendered import Rendered
from stacks.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.forecast.documented import Fact


def _at(path: str, value: object) -> dict[str, Any]:
    """Properties with a value at a path."""
    result: Any = value
    for step in reversed(path.split(".")):
        result = [result] if step == "*" else {step: result}
    return dict(result)


def _template(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": {"Thing": {"Type": kind, "Properties": properties}}}


@cache
def _properties(kind: str) -> frozenset[str]:
    """The names of a type's properties, at any depth."""

    def names(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("properties"), dict):
                yield from node["properties"]
            for inner in node.values():
                yield from names(inner)

    return frozenset(names(registry.schema(kind)))


def _kinds_only_of(row: str, rows: tuple[str, ...]) -> list[str]:
    """The types that this beginning of names means, and no other."""
    others = tuple(other for other in rows if other != row)
    return [name for name in registry.types() if name.startswith(row) and not name.startswith(others)]


@pytest.mark.parametrize("row", security._TYPES)
def test_a_beginning_of_security_types_means_types_that_no_other_means(row: str) -> None:
    kinds = _kinds_only_of(row, security._TYPES)
    assert kinds
    assert all(map(security.is_security_type, kinds))


def test_each_exact_security_type_is_one_that_no_beginning_means() -> None:
    assert registry.types() >= security._EXACT
    assert not any(name.startswith(security._TYPES) for name in security._EXACT)


OPENAPI = {"security", "securityDefinitions", "securitySchemes"}
"""Properties of an API's document, which no schema has."""


def test_each_security_property_is_one_of_a_type_that_does_not_count_as_a_whole() -> None:
    others = [name for name in registry.types() if name.startswith(COMMON) and not security.is_security_type(name)]
    known = OPENAPI.union(*map(_properties, others), {"DeletionPolicy", "UpdateReplacePolicy"})
    assert security._PROPERTIES - known == set()
    assert security._TAGS - known == set()


_SERVICES = (
    "ApiGateway CloudFront Cognito DSQL DynamoDB EC2 Events Lambda Logs RDS Route53 S3 SNS SQS SSO SecretsManager"
)
COMMON = tuple(f"AWS::{name}" for name in _SERVICES.split())
"""Services that have these properties: to read the schemas of all takes a second."""


@pytest.mark.parametrize("row", floor.PAID_WHILE_IDLE)
def test_a_beginning_of_types_that_are_paid_for_means_types_without_a_price(row: str) -> None:
    kinds = _kinds_only_of(row, floor.PAID_WHILE_IDLE)
    assert kinds
    assert not set(kinds) & floor.CHARGES.keys()
    (line,) = template_lines("own", _template(kinds[0], {}))
    assert (line.what, line.monthly) == (kinds[0], None)


def test_the_cache_of_an_api_is_paid_for_and_an_api_without_one_is_not() -> None:
    (line,) = template_lines("own", _template("AWS::ApiGateway::Stage", {"CacheClusterEnabled": True}))
    assert (line.what, line.monthly) == ("cache of an API", None)
    assert list(template_lines("own", _template("AWS::ApiGateway::Stage", {"CacheClusterEnabled": False}))) == []


CHARGED: dict[str, dict[str, Any]] = {
    "AWS::WAFv2::WebACL": {"Rules": [{}]},
    "AWS::PricingPlanManager::Subscription": {"PlanTier": "PRO"},
    "AWS::EC2::VPCEndpoint": {"VpcEndpointType": "Interface", "SubnetIds": ["a"]},
    "AWS::DynamoDB::Table": {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}},
    "AWS::DynamoDB::GlobalTable": {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}},
    "AWS::Lambda::Alias": {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}},
}
"""Properties without which nothing is paid."""


@pytest.mark.parametrize("kind", floor.CHARGES)
def test_each_charge_is_of_a_type_and_costs_something(kind: str) -> None:
    lines = list(template_lines("own", _template(kind, CHARGED.get(kind, {}))))
    assert kind in registry.types()
    assert lines
    assert all(line.monthly for line in lines)


@pytest.mark.parametrize(("part", "kind"), floor.OPTIONS_OF_TYPES)
def test_each_option_of_a_type_is_named_where_it_costs(part: str, kind: str) -> None:
    lines = list(template_lines(part, _template(kind, CHARGED.get(kind, {}))))
    assert {line.option for line in lines} == {floor.OPTIONS_OF_TYPES[part, kind]}


@pytest.mark.parametrize("kind", [*stored_data._STORAGE, *stored_data._MONTHLY])
def test_what_is_kept_has_a_price_and_can_be_deleted(kind: str) -> None:
    assert monthly(kind, StoredData(bytes=GIB)) is not None
    assert monthly("AWS::SQS::Queue", StoredData(bytes=GIB)) is None


@pytest.mark.parametrize("kind", networks._RANGES)
def test_each_property_with_address_ranges_is_one(kind: str) -> None:
    for path in networks._RANGES[kind]:
        stack = Rendered(
            stack="own", name="own", region="eu-west-1", template=_template(kind, _at(path, "x/8")), body=""
        )
        assert [hit.what for hit in networks.ranges_are_ranges(Stacks([stack]))] == ["'x/8' is not an address range"]
        assert set(path.replace("*.", "").split(".")) - {"*"} <= _properties(kind)


@pytest.mark.parametrize("kind", artifacts._PROPERTIES)
def test_each_property_with_a_local_path_is_packaged(kind: str) -> None:
    for path in artifacts._PROPERTIES[kind]:
        (result,) = local_artifacts(_template(kind, _at(path, "./code")))
        assert (result.name, result.path) == (path, "./code")
        assert kind.startswith("AWS::Serverless::") or path.partition(".")[0] in _properties(kind)


@pytest.mark.parametrize("kind", sorted(roles._OF_SAM))
def test_roles_that_sam_makes_are_under_the_stacks_path(kind: str) -> None:
    stage = Stage(name="dev", region="eu-west-1", app_name="shop")
    properties = roles.bounded(_template(kind, {}), stage, "backend")["Resources"]["Thing"]["Properties"]
    assert properties["RolePath"] == "/shop-dev/backend/"


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact.type} {'.'.join(fact.keys)}")
def test_each_documented_fact_differs_from_what_the_registry_says(fact: Fact) -> None:
    values: tuple[tuple[Any, Any], ...] = (
        ("a", "b"),
        ("dedicated", "default"),
        ({"Required": False}, {"Required": True}),
    )
    differences = (Difference((*fact.keys, "[0]"), "changed", old, new) for old, new in values)
    difference = next(difference for difference in differences if fact.covers(difference))
    change = property_change(fact.type, difference)
    by_registry = replacement_by_registry(fact.type, difference)
    assert change.interrupts or change.refused or change.replacement != by_registry


ERASURES = [
    (arn, action)
    for record in TYPES.values()
    if record.erasure
    for arn, actions in record.erasure.actions.items()
    for action in actions
]


@pytest.mark.parametrize(("arn", "action"), ERASURES)
def test_what_erases_is_an_action_that_iam_checks_against_that_arn(arn: str, action: str) -> None:
    parts = arn.replace("AWS::", "").split(":", 5)
    kinds = {text.split(":", 5)[5].partition("/")[0] for text in authorization.arn_formats(action)}
    assert action.partition(":")[0] == parts[2]
    assert parts[5].partition("/")[0] in kinds or ".*" in kinds  # names of buckets


@pytest.mark.parametrize("method", ["_delete", "_held"])
def test_what_can_be_erased_is_what_the_client_erases_and_measures(method: str) -> None:
    source = ast.parse(textwrap.dedent(inspect.getsource(getattr(BotoData, method))))
    cases = {
        node.value.value
        for node in ast.walk(source)
        if isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant)
    }
    erased = {name for name, record in TYPES.items() if record.erasure}
    assert cases == erased == stored_data._STORAGE.keys() | stored_data._MONTHLY.keys()
