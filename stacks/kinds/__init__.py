"""Kinds of described resources, a folder each.

A new kind is a folder here, its record in ``KINDS`` and its fields in ``described``. What a folder holds and who asks
for it is in ARCHITECTURE.md, "A new kind of resource".
"""

from __future__ import annotations

from stacks.kinds.buckets import BUCKETS
from stacks.kinds.buses import BUSES
from stacks.kinds.databases import DATABASES
from stacks.kinds.functions import FUNCTIONS
from stacks.kinds.kind import Kind
from stacks.kinds.queues import QUEUES
from stacks.kinds.secrets import SECRETS
from stacks.kinds.senders import SENDERS
from stacks.kinds.tables import TABLES
from stacks.kinds.topics import TOPICS
from stacks.kinds.users import CLIENTS, USERS
from stacks.kinds.workflows import WORKFLOWS

__all__ = ["KINDS", "Kind"]

KINDS: tuple[Kind, ...] = (
    TABLES,
    DATABASES,
    BUCKETS,
    USERS,
    CLIENTS,
    QUEUES,
    TOPICS,
    BUSES,
    WORKFLOWS,
    SENDERS,
    FUNCTIONS,
    SECRETS,
)
"""In the order of the statements that they add to roles."""
