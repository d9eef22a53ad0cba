"""Weaknesses put into the rendered stacks one at a time: each is noticed by a rule of ours.

Here are those about who outside of the stage can reach what; with those of ``test_rules`` and ``test_broken_controls``
they are the list of weaknesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.checks import reach
from stacks.checks.run import RULES
from tests.checks.breaking import GONE
from tests.checks.test_broken_controls import BROKEN, rendered_wide, wide
from tests.checks.test_rules import ADDED, CHANGED

if TYPE_CHECKING:
    from stacks import Rendered

__all__ = ["rendered_wide", "wide"]
EVERYBODY: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
FOREIGN = {"AWS": "arn:aws:iam::999999999999:root"}
BUT_ONE = {"Effect": "Allow", "NotPrincipal": FOREIGN, "Action": "s3:GetObject", "Resource": "*"}
DATA = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": {"Fn::Sub": "arn:aws:dynamodb:x:y:table/z"}}
BY_ID = {rule.id: rule for rule in RULES}
KEY = "AKIA" + "ABCDEFGHIJKLMNOP"
PAT = "ghp_" + "a" * 36


def _foreign(action: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": FOREIGN, "Action": action, "Resource": "*", **more}


def _trust(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **statement}]}


def _policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}


COGNITO = {"Federated": "cognito-identity.amazonaws.com"}
GITHUB = {"Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
GUESTS = {
    "StringEquals": {"cognito-identity.amazonaws.com:aud": "x"},
    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
}
PEOPLE = {
    "StringEquals": {"cognito-identity.amazonaws.com:aud": "x"},
    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
}

# rule, resource, property, what it is set to
PUT: list[tuple[str, str, str, Any]] = [
    ("REACH-PRINCIPAL", "backend.WebRole", "AssumeRolePolicyDocument.Statement[0]", EVERYBODY),
    ("REACH-PRINCIPAL", "backend.WebRole", "AssumeRolePolicyDocument.Statement[0].Principal", FOREIGN),
    ("REACH-PRINCIPAL", "backend.WebRole", "AssumeRolePolicyDocument.Statement[0].Principal", {"AWS": "999999999999"}),
    ("REACH-PRINCIPAL", "base.TrailKey", "KeyPolicy.Statement[0].Principal", FOREIGN),
    ("REACH-PRINCIPAL", "base.PipelineKey", "KeyPolicy.Statement[0].Principal", FOREIGN),
    ("REACH-PRINCIPAL", "base.LogBucketPolicy", "PolicyDocument.Statement[0]", _foreign("s3:GetObject")),
    ("REACH-PRINCIPAL", "base.ArtifactBucketPolicy", "PolicyDocument.Statement[0]", _foreign("s3:PutObject")),
    ("REACH-PRINCIPAL", "base.TrailBucketPolicy", "PolicyDocument.Statement[0]", _foreign("s3:DeleteObject")),
    ("REACH-PRINCIPAL", "frontend.SiteBucketPolicy", "PolicyDocument.Statement[0]", BUT_ONE),
    ("REACH-PRINCIPAL", "backend.JobsQueuePolicy", "PolicyDocument.Statement[0]", _foreign("sqs:ReceiveMessage")),
    ("REACH-PRINCIPAL", "base.PipelineTopicPolicy", "PolicyDocument.Statement[0]", _foreign("sns:Subscribe")),
    (
        "REACH-PRINCIPAL",
        "data.NotesTable",
        "ResourcePolicy",
        {"PolicyDocument": {"Version": "2012-10-17", "Statement": [_foreign("dynamodb:GetItem")]}},
    ),
    ("REACH-FEDERATED", "backend.WebRole", "AssumeRolePolicyDocument", _trust(Principal=COGNITO)),
    (
        "REACH-FEDERATED",
        "backend.WebRole",
        "AssumeRolePolicyDocument",
        _trust(Principal=COGNITO, Condition={"StringEquals": {"cognito-identity.amazonaws.com:aud": "x"}}),
    ),
    ("REACH-FEDERATED", "backend.WebRole", "AssumeRolePolicyDocument", _trust(Principal=GITHUB)),
    ("REACH-PEOPLE", "backend.WebRole", "AssumeRolePolicyDocument", _trust(Principal=COGNITO, Condition=GUESTS)),
    ("REACH-PEOPLE", "backend.WebRole", "AssumeRolePolicyDocument", _trust(Principal=COGNITO, Condition=PEOPLE)),
    ("REACH-FUNCTION", "backend.WebPermission", "Principal", "999999999999"),
    ("REACH-FUNCTION", "backend.WebPermission", "Principal", "arn:aws:iam::999999999999:root"),
    ("REACH-FUNCTION", "backend.WebPermission", "SourceArn", GONE),
    ("REACH-PASS", "backend.WebPolicy", "PolicyDocument", _policy(Action="cloudformation:CreateChangeSet")),
    ("REACH-PASS", "backend.WebPolicy", "PolicyDocument", _policy(Action=["cloudformation:Update*"])),
    ("REACH-PASS", "backend.WebPolicy", "PolicyDocument", _policy(Action="codeconnections:UseConnection")),
    ("REACH-PASS", "backend.WebPolicy", "PolicyDocument", _policy(Action="codestar-connections:UseConnection")),
    ("REACH-SECRET", "backend.WebFunction", "Environment.Variables.REGION_NOTE", KEY),
    ("REACH-SECRET", "backend.WebFunction", "Description", f"uses {PAT}"),
    ("REACH-SECRET", "data.UserPool", "EmailVerificationMessage", "-----BEGIN PRIVATE KEY-----"),
    ("REACH-SECRET", "base.BackendBuild", "Description", "xoxb-1234567890-abcdefghij"),
    (
        "REACH-SECRET",
        "frontend.Distribution",
        "DistributionConfig.Origins[1].OriginCustomHeaders",
        [{"HeaderName": "X-Gate-Key", "HeaderValue": "open-sesame"}],
    ),
    ("REACH-BUILD", "base.BackendBuild", "Source.BuildSpec", GONE),
    ("REACH-BUILD", "base.BackendBuild", "Source.BuildSpec", "buildspec.yml"),
    ("REACH-BUILD", "base.BackendBuild", "Visibility", "PUBLIC_READ"),
    ("TRAIL-EVENTS", "base.Trail", "EventSelectors", [{"IncludeManagementEvents": False, "ReadWriteType": "All"}]),
    ("TRAIL-EVENTS", "base.Trail", "EventSelectors", [{"IncludeManagementEvents": True, "ReadWriteType": "WriteOnly"}]),
    (
        "TRAIL-EVENTS",
        "base.Trail",
        "AdvancedEventSelectors",
        [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}],
    ),
    ("FN-RUNTIME", "backend.WebFunction", "Runtime", "python3.8"),
    ("FN-RUNTIME", "backend.ListNotesFunction", "Runtime", "nodejs16.x"),
]

# rule, type, properties
ADD: list[tuple[str, str, dict[str, Any]]] = [
    (
        "REACH-PRINCIPAL",
        "AWS::SecretsManager::ResourcePolicy",
        {"SecretId": "x", "ResourcePolicy": {"Statement": [_foreign("secretsmanager:GetSecretValue")]}},
    ),
    (
        "REACH-PRINCIPAL",
        "AWS::Backup::BackupVault",
        {"BackupVaultName": "v", "AccessPolicy": {"Statement": [_foreign("backup:CopyIntoBackupVault")]}},
    ),
    ("REACH-PRINCIPAL", "AWS::S3::AccessPoint", {"Policy": {"Statement": [_foreign("s3:GetObject")]}}),
    (
        "REACH-PRINCIPAL",
        "AWS::ApiGateway::RestApi",
        {"Name": "x", "Policy": {"Statement": [_foreign("execute-api:Invoke")]}},
    ),
    (
        "REACH-PRINCIPAL",
        "AWS::SQS::QueueInlinePolicy",
        {"PolicyDocument": {"Statement": [_foreign("sqs:SendMessage")]}},
    ),
    (
        "REACH-LOGS",
        "AWS::Logs::SubscriptionFilter",
        {"DestinationArn": "arn:aws:logs:eu-west-1:999999999999:destination:out", "FilterPattern": ""},
    ),
    ("REACH-FUNCTION", "AWS::Lambda::LayerVersionPermission", {"Principal": "*", "LayerVersionArn": "x"}),
    (
        "REACH-FUNCTION",
        "AWS::Lambda::Permission",
        {"Principal": "*", "FunctionUrlAuthType": "NONE", "Action": "lambda:InvokeFunctionUrl", "FunctionName": "x"},
    ),
    (
        "REACH-FUNCTION",
        "AWS::Lambda::Permission",
        {"Principal": "sns.amazonaws.com", "Action": "lambda:InvokeFunction", "FunctionName": "x"},
    ),
    ("REACH-SECRET", "AWS::SecretsManager::Secret", {"SecretString": "open-sesame"}),
    ("REACH-GATE", "AWS::WAFv2::WebACL", {"Scope": "REGIONAL", "DefaultAction": {"Block": {}}}),
    (
        "DEPLOY-DENY",
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": _trust(Principal={"Service": "cloudformation.amazonaws.com"}),
            "Policies": [{"PolicyName": "p", "PolicyDocument": _policy(Action="iam:CreateRole")}],
        },
    ),
]


def test_the_list_of_weaknesses_is_long(rendered_wide: tuple[Rendered, ...]) -> None:
    advice = {rule.id for rule in RULES if rule.grade == "advice"}
    named = [entry[0] for entry in (*PUT, *ADD, *CHANGED, *ADDED, *BROKEN)]
    assert len([name for name in named if name in advice]) >= 130
    assert rendered_wide


def test_every_invariant_is_broken_above() -> None:
    assert {rule.id for rule in reach.RULES} <= {entry[0] for entry in (*PUT, *ADD)}
