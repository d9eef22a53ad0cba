"""What does not agree in a stage's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.description.statements import table_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath
    from stacks.kinds.tables.model import Table

_KINDS = {"S": "string", "N": "number", "B": "binary"}


def problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """What does not agree in the tables, which are described at ``at``."""
    for name, table in stage.data.tables.items():
        where: KeyPath = (*at, name)
        yield from _keys(table, where)
        yield from _indexes(table, where)
        yield from _replicas(table, stage, where)
        yield from _stream(name, table, stage, where)
        yield from _import(table, (*where, "import_from"))
        yield from table_problems(table.statements, (*where, "statements"))


def _keys(table: Table, at: KeyPath) -> Iterator[Finding]:
    """One attribute has one type, and none of the names that DynamoDB keeps for itself."""
    seen: dict[str, str] = {}
    for key in table.keys:
        kind = seen.setdefault(key.name, key.type)
        if kind != key.type:
            what = f"{key.name!r} is a {_KINDS[kind]} in one key and a {_KINDS[key.type]} in another"
            yield at, what, "Give an attribute one type", "TABLE-KEY-SCHEMA"
        if table.expires and key.name == table.expires.attribute and key.type != "N":
            what = f"is {key.name!r}, a {_KINDS[key.type]} in a key; items expire at a number of seconds"
            yield (*at, "expires"), what, "Use another attribute, or give the key 'type: N'"
        if key.name.startswith("aws:"):
            yield at, f"{key.name!r} is reserved for DynamoDB", "Choose a name without 'aws:'", "TABLE-ATTRIBUTE-NAME"


def _indexes(table: Table, at: KeyPath) -> Iterator[Finding]:
    for name in table.local_indexes.keys() & table.global_indexes.keys():
        what = f"{name!r} is a global index too"
        yield (*at, "local_indexes", name), what, "Give each index a name of its own", "TABLE-KEY-SCHEMA"
    for name, index in table.local_indexes.items():
        if table.sort_key and index.sort_key.name in {table.partition_key.name, table.sort_key.name}:
            what = f"sorts by {index.sort_key.name!r}, a key of the table already"
            yield (*at, "local_indexes", name), what, "Sort by another attribute", "TABLE-KEY-SCHEMA"
    for name, other in table.global_indexes.items():
        if other.sort_key and other.sort_key.name == other.partition_key.name:
            what = f"has {other.sort_key.name!r} as both keys"
            yield (
                (*at, "global_indexes", name),
                what,
                "Sort by another attribute, or drop 'sort_key'",
                "TABLE-KEY-SCHEMA",
            )
    if table.sort_key and table.sort_key.name == table.partition_key.name:
        what = f"has {table.sort_key.name!r} as both keys"
        yield (*at, "sort_key"), what, "Sort by another attribute", "TABLE-KEY-SCHEMA"


def _replicas(table: Table, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    if stage.region in table.replicas:
        what = f"names {stage.region}, the stage's own region"
        yield (*at, "replicas"), what, "Name other regions", "TABLE-REPLICAS"


def _import(table: Table, at: KeyPath) -> Iterator[Finding]:
    """ImportTable makes no local indexes, and they cannot be added later.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableCreationParameters.html
    """
    if table.import_from and table.local_indexes:
        what = "fills a table that has local indexes, which DynamoDB does not make when it imports"
        yield at, what, "Use 'global_indexes', or load the items after the table is made", "TABLE-IMPORT"


def _stream(name: str, table: Table, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    heard = any(name in function.events.tables for function in stage.backend.functions.values())
    if heard and table.stream not in {None, "both"}:
        what = f"is of {table.stream} images, but a function listens and gets both"
        yield (*at, "stream"), what, "Use 'both', or leave 'stream' out"
