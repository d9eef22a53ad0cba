"""Queues of the backend stack: encrypted, over TLS only, and nothing is lost without a trace.

They get no fixed names, so that CloudFormation can replace them; the names it makes start with the stack's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.blocks.messaging import queue, secured_queue
from stacks.parts.kinds import queue_statements
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject, sqs

    from stacks.app import Stage
    from stacks.model.backend import Queue

_LONGEST = 43_200
_USUAL = 30


def queue_resources(name: str, described: Queue, stage: Stage) -> Iterator[AWSObject]:
    """A described queue and the queue of its dead letters, with their policies."""
    made, policy, dead, dead_policy = queue(
        naming.logical_id(name, "Queue"),
        tries=described.tries,
        visibility_timeout=_invisible(name, stage),
        tags=naming.tags(stage, STACK),
    )
    yield from (made, _with_senders(policy, made, stage))
    yield from (dead, _with_senders(dead_policy, dead, stage))


def dead_letters(title: str, stage: Stage) -> tuple[sqs.Queue, sqs.QueuePolicy]:
    """A queue for what nobody could handle, with its policy."""
    made, policy = secured_queue(title, tags=naming.tags(stage, STACK))
    return made, _with_senders(policy, made, stage)


def _with_senders(policy: sqs.QueuePolicy, made: sqs.Queue, stage: Stage) -> sqs.QueuePolicy:
    """The policy, also letting things of other kinds send to the queue: topics that deliver to it, say."""
    document = policy.PolicyDocument
    document.Statement = [*document.Statement, *queue_statements(str(made.title), stage)]
    return policy


def _invisible(name: str, stage: Stage) -> int:
    """Seconds a message is hidden while somebody works on it: six times the slowest function it starts.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    functions = stage.backend.functions.values()
    slowest = max((function.timeout for function in functions if name in function.events.queues), default=0)
    return min(max(_USUAL, 6 * slowest), _LONGEST)
