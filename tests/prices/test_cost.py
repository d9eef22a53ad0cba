"""What a stage costs: every paid resource has its line, and the load adds what is used."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.cli import main
from stacks.prices import list_prices
from stacks.prices.floor import floor, total
from stacks.prices.list_prices import Price
from stacks.prices.load import Load, estimate

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App
    from stacks.template.rendered import Rendered


@pytest.fixture
def stack(example: App) -> Rendered:
    """A stack to put resources into."""
    return render(example, example.stages["dev"])[0]


def lines_of(stack: Rendered, kind: str, **properties: Any) -> list[tuple[str, float | None]]:
    template = {"Resources": {"It": {"Type": kind, "Properties": properties}}}
    return [(line.what, line.monthly) for line in floor([replace(stack, template=template)])]


def test_the_floor_of_the_example_names_resource_and_option(example: App) -> None:
    cost_lines = {
        (cost_line.stack, cost_line.logical_id): cost_line
        for cost_line in floor(render(example, example.stages["dev"]))
    }
    assert cost_lines["base", "TrailKey"].option == "base.trail.encryption"
    assert cost_lines["frontend-edge", "WebAcl"].monthly == 9
    assert all(
        cost_line.option and cost_line.source.startswith("https://aws.amazon.com/") for cost_line in cost_lines.values()
    )
    assert total(cost_lines.values()) == pytest.approx(16.80)


@pytest.mark.parametrize(
    ("kind", "properties", "monthly"),
    [
        ("AWS::EC2::NatGateway", {}, 32.85),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}, 14.6),
        ("AWS::WAFv2::WebACL", {"Rules": [{}, {}]}, 7),
        ("AWS::Route53::HostedZone", {}, 0.5),
        ("AWS::Lambda::Alias", {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}}, 10.95),
    ],
)
def test_what_is_paid_while_idle(stack: Rendered, kind: str, properties: dict[str, Any], monthly: float) -> None:
    ((_, line),) = lines_of(stack, kind, **properties)
    assert line == pytest.approx(monthly, abs=0.01)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}),
        ("AWS::DynamoDB::Table", {"BillingMode": "PAY_PER_REQUEST"}),
        ("AWS::Lambda::Alias", {}),
        ("AWS::DynamoDB::Table", {"ProvisionedThroughput": {"ReadCapacityUnits": {"Ref": "Units"}}}),
        ("AWS::WAFv2::WebACLAssociation", {}),
    ],
)
def test_what_is_free_while_idle_has_no_line(stack: Rendered, kind: str, properties: dict[str, Any]) -> None:
    assert lines_of(stack, kind, **properties) == []


def test_an_hourly_resource_without_a_price_is_listed_as_unknown(stack: Rendered) -> None:
    assert lines_of(stack, "AWS::RDS::DBInstance") == [("AWS::RDS::DBInstance", None)]


def test_more_requests_cost_more(example: App) -> None:
    stage = example.stages["dev"]
    few, many = (sum(use.monthly for use in estimate(stage, Load(requests=count))) for count in (0, 1_000_000))
    assert 0 < few < many


def test_every_price_has_its_page() -> None:
    prices = [price for price in vars(list_prices).values() if isinstance(price, Price)]
    assert len(prices) > 20
    assert all(price.usd > 0 and price.source.startswith("https://aws.amazon.com/") for price in prices)


def test_the_command_says_what_it_leaves_out(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--app", str(root / "app.yaml"), "--requests", "1000"]) == 0
    output = capsys.readouterr().out
    assert "together" in output
    assert "Not included:\n  - free tiers, discounts and taxes" in output


def test_the_command_prints_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--app", str(root / "app.yaml"), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["monthly"] == pytest.approx(16.80)


def test_a_negative_load_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--app", str(root / "app.yaml"), "--requests", "-1"]) == 2
    assert capsys.readouterr().err == "--requests -1: is below zero. Use 0 or more.\n"
