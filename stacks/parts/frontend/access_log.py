"""The log of every request that CloudFront answers, unless the description says ``false``.

``v2`` goes to CloudWatch Logs. Its delivery can be made in us-east-1 only and names the distribution, so outside that
region it is a stack of its own, ``frontend-logs-edge``, after the frontend. ``legacy`` goes to a bucket, the one bucket
whose ACLs are on, since CloudFront's older log writes with them. Neither has cookies.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, Template, cloudfront, logs, s3

from stacks import naming, wiring
from stacks.parts.buckets import bucket_policy, log_bucket, private_bucket
from stacks.parts.logs import log_group
from stacks.parts.policies import tagged
from stacks.parts.templates import empty_template
from stacks.stages.stacks import LOGS_EDGE

if TYPE_CHECKING:
    from stacks.app import Stage

_DAYS_OF_LOGS = 400
# Fields of the log in its own words; cookies and referrers are left out.
_FIELDS = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(User-Agent)",
    "x-edge-result-type",
    "x-edge-request-id",
    "time-taken",
    "ssl-protocol",
    "cs-protocol-version",
)


def template(stage: Stage) -> Template:
    """The stack in us-east-1 that delivers the log of a distribution described elsewhere."""
    stack_template = empty_template(stage, "access log of the site, in us-east-1 as CloudFront asks")
    add_delivery(stack_template, wiring.DISTRIBUTION.read(stage), stage, stack=LOGS_EDGE)
    return stack_template


def add_delivery(stack_template: Template, distribution: object, stage: Stage, *, stack: str) -> None:
    """Put the log group and what delivers to it into a template that is deployed in us-east-1."""
    name = f"{naming.prefix(stage)}-site"
    group = stack_template.add_resource(
        log_group("SiteLogGroup", stage, stack=stack, name=f"/aws/vendedlogs/cloudfront/{name}")
    )
    arn = Sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Id}", Id=distribution)
    source = stack_template.add_resource(
        logs.DeliverySource(
            "SiteLogSource", Name=name, LogType="ACCESS_LOGS", ResourceArn=arn, Tags=tagged(stage, stack)
        )
    )
    target = stack_template.add_resource(
        logs.DeliveryDestination(
            "SiteLogTarget",
            Name=name,
            DestinationResourceArn=GetAtt(group, "Arn"),
            OutputFormat="json",
            Tags=tagged(stage, stack),
        )
    )
    stack_template.add_resource(
        logs.Delivery(
            "SiteLogDelivery",
            DeliverySourceName=Ref(source),
            DeliveryDestinationArn=GetAtt(target, "Arn"),
            RecordFields=list(_FIELDS),
            Tags=tagged(stage, stack),
        )
    )


def add_log_bucket(stack_template: Template, stage: Stage, *, stack: str) -> None:
    """Put the bucket of the legacy log into the frontend template."""
    bucket = private_bucket(
        "SiteLogBucket",
        stage,
        stack=stack,
        purpose="cdn-logs",
        log_to=log_bucket(stage),
        expire_after=_DAYS_OF_LOGS,
    )
    preferred = s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerPreferred")
    bucket.OwnershipControls = s3.OwnershipControls(Rules=[preferred])
    stack_template.add_resource(bucket)
    stack_template.add_resource(bucket_policy(bucket))


def legacy_logging() -> cloudfront.Logging:
    """The part of the distribution that writes the legacy log."""
    return cloudfront.Logging(Bucket=GetAtt("SiteLogBucket", "DomainName"), IncludeCookies=False, Prefix="site/")
