"""Alarms of the application: functions, the API and queues, as ``alarms`` in the description asks for them.

Each alarm sends to the topic of base, whose name is known, so no stack has to read another for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, cloudwatch

from stacks import naming
from stacks.blocks import monitoring
from stacks.blocks.policies import arn
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject, Template

    from stacks.app import Stage
    from stacks.json_types import JsonObject

_NEAR_TIMEOUT = 0.9
_OLD_SECONDS = 900
_LAST_DAYS, _DAY = 30, 86_400
_SLOW_MS = 5_000
_SOME_ERRORS = 5


def add_alarms(template: Template, stage: Stage) -> None:
    """Put an alarm into the backend template for whatever of it can fail."""
    for alarm in [*_of_functions(stage), *_of_api(stage), *_of_certificate(stage), *_of_queues(template, stage)]:
        template.add_resource(alarm)


def alarm(title: str, stage: Stage, *, stack: str = STACK, **more: Any) -> cloudwatch.Alarm:
    """An alarm that notifies the stage's topic; ``more`` goes to ``blocks.monitoring.alarm``."""
    topic = arn("sns", naming.alarm_topic_name(stage))
    resource = monitoring.alarm(title, actions=[topic], tags=naming.tags(stage, stack), **more)
    resource.AlarmName = f"{naming.prefix(stage)}-{stack}-{title}"
    return resource


def _of_functions(stage: Stage) -> Iterator[AWSObject]:
    for name, function in stage.backend.functions.items():
        title = naming.logical_id(name, "Function")
        dimensions = {"FunctionName": Ref(title)}
        yield alarm(
            f"{title}ErrorsAlarm",
            stage,
            metric=("AWS/Lambda", "Errors"),
            dimensions=dimensions,
            threshold=_SOME_ERRORS,
            description=f"{name} failed {_SOME_ERRORS} times in five minutes: see its log",
        )
        yield alarm(
            f"{title}ThrottlesAlarm",
            stage,
            metric=("AWS/Lambda", "Throttles"),
            dimensions=dimensions,
            threshold=1,
            description=f"{name} was refused for lack of concurrency: see its reserved concurrency and the quota",
        )
        yield alarm(
            f"{title}DurationAlarm",
            stage,
            metric=("AWS/Lambda", "Duration"),
            dimensions=dimensions,
            threshold=round(function.timeout * 1000 * _NEAR_TIMEOUT),
            statistic="Maximum",
            description=f"{name} ran for {_NEAR_TIMEOUT:.0%} of its timeout of {function.timeout} s",
        )


def _of_api(stage: Stage) -> Iterator[AWSObject]:
    if stage.backend.template or not any(function.all_routes for function in stage.backend.functions.values()):
        return
    rest = stage.backend.api.type == "rest"
    dimensions: JsonObject = (
        {"ApiName": naming.prefix(stage), "Stage": naming.api_stage_name(stage)} if rest else {"ApiId": Ref("HttpApi")}
    )
    yield alarm(
        "ApiErrorsAlarm",
        stage,
        metric=("AWS/ApiGateway", "5XXError" if rest else "5xx"),
        dimensions=dimensions,
        threshold=_SOME_ERRORS,
        description=f"The API answered {_SOME_ERRORS} requests with a server error in five minutes",
    )
    yield alarm(
        "ApiLatencyAlarm",
        stage,
        metric=("AWS/ApiGateway", "Latency"),
        dimensions=dimensions,
        threshold=_SLOW_MS,
        statistic="p95",
        periods=3,
        description=f"One request in twenty takes over {_SLOW_MS / 1000:.0f} s, for a quarter of an hour",
    )


def certificate_alarm(title: str, certificate: object, stage: Stage, *, stack: str) -> cloudwatch.Alarm:
    """An alarm for a certificate, by its ARN, in the region of both: ACM renews earlier, unless it cannot.

    https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html
    """
    resource = alarm(
        title,
        stage,
        stack=stack,
        metric=("AWS/CertificateManager", "DaysToExpiry"),
        dimensions={"CertificateArn": certificate},
        threshold=_LAST_DAYS,
        statistic="Minimum",
        period=_DAY,
        description=f"The certificate expires in {_LAST_DAYS} days: are its validation records in the DNS?",
    )
    resource.ComparisonOperator = "LessThanOrEqualToThreshold"
    return resource


def _of_certificate(stage: Stage) -> Iterator[AWSObject]:
    domain = stage.backend.api.domain
    if domain and (domain.certificate is None or domain.certificate.split(":")[3] == stage.region):
        certificate = domain.certificate or Ref("ApiCertificate")
        yield certificate_alarm("ApiCertificateAlarm", certificate, stage, stack=STACK)


def _of_queues(template: Template, stage: Stage) -> Iterator[AWSObject]:
    """The age of messages in queues; a message among dead letters at all."""
    for title, resource in sorted(template.resources.items()):
        if resource.resource_type != "AWS::SQS::Queue":
            continue
        dead = title.endswith("DeadLetters")
        yield alarm(
            f"{title}Alarm",
            stage,
            metric=("AWS/SQS", "ApproximateNumberOfMessagesVisible" if dead else "ApproximateAgeOfOldestMessage"),
            dimensions={"QueueName": GetAtt(title, "QueueName")},
            threshold=1 if dead else _OLD_SECONDS,
            statistic="Maximum",
            description=(
                f"{title} has messages that no function could handle: see the log of the function they were for"
                if dead
                else f"The oldest message of {title} waits for {_OLD_SECONDS // 60} minutes: is its function running?"
            ),
        )
