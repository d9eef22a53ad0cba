"""Schedules in a time zone: EventBridge Scheduler calls the function with a role that can do nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backend.describing import problems_of, resources_of, stacks_of

BACKEND = """
functions:
  report:
    handler: a.py:b
    events: {schedules: [rate(1 hour), {at: 'cron(0 9 ? * MON-FRI *)', zone: Europe/Berlin}]}
"""


def test_only_a_schedule_with_a_zone_needs_the_scheduler() -> None:
    resources = resources_of(BACKEND)
    assert resources["ReportSchedule1"]["Properties"]["ScheduleExpression"] == "rate(1 hour)"
    assert "ReportSchedule2" not in resources
    schedule: dict[str, Any] = resources["ReportZonedSchedule2"]["Properties"]
    assert schedule.pop("Target") == {
        "Arn": {"Fn::GetAtt": ["ReportFunction", "Arn"]},
        "RoleArn": {"Fn::GetAtt": ["ReportSchedulerRole", "Arn"]},
        "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["ReportDeadLetters", "Arn"]}},
    }
    assert schedule == {
        "Name": "notes-dev-report-2",
        "ScheduleExpression": "cron(0 9 ? * MON-FRI *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
    }


def test_a_schedule_in_utc_needs_no_role() -> None:
    resources = resources_of(BACKEND.replace(", zone: Europe/Berlin", ""))
    assert "ReportSchedulerRole" not in resources
    assert resources["ReportSchedule2"]["Properties"]["ScheduleExpression"] == "cron(0 9 ? * MON-FRI *)"


def test_the_role_calls_this_function_for_schedules_of_this_account_inside_the_boundary() -> None:
    stacks = stacks_of(BACKEND)
    backend = stacks["backend"]["Resources"]
    role = backend["ReportSchedulerRole"]["Properties"]
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": ["scheduler.amazonaws.com"]}
    assert "schedule-group/default" in str(trusted["Condition"])
    assert "PermissionsBoundary" in role
    statements = backend["ReportSchedulerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [(statement["Action"], statement["Resource"]) for statement in statements] == [
        (["lambda:InvokeFunction"], [{"Fn::GetAtt": ["ReportFunction", "Arn"]}]),
        (["sqs:SendMessage"], [{"Fn::GetAtt": ["ReportDeadLetters", "Arn"]}]),
    ]
    boundary = stacks["base"]["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]["Statement"]
    assert any("lambda:InvokeFunction" in statement["Action"] for statement in boundary)


def test_a_function_without_dead_letters_has_a_schedule_without_any() -> None:
    resources = resources_of(BACKEND.replace("events:", "dead_letters: false\n    events:"))
    assert "DeadLetterConfig" not in resources["ReportZonedSchedule2"]["Properties"]["Target"]
    assert "sqs:" not in str(resources["ReportSchedulerPolicy"])


def test_a_published_version_is_what_a_schedule_calls() -> None:
    resources = resources_of(BACKEND.replace("events:", "snap_start: true\n    events:"))
    assert resources["ReportZonedSchedule2"]["DependsOn"] == "ReportLive"
    assert resources["ReportZonedSchedule2"]["Properties"]["Target"]["Arn"] == {"Fn::Sub": "${ReportFunction.Arn}:live"}


@pytest.mark.parametrize("count", [2, 5])
def test_in_a_split_backend_schedule_and_role_are_where_the_function_is(count: int) -> None:
    stacks = stacks_of(f"stacks: {count}{BACKEND}")
    (part,) = (stack["Resources"].keys() for stack in stacks.values() if "ReportFunction" in stack["Resources"])
    assert {"ReportZonedSchedule2", "ReportSchedulerRole", "ReportSchedulerPolicy"} <= part


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("{at: rate(1 hour), zone: UTC}", "'rate(1 hour)' is the same in every time zone. Leave 'zone' out"),
        ("{at: '0 9 * * *', zone: UTC}", "has five fields, EventBridge takes six. Write 'cron(0 9 * * ? *)'"),
        (
            "{at: 'cron(0 9 * * ? *)', zone: Europe/Berln}",
            "there is no time zone 'Europe/Berln'. Did you mean 'Europe/",
        ),
        ("{at: 'cron(0 9 * * ? *)', zone: ../x}", "is not the name of a time zone"),
        ("{zone: Europe/Berlin}", "backend.functions.f.events.schedules[0]"),
    ],
)
def test_mistakes_with_schedules_are_reported_where_they_are(schedule: str, problem: str) -> None:
    text = f"functions: {{f: {{handler: 'a.py:b', events: {{schedules: [{schedule}]}}}}}}"
    assert any(problem in item for item in problems_of(text)), problems_of(text)
