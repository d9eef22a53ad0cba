"""The fields that kinds add to the description, put together: to its sections, to functions, and to their events.

A dataclass has the fields of its last base first, so pages show them in the order of the bases from the last.
"""

from __future__ import annotations

from stacks.kinds.buckets import model as buckets
from stacks.kinds.buses import model as buses
from stacks.kinds.databases import model as databases
from stacks.kinds.queues import model as queues
from stacks.kinds.secrets import model as secrets
from stacks.kinds.senders import model as senders
from stacks.kinds.tables import model as tables
from stacks.kinds.topics import model as topics
from stacks.kinds.users import model as users
from stacks.kinds.workflows import model as workflows


class OfData(users.OfData, buckets.OfData, databases.OfData, tables.OfData):
    """What kinds add to the section ``data``."""


class OfBackend(
    secrets.OfBackend, senders.OfBackend, workflows.OfBackend, buses.OfBackend, topics.OfBackend, queues.OfBackend
):
    """What kinds add to the section ``backend``."""


class OfFunction(
    secrets.OfFunction,
    senders.OfFunction,
    workflows.OfFunction,
    buses.OfFunction,
    topics.OfFunction,
    queues.OfFunction,
    users.OfFunction,
    buckets.OfFunction,
    databases.OfFunction,
    tables.OfFunction,
):
    """What kinds add to a function: what it uses, and how."""


class OfEvents(buses.OfEvents, topics.OfEvents, queues.OfEvents, buckets.OfEvents, tables.OfEvents):
    """What kinds add to the events of a function: what starts it."""
