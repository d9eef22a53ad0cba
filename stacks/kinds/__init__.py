"""Kinds of described resources, a folder each.

A new kind is a folder here, its record in ``KINDS`` and its fields in ``described``. What a folder holds and who asks
for it is in ARCHITECTURE.md, "A new kind of resource".
"""

from __future__ import annotations

from stacks.kinds.buckets import BUCKETS
from stacks.kinds.buses import BUSES
from stacks.kinds.kind import Kind
from stacks.kinds.queues import QUEUES
from stacks.kinds.senders import SENDERS
from stacks.kinds.topics import TOPICS
from stacks.kinds.workflows import WORKFLOWS

__all__ = ["KINDS", "Kind"]

KINDS: tuple[Kind, ...] = (BUCKETS, QUEUES, TOPICS, BUSES, WORKFLOWS, SENDERS)
