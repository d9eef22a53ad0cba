"""Rights that are easy to lose or to give away: grants of keys, and sending to the queue that starts a function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks.loading import validated
from stacks.rendering import render
from stacks.roles import derive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.template.rendered import Rendered

GRANT = "kms:CreateGrant"
FOR_AWS = {"kms:GrantIsForAWSResource": "true"}


def described(**sections: Any) -> tuple[Rendered, ...]:
    app = validated({"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, **sections})
    return render(app, app.stages["dev"])


@pytest.fixture(scope="module")
def keyed() -> tuple[Rendered, ...]:
    """Tables with keys of their own, which AWS Backup copies."""
    table = {"partition_key": "id", "encryption": "own"}
    return described(data={"tables": {"orders": table, "carts": table}, "backup": True})


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Every statement of every policy in a value."""
    if isinstance(value, dict):
        if "Effect" in value and "Action" in value:
            yield value
        for inner in value.values():
            yield from statements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from statements(inner)


def granting(values: Any) -> list[dict[str, Any]]:
    return [
        statement
        for statement in statements(values)
        if GRANT in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    ]


def test_every_policy_of_a_template_gives_grants_to_services_of_aws_alone(keyed: tuple[Rendered, ...]) -> None:
    results = granting([stack.template for stack in keyed])
    allowed = [result for result in results if result["Effect"] == "Allow"]
    assert len(allowed) == 1
    assert all(entry["Condition"]["Bool"] == FOR_AWS for entry in allowed)


def test_every_key_denies_grants_that_are_for_no_service(keyed: tuple[Rendered, ...]) -> None:
    bodies = [body for stack in keyed for body in stack.template["Resources"].values()]
    keys = [body["Properties"]["KeyPolicy"] for body in bodies if body["Type"] == "AWS::KMS::Key"]
    assert len(keys) == 3  # of two tables and the backup vault
    for document in keys:
        (denied,) = granting(document)
        assert (denied["Effect"], denied["Principal"], denied["Resource"]) == ("Deny", {"AWS": ["*"]}, ["*"])
        assert denied["Condition"] == {
            "BoolIfExists": {"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"}
        }


def test_who_deploys_gives_grants_through_a_service_and_for_aws_alone(keyed: tuple[Rendered, ...]) -> None:
    app = validated({"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}})
    (data,) = (stack for stack in keyed if stack.stack == "data")
    documents = json.loads(json.dumps(derive(app.stages["dev"], data).documents()))
    results = [statement for statement in granting(documents) if statement["Effect"] == "Allow"]
    assert results
    for entry in results:
        assert entry["Condition"]["Bool"] == FOR_AWS, entry
        assert "kms:ViaService" in entry["Condition"]["StringEquals"]


def rights(**function: Any) -> dict[str, set[str]]:
    """The resources of each action that a function's role has."""
    queues: dict[str, Any] = {"jobs": {}, "mails": {}}
    stacks = described(backend={"queues": queues, "functions": {"work": {"handler": "a.py:b", **function}}})
    bodies = {name: body for stack in stacks for name, body in stack.template["Resources"].items()}
    result: dict[str, set[str]] = {}
    for statement in statements(bodies["WorkPolicy"]):
        for action in statement["Action"]:
            on = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            result.setdefault(action, set()).update(
                str(resource["Fn::GetAtt"][0]) for resource in on if "Fn::GetAtt" in resource
            )
    return result


STARTED = {"queues": ["jobs"]}


def test_a_function_that_sends_to_the_queue_that_starts_it_may_do_both() -> None:
    result = rights(events=STARTED, queues={"jobs": "send"})
    assert result["sqs:SendMessage"] == result["sqs:ReceiveMessage"] == {"JobsQueue"}


def test_what_a_function_sends_to_and_what_starts_it_stay_apart() -> None:
    result = rights(events=STARTED, queues={"mails": "send"})
    assert (result["sqs:SendMessage"], result["sqs:ReceiveMessage"]) == ({"MailsQueue"}, {"JobsQueue"})
    assert "sqs:SendMessage" not in rights(events=STARTED)


def test_the_code_of_a_function_in_a_network_cannot_use_what_lambda_joins_it_with() -> None:
    function = {"handler": "a.py:b", "vpc": True}
    stacks = described(base={"vpc": {}}, backend={"functions": {"work": function}})
    denied = {
        name: statement
        for stack in stacks
        for name, body in stack.template["Resources"].items()
        if name in {"WorkPolicy", "ApplicationBoundary"}
        for statement in statements(body)
        if statement["Effect"] == "Deny" and "ec2:CreateNetworkInterface" in statement["Action"]
    }
    arn = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:shop-dev-work"
    assert denied["WorkPolicy"]["Condition"] == {"ArnEquals": {"lambda:SourceFunctionArn": {"Fn::Sub": arn}}}
    assert denied["ApplicationBoundary"]["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}
    assert denied["WorkPolicy"]["Action"] == denied["ApplicationBoundary"]["Action"]
    assert denied["WorkPolicy"]["Resource"] == ["*"] == denied["ApplicationBoundary"]["Resource"]
