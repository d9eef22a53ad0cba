"""The topic that all alarms of a stage notify, and what people look at: its dashboard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from troposphere import cloudwatch

from stacks import naming
from stacks.parts.keys import own_key
from stacks.parts.policies import arn
from stacks.parts.topics import email_topic, used_by_topic
from stacks.stages.stacks import BASE as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Template

    from stacks.app import Stage
    from stacks.json_types import JsonDict

TOPIC, _KEY = "AlarmTopic", "AlarmKey"
_SENDER = "cloudwatch"


def add_alarm_topic(template: Template, stage: Stage, email: str, *, stack: str = STACK) -> None:
    """The topic with a key of its own: CloudWatch cannot publish to one that AWS's key encrypts.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    name = naming.alarm_topic_name(stage)
    description = f"Encrypts the alarms of {naming.prefix(stage)} on their way"
    template.add_resource(own_key(_KEY, stage, used_by_topic(name, _SENDER), stack=stack, description=description))
    alarms = arn("cloudwatch", f"alarm:{naming.prefix(stage)}-*")
    topic = email_topic(TOPIC, stage, stack=stack, name=name, key=_KEY, email=email, sender=_SENDER, source=alarms)
    for resource in topic:
        template.add_resource(resource)


def dashboard(stage: Stage) -> cloudwatch.Dashboard:
    """What the stage does at a glance: calls, errors and duration of its functions, its API, its tables."""
    widgets = [_widget(title, metrics, number, stage.region) for number, (title, metrics) in enumerate(_metrics(stage))]
    body = json.dumps({"widgets": widgets}, sort_keys=True)
    return cloudwatch.Dashboard("Dashboard", DashboardName=naming.prefix(stage), DashboardBody=body)


def _metrics(stage: Stage) -> Iterator[tuple[str, list[list[Any]]]]:
    prefix = naming.prefix(stage)
    functions = [f"{prefix}-{name}" for name in stage.backend.functions]
    for metric in ("Invocations", "Errors", "Duration"):
        if functions:
            yield f"Functions: {metric}", [["AWS/Lambda", metric, "FunctionName", name] for name in functions[:50]]
    if any(function.all_routes for function in stage.backend.functions.values()) and stage.backend.api.type == "rest":
        for metric in ("Count", "5XXError", "Latency"):
            yield (
                f"API: {metric}",
                [["AWS/ApiGateway", metric, "ApiName", prefix, "Stage", naming.api_stage_name(stage)]],
            )
    tables = [naming.table_name(name, stage) for name in stage.data.tables]
    if tables:
        yield "Tables: throttled", [["AWS/DynamoDB", "ThrottledRequests", "TableName", name] for name in tables]


def _widget(title: str, metrics: list[list[Any]], number: int, region: str) -> JsonDict:
    """A third of a row: 24 columns are the width of a dashboard."""
    properties = {"title": title, "metrics": metrics, "region": region, "view": "timeSeries", "period": 300}
    place = {"x": 8 * (number % 3), "y": 6 * (number // 3), "width": 8, "height": 6}
    return {"type": "metric", **place, "properties": properties}
