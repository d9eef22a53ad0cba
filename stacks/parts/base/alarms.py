"""An e-mail for what intruders do first: the fifteen events of CIS AWS Foundations 1.4, sections 4.1 to 4.15.

A filter counts each event in the trail's log group, an alarm waits for the first one within five minutes, a topic under
its own key notifies an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Ref, cloudwatch, logs

from stacks import naming
from stacks.parts.base.alarm_topic import TOPIC
from stacks.parts.base.cis import CIS
from stacks.parts.base.trail import watched_group
from stacks.parts.policies import tagged
from stacks.stages.stacks import BASE as STACK

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import Stage
    from stacks.model.audit import Trail

_PERIOD = 300


def add_alarms(template: Template, stage: Stage, trail: Trail) -> None:
    """The alarms on a trail that ``is_watched``; they notify the stage's topic."""
    for name, (happened, pattern) in CIS.items():
        metric = naming.words(name)
        template.add_resource(
            logs.MetricFilter(
                f"{metric}Filter",
                LogGroupName=watched_group(trail),
                FilterPattern=pattern,
                MetricTransformations=[
                    logs.MetricTransformation(MetricName=metric, MetricNamespace=_namespace(stage), MetricValue="1")
                ],
            )
        )
        template.add_resource(_alarm(name, f"CIS {happened}", metric, stage))


def _alarm(name: str, description: str, metric: str, stage: Stage) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        f"{metric}Alarm",
        AlarmName=f"{naming.prefix(stage)}-cis-{name}",
        AlarmDescription=description,
        Namespace=_namespace(stage),
        MetricName=metric,
        Statistic="Sum",
        Period=_PERIOD,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[Ref(TOPIC)],
        Tags=tagged(stage, STACK),
    )


def _namespace(stage: Stage) -> str:
    return f"{naming.prefix(stage)}/account"
