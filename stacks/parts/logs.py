"""Log groups that the stack owns: created before anything writes to them, kept as long as the description says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt

from stacks import naming, wiring
from stacks.blocks import monitoring

if TYPE_CHECKING:
    from troposphere import Sub, logs

    from stacks.app import Stage
    from stacks.blocks.policies import Value


KEY = "LogKey"
_UNDER_KEY = {"base", "backend"}
"""The stacks whose groups the stage's key encrypts: those of WAF and CloudFront are written by other services."""


def log_group(title: str, stage: Stage, *, stack: str, name: str | Sub) -> logs.LogGroup:
    """A log group that goes with its stack: it has a fixed name, and one left behind would stop the next create."""
    key: Value | None = None
    if stage.base.log_encryption == "own" and stack in _UNDER_KEY:
        key = GetAtt(KEY, "Arn") if stack == "base" else wiring.LOG_KEY.read(stage)
    return monitoring.log_group(
        title,
        name=name,
        retention_days=stage.log_retention_days,
        key=key,
        tags=naming.tags(stage, stack),
    )
