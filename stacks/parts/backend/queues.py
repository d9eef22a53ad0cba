"""Dead letters of functions, and what lets other things send to a queue.

Queues get no fixed names, so that CloudFormation can replace them; the names it makes start with the stack's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.blocks.messaging import secured_queue
from stacks.parts.kinds import queue_statements
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from troposphere import sqs

    from stacks.app import Stage


def dead_letters(title: str, stage: Stage) -> tuple[sqs.Queue, sqs.QueuePolicy]:
    """A queue for messages that no function could handle, with its policy."""
    queue, policy = secured_queue(title, tags=naming.tags(stage, STACK))
    return queue, with_senders(policy, queue, stage)


def with_senders(policy: sqs.QueuePolicy, queue: sqs.Queue, stage: Stage) -> sqs.QueuePolicy:
    """The policy, also letting things of other kinds send to the queue: topics that deliver to it, say."""
    document = policy.PolicyDocument
    document.Statement = [*document.Statement, *queue_statements(str(queue.title), stage)]
    return policy
