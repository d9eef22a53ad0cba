"""Private buckets and tables with the controls that cost nothing: closed, encrypted, versioned, restorable, retained.

https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Principal, Statement
from troposphere import GetAtt, Ref, dynamodb, s3

from stacks.blocks.policies import Value, deny, objects_of, policy, when
from stacks.blocks.properties import set_properties

if TYPE_CHECKING:
    from stacks.json_types import JsonObject

_DAYS_OF_UPLOADS = 7
_DAYS_OF_OLD_VERSIONS = 90


def private_bucket(  # noqa: PLR0913 - a bucket is this many decisions
    title: str,
    *,
    name: Value | None = None,
    tags: JsonObject | None = None,
    log_to: Value | None = None,
    log_prefix: str = "",
    key: Value | None = None,
    expire_after: int | None = None,
) -> s3.Bucket:
    """A bucket without public access or ACLs: encrypted, versioned, cleaned up, and retained with its stack.

    Args:
        title: The logical id.
        name: The bucket's name, at most 63 characters; CloudFormation makes one when it is not given.
        tags: Tags by name.
        log_to: The name of the bucket that takes its access log.
        log_prefix: What the log's keys start with.
        key: The ARN of the KMS key to encrypt with; S3's own key when not given.
        expire_after: Days after which objects are deleted.

    >>> made = private_bucket("Uploads", expire_after=30)
    >>> made.to_dict()["DeletionPolicy"], made.to_dict()["Properties"]["VersioningConfiguration"]
    ('Retain', {'Status': 'Enabled'})
    """
    logging = s3.LoggingConfiguration(DestinationBucketName=log_to, LogFilePrefix=log_prefix) if log_to else None
    return s3.Bucket(
        title,
        BucketEncryption=_encryption(key),
        LifecycleConfiguration=_lifecycle(expire_after),
        NotificationConfiguration=s3.NotificationConfiguration(
            EventBridgeConfiguration=s3.EventBridgeConfiguration(EventBridgeEnabled=True)
        ),
        OwnershipControls=s3.OwnershipControls(Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        **set_properties(tags=tags, BucketName=name, LoggingConfiguration=logging),
    )


def _encryption(key: Value | None) -> s3.BucketEncryption:
    by_default = (
        s3.ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
        if key is None
        else s3.ServerSideEncryptionByDefault(SSEAlgorithm="aws:kms", KMSMasterKeyID=key)
    )
    rule = s3.ServerSideEncryptionRule(BucketKeyEnabled=True, ServerSideEncryptionByDefault=by_default)
    return s3.BucketEncryption(ServerSideEncryptionConfiguration=[rule])


def _lifecycle(expire_after: int | None) -> s3.LifecycleConfiguration:
    rules = [
        s3.LifecycleRule(
            Id="clean-up",
            Status="Enabled",
            AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=_DAYS_OF_UPLOADS),
            NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(NoncurrentDays=_DAYS_OF_OLD_VERSIONS),
        )
    ]
    if expire_after is not None:
        rules.append(s3.LifecycleRule(Id="expire", Status="Enabled", ExpirationInDays=expire_after))
    return s3.LifecycleConfiguration(Rules=rules)


def bucket_policy(bucket: s3.Bucket, *statements: Statement) -> s3.BucketPolicy:
    """A bucket's policy: requests without TLS are denied, and ``statements`` apply.

    >>> bucket_policy(private_bucket("Uploads")).title
    'UploadsPolicy'
    """
    title = str(bucket.title)
    tls_only = deny(
        "s3:*",
        on=[GetAtt(title, "Arn"), objects_of(title)],
        Sid="TlsOnly",
        Principal=Principal("*"),
        Condition=when(Bool={"aws:SecureTransport": "false"}),
    )
    return s3.BucketPolicy(f"{title}Policy", Bucket=Ref(bucket), PolicyDocument=policy(tls_only, *statements))


def table(  # noqa: PLR0913 - a table is this many decisions
    title: str,
    *,
    partition_key: str,
    sort_key: str | None = None,
    name: Value | None = None,
    tags: JsonObject | None = None,
    max_units: int = 1000,
) -> dynamodb.Table:
    """A DynamoDB table with text keys: on demand up to a ceiling, restorable to any second, protected and retained.

    Args:
        title: The logical id.
        partition_key: The name of the partition key.
        sort_key: The name of the sort key, if there is one.
        name: The table's name, 3 to 255 characters; CloudFormation makes one when it is not given.
        tags: Tags by name.
        max_units: The most read and write request units a second.

    >>> table("Orders", partition_key="customer", sort_key="id").to_dict()["Properties"]["KeySchema"]
    [{'AttributeName': 'customer', 'KeyType': 'HASH'}, {'AttributeName': 'id', 'KeyType': 'RANGE'}]
    """
    keys = {partition_key: "HASH", **({sort_key: "RANGE"} if sort_key else {})}
    return dynamodb.Table(
        title,
        AttributeDefinitions=[dynamodb.AttributeDefinition(AttributeName=key, AttributeType="S") for key in keys],
        KeySchema=[dynamodb.KeySchema(AttributeName=key, KeyType=kind) for key, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
        OnDemandThroughput=dynamodb.OnDemandThroughput(MaxReadRequestUnits=max_units, MaxWriteRequestUnits=max_units),
        PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
        DeletionProtectionEnabled=True,
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        **set_properties(tags=tags, TableName=name),
    )
