"""CloudFormation's answers, as boto3 hands them over, to the words of ``stacks.cloud``.

Pure: no client and no call. Absent keys become empty values here and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.cloud import STACK_TYPE, ChangedResource, Event, StackResource, StackState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudformation.literals import CapabilityType
    from mypy_boto3_cloudformation.type_defs import (
        ChangeTypeDef,
        StackEventTypeDef,
        StackResourceSummaryTypeDef,
        StackTypeDef,
    )

    from stacks.cloud import Replacement

_REPLACEMENT: dict[str, Replacement] = {"True": "always", "Conditional": "maybe"}


def capabilities(template: dict[str, Any]) -> list[CapabilityType]:
    """Return what a template must be allowed: named roles always, macros when it or one in it may have some."""
    named: list[CapabilityType] = ["CAPABILITY_NAMED_IAM"]
    nests = any(body.get("Type") == "AWS::CloudFormation::Stack" for body in template.get("Resources", {}).values())
    return [*named, "CAPABILITY_AUTO_EXPAND"] if nests or "Transform" in template else named


def state_from(found: StackTypeDef, region: str) -> StackState:
    """Return a stack as it was described in ``region``."""
    return StackState(
        id=found["StackId"],
        name=found["StackName"],
        region=region,
        status=found["StackStatus"],
        reason=found.get("StackStatusReason", ""),
        outputs={one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])},
        parameters={one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", [])},
        resolved={
            one["ParameterKey"]: one["ResolvedValue"] for one in found.get("Parameters", []) if "ResolvedValue" in one
        },
        protected=found.get("EnableTerminationProtection", False),
        changed=found.get("LastUpdatedTime", found["CreationTime"]).isoformat(timespec="seconds"),
        created=found["CreationTime"].isoformat(timespec="seconds"),
        drift=found.get("DriftInformation", {}).get("StackDriftStatus", ""),
    )


def change_from(found: ChangeTypeDef) -> ChangedResource:
    """Return one change of a change set."""
    body = found["ResourceChange"]
    return ChangedResource(
        action=body["Action"],
        logical_id=body["LogicalResourceId"],
        type=body["ResourceType"],
        replacement=_REPLACEMENT.get(body.get("Replacement", ""), "never"),
    )


def resource_from(found: StackResourceSummaryTypeDef) -> StackResource:
    """Return one resource that a stack holds."""
    return StackResource(
        logical_id=found["LogicalResourceId"],
        physical_id=found.get("PhysicalResourceId", ""),
        type=found["ResourceType"],
        status=found["ResourceStatus"],
        reason=found.get("ResourceStatusReason", ""),
    )


def event_from(found: StackEventTypeDef) -> Event:
    """Return one event of a stack's history."""
    return Event(
        id=found["EventId"],
        logical_id=found.get("LogicalResourceId", ""),
        physical_id=found.get("PhysicalResourceId", ""),
        type=found.get("ResourceType", ""),
        status=found.get("ResourceStatus", ""),
        reason=found.get("ResourceStatusReason", ""),
    )


def is_end(event: Event, stack: str) -> bool:
    """Return whether an event is the stack itself (an ARN) coming to rest."""
    return event.type == STACK_TYPE and event.physical_id == stack and not event.status.endswith("_IN_PROGRESS")


def pauses() -> Iterator[float]:
    """Seconds between two questions: few at first, for what is quick, then up to three, for AWS's rate limits."""
    pause = 0.05
    while True:
        yield pause
        pause = min(pause * 1.5, 3.0)
