"""Queues with the queues of their dead letters: encrypted, over TLS only, and nothing is lost without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, awslambda

from stacks import naming
from stacks.blocks import messaging
from stacks.blocks.policies import arn
from stacks.parts.backend.queues import with_senders
from stacks.parts.backend.routes import after_alias, called
from stacks.parts.policies import tagged
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject, Template

    from stacks.app import Stage
    from stacks.blocks.policies import Value
    from stacks.json_types import JsonDict

_LONGEST = 43_200
_USUAL = 30
_UNWAITED_BATCH = 10
"""SQS: a larger batch needs a window to fill in."""


def add(template: Template, stage: Stage) -> None:
    """Put each described queue and the queue of its dead letters into the backend template, with their policies."""
    for name, described in stage.backend.queues.items():
        queue, policy, dead, dead_policy = messaging.queue(
            naming.logical_id(name, "Queue"),
            tries=described.tries,
            visibility_timeout=_invisible(name, stage),
            tags=naming.tags(stage, STACK),
        )
        for resource in (queue, with_senders(policy, queue, stage), dead, with_senders(dead_policy, dead, stage)):
            template.add_resource(resource)


def _invisible(name: str, stage: Stage) -> int:
    """Seconds a message is hidden while somebody works on it: six times the slowest function it starts.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    functions = stage.backend.functions.values()
    slowest = max((function.timeout for function in functions if name in function.events.queues), default=0)
    return min(max(_USUAL, 6 * slowest), _LONGEST)


def identity(name: str, _stage: Stage) -> Value:
    """What a function learns about a queue: its URL."""
    return Ref(naming.logical_id(name, "Queue"))


def arns(name: str, _stage: Stage) -> list[Value]:
    """The ARN that the rights to use a queue are for."""
    return [GetAtt(naming.logical_id(name, "Queue"), "Arn")]


def all_arns(stage: Stage) -> list[Value]:
    """The ARNs of every queue of the stage, dead letters of functions among them."""
    return [arn("sqs", f"{naming.prefix(stage)}-*")]


def listen(name: str, queue: str, stage: Stage) -> Iterator[AWSObject]:
    """Messages of a queue; the handler may report which of a batch failed, by ``batchItemFailures``."""
    function = stage.backend.functions[name]
    window: JsonDict = {"MaximumBatchingWindowInSeconds": 1} if function.events.batch > _UNWAITED_BATCH else {}
    yield awslambda.EventSourceMapping(
        naming.pair_id(name, "From", queue, "Queue"),
        FunctionName=called(name, function),
        EventSourceArn=GetAtt(naming.logical_id(queue, "Queue"), "Arn"),
        BatchSize=function.events.batch,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        Tags=tagged(stage, STACK),
        **after_alias(name, function),
        **window,
    )
