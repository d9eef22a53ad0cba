"""Rules that a property has a value: the controls of this project that cost nothing, on any template.

Most of them are Security Hub's too, and some scanner sees each; here they are told while rendering, without one.
A rule is a row: a type, the property, what is right, and what to tell otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.checks.rule import Hit, Rule, Stacks
from stacks.checks.values import at, items, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide"
_S3 = f"{_HUB}/s3-controls.html"
_API = f"{_HUB}/apigateway-controls.html"
_COGNITO = f"{_HUB}/cognito-controls.html"
_EC2 = f"{_HUB}/ec2-controls.html"
_BUCKET = "AWS::S3::Bucket"
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_CLASSES = ("RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols")
_SHORTEST_PASSWORD = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    id: str
    type: str
    path: str
    right: Callable[[Any], bool]
    what: str
    why: str
    fix: str
    source: str

    def find(self, stacks: Stacks) -> Iterator[Hit]:
        """The property is right on every resource of the type."""
        for resource in stacks.of(self.type):
            if not self.right(at(resource.properties, *self.path.split("."))):
                yield resource.hit(self.path, self.what)

    def rule(self) -> Rule:
        return Rule(id=self.id, why=self.why, fix=self.fix, source=self.source, find=self.find)


def _is(*wanted: Any) -> Callable[[Any], bool]:
    return lambda value: any(value is one or (value == one and type(value) is type(one)) for one in wanted)


def _there(value: Any) -> bool:
    return value is not None


def _has_strong_passwords(policy: Any) -> bool:
    length = at(policy, "MinimumLength")
    return (
        isinstance(length, int) and length >= _SHORTEST_PASSWORD and all(at(policy, name) is True for name in _CLASSES)
    )


def _cleans_up(rules: Any) -> bool:
    return any(at(one, "AbortIncompleteMultipartUpload") and at(one, "Status") == "Enabled" for one in items(rules))


def _has_account(name: Any) -> bool:
    return name is None or "${AWS::AccountId}" in (text(name) or "${AWS::AccountId}")


def _logs_errors(settings: Any) -> bool:
    return any(at(one, "LoggingLevel") in {"ERROR", "INFO"} for one in items(settings))


def _throttles(settings: Any) -> bool:
    return any(at(one, "ThrottlingRateLimit") is not None for one in items(settings))


def _is_closed(rules: Any) -> bool:
    return not any({"0.0.0.0/0", "::/0"} & set(texts([at(one, "CidrIp"), at(one, "CidrIpv6")])) for one in items(rules))


_ROWS = (
    _Row(
        id="BUCKET-PUBLIC",
        type=_BUCKET,
        path="PublicAccessBlockConfiguration",
        right=lambda block: all(at(block, name) is True for name in _BLOCKS),
        what="lets a policy or an ACL make it public",
        why="one wrong statement opens everything in it to the world",
        fix="Set all four blocks of PublicAccessBlockConfiguration to true",
        source=_S3,
    ),
    _Row(
        id="BUCKET-ENCRYPTION",
        type=_BUCKET,
        path="BucketEncryption.ServerSideEncryptionConfiguration",
        right=lambda rules: bool(items(rules)),
        what="does not say how it is encrypted",
        why="what is stored is to be encrypted with a key that is named",
        fix="Set BucketEncryption, with AES256 or aws:kms",
        source=_S3,
    ),
    _Row(
        id="BUCKET-VERSIONS",
        type=_BUCKET,
        path="VersioningConfiguration.Status",
        right=_is("Enabled"),
        what="keeps no versions",
        why="what is overwritten or deleted by mistake is gone",
        fix="Set VersioningConfiguration.Status to Enabled",
        source=_S3,
    ),
    _Row(
        id="BUCKET-CLEANUP",
        type=_BUCKET,
        path="LifecycleConfiguration.Rules",
        right=_cleans_up,
        what="keeps parts of uploads that were never finished",
        why="they are paid for and seen by nobody",
        fix="Add a lifecycle rule with AbortIncompleteMultipartUpload",
        source=_S3,
    ),
    _Row(
        id="BUCKET-ACL",
        type=_BUCKET,
        path="OwnershipControls.Rules",
        right=lambda rules: at(rules, 0, "ObjectOwnership") == "BucketOwnerEnforced",
        what="takes access control lists",
        why="rights outside the bucket's policy are rights nobody reads",
        fix="Set OwnershipControls to BucketOwnerEnforced",
        source=_S3,
    ),
    _Row(
        id="BUCKET-EVENTS",
        type=_BUCKET,
        path="NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled",
        right=_is(True),
        what="tells nobody what happens in it",
        why="what is put in or deleted cannot be reacted to",
        fix="Set EventBridgeEnabled to true; it is free",
        source=_S3,
    ),
    _Row(
        id="BUCKET-SQUAT",
        type=_BUCKET,
        path="BucketName",
        right=_has_account,
        what="has a name that anyone can guess and take first",
        why="a bucket that somebody else made gets our files",
        fix="Put ${AWS::AccountId} and ${AWS::Region} into the name, or leave it out",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
    ),
    _Row(
        id="TABLE-RESTORE",
        type="AWS::DynamoDB::Table",
        path="PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        right=_is(True),
        what="cannot be restored to a point in time",
        why="a bug that overwrites items cannot be undone",
        fix="Set PointInTimeRecoveryEnabled to true",
        source=f"{_HUB}/dynamodb-controls.html",
    ),
    _Row(
        id="USERS-PASSWORD",
        type="AWS::Cognito::UserPool",
        path="Policies.PasswordPolicy",
        right=_has_strong_passwords,
        what=f"allows passwords under {_SHORTEST_PASSWORD} characters or of few kinds of them",
        why="short passwords are guessed",
        fix=f"Ask for {_SHORTEST_PASSWORD} characters, letters of either case, digits and symbols",
        source=_COGNITO,
    ),
    _Row(
        id="USERS-PROTECTION",
        type="AWS::Cognito::UserPool",
        path="DeletionProtection",
        right=_is("ACTIVE"),
        what="can be deleted by one call",
        why="with the pool go all accounts, for good",
        fix="Set DeletionProtection to ACTIVE",
        source=_COGNITO,
    ),
    _Row(
        id="USERS-ADDRESS",
        type="AWS::Cognito::UserPool",
        path="UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate",
        right=lambda names: "email" in texts(names),
        what="takes a new e-mail address before it is verified",
        why="who mistypes an address, or takes over a session, locks the owner out",
        fix="List email in AttributesRequireVerificationBeforeUpdate",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-email-phone-verification.html",
    ),
    _Row(
        id="USERS-GUESTS",
        type="AWS::Cognito::IdentityPool",
        path="AllowUnauthenticatedIdentities",
        right=_is(False),
        what="gives credentials to guests",
        why="anyone gets AWS credentials without signing in",
        fix="Set AllowUnauthenticatedIdentities to false",
        source=_COGNITO,
    ),
    _Row(
        id="API-LOG",
        type="AWS::ApiGateway::Stage",
        path="AccessLogSetting.DestinationArn",
        right=_there,
        what="writes no access log",
        why="nobody can tell afterwards who called what",
        fix="Set AccessLogSetting with a log group and a JSON format",
        source=_API,
    ),
    _Row(
        id="API-LOG-V2",
        type="AWS::ApiGatewayV2::Stage",
        path="AccessLogSettings.DestinationArn",
        right=_there,
        what="writes no access log",
        why="nobody can tell afterwards who called what",
        fix="Set AccessLogSettings with a log group and a JSON format",
        source=_API,
    ),
    _Row(
        id="API-ERRORS",
        type="AWS::ApiGateway::Stage",
        path="MethodSettings",
        right=_logs_errors,
        what="logs no errors of its own",
        why="what goes wrong before a function is called is seen nowhere",
        fix="Set LoggingLevel to ERROR",
        source=_API,
    ),
    _Row(
        id="API-THROTTLE",
        type="AWS::ApiGateway::Stage",
        path="MethodSettings",
        right=_throttles,
        what="takes as many requests as the account allows",
        why="one caller can use up the account's share, and the budget",
        fix="Set ThrottlingRateLimit and ThrottlingBurstLimit",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
    ),
    _Row(
        id="FN-LOG",
        type="AWS::Lambda::Function",
        path="LoggingConfig.LogGroup",
        right=_there,
        what="logs into a group that Lambda makes up and keeps for ever",
        why="logs without an owner have no retention and no protection",
        fix="Give it a log group of the stack",
        source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
    ),
    _Row(
        id="FN-LOOP",
        type="AWS::Lambda::Function",
        path="RecursiveLoop",
        right=_is("Terminate"),
        what="may call itself for ever",
        why="a loop through a queue or topic costs until somebody notices",
        fix="Set RecursiveLoop to Terminate",
        source="https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",
    ),
    _Row(
        id="FN-URL",
        type="AWS::Lambda::Url",
        path="AuthType",
        right=_is("AWS_IAM"),
        what="lets everyone call the function, around API and web ACL",
        why="nothing limits or judges what comes in",
        fix="Set AuthType to AWS_IAM",
        source=f"{_HUB}/lambda-controls.html",
    ),
    _Row(
        id="LOG-RETENTION",
        type="AWS::Logs::LogGroup",
        path="RetentionInDays",
        right=_there,
        what="keeps logs for ever",
        why="logs cost by month, and hold what should be forgotten",
        fix="Set RetentionInDays",
        source=f"{_HUB}/cloudwatch-controls.html",
    ),
    _Row(
        id="KEY-ROTATION",
        type="AWS::KMS::Key",
        path="EnableKeyRotation",
        right=lambda value: value is True,
        what="is never rotated",
        why="a key that leaks once opens everything it ever encrypted",
        fix="Set EnableKeyRotation to true",
        source=f"{_HUB}/kms-controls.html",
    ),
    _Row(
        id="TRAIL-REGIONS",
        type="AWS::CloudTrail::Trail",
        path="IsMultiRegionTrail",
        right=_is(True),
        what="sees one region only",
        why="whoever breaks in works in another region",
        fix="Set IsMultiRegionTrail to true",
        source=f"{_HUB}/cloudtrail-controls.html",
    ),
    _Row(
        id="TRAIL-VALIDATION",
        type="AWS::CloudTrail::Trail",
        path="EnableLogFileValidation",
        right=_is(True),
        what="cannot prove that its files are whole",
        why="a record that was changed looks like one that was not",
        fix="Set EnableLogFileValidation to true",
        source=f"{_HUB}/cloudtrail-controls.html",
    ),
    _Row(
        id="TRAIL-KEY",
        type="AWS::CloudTrail::Trail",
        path="KMSKeyId",
        right=_there,
        what="is encrypted with no key of its own",
        why="whoever may read the bucket may read the record",
        fix="Set KMSKeyId",
        source=f"{_HUB}/cloudtrail-controls.html",
    ),
    _Row(
        id="SUBNET-PUBLIC",
        type="AWS::EC2::Subnet",
        path="MapPublicIpOnLaunch",
        right=_is(False, None),
        what="gives public addresses to what starts in it",
        why="what is meant to be private can be reached",
        fix="Set MapPublicIpOnLaunch to false",
        source=_EC2,
    ),
    _Row(
        id="GROUP-OPEN",
        type="AWS::EC2::SecurityGroup",
        path="SecurityGroupIngress",
        right=_is_closed,
        what="lets the whole internet in",
        why="every port that listens is found within minutes",
        fix="Name the networks or groups that may come in",
        source=_EC2,
    ),
    _Row(
        id="BUILD-PRIVILEGED",
        type="AWS::CodeBuild::Project",
        path="Environment.PrivilegedMode",
        right=_is(False, None),
        what="builds with the rights of the machine it runs on",
        why="a build that is taken over takes its host over",
        fix="Set PrivilegedMode to false",
        source=f"{_HUB}/codebuild-controls.html",
    ),
    _Row(
        id="QUEUE-ENCRYPTION",
        type="AWS::SQS::Queue",
        path="SqsManagedSseEnabled",
        right=_is(True, None),
        what="is not encrypted",
        why="messages lie readable until they are taken",
        fix="Drop SqsManagedSseEnabled: false, or set it to true",
        source=f"{_HUB}/sqs-controls.html",
    ),
)

RULES = tuple(row.rule() for row in _ROWS)
