"""Every price is applied as its page says: a row that is wrong or missing changes an amount here."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.loading import validated
from stacks.prices.difference import difference
from stacks.prices.floor import CHARGES as CHARGED
from stacks.prices.floor import PAID_WHILE_IDLE as UNPRICED
from stacks.prices.floor import CostLine, template_lines, total
from stacks.prices.load import Load, LoadPart, estimate

WARM = {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 2}}
BOTS = {"Statement": {"ManagedRuleGroupStatement": {"Name": "AWSManagedRulesBotControlRuleSet"}}}
UNITS = {"ReadCapacityUnits": 3, "WriteCapacityUnits": "5"}
INDEX = {"ProvisionedThroughput": {"ReadCapacityUnits": 4, "WriteCapacityUnits": 1}}
IDLE: dict[str, tuple[dict[str, Any], list[tuple[str, float]]]] = {
    "AWS::KMS::Key": ({}, [("encryption key", 1)]),
    "AWS::SecretsManager::Secret": ({}, [("secret", 0.4)]),
    "AWS::WAFv2::WebACL": ({"Rules": [BOTS, {}]}, [("web ACL, rules: 2", 7), ("bot control", 10)]),
    "AWS::PricingPlanManager::Subscription": ({"PlanTier": "PRO"}, [("flat-rate plan Pro", 15)]),
    "AWS::EC2::NatGateway": ({}, [("NAT gateway", 32.85)]),
    "AWS::EC2::EIP": ({}, [("public IPv4 address", 3.65)]),
    "AWS::EC2::VPCEndpoint": (
        {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b", "c"]},
        [("interface endpoint in 3 zones", 21.9)],
    ),
    "AWS::Route53::HostedZone": ({}, [("hosted zone", 0.5)]),
    "AWS::CloudWatch::Alarm": ({}, [("alarm", 0.1)]),
    "AWS::CodePipeline::Pipeline": ({}, [("pipeline", 1)]),
    "AWS::DynamoDB::Table": (
        {"ProvisionedThroughput": UNITS, "GlobalSecondaryIndexes": [INDEX]},
        [("7 provisioned read units", 7 * 730 * 0.00013), ("6 provisioned write units", 6 * 730 * 0.00065)],
    ),
    "AWS::DynamoDB::GlobalTable": (
        {"ProvisionedThroughput": {"ReadCapacityUnits": 1}},
        [("1 provisioned read units", 730 * 0.00013)],
    ),
    "AWS::Lambda::Alias": (WARM, [("2 warm instances, counted with 1 GB each", 2 * 730 * 3600 * 0.0000041667)]),
}
"""Type with a price → properties, and the lines of such a resource in us-east-1 (AWS's pricing pages, by hand)."""
OPTIONS = {
    ("base", "TrailKey", "AWS::KMS::Key"): "base.trail.encryption",
    ("base", "LogKey", "AWS::KMS::Key"): "base.log_encryption",
    ("base", "AlarmKey", "AWS::KMS::Key"): "base.alarms",
    ("base", "Other", "AWS::KMS::Key"): "base.pipelines",
    ("artifacts-eu-west-1", "Other", "AWS::KMS::Key"): "base.pipelines",
    ("base", "Other", "AWS::EC2::NatGateway"): "base.vpc.nat",
    ("base", "Other", "AWS::EC2::EIP"): "base.vpc.nat",
    ("base", "Other", "AWS::EC2::VPCEndpoint"): "base.vpc.endpoints",
    ("base", "Other", "AWS::CloudWatch::Alarm"): "base.alarms",
    ("base", "Other", "AWS::CodePipeline::Pipeline"): "base.pipelines",
    ("backend-2", "Other", "AWS::SecretsManager::Secret"): "backend.secrets",
    ("backend", "Other", "AWS::Lambda::Alias"): "backend.functions.*.provisioned_concurrency",
    ("data", "Other", "AWS::KMS::Key"): "data.tables.*.encryption",
    ("data", "Other", "AWS::DynamoDB::Table"): "data.tables.*.capacity",
    ("frontend-edge", "WebAcl", "AWS::WAFv2::WebACL"): "frontend.waf",
    ("frontend", "SitePlan", "AWS::PricingPlanManager::Subscription"): "frontend.plan",
    ("frontend", "ApiGate", "AWS::WAFv2::WebACL"): "frontend.waf.direct_api",
    ("frontend", "EdgeKey", "AWS::SecretsManager::Secret"): "frontend.waf.direct_api",
    ("search", "Other", "AWS::KMS::Key"): "",
}


def lines(kind: str, properties: dict[str, Any], stack: str = "base", name: str = "It") -> list[CostLine]:
    return list(template_lines(stack, {"Resources": {name: {"Type": kind, "Properties": properties}}}))


def test_every_type_with_a_price_is_covered() -> None:
    assert sorted(IDLE) == sorted(CHARGED)


@pytest.mark.parametrize("kind", IDLE)
def test_a_resource_costs_what_its_page_says(kind: str) -> None:
    properties, expected = IDLE[kind]
    cost_lines = lines(kind, properties)
    assert [line.what for line in cost_lines] == [what for what, _ in expected]
    assert [line.monthly for line in cost_lines] == pytest.approx([monthly for _, monthly in expected])
    assert all(line.source.startswith("https://aws.amazon.com/") for line in cost_lines)


@pytest.mark.parametrize(("place", "option"), OPTIONS.items())
def test_a_line_names_the_option_that_causes_it(place: tuple[str, str, str], option: str) -> None:
    stack, name, kind = place
    assert {line.option for line in lines(kind, IDLE[kind][0], stack, name)} == {option}


@pytest.mark.parametrize("prefix", UNPRICED)
def test_a_type_that_runs_by_the_hour_is_never_taken_for_free(prefix: str) -> None:
    kind = f"{prefix}Thing" if prefix.endswith("::") else prefix
    assert lines(kind, {}) == [CostLine(stack="base", logical_id="It", what=kind, option="", monthly=None)]


def test_a_pipeline_of_type_v2_costs_nothing_while_idle() -> None:
    assert lines("AWS::CodePipeline::Pipeline", {"PipelineType": "V2"}) == []
    assert total(lines("AWS::CodePipeline::Pipeline", {"PipelineType": "V1"})) == 1


@pytest.mark.parametrize("units", [{"Ref": "Units"}, None, "", "many", "1.2.3", [5]])
def test_capacity_that_is_no_number_is_counted_as_none(units: Any) -> None:
    assert lines("AWS::DynamoDB::Table", {"ProvisionedThroughput": {"ReadCapacityUnits": units}}) == []


def test_fractions_are_counted() -> None:
    (cost_line,) = lines("AWS::DynamoDB::Table", {"ProvisionedThroughput": {"ReadCapacityUnits": "0.5"}})
    assert cost_line.monthly == pytest.approx(0.5 * 730 * 0.00013)


APP: dict[str, Any] = {
    "name": "shop",
    "stages": {"dev": {"region": "eu-west-1"}},
    "data": {"tables": {"items": {"partition_key": "id"}}},
    "backend": {
        "functions": {
            "web": {
                "handler": "a.py:b",
                "routes": ["GET /api/items"],
                "public": True,
                "memory": 512,
                "architecture": "arm64",
            },
            "night": {"handler": "a.py:b", "memory": 2048, "events": {"schedules": ["rate(1 day)"]}},
        }
    },
    "frontend": {"site": {"folder": "site"}, "waf": {}},
}


def uses(load: Load, **changes: Any) -> dict[str, LoadPart]:
    app = validated({**APP, **changes})
    return {use.what: use for use in estimate(app.stages["dev"], load)}


LOAD = Load(requests=10_000_000, milliseconds=200, kilobytes=50, stored_gigabytes=4)


def test_a_load_costs_what_the_pages_say() -> None:
    load_parts = uses(LOAD)
    assert {what: (use.amount, round(use.monthly, 4)) for what, use in load_parts.items()} == {
        "CloudFront requests": ("10,000,000 requests", 10.0),
        "CloudFront transfer": ("500 GB", 42.5),
        "WAF": ("20,000,000 requests", 12.0),
        "API Gateway": ("10,000,000 requests", 35.0),
        "Lambda calls": ("10,000,000 calls", 2.0),
        "Lambda time": ("1,000,000 GB seconds", 13.3334),
        "CloudWatch Logs": ("15 GB", 7.5),
        "DynamoDB reads": ("10,000,000 units", 1.25),
        "DynamoDB writes": ("5,000,000 units", 3.125),
        "DynamoDB storage": ("4.0 GB", 1.0),
        "DynamoDB recovery": ("4.0 GB", 0.8),
    }
    assert all(use.source.startswith("https://aws.amazon.com/") for use in load_parts.values())


@pytest.mark.parametrize(
    ("frontend", "amount"),
    [
        ({"waf": {"direct_api": True}}, "10,000,000 requests"),
        ({"waf": {}}, "20,000,000 requests"),
        ({"waf": False}, None),
    ],
)
def test_the_web_acls_that_a_request_meets_are_paid(frontend: dict[str, Any], amount: str | None) -> None:
    load_parts = uses(LOAD, frontend={"site": {"folder": "site"}, **frontend})
    assert (load_parts["WAF"].amount if "WAF" in load_parts else None) == amount


def test_a_site_without_functions_pays_for_its_own_web_acl_alone() -> None:
    load_parts = uses(LOAD, backend={}, data={})
    assert sorted(load_parts) == ["CloudFront requests", "CloudFront transfer", "WAF"]
    assert load_parts["WAF"].amount == "10,000,000 requests"


def test_an_http_api_costs_its_own_price() -> None:
    api = {"functions": APP["backend"]["functions"], "api": {"type": "http"}}
    assert uses(LOAD, backend=api, frontend={})["API Gateway"].monthly == pytest.approx(10)


def test_a_processor_has_its_price() -> None:
    functions = {"web": {**APP["backend"]["functions"]["web"], "architecture": "x86_64"}}
    assert uses(LOAD, backend={"functions": functions})["Lambda time"].monthly == pytest.approx(16.6667)


def test_functions_without_routes_take_no_time_of_requests() -> None:
    load_parts = uses(LOAD, backend={"functions": {"night": APP["backend"]["functions"]["night"]}})
    assert "API Gateway" not in load_parts
    assert load_parts["Lambda time"].amount == "0 GB seconds"


def test_a_table_with_provisioned_capacity_is_in_the_floor_and_not_paid_by_request() -> None:
    units = {"low": 1, "high": 2}
    table = {"partition_key": "id", "capacity": {"read": units, "write": units}}
    load_parts = uses(LOAD, data={"tables": {"items": table}})
    assert "DynamoDB reads" not in load_parts
    assert load_parts["DynamoDB storage"].monthly == 1


@pytest.mark.parametrize(
    ("stored", "shown"), [(0, "0 GB"), (0.5, "0.5 GB"), (1, "1.0 GB"), (9.94, "9.9 GB"), (10, "10 GB")]
)
def test_small_amounts_have_a_decimal(stored: float, shown: str) -> None:
    assert uses(Load(requests=0, stored_gigabytes=stored))["DynamoDB storage"].amount == shown


def test_a_load_is_reported_with_its_assumptions() -> None:
    assert str(Load(requests=12_345, milliseconds=7, kilobytes=8, stored_gigabytes=1.5)).startswith(
        "12,345 requests a month, 7 ms and 8 kB each, 1.5 GB in tables\n"
    )


def test_the_largest_change_comes_first_whatever_its_sign() -> None:
    def template(**types: str) -> dict[str, Any]:
        return {"Resources": {name: {"Type": f"AWS::{kind}", "Properties": {}} for name, kind in types.items()}}

    before = template(Nat="EC2::NatGateway", B="KMS::Key", Db="RDS::DBInstance")
    after = template(Key="KMS::Key", Alarm="CloudWatch::Alarm")
    results = [(cost_change.logical_id, cost_change.more) for cost_change in difference(before, after)]
    assert results == [("Nat", -32.85), ("B", -1), ("Key", 1), ("Alarm", 0.1), ("Db", None)]


def test_messages_of_topics_are_one_for_every_second_request_and_their_e_mails_as_many_for_each_address() -> None:
    web = {**APP["backend"]["functions"]["web"], "topics": {"sold": "publish"}}
    load_parts = uses(
        LOAD, backend={"topics": {"sold": {"email": ["a@example.com", "b@example.com"]}}, "functions": {"web": web}}
    )
    assert [load_parts[name].amount for name in ("SNS messages", "SNS e-mails")] == [
        "5,000,000 messages",
        "10,000,000 e-mails",
    ]
    assert [load_parts[name].monthly for name in ("SNS messages", "SNS e-mails")] == pytest.approx([2.5, 200])
