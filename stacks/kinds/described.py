"""The fields that kinds add to the description, put together: to its sections, to functions, and to their events."""

from __future__ import annotations

from stacks.kinds.buckets import model as buckets
from stacks.kinds.buses import model as buses
from stacks.kinds.queues import model as queues
from stacks.kinds.senders import model as senders
from stacks.kinds.topics import model as topics
from stacks.kinds.workflows import model as workflows


class OfData(buckets.OfData):
    """What kinds add to the section ``data``."""


class OfBackend(queues.OfBackend, topics.OfBackend, buses.OfBackend, workflows.OfBackend, senders.OfBackend):
    """What kinds add to the section ``backend``."""


class OfFunction(
    buckets.OfFunction, queues.OfFunction, topics.OfFunction, buses.OfFunction, workflows.OfFunction, senders.OfFunction
):
    """What kinds add to a function: what it uses, and how."""


class OfEvents(buckets.OfEvents, queues.OfEvents, topics.OfEvents, buses.OfEvents):
    """What kinds add to the events of a function: what starts it."""
