"""What functions need of the data stack next to its things: streams of the changes of tables that they listen to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, dynamodb

from stacks import naming, wiring

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import Stage


def add_streams(made: Template, stage: Stage) -> None:
    """Give each table that a function listens to a stream of old and new items."""
    heard = {table for function in stage.backend.functions.values() for table in function.events.tables}
    for name in sorted(heard):
        table = made.resources[naming.logical_id(name, "Table")]
        table.StreamSpecification = dynamodb.StreamSpecification(StreamViewType="NEW_AND_OLD_IMAGES")
        made.add_output(wiring.table_stream(name).declare(GetAtt(table, "StreamArn"), f"Changes of table {name}"))
