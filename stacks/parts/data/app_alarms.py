"""Alarms of the data stack: tables that refuse requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.parts.backend.app_alarms import alarm
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import Stage


def add_alarms(made: Template, stage: Stage) -> None:
    """Put an alarm into the data template for each table."""
    for name in stage.data.tables:
        made.add_resource(
            alarm(
                naming.logical_id(name, "ThrottlesAlarm"),
                stage,
                stack=STACK,
                metric=("AWS/DynamoDB", "ThrottledRequests"),
                dimensions={"TableName": naming.table_name(name, stage)},
                threshold=1,
                description=f"Table {name} refused requests: see its capacity or its ceiling",
            )
        )
