"""What functions need of the data stack beside tables and users: buckets of files, and streams of tables' changes.

A bucket is kept like a table: retained, versioned, its old versions restorable for 90 days. A table gets a stream
when a function listens to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, dynamodb, s3

from stacks import naming, wiring
from stacks.parts.buckets import bucket_policy, log_bucket, private_bucket
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from troposphere import Template

    from stacks.app import Stage


def add_buckets(made: Template, stage: Stage) -> None:
    """Put the described buckets into the data template, with their names and ARNs as outputs."""
    for name, described in stage.data.buckets.items():
        bucket = private_bucket(
            naming.logical_id(name, "Bucket"),
            stage,
            stack=STACK,
            purpose=name,
            log_to=log_bucket(stage),
            expire_after=described.expire_after,
        )
        if described.cors:
            bucket.CorsConfiguration = _for_browsers(described.cors, stage)
        made.add_resource(bucket)
        made.add_resource(bucket_policy(bucket))
        made.add_output(wiring.bucket_name(name).declare(Ref(bucket), f"Name of bucket {name}"))
        made.add_output(wiring.bucket_arn(name).declare(GetAtt(bucket, "Arn"), f"ARN of bucket {name}"))


def _for_browsers(cors: Sequence[str], stage: Stage) -> s3.CorsConfiguration:
    """Lets pages of some origins use presigned URLs; who may do what, the URL's signature says.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
    """
    domain = stage.frontend.domain
    site = [f"https://{name}" for name in domain.names] if domain else []
    rule = s3.CorsRules(
        AllowedOrigins=list(dict.fromkeys(text for one in cors for text in (site if one == "site" else [one]))),
        AllowedMethods=["GET", "HEAD", "POST", "PUT"],
        AllowedHeaders=["*"],
        ExposedHeaders=["ETag"],
        MaxAge=3600,
    )
    return s3.CorsConfiguration(CorsRules=[rule])


def add_streams(made: Template, stage: Stage) -> None:
    """Give each table that a function listens to a stream of old and new items."""
    heard = {table for function in stage.backend.functions.values() for table in function.events.tables}
    for name in sorted(heard):
        table = made.resources[naming.logical_id(name, "Table")]
        table.StreamSpecification = dynamodb.StreamSpecification(StreamViewType="NEW_AND_OLD_IMAGES")
        made.add_output(wiring.table_stream(name).declare(GetAtt(table, "StreamArn"), f"Changes of table {name}"))
