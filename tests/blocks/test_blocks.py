"""Building blocks: plain values in, troposphere objects out, and nothing that the security rules object to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from troposphere import Ref, Template, awslambda

import stacks
from stacks.checks.run import check
from stacks.template.emit import yaml_text
from stacks.template.rendered import Rendered

if TYPE_CHECKING:
    from collections.abc import Callable

_TAGS = {"app": "shop"}


def _template(*resources: Any) -> dict[str, Any]:
    template = Template()
    for resource in resources:
        template.add_resource(resource)
    data: dict[str, Any] = template.to_dict()
    return data


def _function() -> tuple[Any, ...]:
    code = awslambda.Code(S3Bucket=Ref("CodeBucket"), S3Key="code.zip")
    rights = stacks.allow("sqs:SendMessage", on=stacks.arn("sqs", "shop-dev-jobs"))
    return stacks.function(
        "Work",
        name="shop-dev-work",
        code=code,
        handler="work.run",
        statements=[rights],
        tags=_TAGS,
        boundary=stacks.arn("iam", "policy/limit", region=""),
    )


def _bucket() -> tuple[Any, ...]:
    bucket = stacks.private_bucket("Uploads", tags=_TAGS, log_to=Ref("LogBucket"), log_prefix="s3/")
    return bucket, stacks.bucket_policy(bucket)


_BLOCKS: dict[str, Callable[[], tuple[Any, ...]]] = {
    "function": _function,
    "bucket": _bucket,
    "table": lambda: (stacks.table("Orders", partition_key="customer", sort_key="id", tags=_TAGS),),
    "queue": lambda: stacks.queue("Jobs", tries=3, visibility_timeout=90, tags=_TAGS),
    "topic": lambda: stacks.topic("Orders", tags=_TAGS),
    "e-mail topic": lambda: stacks.email_topic(
        "Alerts",
        email="me@example.com",
        sender="cloudwatch",
        source=stacks.arn("cloudwatch", "alarm:shop-dev-*"),
        tags=_TAGS,
    ),
    "log group": lambda: (stacks.log_group("Log", name="/shop/dev/jobs", retention_days=30, tags=_TAGS),),
    "alarm": lambda: (
        stacks.alarm(
            "OldJobs",
            metric=("AWS/SQS", "ApproximateAgeOfOldestMessage"),
            dimensions={"QueueName": "shop-dev-jobs"},
            threshold=600,
            statistic="Maximum",
            description="Jobs wait for ten minutes: is the worker running?",
            actions=[Ref("Alerts")],
        ),
    ),
}


@pytest.mark.parametrize("name", _BLOCKS)
def test_the_rules_have_nothing_against_a_block(name: str) -> None:
    template = _template(*_BLOCKS[name]())
    body = yaml_text(template)
    rendered = Rendered(stack="own", name="shop-dev-own", region="eu-west-1", template=template, body=body)
    signing = {"FN-SIGNING"} if name == "function" else set()  # signing code needs a profile of your own
    assert {finding.rule for finding in check([rendered])} == signing


@pytest.mark.parametrize("name", sorted(set(_BLOCKS) - {"alarm"}))
def test_a_block_carries_the_tags_it_is_given(name: str) -> None:
    resources = _template(*_BLOCKS[name]())["Resources"].values()
    tagged = [body for body in resources if {"Key": "app", "Value": "shop"} in body["Properties"].get("Tags", [])]
    assert tagged


def test_a_queue_hands_failed_messages_to_its_dead_letters() -> None:
    queue = _template(*_BLOCKS["queue"]())["Resources"]["Jobs"]["Properties"]
    target = {"Fn::GetAtt": ["JobsDeadLetters", "Arn"]}
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": target, "maxReceiveCount": 3}
    assert queue["VisibilityTimeout"] == 90


def test_a_percentile_is_an_extended_statistic() -> None:
    alarm = stacks.alarm(
        "Slow", metric=("AWS/ApiGateway", "Latency"), dimensions={}, threshold=1, statistic="p95", description="Slow"
    )
    assert (alarm.to_dict()["Properties"]["ExtendedStatistic"], "Statistic" in alarm.to_dict()["Properties"]) == (
        "p95",
        False,
    )


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in stacks.__all__ if getattr(stacks, name, None) is None] == []
