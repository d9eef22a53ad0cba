"""An e-mail for what intruders do first: the fifteen events of CIS AWS Foundations 1.4, sections 4.1 to 4.15.

A filter counts each event in the trail's log group, an alarm waits for the first one within five minutes, a topic under
its own key tells an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Ref, cloudwatch, logs

from stacks import naming
from stacks.parts.base.cis import CIS
from stacks.parts.base.trail import watched_group
from stacks.parts.keys import own_key
from stacks.parts.policies import arn, tagged
from stacks.parts.topics import email_topic, used_by_topic
from stacks.stages.stacks import BASE as STACK

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import App, Stage
    from stacks.model.audit import Alarms, Trail

_TOPIC, _KEY = "AlarmTopic", "AlarmKey"
_SENDER = "cloudwatch"
_PERIOD = 300


def add_alarms(made: Template, app: App, stage: Stage, trail: Trail, alarms: Alarms) -> None:
    """The alarms on a trail that ``is_watched``, and whom they tell."""
    topic = f"{naming.prefix(app, stage)}-alarms"
    description = f"Encrypts the alarms of {naming.prefix(app, stage)} on their way"
    use = used_by_topic(topic, _SENDER)
    made.add_resource(own_key(_KEY, app, stage, use, stack=STACK, description=description))
    ours = arn("cloudwatch", f"alarm:{naming.prefix(app, stage)}-*")
    for resource in email_topic(
        _TOPIC, app, stage, stack=STACK, name=topic, key=_KEY, email=alarms.email, sender=_SENDER, source=ours
    ):
        made.add_resource(resource)
    for name, (happened, pattern) in CIS.items():
        metric = naming.words(name)
        made.add_resource(
            logs.MetricFilter(
                f"{metric}Filter",
                LogGroupName=watched_group(trail),
                FilterPattern=pattern,
                MetricTransformations=[
                    logs.MetricTransformation(
                        MetricName=metric, MetricNamespace=_namespace(app, stage), MetricValue="1"
                    )
                ],
            )
        )
        made.add_resource(_alarm(name, f"CIS {happened}", metric, app, stage))


def _alarm(name: str, description: str, metric: str, app: App, stage: Stage) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        f"{metric}Alarm",
        AlarmName=f"{naming.prefix(app, stage)}-cis-{name}",
        AlarmDescription=description,
        Namespace=_namespace(app, stage),
        MetricName=metric,
        Statistic="Sum",
        Period=_PERIOD,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[Ref(_TOPIC)],
        Tags=tagged(app, stage, STACK),
    )


def _namespace(app: App, stage: Stage) -> str:
    return f"{naming.prefix(app, stage)}/account"
