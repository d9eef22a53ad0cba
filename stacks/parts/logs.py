"""Log groups that the stack owns: created before anything writes to them, kept as long as the description says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Sub, logs

from stacks import wiring
from stacks.parts.policies import tagged

if TYPE_CHECKING:
    from stacks.app import App, Stage


KEY = "LogKey"
_UNDER_KEY = {"base", "backend"}
"""The stacks whose groups the stage's key encrypts: those of WAF and CloudFront are written by other services."""


def log_group(title: str, app: App, stage: Stage, *, stack: str, name: str | Sub) -> logs.LogGroup:
    """A log group that goes with its stack: it has a fixed name, and one left behind would stop the next create."""
    key: dict[str, Any] = {}
    if stage.base.log_encryption == "own" and stack in _UNDER_KEY:
        key = {"KmsKeyId": GetAtt(KEY, "Arn") if stack == "base" else wiring.LOG_KEY.read(app, stage)}
    return logs.LogGroup(
        title,
        LogGroupName=name,
        RetentionInDays=stage.log_retention_days,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        Tags=tagged(app, stage, stack),
        **key,
    )
