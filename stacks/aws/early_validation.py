"""What CloudFormation's early validation found.

The reason of the change set or stack only says that there are findings, and that DescribeEvents has them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import OperationEventTypeDef

    from stacks.cloud import Event

_POINTER = "Validation failed with"
"""How a stack's event starts that has nothing more to say."""


def change_set_reasons(client: CloudFormationClient, change_set: str) -> list[str]:
    """Each finding about a change set, by its id: why it failed, or the warnings of one that did not.

    A finding has ``ValidationFailureMode`` FAIL or WARN, and only FAIL stops the change set.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_OperationEvent.html
    """
    ask = client.get_paginator("describe_events").paginate
    try:
        pages = ask(ChangeSetName=change_set, Filters={"FailedEvents": True})
        return _reasons([event for page in pages for event in page["OperationEvents"]])
    except client.exceptions.ClientError:
        return []


def explained(client: CloudFormationClient, stack: str, event: Event) -> Event:
    """The event, with what validation found if that is all it points to."""
    if not event.reason.startswith(_POINTER):
        return event
    try:
        pages = client.get_paginator("describe_events").paginate(StackName=stack, Filters={"FailedEvents": True})
        reasons = _reasons([entry for page in pages for entry in page["OperationEvents"]])
    except client.exceptions.ClientError:
        reasons = []
    return replace(event, reason="; ".join(reasons)) if reasons else event


def _reasons(events: list[OperationEventTypeDef]) -> list[str]:
    return [
        f"{event.get('LogicalResourceId', '')} {event.get('ValidationPath', '')}: {event['ValidationStatusReason']}"
        for event in events
        if event.get("ValidationStatusReason")
    ]
