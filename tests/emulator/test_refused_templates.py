"""The local AWS refuses what AWS is known to refuse, from any client: here boto3 as it comes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.checks.agreement_cases import CASES as AGREEMENT
from tests.checks.refused_cases import CASES, function, of, table

if TYPE_CHECKING:
    from tests.running import Running

pytestmark = pytest.mark.emulator
TTL = {"AttributeName": "expires", "Enabled": True}


def _text(resources: dict[str, Any], **more: Any) -> str:
    return json.dumps({**more, "Resources": resources})


def test_what_lint_refuses_the_local_aws_does_not_take(account: Running) -> None:
    """Each template of a refused kind, sent as any client sends it: one mechanism, so none is taken by only one."""
    refused = [case for case in (*CASES, *AGREEMENT) if case.rule]
    clients = {region: account.client("cloudformation", region) for region in {case.region for case in refused}}
    result = {}
    for number, case in enumerate(refused):
        body = _text(case.resources, **case.more)
        with pytest.raises(ClientError) as caught:
            clients[case.region].create_stack(StackName=f"refused-{number}", TemplateBody=body)
        error = caught.value.response["Error"]
        if error["Code"] != "ValidationError" or f"({case.rule}, " not in error["Message"]:
            result[case.rule, case.name] = error
    assert result == {}
    assert len(refused) > 170


def test_a_change_that_aws_refuses_is_not_taken(account: Running) -> None:
    client = account.client("cloudformation")
    client.create_stack(
        StackName="changing", TemplateBody=_text({"T": table(TableName="changing", TimeToLiveSpecification=TTL)})
    )
    client.get_waiter("stack_create_complete").wait(StackName="changing", WaiterConfig={"Delay": 1})
    moved = table(TableName="changing", TimeToLiveSpecification={"AttributeName": "until", "Enabled": True})
    with pytest.raises(ClientError, match="CHANGE-TABLE"):
        client.update_stack(StackName="changing", TemplateBody=_text({"T": moved}))
    with pytest.raises(ClientError, match="CHANGE-TABLE"):
        client.create_change_set(StackName="changing", ChangeSetName="x", TemplateBody=_text({"T": moved}))


def test_a_version_without_a_change_is_not_published(account: Running) -> None:
    client = account.client("cloudformation")
    role = of("AWS::IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": []})
    fn = function(FunctionName="versioned", Role={"Fn::GetAtt": ["Role", "Arn"]})
    version = of("AWS::Lambda::Version", FunctionName={"Ref": "Fn"})
    client.create_stack(
        StackName="versions",
        TemplateBody=_text({"Role": role, "Fn": fn, "V1": version}),
        Capabilities=["CAPABILITY_IAM"],
    )
    client.get_waiter("stack_create_complete").wait(StackName="versions", WaiterConfig={"Delay": 1})
    with pytest.raises(ClientError, match="CHANGE-VERSION"):
        client.update_stack(
            StackName="versions",
            TemplateBody=_text({"Role": role, "Fn": fn, "V2": version}),
            Capabilities=["CAPABILITY_IAM"],
        )


def test_a_table_of_another_stack_is_not_taken(account: Running) -> None:
    client = account.client("cloudformation")
    client.create_stack(StackName="first", TemplateBody=_text({"T": table(TableName="held")}))
    client.get_waiter("stack_create_complete").wait(StackName="first", WaiterConfig={"Delay": 1})
    kept = {**table(TableName="held"), "DeletionPolicy": "Retain"}
    with pytest.raises(ClientError, match="already exists in the stack first"):
        client.create_change_set(
            StackName="second",
            ChangeSetName="x",
            ChangeSetType="CREATE",
            ImportExistingResources=True,
            TemplateBody=_text({"T": kept}),
        )
