"""A provisioned table's capacity → what lets it, and that of its global indexes, follow their use. Pure.

DynamoDB's service-linked role does the scaling: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Ref, Sub, applicationautoscaling

from stacks import naming

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from troposphere import AWSObject, Tags

    from stacks.kinds.tables.model import Capacity, Scale


def scaling(table: str, capacity: Capacity, indexes: Iterable[str], tags: Tags) -> Iterator[AWSObject]:
    """The targets and policies of a described table, and of each of its global indexes."""
    table_id = naming.logical_id(table, "Table")
    yield from _scaled(capacity, table_id, Sub(f"table/${{{table_id}}}"), "table", tags)
    for index in indexes:
        place = Sub(f"table/${{{table_id}}}/index/{index}")
        yield from _scaled(capacity, naming.pair_id(table, "Table", index, "Index"), place, "index", tags)


def _scaled(capacity: Capacity, title: str, place: Sub, kind: str, tags: Tags) -> Iterator[AWSObject]:
    for name, scale in (("Read", capacity.read), ("Write", capacity.write)):
        yield _target(f"{title}{name}Target", place, f"dynamodb:{kind}:{name}CapacityUnits", scale, tags)
        yield _policy(f"{title}{name}", f"DynamoDB{name}CapacityUtilization", scale)


def _target(title: str, place: Sub, dimension: str, scale: Scale, tags: Tags) -> applicationautoscaling.ScalableTarget:
    return applicationautoscaling.ScalableTarget(
        title,
        ServiceNamespace="dynamodb",
        ResourceId=place,
        ScalableDimension=dimension,
        MinCapacity=scale.low,
        MaxCapacity=scale.high,
        Tags=tags,
    )


def _policy(title: str, metric: str, scale: Scale) -> applicationautoscaling.ScalingPolicy:
    tracking = applicationautoscaling.TargetTrackingScalingPolicyConfiguration(
        TargetValue=scale.target,
        PredefinedMetricSpecification=applicationautoscaling.PredefinedMetricSpecification(PredefinedMetricType=metric),
    )
    return applicationautoscaling.ScalingPolicy(
        f"{title}Scaling",
        PolicyName=f"{title}Scaling",
        PolicyType="TargetTrackingScaling",
        ScalingTargetId=Ref(f"{title}Target"),
        TargetTrackingScalingPolicyConfiguration=tracking,
    )
