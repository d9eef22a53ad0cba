"""A private bucket and its policy, with every control that costs nothing.

Blocked from the public, without ACLs, encrypted, versioned, read over TLS only, cleaned up, logged, retained.
https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Principal, Statement
from troposphere import GetAtt, Ref, Sub, s3

from stacks import naming
from stacks.parts.policies import Resource, deny, objects_of, policy, tagged, when

if TYPE_CHECKING:
    from stacks.app import App, Stage

_DAYS_OF_UPLOADS = 7
_DAYS_OF_OLD_VERSIONS = 90


def log_bucket(app: App, stage: Stage) -> Sub:
    """The name of base's bucket for access logs."""
    return Sub(naming.bucket_name(app, stage, "logs"))


def artifact_bucket(app: App, stage: Stage) -> Sub:
    """The name of base's bucket for code and large templates."""
    return Sub(naming.bucket_name(app, stage, "code"))


def private_bucket(  # noqa: PLR0913 - a bucket is this many decisions
    title: str,
    app: App,
    stage: Stage,
    *,
    stack: str,
    purpose: str,
    log_to: Resource | None,
    key: Resource | None = None,
    expire_after: int | None = None,
) -> s3.Bucket:
    """The bucket ``<app>-<stage>-<purpose>-<account>-<region>``.

    ``log_to`` is the bucket its access log goes to (None only for that bucket itself), ``key`` the KMS key to
    encrypt with (S3's own otherwise), ``expire_after`` the days after which its objects are deleted.
    """
    logging: dict[str, Any] = {}
    if log_to is not None:
        logs = s3.LoggingConfiguration(DestinationBucketName=log_to, LogFilePrefix=f"s3/{purpose}/")
        logging = {"LoggingConfiguration": logs}
    return s3.Bucket(
        title,
        BucketName=Sub(naming.bucket_name(app, stage, purpose)),
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
        Tags=tagged(app, stage, stack),
        **logging,
    )


def _encryption(key: Resource | None) -> s3.BucketEncryption:
    by_default = (
        s3.ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
        if key is None
        else s3.ServerSideEncryptionByDefault(SSEAlgorithm="aws:kms", KMSMasterKeyID=key)
    )
    rule = s3.ServerSideEncryptionRule(BucketKeyEnabled=True, ServerSideEncryptionByDefault=by_default)
    return s3.BucketEncryption(ServerSideEncryptionConfiguration=[rule])


def _lifecycle(expire_after: int | None) -> s3.LifecycleConfiguration:
    uploads = s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=_DAYS_OF_UPLOADS)
    versions = s3.NoncurrentVersionExpiration(NoncurrentDays=_DAYS_OF_OLD_VERSIONS)
    rules = [
        s3.LifecycleRule(
            Id="clean-up",
            Status="Enabled",
            AbortIncompleteMultipartUpload=uploads,
            NoncurrentVersionExpiration=versions,
        )
    ]
    if expire_after is not None:
        rules.append(s3.LifecycleRule(Id="expire", Status="Enabled", ExpirationInDays=expire_after))
    return s3.LifecycleConfiguration(Rules=rules)


def bucket_policy(bucket: s3.Bucket, *statements: Statement) -> s3.BucketPolicy:
    """The bucket's policy: nothing without TLS, and ``statements``."""
    return s3.BucketPolicy(
        f"{bucket.title}Policy", Bucket=Ref(bucket), PolicyDocument=policy(_tls_only(str(bucket.title)), *statements)
    )


def _tls_only(bucket: str) -> Statement:
    return deny(
        "s3:*",
        on=[GetAtt(bucket, "Arn"), objects_of(bucket)],
        Sid="TlsOnly",
        Principal=Principal("*"),
        Condition=when(Bool={"aws:SecureTransport": "false"}),
    )
