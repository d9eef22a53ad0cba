"""A stage's private buckets: the building block, under the stage's names and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Principal
from troposphere import GetAtt, Join, Sub

from stacks import naming
from stacks.blocks import storage
from stacks.blocks.policies import deny, when
from stacks.blocks.storage import bucket_policy

if TYPE_CHECKING:
    from awacs.aws import Statement
    from troposphere import s3

    from stacks.app import Stage
    from stacks.blocks.policies import Value

__all__ = ["bucket_policy", "private_bucket", "written_once"]


def log_bucket(stage: Stage) -> Sub:
    """The name of base's bucket for access logs."""
    return Sub(naming.bucket_name(stage, "logs"))


def artifact_bucket(stage: Stage) -> Sub:
    """The name of base's bucket for code and large templates."""
    return Sub(naming.bucket_name(stage, "code"))


def private_bucket(  # noqa: PLR0913 - a bucket is this many decisions
    title: str,
    stage: Stage,
    *,
    stack: str,
    purpose: str,
    log_to: Value | None,
    key: Value | None = None,
    expire_after: int | None = None,
) -> s3.Bucket:
    """The bucket ``<app>-<stage>-<purpose>-<account>-<region>-an``, in the account's own namespace where there is one.

    ``log_to`` is the bucket its access log goes to (None only for that bucket itself), ``key`` the KMS key to
    encrypt with (S3's own otherwise), ``expire_after`` the days after which its objects are deleted.
    """
    name = naming.bucket_name(stage, purpose)
    bucket = storage.private_bucket(
        title,
        name=Sub(name),
        tags=naming.tags(stage, stack),
        log_to=log_to,
        log_prefix=f"s3/{purpose}/",
        key=key,
        expire_after=expire_after,
    )
    bucket.BucketNamespace = naming.bucket_namespace(name)
    return bucket


def written_once(bucket: s3.Bucket, folder: str, sid: str) -> Statement:
    """Deny writes to a folder of a bucket ("code/") that could overwrite an object.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    """
    return deny(
        "s3:PutObject",
        on=Join("", [GetAtt(bucket, "Arn"), f"/{folder}*"]),
        Sid=sid,
        Principal=Principal("*"),
        Condition=when(Null={"s3:if-none-match": "true"}, Bool={"s3:ObjectCreationOperation": "true"}),
    )
