"""Rules for tables, databases, buckets and tags: names and numbers that AWS refuses only when it makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.checks.rule import Hit, Stacks, rule
from stacks.json_types import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator


@rule(
    "TABLE-PROTECTION",
    why="one call deletes the table with all that is in it",
    fix="Set DeletionProtectionEnabled to true",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
)
def tables_are_protected(stacks: Stacks) -> Iterator[Hit]:
    """Tables have deletion protection, replicas too."""
    for table in stacks.of("AWS::DynamoDB::Table"):
        if table.properties.get("DeletionProtectionEnabled") is not True:
            yield table.hit("DeletionProtectionEnabled", "can be deleted by one call")
    for table in stacks.of("AWS::DynamoDB::GlobalTable"):
        for index, replica in enumerate(items(table.properties.get("Replicas"))):
            if mapping(replica).get("DeletionProtectionEnabled") is not True:
                yield table.hit(f"Replicas[{index}].DeletionProtectionEnabled", "can be deleted by one call")


@rule(
    "DATABASE-PROTECTION",
    why="one call deletes the database with all that is in it",
    fix="Set DeletionProtectionEnabled to true",
    source="https://docs.aws.amazon.com/aurora-dsql/latest/APIReference/API_CreateCluster.html",
)
def databases_are_protected(stacks: Stacks) -> Iterator[Hit]:
    """Databases of Aurora DSQL have deletion protection."""
    for cluster in stacks.of("AWS::DSQL::Cluster"):
        if cluster.properties.get("DeletionProtectionEnabled") is not True:
            yield cluster.hit("DeletionProtectionEnabled", "can be deleted by one call")


RULES = (databases_are_protected, tables_are_protected)
