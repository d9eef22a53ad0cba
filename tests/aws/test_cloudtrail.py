"""A stack that something is at work on: since when, and who set it to work."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from botocore.stub import ANY, Stubber

from stacks.aws.cloud import BotoCloud
from stacks.cloud import StackState, Work

REGION = "eu-west-1"
ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack/t-data/1"
STATE = StackState(id=ARN, name="t-data", region=REGION, status="UPDATE_IN_PROGRESS")
ANN = "arn:aws:sts::111111111111:assumed-role/deployer/ann"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def event(status: str, minute: int = 0, kind: str = "AWS::CloudFormation::Stack", **more: str) -> dict[str, Any]:
    return {
        "StackId": ARN,
        "EventId": f"{status}{minute}",
        "StackName": "t-data",
        "PhysicalResourceId": ARN,
        "ResourceType": kind,
        "Timestamp": NOON.replace(minute=minute),
        "ResourceStatus": status,
        **more,
    }


def call(arn: str, **parameters: str) -> dict[str, Any]:
    message = {"userIdentity": {"arn": arn}, "requestParameters": parameters or None}
    return {"EventId": arn, "EventName": "x", "CloudTrailEvent": json.dumps(message)}


def work(events: list[dict[str, Any]], *answers: list[dict[str, Any]] | str) -> Work:
    """What is told of a stack with these events, CloudTrail giving these answers (or refusing with a code)."""
    boto = BotoCloud(REGION, credentials=("test", "test"))
    with Stubber(boto._client("cloudformation")) as formation, Stubber(boto._client("cloudtrail")) as trail:
        formation.add_response("describe_stack_events", {"StackEvents": events}, {"StackName": ARN})
        for answer in answers:
            if isinstance(answer, str):
                trail.add_client_error("lookup_events", answer)
            else:
                asked = {"LookupAttributes": ANY, "StartTime": ANY}
                trail.add_response("lookup_events", {"Events": answer}, asked)
        result = boto.work(STATE)
        trail.assert_no_pending_responses()
    return result


def test_the_caller_is_known_by_the_token_that_both_events_and_trail_have() -> None:
    events = [
        event("UPDATE_ROLLBACK_IN_PROGRESS", 9),
        event("UPDATE_IN_PROGRESS", 5, "AWS::SNS::Topic"),
        event("UPDATE_IN_PROGRESS", 4, ClientRequestToken="stacks-1"),
        event("CREATE_COMPLETE", 1),
    ]
    calls = [
        call("arn:other", changeSetName="c", clientRequestToken="stacks-0"),
        call(ANN, clientRequestToken="stacks-1"),
    ]
    assert work(events, calls, []) == Work(since="2026-01-01T12:04:00+00:00", caller=ANN)


def test_the_caller_is_known_by_the_stacks_name_when_there_is_no_token() -> None:
    events = [event("DELETE_IN_PROGRESS", 4), event("CREATE_COMPLETE", 1)]
    assert work(events, [call("arn:other"), call(ANN, stackName="t-data")]).caller == ANN


def test_a_first_creation_began_after_its_review() -> None:
    events = [event("CREATE_IN_PROGRESS", 4), event("REVIEW_IN_PROGRESS", 1)]
    assert work(events, [], []) == Work(since="2026-01-01T12:04:00+00:00")


def test_who_may_not_read_the_trail_still_learns_since_when() -> None:
    events = [event("UPDATE_IN_PROGRESS", 4), event("CREATE_COMPLETE", 1)]
    assert work(events, "AccessDeniedException") == Work(since="2026-01-01T12:04:00+00:00")


def test_work_that_is_over_by_now_is_nothing() -> None:
    assert work([event("UPDATE_COMPLETE", 4)]) == Work()
