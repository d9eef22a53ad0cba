"""Queues of the backend stack: encrypted, over TLS only, and nothing is lost without a trace.

They get no fixed names, so that CloudFormation can replace them; the names it makes start with the stack's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Principal
from troposphere import AWSObject, GetAtt, Ref, sqs

from stacks import naming
from stacks.parts.policies import deny, policy, tagged, when
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage
    from stacks.model.backend import Queue

_KEPT = 14 * 86_400
_LONGEST = 43_200
_USUAL = 30


def queue_resources(name: str, described: Queue, app: App, stage: Stage) -> Iterator[AWSObject]:
    """A described queue and the queue of its dead letters, with their policies."""
    dead = dead_letters(naming.logical_id(name, "QueueDeadLetters"), app, stage)
    yield from dead
    title = naming.logical_id(name, "Queue")
    redrive = sqs.RedrivePolicy(deadLetterTargetArn=GetAtt(dead[0], "Arn"), maxReceiveCount=described.tries)
    made = _queue(title, app, stage, VisibilityTimeout=_invisible(name, stage), RedrivePolicy=redrive)
    yield made
    yield _tls_only(title)


def dead_letters(title: str, app: App, stage: Stage) -> tuple[sqs.Queue, sqs.QueuePolicy]:
    """A queue for what nobody could handle, with its policy."""
    return _queue(title, app, stage), _tls_only(title)


def _queue(title: str, app: App, stage: Stage, **more: Any) -> sqs.Queue:
    return sqs.Queue(
        title,
        MessageRetentionPeriod=_KEPT,
        SqsManagedSseEnabled=True,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        Tags=tagged(app, stage, STACK),
        **more,
    )


def _invisible(name: str, stage: Stage) -> int:
    """Seconds a message is hidden while somebody works on it: six times the slowest function it starts.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    functions = stage.backend.functions.values()
    slowest = max((function.timeout for function in functions if name in function.events.queues), default=0)
    return min(max(_USUAL, 6 * slowest), _LONGEST)


def _tls_only(title: str) -> sqs.QueuePolicy:
    document = policy(
        deny(
            "sqs:*",
            on=GetAtt(title, "Arn"),
            Sid="TlsOnly",
            Principal=Principal("*"),
            Condition=when(Bool={"aws:SecureTransport": "false"}),
        )
    )
    return sqs.QueuePolicy(f"{title}Policy", Queues=[Ref(title)], PolicyDocument=document)
