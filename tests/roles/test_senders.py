"""Every service that is let in is asked for what it sends, and for nothing else (``stacks.blocks.senders``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from botocore.session import get_session

from stacks.blocks.senders import SENDS, Sent
from stacks.model.network import EndpointService
from stacks.parts.base.endpoints import UNSIGNED
from stacks.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.app import App

_USES = {
    ("AWS::IAM::Role", "AssumeRolePolicyDocument"): "trust",
    ("AWS::KMS::Key", "KeyPolicy"): "key",
    ("AWS::S3::BucketPolicy", "PolicyDocument"): "bucket",
    ("AWS::SNS::TopicPolicy", "PolicyDocument"): "topic",
}


@pytest.fixture(scope="module")
def bodies(apps: tuple[App, ...]) -> list[tuple[str, Mapping[str, Any]]]:
    """Every resource of the example and of applications with every option."""
    return [
        (f"{stack.stack}.{name}", body)
        for app in apps
        for stage in app.stages.values()
        for stack in render(app, stage)
        for name, body in stack.template["Resources"].items()
    ]


def _let_in(bodies: list[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """(where, service, use, condition) of every statement that lets a service in."""
    for where, body in bodies:
        for (kind, key), use in _USES.items():
            document = body["Properties"].get(key, {}) if body["Type"] == kind else {}
            for statement in document.get("Statement", ()):
                principal = statement["Principal"]
                services = principal.get("Service", []) if isinstance(principal, dict) else []
                for service in services if statement["Effect"] == "Allow" else ():
                    yield where, _short(service), use, statement.get("Condition", {})


def _short(service: Any) -> str:
    text = service if isinstance(service, str) else service["Fn::Sub"]
    return text.replace(".${AWS::Region}", "").removesuffix(".amazonaws.com")


def _fits(sent: Sent, operators: set[str]) -> bool:
    """Whether a condition on the key, by its operators, is met by what is sent."""
    if sent == "always":
        return True
    return all(operator.endswith("IfExists") for operator in operators)


def _operators(condition: Mapping[str, Any], key: str) -> set[str]:
    return {operator for operator, keys in condition.items() if key in keys}


def test_no_service_is_asked_for_what_it_may_not_send(bodies: list[tuple[str, Mapping[str, Any]]]) -> None:
    """A role whose trust asks CodePipeline or CloudFormation for a source might never be taken."""
    wrong = {
        (where, service)
        for where, service, use, condition in _let_in(bodies)
        for key, sent in (
            ("aws:SourceArn", SENDS[service, use].arn),  # type: ignore[index]
            ("aws:SourceAccount", SENDS[service, use].account),  # type: ignore[index]
        )
        if not _fits(sent, _operators(condition, key))
    }
    assert wrong == set()


def test_a_service_that_sends_its_source_is_asked_for_it(bodies: list[tuple[str, Mapping[str, Any]]]) -> None:
    unasked = {
        (where, service)
        for where, service, use, condition in _let_in(bodies)
        if SENDS[service, use].arn != "never" and not _operators(condition, "aws:SourceArn")  # type: ignore[index]
    }
    assert unasked == set()


def test_functions_are_called_for_an_arn_and_no_account(bodies: list[tuple[str, Mapping[str, Any]]]) -> None:
    """EventBridge sends no account, so it never calls a function whose permission asks for one.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    """
    results = [(where, body["Properties"]) for where, body in bodies if body["Type"] == "AWS::Lambda::Permission"]
    asked = [(where, statement) for where, statement in results if statement["Principal"].endswith(".amazonaws.com")]
    assert {where for where, entry in asked if "SourceAccount" in entry or "SourceArn" not in entry} == set()
    assert {_short(statement["Principal"]) for _, statement in asked} <= {
        name for name, use in SENDS if use == "function"
    }


def test_every_line_of_the_table_names_its_source() -> None:
    assert all(sends.source.startswith("https://") for sends in SENDS.values())


def test_the_trails_key_lets_cloudtrail_describe_it_and_decrypt(
    bodies: list[tuple[str, Mapping[str, Any]]],
) -> None:
    """Without them CreateTrail fails with InsufficientEncryptionPolicyException.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    wanted = {"kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"}
    keys = [body["Properties"]["KeyPolicy"]["Statement"] for where, body in bodies if where == "base.TrailKey"]
    assert keys
    for statements in keys:
        services = [statement for statement in statements if "Service" in statement["Principal"]]
        assert {action for service in services for action in service["Action"]} == wanted
        assert all("aws:SourceArn" in service["Condition"]["StringEquals"] for service in services)


def test_unsigned_calls_pass_their_endpoint() -> None:
    """SignUp and the like have no principal, so no ``aws:PrincipalAccount``: botocore's models say which services."""
    session = get_session()
    unsigned = set()
    for name in get_args(EndpointService):
        model = session.get_service_model({"states": "stepfunctions"}.get(name, name))
        if any(model.operation_model(item).auth_type == "none" for item in model.operation_names):
            unsigned.add(name)
    assert unsigned == UNSIGNED


def test_a_stream_is_read_with_all_that_lambda_checks(bodies: list[tuple[str, Mapping[str, Any]]]) -> None:
    """Lambda checks ListStreams too, when it creates the mapping.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    """
    wanted = {f"dynamodb:{verb}" for verb in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")}
    reading = [
        {
            action
            for statement in body["Properties"]["PolicyDocument"]["Statement"]
            for action in statement.get("Action", ())
        }
        for _, body in bodies
        if body["Type"] == "AWS::IAM::ManagedPolicy" and "dynamodb:GetRecords" in json.dumps(body)
    ]
    assert len(reading) > 1
    assert all(wanted <= actions for actions in reading)


def test_backups_are_created_and_restored_with_what_aws_asks(bodies: list[tuple[str, Mapping[str, Any]]]) -> None:
    """The parts about DynamoDB of AWS's own policies.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html (v30)
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html (v35)
    """
    policies = [body["Properties"]["PolicyDocument"] for where, body in bodies if where == "data.BackupPolicy"]
    wanted = {
        "backup:TagResource", "dynamodb:BatchWriteItem", "dynamodb:RestoreTableFromBackup",
        "dynamodb:RestoreTableFromAwsBackup", "dynamodb:StartAwsBackupJob", "dynamodb:DescribeBackup",
    }  # fmt: skip
    actions = [
        {action for statement in allowed_actions["Statement"] for action in statement["Action"]}
        for allowed_actions in policies
    ]
    assert actions
    assert all(wanted <= allowed_actions for allowed_actions in actions)
    keyed = [allowed_actions for allowed_actions in actions if "kms:CreateGrant" in allowed_actions]
    assert all(
        "kms:Decrypt" in allowed_actions and "kms:GenerateDataKeyWithoutPlaintext" in allowed_actions
        for allowed_actions in keyed
    )
