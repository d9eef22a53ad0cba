"""Buses: functions put events on them and start on those that match."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.errors import DescriptionError
from stacks.loading import validated
from stacks.rendering import render
from tests.backend.describing import problems_of, resources_of, stacks_of

BACKEND = """
buses: {shop: true}
functions:
  web: {handler: "a.py:b", buses: {shop: put}}
  mailer:
    handler: a.py:b
    events: {buses: {shop: {detail-type: [Placed]}, default: {source: [aws.ec2]}}}
"""


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy resource."""
    results: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return results


def test_a_bus_has_the_name_of_the_stage_and_its_tags() -> None:
    bus = resources_of(BACKEND)["ShopBus"]["Properties"]
    assert bus["Name"] == "notes-dev-shop"
    assert {"Key": "stage", "Value": "dev"} in bus["Tags"]


def test_a_rule_starts_the_function_on_what_matches() -> None:
    resources = resources_of(BACKEND)
    own, others = (resources[f"MailerFrom{name}Bus"]["Properties"] for name in ("Shop", "Default"))
    assert (own["EventBusName"], own["EventPattern"]) == ({"Ref": "ShopBus"}, {"detail-type": ["Placed"]})
    assert "EventBusName" not in others
    permission = resources["MailerFromShopBusPermission"]["Properties"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["MailerFromShopBus", "Arn"]}


def test_what_the_function_fails_to_handle_is_kept() -> None:
    assert "MailerDeadLetters" in resources_of(BACKEND)


def test_who_puts_events_gets_the_name_and_the_right_inside_the_boundary() -> None:
    stacks = stacks_of(BACKEND)
    backend = stacks["backend"]["Resources"]
    assert backend["WebFunction"]["Properties"]["Environment"]["Variables"]["SHOP_BUS_NAME"] == {"Ref": "ShopBus"}
    right = {"Effect": "Allow", "Action": ["events:PutEvents"], "Resource": [{"Fn::GetAtt": ["ShopBus", "Arn"]}]}
    assert right in statements(backend["WebPolicy"])
    assert "events:" not in str(backend["MailerPolicy"])
    boundary = statements(stacks["base"]["Resources"]["ApplicationBoundary"])
    (most,) = (statement for statement in boundary if "events:PutEvents" in statement["Action"])
    assert "event-bus/notes-dev-*" in str(most["Resource"])
    assert "event-bus/default" not in str(most["Resource"])


def test_the_accounts_own_bus_needs_no_description() -> None:
    stacks = stacks_of('functions: {web: {handler: "a.py:b", buses: {default: put}}}')
    backend = stacks["backend"]["Resources"]
    assert backend["WebFunction"]["Properties"]["Environment"]["Variables"]["DEFAULT_BUS_NAME"] == "default"
    assert "event-bus/default" in str(backend["WebPolicy"])
    assert "event-bus/default" in str(stacks["base"]["Resources"]["ApplicationBoundary"])


def test_a_split_backend_keeps_the_bus_and_moves_the_rule() -> None:
    stacks = stacks_of(f"stacks: 3{BACKEND}")
    assert "ShopBus" in stacks["backend"]["Resources"]
    (mailer,) = (stack["Resources"] for stack in stacks.values() if "MailerFunction" in stack["Resources"])
    assert mailer["MailerFromShopBus"]["Properties"]["EventBusName"] == {"Ref": "BackendShopBus"}


def test_a_renamed_bus_keeps_its_name() -> None:
    stages = {"dev": {"region": "eu-west-1", "moved": {"backend.buses.shop": "backend.buses.store"}}}
    function = {"handler": "a.py:b", "buses": {"store": "put"}, "events": {"buses": {"store": {"source": ["x"]}}}}
    backend = {"buses": {"store": True}, "functions": {"web": function}}
    app = validated({"name": "notes", "stages": stages, "backend": backend})
    (result,) = (stack.template["Resources"] for stack in render(app, app.stages["dev"]) if stack.stack == "backend")
    assert result["ShopBus"]["Properties"]["Name"] == "notes-dev-shop"
    assert "STORE_BUS_NAME" in result["WebFunction"]["Properties"]["Environment"]["Variables"]
    assert "WebFromShopBus" in result


def test_two_stages_may_not_give_one_name_to_two_buses() -> None:
    stages = {"a": {"region": "eu-west-1"}, "a-b": {"region": "eu-west-1"}}
    described = {
        "a": {"buses": {"b-c": True}},
        "a-b": {"buses": {"c": True}},
    }
    text = {name: {**stage, "backend": described[name]} for name, stage in stages.items()}
    with pytest.raises(DescriptionError, match="notes-a-b-c is bus 'b-c' of stage 'a' already"):
        validated({"name": "notes", "stages": text})


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("{}", "is not an event pattern"),
        ("shop", "is not an event pattern"),
        ("{detailtype: [a]}", "'detailtype' is not a part of every event"),
        ("{source: shop}", "'source' is not a list. Write 'source: [VALUE]'"),
        ("{source: []}", "'source' is not a list"),
        ("{detail: {order: {state: paid}}}", "'detail.order.state' is not a list. Write 'state: [VALUE]'"),
    ],
)
def test_a_pattern_that_eventbridge_refuses_is_a_mistake(pattern: str, problem: str) -> None:
    text = f"functions: {{f: {{handler: 'a.py:b', events: {{buses: {{default: {pattern}}}}}}}}}"
    assert any(problem in item for item in problems_of(text)), problems_of(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("buses: {default: true}", "backend.buses.default: is the account's own bus, which already exists"),
        ("functions: {f: {handler: 'a.py:b', buses: {shop: put}}}", "there is no bus 'shop'. Known: default"),
        (
            "functions: {f: {handler: 'a.py:b', events: {buses: {shop: {source: [x]}}}}}",
            "backend.functions.f.events.buses: there is no bus 'shop'",
        ),
    ],
)
def test_mistakes_with_buses_are_reported_where_they_are(text: str, problem: str) -> None:
    assert any(problem in item for item in problems_of(text)), problems_of(text)
