"""What callers of a function are given, and the rights of a function to call others and to keep its dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt

from stacks import naming
from stacks.kinds.functions import FUNCTIONS
from stacks.kinds.queues import QUEUES
from stacks.parts.kinds import Right
from stacks.parts.policies import allow, arn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import Statement

    from stacks.app import Function, Stage
    from stacks.blocks.policies import Value


def identity(name: str, stage: Stage) -> Value:
    """The name by which another function calls it, with its alias if it has one."""
    alias = ":live" if stage.backend.functions[name].has_alias else ""
    return f"{naming.prefix(stage)}-{name}{alias}"


def arns(name: str, stage: Stage) -> list[Value]:
    """The ARN of what is called, known before the function exists."""
    return [arn("lambda", f"function:{identity(name, stage)}")]


def all_arns(stage: Stage) -> list[Value]:
    """The ARNs of every function of the stage."""
    return [arn("lambda", f"function:{naming.prefix(stage)}-*")]


def rights(name: str, function: Function, stage: Stage) -> Iterator[Right]:
    """The right to send to the function's own dead letters, and to call others."""
    if function.keeps_dead_letters:
        yield Right(
            actions=("sqs:SendMessage",),
            on=GetAtt(naming.logical_id(name, "DeadLetters"), "Arn"),
            most=QUEUES.uses["send-receive"],
            every=arn("sqs", f"{naming.prefix(stage)}-*"),
        )
    if function.invoke:
        named = [entry for other in function.invoke for entry in arns(other, stage)]
        yield Right(actions=FUNCTIONS.uses["invoke"], on=named, every=all_arns(stage))


def boundary_statements(stage: Stage) -> Iterator[Statement]:
    """What the roles of schedules in a time zone may do: EventBridge Scheduler calls functions with a role."""
    if any(schedule.zone for function in stage.backend.functions.values() for schedule in function.events.schedules):
        yield allow(*FUNCTIONS.uses["invoke"], on=all_arns(stage))
