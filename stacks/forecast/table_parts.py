"""Two templates → the indexes and replicas of their tables that come and go, and the updates which that takes. Pure.

DynamoDB makes or deletes one global index of a table at a time, and one replica, and CloudFormation fails an update
with more: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stacks.json_types import at, mapping
from stacks.types import known

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject, Properties, TemplateData

TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
"""The types that this module, and what refuses tables, are about."""
TablePart = Literal["index", "replica"]
_LISTS: dict[TablePart, tuple[str, str]] = {
    "index": ("GlobalSecondaryIndexes", "IndexName"),
    "replica": ("Replicas", "Region"),
}
"""The property that lists the parts of a kind, and the key that identifies each."""
_MOST = known(TABLES[0]).most("GlobalSecondaryIndexes")
_UNITS = ("OnDemandThroughput", "ProvisionedThroughput")
_NEW_TABLE = ("KeySchema", "LocalSecondaryIndexes", "TableName")
"""Properties whose change makes another table, which is made with all of its parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A global index or a replica that comes or goes; ``table`` is a logical id."""

    table: str
    kind: TablePart
    name: str
    """The index's name, or the replica's region."""
    action: Literal["add", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update of a stack: what it moves, at most one part of each table, and its template."""

    moves: tuple[Move, ...]
    template: TemplateData


def moves(table: str, old: object, new: object) -> tuple[Move, ...]:
    """The parts of one table (old and new resource) that come and go, new ones first while there is room."""
    before, after = _properties(old), _properties(new)
    if any(before.get(name) != after.get(name) for name in _NEW_TABLE):
        return ()
    return tuple(move for kind in _LISTS for move in _of_kind(table, kind, before, after))


def _of_kind(table: str, kind: TablePart, before: JsonObject, after: JsonObject) -> list[Move]:
    had, has = _parts(before, kind), _parts(after, kind)
    come = [Move(table=table, kind=kind, name=name, action="add") for name in has if name not in had]
    gone = [Move(table=table, kind=kind, name=name, action="remove") for name in had if name not in has]
    return [*come, *gone] if len(had) + len(come) <= _MOST else [*gone, *come]


def updates(deployed: JsonObject, wanted: JsonObject) -> tuple[Update, ...]:
    """The updates from one template to the other, the last one's being ``wanted``; empty when no part moves.

    Those before the last change such parts and nothing else, so existing parts stay when one fails.
    """
    old, new = deployed.get("Resources", {}), wanted.get("Resources", {})
    every = [results for name in new if (results := _moves(name, old, new))]
    count = max(map(len, every), default=0)
    return tuple(_update(deployed, wanted, every, number, count) for number in range(1, count + 1))


def _moves(name: str, old: JsonObject, new: JsonObject) -> tuple[Move, ...]:
    kinds = [side.get(name, {}).get("Type") for side in (old, new)]
    return moves(name, old[name], new[name]) if kinds[0] == kinds[1] and kinds[0] in TABLES else ()


def _update(deployed: JsonObject, wanted: JsonObject, every: list[tuple[Move, ...]], number: int, count: int) -> Update:
    """The update with this number, from 1; each table's last move is made by the last one."""
    if number == count:
        return Update(moves=tuple(results[-1] for results in every), template=wanted)
    early = [results[:-1] for results in every]
    tables = {results[0].table: _moved(deployed, wanted, results[:number]) for results in early if results}
    template = {**deployed, "Resources": {**deployed["Resources"], **tables}}
    return Update(moves=tuple(results[number - 1] for results in early if len(results) >= number), template=template)


def _moved(deployed: JsonObject, wanted: JsonObject, done: tuple[Move, ...]) -> JsonDict:
    """The deployed table with some of its parts moved."""
    old, new = (side["Resources"][done[0].table] for side in (deployed, wanted))
    before, after = _properties(old), _properties(new)
    result = dict(before)
    for move in done:
        listed, _ = _LISTS[move.kind]
        parts = _parts(result, move.kind)
        if move.action == "remove":
            del parts[move.name]
        else:
            parts[move.name] = _fresh(_parts(after, move.kind)[move.name], before)
        result = {key: value for key, value in result.items() if key != listed} | (
            {listed: [*parts.values()]} if parts else {}
        )
    return {**old, "Properties": {**result, **_attributes(result, after)}}


def _fresh(part: JsonObject, table: JsonObject) -> JsonDict:
    """A new part, with the units that the table has by now; the last update brings its own."""
    units = {name: table[name] for name in _UNITS if name in table and name in part}
    return {**{name: value for name, value in part.items() if name not in _UNITS}, **units}


def _attributes(result: JsonObject, after: JsonObject) -> JsonDict:
    """Definitions of the attributes that are keys, and of no other: DynamoDB refuses more."""
    types = {
        definition["AttributeName"]: definition
        for side in (after, result)
        for definition in side.get("AttributeDefinitions", [])
    }
    keyed = [result, *result.get("LocalSecondaryIndexes", []), *_parts(result, "index").values()]
    names = dict.fromkeys(key["AttributeName"] for entry in keyed for key in entry.get("KeySchema", []))
    return {"AttributeDefinitions": [types[name] for name in names if name in types]}


def _properties(body: object) -> Properties:
    return mapping(at(body, "Properties"))


def _parts(properties: Properties, kind: TablePart) -> JsonDict:
    """The parts of a kind, by name."""
    listed, key = _LISTS[kind]
    result = properties.get(listed)
    return (
        {str(entry.get(key)): entry for entry in result if isinstance(entry, dict)} if isinstance(result, list) else {}
    )
