"""Schedules in a time zone, by EventBridge Scheduler, and the role it calls a function with.

Schedules in UTC are rules (``events.py``), which need no role. A schedule that could not call its function, because
the role was changed for example, is sent to the function's dead letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import AWSObject, GetAtt, Ref, Sub, iam, scheduler

from stacks import naming
from stacks.blocks.senders import trust_from
from stacks.parts.backend.routes import after_alias, called_arn
from stacks.parts.policies import allow, arn, managed_policy, policy, tagged
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Function, Stage
    from stacks.json_types import JsonDict


def zoned_schedules(name: str, function: Function, stage: Stage) -> Iterator[AWSObject]:
    """The schedules of a function that name a time zone, with their role; nothing when none does."""
    zoned = [(number, entry) for number, entry in enumerate(function.events.schedules, 1) if entry.zone]
    if not zoned:
        return
    yield from _role(name, function, stage)
    for number, schedule in zoned:
        yield scheduler.Schedule(
            naming.logical_id(name, f"ZonedSchedule{number}"),
            Name=f"{naming.prefix(stage)}-{name}-{number}",
            ScheduleExpression=schedule.at,
            ScheduleExpressionTimezone=schedule.zone,
            FlexibleTimeWindow=scheduler.FlexibleTimeWindow(Mode="OFF"),
            State="ENABLED",
            Target=scheduler.Target(
                Arn=called_arn(name, function),
                RoleArn=GetAtt(naming.logical_id(name, "SchedulerRole"), "Arn"),
                **_dead_letters(name, function),
            ),
            **after_alias(name, function),
        )


def _dead_letters(name: str, function: Function) -> JsonDict:
    if not function.keeps_dead_letters:
        return {}
    return {"DeadLetterConfig": scheduler.DeadLetterConfig(Arn=GetAtt(naming.logical_id(name, "DeadLetters"), "Arn"))}


def _role(name: str, function: Function, stage: Stage) -> Iterator[AWSObject]:
    """The role of a function's schedules, for schedules of this account alone.

    Their source is the group they are in: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    rights = [allow("lambda:InvokeFunction", on=called_arn(name, function))]
    if function.keeps_dead_letters:
        rights.append(allow("sqs:SendMessage", on=GetAtt(naming.logical_id(name, "DeadLetters"), "Arn")))
    document = managed_policy(naming.logical_id(name, "SchedulerPolicy"), stage, STACK, policy(*rights))
    yield document
    yield iam.Role(
        naming.logical_id(name, "SchedulerRole"),
        Path=naming.role_path(stage, STACK),
        AssumeRolePolicyDocument=trust_from("scheduler", arn("scheduler", "schedule-group/default")),
        ManagedPolicyArns=[Ref(document)],
        PermissionsBoundary=Sub(naming.boundary_arn(stage)),
        Tags=tagged(stage, STACK),
    )
