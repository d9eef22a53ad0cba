"""What users need to test theirs: an AWS account in memory."""

from __future__ import annotations

from stacks.testing.cloud import MemoryCloud

__all__ = ["MemoryCloud"]
