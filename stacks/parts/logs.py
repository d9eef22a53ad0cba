"""Log groups that the stack owns: created before anything writes to them, kept as long as the description says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import logs

from stacks.parts.policies import tagged

if TYPE_CHECKING:
    from stacks.app import App, Stage


def log_group(title: str, app: App, stage: Stage, *, stack: str, name: str) -> logs.LogGroup:
    """A log group that goes with its stack: it has a fixed name, and one left behind would stop the next create."""
    return logs.LogGroup(
        title,
        LogGroupName=name,
        RetentionInDays=stage.log_retention_days,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        Tags=tagged(app, stage, stack),
    )
