"""Buckets: private, encrypted, versioned, and kept like tables: old versions are restorable for 90 days.

New files are reported to EventBridge, so the bucket need not know the function that they start, and the data stack
stays independent of the backend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, s3

from stacks import naming, wiring
from stacks.kinds.buckets import BUCKETS, GET, LIST, PUT
from stacks.parts.backend.events import rule
from stacks.parts.buckets import bucket_policy, log_bucket, private_bucket
from stacks.parts.kinds import Right
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere import AWSObject, Template

    from stacks.app import Function, Stage
    from stacks.blocks.policies import Value


def add(template: Template, stage: Stage) -> None:
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
        template.add_resource(bucket)
        template.add_resource(bucket_policy(bucket))
        template.add_output(wiring.bucket_name_output(name).declare(Ref(bucket), f"Name of bucket {name}"))
        template.add_output(wiring.bucket_arn_output(name).declare(GetAtt(bucket, "Arn"), f"ARN of bucket {name}"))


def _for_browsers(cors: Sequence[str], stage: Stage) -> s3.CorsConfiguration:
    """Lets pages of some origins use presigned URLs; who may do what, the URL's signature says.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
    """
    domain = stage.frontend.domain
    site = [f"https://{name}" for name in domain.names] if domain else []
    rule = s3.CorsRules(
        AllowedOrigins=list(dict.fromkeys(text for cor in cors for text in (site if cor == "site" else [cor]))),
        AllowedMethods=["GET", "HEAD", "POST", "PUT"],
        AllowedHeaders=["*"],
        ExposedHeaders=["ETag"],
        MaxAge=3600,
    )
    return s3.CorsConfiguration(CorsRules=[rule])


def identity(name: str, stage: Stage) -> Value:
    """What a function learns about a bucket: its name."""
    return Sub(naming.bucket_name(stage, name))


def arns(name: str, stage: Stage) -> list[Value]:
    """The files of a bucket."""
    return [Sub(f"{naming.bucket_arn(stage, name)}/*")]


def all_arns(stage: Stage) -> list[Value]:
    """The buckets of the stage with their files."""
    results = [naming.bucket_arn(stage, name) for name in stage.data.buckets]
    return [Sub(text) for name in results for text in (name, f"{name}/*")]


def rights(_name: str, function: Function, stage: Stage) -> Iterator[Right]:
    """The rights to buckets and their files; the boundary is for the buckets that any function uses."""
    every = sorted({bucket for function in stage.backend.functions.values() for bucket in function.buckets})
    names = [naming.bucket_arn(stage, bucket) for bucket in every]
    for bucket, access in function.buckets.items():
        listed = [Sub(name) for name in names]
        if access != "write":
            # Without it, a missing file looks like one that is denied.
            yield Right(actions=LIST, on=Sub(naming.bucket_arn(stage, bucket)), every=listed)
        files = [Sub(f"{name}/*") for name in names]
        yield Right(actions=BUCKETS.uses[access], on=arns(bucket, stage), most=(*GET, *PUT), every=files)


def listen(name: str, bucket: str, stage: Stage) -> Iterator[AWSObject]:
    """A rule that calls the function for each new file."""
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [Sub(naming.bucket_name(stage, bucket))]}},
    }
    yield from rule(naming.pair_id(name, "From", bucket, "Bucket"), name, stage, EventPattern=pattern)
