"""The audit trail: its bucket, which the application is denied, its key, and on request its copy in CloudWatch Logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, cloudtrail, iam, s3

from stacks import naming
from stacks.parts.base.buckets import LOG_DAYS, denied_to_functions
from stacks.parts.buckets import bucket_policy, private_bucket
from stacks.parts.keys import own_key
from stacks.parts.logs import log_group
from stacks.parts.policies import ACCOUNT, allow, arn, managed_policy, objects_of, policy, service, tagged, trust, when
from stacks.stages.stacks import BASE as STACK

if TYPE_CHECKING:
    from awacs.aws import Statement
    from troposphere import Template, kms

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.model.audit import ObjectLock, Trail

_GROUP = "TrailLogGroup"


def add_trail(template: Template, stage: Stage, trail: Trail) -> None:
    """The trail and everything it writes to."""
    name = f"{naming.prefix(stage)}-trail"
    more: JsonDict = {}
    if trail.encryption == "own":
        template.add_resource(_key(stage, name))
        more["KMSKeyId"] = GetAtt("TrailKey", "Arn")
    if trail.cloudwatch:
        _add_log_group(template, stage, name)
        more |= {
            "CloudWatchLogsLogGroupArn": GetAtt(_GROUP, "Arn"),
            "CloudWatchLogsRoleArn": GetAtt("TrailLogRole", "Arn"),
        }
    bucket = _bucket(stage, trail)
    template.add_resource(bucket)
    writer = _writer(arn("cloudtrail", f"trail/{name}"))
    template.add_resource(bucket_policy(bucket, *writer, denied_to_functions("TrailBucket", stage)))
    template.add_resource(
        cloudtrail.Trail(
            "Trail",
            TrailName=name,
            S3BucketName=Ref(bucket),
            IsLogging=True,
            IsMultiRegionTrail=True,
            IncludeGlobalServiceEvents=True,
            EnableLogFileValidation=True,
            Tags=tagged(stage, STACK),
            DependsOn="TrailBucketPolicy",
            # Nobody who deploys may delete a trail, so CloudFormation must never try to, not even in a rollback.
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            **more,
        )
    )


def watched_group(trail: Trail) -> Ref | str:
    """The log group of a trail that ``is_watched``."""
    return trail.log_group or Ref(_GROUP)


def _bucket(stage: Stage, trail: Trail) -> s3.Bucket:
    lock = trail.object_lock
    bucket = private_bucket(
        "TrailBucket",
        stage,
        stack=STACK,
        purpose="trail",
        log_to=Ref("LogBucket"),
        key=GetAtt("TrailKey", "Arn") if trail.encryption == "own" else None,
        expire_after=max(LOG_DAYS, lock.days) if lock else LOG_DAYS,
    )
    if lock:
        bucket.ObjectLockEnabled = True
        bucket.ObjectLockConfiguration = _lock(lock)
    return bucket


def _lock(lock: ObjectLock) -> s3.ObjectLockConfiguration:
    """Every object is locked when it is written.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """
    retention = s3.DefaultRetention(Mode=lock.mode.upper(), Days=lock.days)
    return s3.ObjectLockConfiguration(ObjectLockEnabled="Enabled", Rule=s3.ObjectLockRule(DefaultRetention=retention))


def _writer(trail: Sub) -> list[Statement]:
    """What CloudTrail needs to write.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    owned = when(StringEquals={"aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"})
    return [
        allow(
            "s3:GetBucketAcl",
            on=GetAtt("TrailBucket", "Arn"),
            Sid="TrailAsks",
            Principal=service("cloudtrail"),
            Condition=when(StringEquals={"aws:SourceArn": trail}),
        ),
        allow(
            "s3:PutObject",
            on=objects_of("TrailBucket"),
            Sid="TrailWrites",
            Principal=service("cloudtrail"),
            Condition=owned,
        ),
    ]


def _key(stage: Stage, trail: str) -> kms.Key:
    """Used by CloudTrail alone, which also decrypts: its bucket has an S3 Bucket Key.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    by_trail = when(
        StringEquals={"aws:SourceArn": arn("cloudtrail", f"trail/{trail}")},
        StringLike={"kms:EncryptionContext:aws:cloudtrail:arn": arn("cloudtrail", "trail/*", region="*")},
    )
    by_name = when(StringEquals={"aws:SourceArn": arn("cloudtrail", f"trail/{trail}")})
    writes = allow("kms:GenerateDataKey*", on="*", Sid="Trail", Principal=service("cloudtrail"), Condition=by_trail)
    verbs = ("kms:Decrypt", "kms:DescribeKey")
    checks = allow(*verbs, on="*", Sid="TrailChecks", Principal=service("cloudtrail"), Condition=by_name)
    description = f"Encrypts the audit trail of {naming.prefix(stage)}"
    return own_key("TrailKey", stage, writes, checks, stack=STACK, description=description)


def _add_log_group(template: Template, stage: Stage, trail: str) -> None:
    """The log group, and a role that writes the streams of this account's trail and no others.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    """
    name = f"/aws/cloudtrail/{trail}"
    streams = arn("logs", f"log-group:{name}:log-stream:{ACCOUNT}_CloudTrail_${{AWS::Region}}*")
    writes = policy(allow("logs:CreateLogStream", "logs:PutLogEvents", on=streams))
    template.add_resource(log_group(_GROUP, stage, stack=STACK, name=name))
    template.add_resource(managed_policy("TrailLogPolicy", stage, "platform", writes))
    template.add_resource(
        iam.Role(
            "TrailLogRole",
            Path=naming.role_path(stage, "platform"),
            AssumeRolePolicyDocument=trust("cloudtrail"),
            ManagedPolicyArns=[Ref("TrailLogPolicy")],
            Tags=tagged(stage, STACK),
        )
    )
