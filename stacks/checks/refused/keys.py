"""What KMS and CloudTrail refuse: keys that nobody may manage, trails that may not write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.checks.documents import JudgedDocument, JudgedStatement, statements
from stacks.checks.refused.reading import own
from stacks.checks.rule import Hit, Resource, Stacks, refusal
from stacks.checks.values import texts
from stacks.intrinsics.functions import is_function
from stacks.json_types import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = "AWS::KMS::Key"
_TRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide"


def _of_key(key: Resource) -> list[JudgedStatement]:
    content = mapping(key.at("KeyPolicy"))
    return list(JudgedDocument(owner=key, kind="resource", path="KeyPolicy", content=content).statements())


def _gives(statement: JudgedStatement, action: str) -> bool:
    return statement.allows and ("*" in statement.actions or "kms:*" in statement.actions or statement.gives(action))


@refusal(
    "KEY-LOCKED",
    why="KMS refuses it: The new key policy will not allow you to update the key policy in the future",
    fix="Let the account's root (or the role that deploys) use kms:* or kms:PutKeyPolicy on it",
    source="https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html",
)
def keys_can_be_managed(stacks: Stacks) -> Iterator[Hit]:
    """Somebody of the account may change a key's policy."""
    for key in stacks.of(_KEY):
        policy = key.at("KeyPolicy")
        if policy is None or is_function(policy) or key.at("BypassPolicyLockoutSafetyCheck") in (True, "true"):
            continue
        managers = [
            statement for statement in _of_key(key) if _gives(statement, "kms:putkeypolicy") and _people(statement)
        ]
        if not managers and _of_key(key):
            yield key.hit("KeyPolicy", "lets nobody change it")


def _people(statement: JudgedStatement) -> bool:
    principal = statement.content.get("Principal")
    return principal == "*" or mapping(principal).get("AWS") is not None or is_function(principal)


@refusal(
    "TRAIL-KEY-POLICY",
    why="CloudTrail refuses a key that it may not use: InsufficientEncryptionPolicyException",
    fix="Let cloudtrail.amazonaws.com use kms:GenerateDataKey*, kms:DescribeKey and kms:Decrypt on it",
    source=f"{_TRAIL}/create-kms-key-policy-for-cloudtrail.html",
)
def trails_may_use_their_key(stacks: Stacks) -> Iterator[Hit]:
    """The key of a trail lets CloudTrail encrypt, and describe the key."""
    for trail in stacks.of("AWS::CloudTrail::Trail"):
        key = own(stacks, trail.at("KMSKeyId"), trail, _KEY)
        if key is None or is_function(key.at("KeyPolicy")):
            continue
        results = [statement for statement in _of_key(key) if "cloudtrail" in statement.services]
        for action in ("kms:generatedatakey", "kms:describekey"):
            if not any(_gives(statement, action) for statement in results):
                yield key.hit("KeyPolicy", f"does not let CloudTrail use {action}")


@refusal(
    "TRAIL-BUCKET-POLICY",
    why="CloudTrail refuses a bucket that it may not write to: Incorrect S3 bucket policy is detected",
    fix="Let cloudtrail.amazonaws.com use s3:GetBucketAcl and s3:PutObject in a bucket policy the trail depends on",
    source=f"{_TRAIL}/create-s3-bucket-policy-for-cloudtrail.html",
)
def trails_may_write_to_their_bucket(stacks: Stacks) -> Iterator[Hit]:
    """The bucket of a trail, made in the same stack, lets CloudTrail write; the trail waits for that policy."""
    for trail in stacks.of("AWS::CloudTrail::Trail"):
        bucket = own(stacks, trail.at("S3BucketName"), trail, "AWS::S3::Bucket")
        if bucket is None:
            continue
        results = [
            statement
            for statement in statements(stacks, "resource")
            if statement.document.owner.type == "AWS::S3::BucketPolicy"
            and own(stacks, statement.document.owner.at("Bucket"), statement.document.owner, "AWS::S3::Bucket")
            is bucket
        ]
        for action in ("s3:getbucketacl", "s3:putobject"):
            right = [
                statement
                for statement in results
                if statement.allows and "cloudtrail" in statement.services and _s3(statement, action)
            ]
            if not right:
                yield trail.hit("S3BucketName", f"is {bucket.id}, whose policy does not let CloudTrail use {action}")
            elif not {statement.document.owner.id for statement in right} & set(texts(trail.body.get("DependsOn"))):
                yield trail.hit("DependsOn", f"does not wait for {right[0].document.owner.id}")
                break


def _s3(statement: JudgedStatement, action: str) -> bool:
    return statement.gives(action) or bool({"*", "s3:*"} & set(statement.actions))


@refusal(
    "LOG-KEY-POLICY",
    why="CloudWatch Logs refuses a key that it may not use: The specified KMS Key Id could not be used",
    fix="Let logs.REGION.amazonaws.com use kms:Encrypt*, kms:Decrypt*, kms:ReEncrypt*, kms:GenerateDataKey* and "
    "kms:Describe* on it",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
)
def log_groups_may_use_their_key(stacks: Stacks) -> Iterator[Hit]:
    """The key of a log group, made in the same stack, lets CloudWatch Logs use it."""
    for group in stacks.of("AWS::Logs::LogGroup"):
        key = own(stacks, group.at("KmsKeyId"), group, _KEY)
        if key is None or is_function(key.at("KeyPolicy")):
            continue
        services = [name for statement in _of_key(key) if statement.allows for name in statement.services]
        if not any(name.partition(".")[0] == "logs" for name in services):
            yield group.hit("KmsKeyId", f"is {key.id}, which CloudWatch Logs may not use")


RULES = (
    keys_can_be_managed,
    trails_may_use_their_key,
    trails_may_write_to_their_bucket,
    log_groups_may_use_their_key,
)
