"""CloudFormation's answers, as boto3 hands them over, to the words of ``stacks.cloud``.

Pure: no client and no call. Absent keys become empty values here and nowhere else.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

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

    from stacks.cloud import ChangeAction, Replacement
    from stacks.json_types import JsonDict

_ACTION: dict[str, ChangeAction | Literal["import"]] = {
    "Add": "add",
    "Modify": "change",
    "Remove": "remove",
    "Import": "import",
}
_REPLACEMENT: dict[str, Replacement] = {"True": "always", "Conditional": "maybe"}


def capabilities(template: JsonDict) -> list[CapabilityType]:
    """Return what a template must be allowed: named roles always, macros when it or one in it may have some."""
    named: list[CapabilityType] = ["CAPABILITY_NAMED_IAM"]
    nests = any(body.get("Type") == "AWS::CloudFormation::Stack" for body in template.get("Resources", {}).values())
    return [*named, "CAPABILITY_AUTO_EXPAND"] if nests or "Transform" in template else named


def state_from(stack: StackTypeDef, region: str) -> StackState:
    """Return a stack as it was described in ``region``."""
    return StackState(
        id=stack["StackId"],
        name=stack["StackName"],
        region=region,
        status=stack["StackStatus"],
        reason=stack.get("StackStatusReason", ""),
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        parameters={
            parameter["ParameterKey"]: parameter.get("ParameterValue", "") for parameter in stack.get("Parameters", [])
        },
        resolved={
            parameter["ParameterKey"]: parameter["ResolvedValue"]
            for parameter in stack.get("Parameters", [])
            if "ResolvedValue" in parameter
        },
        protected=stack.get("EnableTerminationProtection", False),
        changed=stack.get("LastUpdatedTime", stack["CreationTime"]).isoformat(timespec="seconds"),
        created=stack["CreationTime"].isoformat(timespec="seconds"),
        drift=stack.get("DriftInformation", {}).get("StackDriftStatus", ""),
    )


def change_from(change: ChangeTypeDef) -> ChangedResource:
    """Return one change of a change set."""
    body = change["ResourceChange"]
    return ChangedResource(
        action=_ACTION.get(body["Action"], "unknown"),
        logical_id=body["LogicalResourceId"],
        type=body["ResourceType"],
        replacement=_REPLACEMENT.get(body.get("Replacement", ""), "never"),
    )


def resource_from(summary: StackResourceSummaryTypeDef) -> StackResource:
    """Return one resource that a stack holds."""
    return StackResource(
        logical_id=summary["LogicalResourceId"],
        physical_id=summary.get("PhysicalResourceId", ""),
        type=summary["ResourceType"],
        status=summary["ResourceStatus"],
        reason=summary.get("ResourceStatusReason", ""),
    )


def event_from(event: StackEventTypeDef) -> Event:
    """Return one event of a stack's history."""
    return Event(
        id=event["EventId"],
        logical_id=event.get("LogicalResourceId", ""),
        physical_id=event.get("PhysicalResourceId", ""),
        type=event.get("ResourceType", ""),
        status=event.get("ResourceStatus", ""),
        reason=event.get("ResourceStatusReason", ""),
    )


def is_end(event: Event, stack: str) -> bool:
    """Return whether an event is the stack itself (an ARN) coming to rest."""
    return event.type == STACK_TYPE and event.physical_id == stack and not event.status.endswith("_IN_PROGRESS")


def polling() -> Iterator[None]:
    """Iterate as long as needed, with pauses: short ones at first, then up to 3 seconds, for AWS's rate limits."""
    pause = 0.05
    while True:
        yield
        time.sleep(pause)
        pause = min(pause * 1.5, 3.0)
