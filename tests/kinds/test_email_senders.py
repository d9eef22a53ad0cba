"""Senders: the right to send from one domain or address, and the records that verify it."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.errors import DescriptionError
from stacks.loading import validated
from tests.backend.describing import problems_of, resources_of, stacks_of

BACKEND = """
senders: {shop: {domain: example.com, zone: Z0123456789ABC}, team: team@example.org}
functions: {web: {handler: "a.py:b", senders: {shop: send}}}
"""


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy resource."""
    results: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return results


def test_a_domain_is_verified_by_three_records_in_its_zone() -> None:
    resources = resources_of(BACKEND)
    assert resources["ShopSender"]["Properties"]["EmailIdentity"] == "example.com"
    records = [resources[f"ShopSenderDkim{token}"]["Properties"] for token in (1, 2, 3)]
    assert [record["Name"]["Fn::GetAtt"][1] for record in records] == [
        f"DkimDNSTokenName{token}" for token in (1, 2, 3)
    ]
    assert {(record["Type"], record["HostedZoneId"]) for record in records} == {("CNAME", "Z0123456789ABC")}


def test_without_a_zone_the_outputs_list_the_records() -> None:
    template = stacks_of(BACKEND.replace(", zone: Z0123456789ABC", ""))["backend"]
    assert "ShopSenderDkim1" not in template["Resources"]
    assert "CNAME" in str(template["Outputs"]["ShopSenderDkim3"]["Value"])


def test_an_address_needs_no_records() -> None:
    template = stacks_of(BACKEND)["backend"]
    assert template["Resources"]["TeamSender"]["Properties"]["EmailIdentity"] == "team@example.org"
    assert not [
        name for name in (*template["Resources"], *template.get("Outputs", ())) if name.startswith("TeamSenderDkim")
    ]


def test_a_function_may_send_from_what_it_names_alone() -> None:
    stacks = stacks_of(BACKEND)
    backend = stacks["backend"]["Resources"]
    assert backend["WebFunction"]["Properties"]["Environment"]["Variables"]["SHOP_SENDER"] == "example.com"
    (right,) = (statement for statement in statements(backend["WebPolicy"]) if "ses:SendEmail" in statement["Action"])
    identity = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/example.com"
    assert right["Resource"] == [{"Fn::Sub": identity}]
    (most,) = (
        statement
        for statement in statements(stacks["base"]["Resources"]["ApplicationBoundary"])
        if statement["Action"] == ["ses:SendEmail", "ses:SendRawEmail"]
    )
    assert "identity/example.com" in str(most["Resource"])


def test_an_identity_that_exists_is_used_and_not_created() -> None:
    stacks = stacks_of(BACKEND.replace("zone: Z0123456789ABC", "existing: true"))
    assert "ShopSender" not in stacks["backend"]["Resources"]
    assert "identity/example.com" in str(stacks["backend"]["Resources"]["WebPolicy"])
    boundary = statements(stacks["base"]["Resources"]["ApplicationBoundary"])
    (guard,) = (statement for statement in boundary if statement.get("Sid") == "OthersWithOurName")
    assert "ses:" not in str(guard)  # another stage's tag on the identity must not deny its use


@pytest.mark.parametrize(("more", "refused"), [({}, True), ({"existing": True}, False)])
def test_an_account_has_an_identity_once_in_a_region(more: dict[str, Any], refused: bool) -> None:  # noqa: FBT001
    stages = {
        "dev": {"region": "eu-west-1", "backend": {"senders": {"shop": "example.com"}}},
        "prod": {"region": "eu-west-1", "backend": {"senders": {"shop": {"domain": "example.com", **more}}}},
    }
    if not refused:
        assert validated({"name": "notes", "stages": stages})
        return
    with pytest.raises(
        DescriptionError, match=r"example\.com is sender 'shop' of stage 'dev' already\. Set 'existing: t"
    ):
        validated({"name": "notes", "stages": stages})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("senders: {a: {}}", "backend.senders.a: has neither 'domain' nor 'email'"),
        ("senders: {a: {domain: a.example, email: a@b.example}}", "has both 'domain' and 'email'"),
        ("senders: {a: {email: a@b.example, zone: Z0123456789ABC}}", "has a 'zone', which is for the records of a new"),
        ("senders: {a: EXAMPLE}", "is not a host name"),
        ("senders: {a: a@b}", "is not an e-mail address"),
        ("functions: {f: {handler: 'a.py:b', senders: {a: send}}}", "there is no sender 'a'"),
    ],
)
def test_mistakes_with_senders_are_reported_where_they_are(text: str, problem: str) -> None:
    assert any(problem in item for item in problems_of(text)), problems_of(text)


def test_a_function_in_a_network_without_a_way_out_cannot_send() -> None:
    backend = {
        "senders": {"a": "example.com"},
        "functions": {"f": {"handler": "a.py:b", "vpc": True, "senders": {"a": "send"}}},
    }
    stages = {"dev": {"region": "eu-west-1"}}
    with pytest.raises(DescriptionError, match=r"uses 'senders', which cannot be reached .* Set 'nat: one' under"):
        validated({"name": "notes", "stages": stages, "base": {"vpc": True}, "backend": backend})
