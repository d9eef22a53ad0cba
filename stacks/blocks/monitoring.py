"""Log groups and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import cloudwatch, logs

from stacks.blocks.properties import set_properties

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.blocks.policies import Value
    from stacks.json_types import JsonObject


def log_group(
    title: str,
    *,
    name: Value,
    retention_days: int = 365,
    key: Value | None = None,
    tags: JsonObject | None = None,
) -> logs.LogGroup:
    """A log group that is deleted with its stack: one left behind would stop the next create.

    Args:
        title: The logical id.
        name: The group's name, such as ``/aws/lambda/shop-dev-worker``.
        retention_days: Days that events are kept, one of those that CloudWatch Logs knows (``RetentionInDays``).
        key: The ARN of the KMS key that encrypts the group; CloudWatch's own key when not given.
        tags: Tags by name.

    >>> log_group("WorkerLog", name="/aws/lambda/shop-dev-worker").to_dict()["Properties"]["RetentionInDays"]
    365
    """
    return logs.LogGroup(
        title,
        LogGroupName=name,
        RetentionInDays=retention_days,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        **set_properties(tags=tags, KmsKeyId=key),
    )


def alarm(  # noqa: PLR0913 - an alarm is this many decisions
    title: str,
    *,
    metric: tuple[str, str],
    dimensions: Mapping[str, Value],
    threshold: float,
    description: str,
    actions: Sequence[Value] = (),
    statistic: str = "Sum",
    period: int = 300,
    periods: int = 1,
    tags: JsonObject | None = None,
) -> cloudwatch.Alarm:
    """An alarm for a metric that reaches a threshold. Missing data is not an alarm.

    Args:
        title: The logical id.
        metric: Namespace and name, as ``("AWS/SQS", "ApproximateAgeOfOldestMessage")``.
        dimensions: The metric's dimensions by name.
        threshold: The value from which on it is an alarm.
        description: What a person who gets the alarm should know and do.
        actions: ARNs of topics that are notified of the alarm and of its end.
        statistic: ``Sum``, ``Maximum``, ``Average`` or a percentile such as ``p95``.
        period: Seconds of one value, 10, 30 or a multiple of 60.
        periods: Values in a row that have to reach the threshold.
        tags: Tags by name.

    >>> oldest = ("AWS/SQS", "ApproximateAgeOfOldestMessage")
    >>> made = alarm("Late", metric=oldest, dimensions={"QueueName": "jobs"}, threshold=900, description="Jobs wait.")
    >>> made.to_dict()["Properties"]["ComparisonOperator"]
    'GreaterThanOrEqualToThreshold'
    """
    namespace, name = metric
    kind = "ExtendedStatistic" if statistic.startswith("p") else "Statistic"
    return cloudwatch.Alarm(
        title,
        AlarmDescription=description,
        Namespace=namespace,
        MetricName=name,
        Dimensions=[cloudwatch.MetricDimension(Name=key, Value=value) for key, value in dimensions.items()],
        Threshold=threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Period=period,
        EvaluationPeriods=periods,
        TreatMissingData="notBreaching",
        AlarmActions=list(actions),
        OKActions=list(actions),
        **set_properties(tags=tags, **{kind: statistic}),
    )
