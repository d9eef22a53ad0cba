"""How much resources store and roughly what keeping it costs: a small protocol next to ``Cloud``.

``aws.stored_data.BotoData`` and ``stacks.testing.MemoryCloud`` implement it, and pass the same tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stacks.cloud import Cloud
from stacks.errors import counted
from stacks.prices.list_prices import (
    BUCKET_STORAGE,
    DATABASE_STORAGE,
    HOURS,
    KEY,
    READ_UNIT,
    TABLE_RECOVERY,
    TABLE_STORAGE,
    WRITE_UNIT,
)
from stacks.types import known

if TYPE_CHECKING:
    from stacks.cloud import StackResource

GIB = 1024**3
_STORAGE = {
    "AWS::DynamoDB::Table": TABLE_STORAGE.usd + TABLE_RECOVERY.usd,
    "AWS::DynamoDB::GlobalTable": TABLE_STORAGE.usd + TABLE_RECOVERY.usd,
    "AWS::S3::Bucket": BUCKET_STORAGE.usd,
    "AWS::DSQL::Cluster": DATABASE_STORAGE.usd,
}
"""USD for a GB and month. Prices have a date, and are not in the records of types."""
_READ_UNIT, _WRITE_UNIT = READ_UNIT.usd * HOURS, WRITE_UNIT.usd * HOURS
_MONTHLY = {"AWS::KMS::Key": KEY.usd, "AWS::Cognito::UserPool": 0.0}
"""USD for a thing and month, whatever it holds; a user pool is paid by those who sign in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredData:
    """How much a resource stores: items (objects, users) and bytes, each -1 where the service does not report it.

    With ``more`` there are at least so many: counting was stopped.
    """

    items: int = -1
    bytes: int = -1
    more: bool = False
    read_units: int = 0
    """Provisioned capacity, which is paid for whether it is used or not."""
    write_units: int = 0


class DataCloud(Cloud, Protocol):
    """An AWS account whose data can be looked at and deleted. Every method may raise ``DeployError``."""

    def stored(self, resource: StackResource, region: str) -> StoredData | None:
        """Return what a resource holds; ``None`` when it does not exist."""

    def leftovers(self, name: str, region: str) -> tuple[StackResource, ...]:
        """Return what the deleted stacks of a name left behind on purpose and no stack holds now.

        CloudFormation remembers it for 90 days.
        """

    def delete_data(self, resource: StackResource, region: str) -> None:
        """Delete a resource that no stack holds, with its data and in spite of its deletion protection.

        ``resource`` is of a type with an ``erasure``. One that is gone is not a mistake.
        """


def monthly(type_name: str, stored: StoredData) -> float | None:
    """USD a month for keeping a resource that is not used, ``None`` when that is not known."""
    if type_name in _MONTHLY:
        return _MONTHLY[type_name]
    if type_name not in _STORAGE or stored.bytes < 0:
        return None
    capacity = _READ_UNIT * stored.read_units + _WRITE_UNIT * stored.write_units
    return _STORAGE[type_name] * stored.bytes / GIB + capacity


def contents(type_name: str, stored: StoredData) -> str:
    """What a resource holds, in words; empty when that is not known."""
    if stored.items < 0:
        return "" if stored.bytes < 0 else size(stored.bytes)
    count = f"{'at least ' if stored.more else ''}{counted(stored.items, known(type_name).content)}"
    return count if stored.bytes < 0 else f"{count}, {size(stored.bytes)}"


def cost(amount: float | None, *, more: bool = False) -> str:
    """An amount a month, in words."""
    if amount is None:
        return "cost not known"
    if amount == 0:
        return "free"
    return "less than 0.01 USD a month" if amount < 0.01 and not more else f"about {amount:.2f} USD a month"  # noqa: PLR2004 - a cent


def size(count: int) -> str:
    """Bytes in words."""
    for unit, entry in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= entry:
            return f"{count / entry:.1f} {unit}"
    return f"{count} bytes"
