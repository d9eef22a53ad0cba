"""The buckets for logs and for code, and who may not touch the platform's buckets: the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Principal, Statement
from troposphere import GetAtt, Ref, Sub

from stacks import naming, wiring
from stacks.blocks.senders import from_source
from stacks.parts.buckets import bucket_policy, private_bucket, written_once
from stacks.parts.policies import ACCOUNT, allow, arn, deny, objects_of, service, when
from stacks.stages.stacks import BASE as STACK

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import Stage

LOG_DAYS = 400
"""Days that logs are kept in buckets: a year, and time to look at it."""


def add_log_bucket(template: Template, stage: Stage) -> None:
    """The bucket that access logs and flow logs go to."""
    bucket = private_bucket("LogBucket", stage, stack=STACK, purpose="logs", log_to=None, expire_after=LOG_DAYS)
    vpc = stage.base.vpc
    flow_logs = _flow_log_writer() if vpc and vpc.is_ours and vpc.flow_logs == "s3" else []
    template.add_resource(bucket)
    template.add_resource(bucket_policy(bucket, _access_log_writer(stage), *flow_logs))
    template.add_output(wiring.LOG_BUCKET.declare(Ref(bucket), "Bucket for access logs"))


def _access_log_writer(stage: Stage) -> Statement:
    buckets = Sub(f"arn:${{AWS::Partition}}:s3:::{naming.prefix(stage)}-*")
    return allow(
        "s3:PutObject",
        on=objects_of("LogBucket"),
        Sid="S3AccessLogs",
        Principal=service("logging.s3"),
        Condition=from_source("logging.s3", "bucket", buckets),
    )


def _flow_log_writer() -> list[Statement]:
    """What VPC flow logs need to be delivered.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    """
    delivery, source = service("delivery.logs"), from_source("delivery.logs", "bucket", arn("logs", "*"))
    owned = when(
        StringEquals={"aws:SourceAccount": Sub(ACCOUNT), "s3:x-amz-acl": "bucket-owner-full-control"},
        ArnLike={"aws:SourceArn": arn("logs", "*")},
    )
    return [
        allow("s3:PutObject", on=objects_of("LogBucket"), Sid="FlowLogs", Principal=delivery, Condition=owned),
        allow(
            "s3:GetBucketAcl",
            "s3:ListBucket",
            on=GetAtt("LogBucket", "Arn"),
            Sid="FlowLogsAsk",
            Principal=delivery,
            Condition=source,
        ),
    ]


def add_artifact_bucket(template: Template, stage: Stage) -> None:
    """The bucket for Lambda code and large templates."""
    bucket = private_bucket("ArtifactBucket", stage, stack=STACK, purpose="code", log_to=Ref("LogBucket"))
    template.add_resource(bucket)
    template.add_resource(
        bucket_policy(
            bucket,
            written_once(bucket, "code/", "CodeIsWrittenOnce"),
            denied_to_functions("ArtifactBucket", stage),
        )
    )
    template.add_output(wiring.ARTIFACT_BUCKET.declare(Ref(bucket), "Bucket for Lambda code and large templates"))


def denied_to_functions(bucket: str, stage: Stage) -> Statement:
    """What the application runs as has no business in the platform's buckets."""
    functions = arn("iam", f"role{naming.role_path(stage, 'backend')}*", region="")
    return deny(
        "s3:*",
        on=[GetAtt(bucket, "Arn"), objects_of(bucket)],
        Sid="NotForFunctions",
        Principal=Principal("*"),
        Condition=when(ArnLike={"aws:PrincipalArn": functions}),
    )
