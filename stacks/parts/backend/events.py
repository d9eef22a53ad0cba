"""What starts a function besides its routes: schedules, and things of each kind.

Files come by EventBridge, to which every bucket of ours reports: the bucket need not know the function, so the data
stack stays independent of the backend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import AWSObject, GetAtt, awslambda, events

from stacks import naming
from stacks.parts.backend.queues import dead_letters
from stacks.parts.backend.routes import after_alias, called, called_arn
from stacks.parts.kinds import starting_resources
from stacks.parts.policies import tagged
from stacks.stages.stacks import BACKEND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.model.backend import Function


def event_resources(name: str, function: Function, stage: Stage) -> Iterator[AWSObject]:
    """Everything that starts a function, and the queue of what it failed to handle."""
    if function.keeps_dead_letters:
        yield from dead_letters(naming.logical_id(name, "DeadLetters"), stage)
    for number, schedule in enumerate(function.events.schedules, 1):
        if not schedule.zone:
            title = naming.logical_id(name, f"Schedule{number}")
            yield from rule(title, name, stage, ScheduleExpression=schedule.at)
    if any(schedule.zone for schedule in function.events.schedules):
        from stacks.parts.backend.schedules import zoned_schedules  # noqa: PLC0415 - brings its part of troposphere

        yield from zoned_schedules(name, function, stage)
    yield from starting_resources(name, function, stage)


def rule(title: str, name: str, stage: Stage, **when: Any) -> Iterator[AWSObject]:
    """An EventBridge rule that calls the function, and its permission to do so.

    The permission names the rule alone: EventBridge sends no source account, so with ``SourceAccount`` it would never
    be allowed to call the function, and nothing would say so.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    """
    function = stage.backend.functions[name]
    target = events.Target(Id="function", Arn=called_arn(name, function))
    yield events.Rule(title, State="ENABLED", Targets=[target], Tags=tagged(stage, BACKEND), **when)
    yield awslambda.Permission(
        f"{title}Permission",
        FunctionName=called(name, function),
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=GetAtt(title, "Arn"),
        **after_alias(name, function),
    )
