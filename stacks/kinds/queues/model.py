"""What a description says of queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.texts import Between, Name, Plain
from stacks.values import value

QueueAccess = Literal["send", "receive", "send-receive"]


@value
class Queue(Described):
    """An SQS queue, encrypted, with dead letters that are kept for 14 days."""

    tries: Annotated[int, Between(1, 1000)] = 5
    """How often a message is handed out before it counts as a dead letter."""


@value
class OfBackend(Described):
    """Queues in the section ``backend``."""

    queues: Mapping[Name, Annotated[Queue, Plain]] = field(default_factory=dict)
    """SQS queues: ``jobs: true``."""


@value
class OfFunction(Described):
    """Queues that a function uses."""

    queues: Mapping[Name, QueueAccess] = field(default_factory=dict)
    """The queues it uses, and how; it gets their addresses, as ``JOBS_QUEUE_URL``."""


@value
class OfEvents(Described):
    """Queues that start a function."""

    queues: tuple[Name, ...] = ()
    """Queues whose messages it gets; a message that fails five times goes to the queue's own dead letters."""
