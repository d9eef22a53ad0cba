"""Whether DynamoDB is changing a table, so that it accepts no other index or replica. Gets a client, creates none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.aws.responses import polling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject

_READY = "ACTIVE"


def table_at_work(client: Any, table: str) -> Iterator[str]:
    """Wait until a table, its indexes and replicas are ready; iterate the parts that are waited for."""
    last = None
    for _ in polling():
        at_work = _at_work(client.describe_table(TableName=table)["Table"])
        if at_work is None:
            return
        if at_work != last:
            yield at_work
        last = at_work


def _at_work(described: JsonObject) -> str | None:
    """The first part that is not ready, else the table itself when it is not; the local AWS reports no index states."""
    lists = (("GlobalSecondaryIndexes", "Index", "IndexName"), ("Replicas", "Replica", "RegionName"))
    for listed, kind, name in lists:
        for part in described.get(listed, []):
            if part.get(f"{kind}Status", _READY) != _READY:
                return f"{kind.lower()} {part[name]}"
    return None if described["TableStatus"] == _READY else "the table"
