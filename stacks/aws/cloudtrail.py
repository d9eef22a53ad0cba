"""Since when CloudFormation is changing a stack, from the stack's events, and for whom, from CloudTrail.

CloudTrail has management events of the last 90 days without a trail, some minutes late, and reading them needs a right
that many users lack. So an unknown user is a normal result. Gets clients and creates none.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stacks.cloud import STACK_TYPE, Work

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject

_CALLS = {
    "CREATE": ("ExecuteChangeSet", "CreateStack"),
    "UPDATE": ("ExecuteChangeSet", "UpdateStack"),
    "IMPORT": ("ExecuteChangeSet",),
    "DELETE": ("DeleteStack",),
    "ROLLBACK": ("RollbackStack",),
}
"""How a stack's status begins → the calls that can have set it."""
_BEFORE = timedelta(minutes=1)


def work_on(formation: Any, trail: Any, stack: str) -> Work:
    """Since when CloudFormation is changing a stack (an ARN), and for whom; each empty when unknown."""
    began = _beginning(formation, stack)
    if began is None:
        return Work()
    marks = {began.get("ClientRequestToken") or stack, stack, stack.split("/")[1]}
    verb = began["ResourceStatus"].partition("_")[0]
    try:
        calls = [call for name in _CALLS.get(verb, ()) for call in _calls(trail, name, began)]
    except (trail.exceptions.ClientError, json.JSONDecodeError):
        calls = []
    caller = next(
        (_caller(call) for call in calls if marks & {*map(str, (call["requestParameters"] or {}).values())}), ""
    )
    return Work(since=began["Timestamp"].isoformat(timespec="seconds"), caller=caller)


def _beginning(formation: Any, stack: str) -> JsonObject | None:
    """The event with which the operation started: the oldest of the stack's own events since its last final status."""
    began = None
    for page in formation.get_paginator("describe_stack_events").paginate(StackName=stack):
        for event in page["StackEvents"]:
            if event.get("ResourceType") == STACK_TYPE and event.get("PhysicalResourceId") == stack:
                if event["ResourceStatus"] == "REVIEW_IN_PROGRESS" or not event["ResourceStatus"].endswith(
                    "_IN_PROGRESS"
                ):
                    return began
                began = event
    return began


def _calls(trail: Any, name: str, began: JsonObject) -> list[JsonDict]:
    asked = [{"AttributeKey": "EventName", "AttributeValue": name}]
    event = trail.lookup_events(LookupAttributes=asked, StartTime=began["Timestamp"] - _BEFORE)["Events"]
    return [json.loads(entry["CloudTrailEvent"]) for entry in event]


def _caller(call: JsonObject) -> str:
    return str(call.get("userIdentity", {}).get("arn", ""))
