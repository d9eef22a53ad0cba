"""What a description says of tables.

Shapes and the limits of single values; what needs two places to be compared is in ``rules``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.access import Access
from stacks.model.described import Described
from stacks.model.statements import PolicyStatement, plain_statement
from stacks.model.texts import (
    AccountId,
    AttributeName,
    Between,
    Mistake,
    Name,
    RegionName,
    Text,
    short_for,
)
from stacks.values import value

IndexName = Annotated[
    str,
    Text(
        r"[A-Za-z0-9_.-]{3,255}",
        "is not a name of an index",
        "Use 3 to 255 letters, digits, '_', '-' and '.'",
        255,
        "TABLE-NAME",
    ),
]
Units = Annotated[int, Between(1, 10_000_000, rule="TABLE-READS-RANGE")]
BucketName = Annotated[
    str,
    Text(
        r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "is not a name of a bucket",
        "Write the name alone, without s3:// and folders",
        63,
        "BUCKET-NAME",
    ),
]
KeyPrefix = Annotated[
    str, Text(r"(?!/)[^\s*]+", "is not a prefix of keys", "Write it without '/' in front, as exports/2026/")
]
ColumnName = Annotated[str, Text(r"[^,\0\r\n]+", "is not a name of a column", "Name one column of the files", 65_536)]
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
_MOST_LOCAL, _MOST_HELD = 5, 20


@value
class Key(Described):
    """A key attribute of a table: ``owner``, or ``{name: created, type: N}``."""

    name: AttributeName
    type: Literal["S", "N", "B"] = "S"
    """String, number or binary."""


Projection = Literal["all", "keys"] | tuple[AttributeName, ...]
"""What an index holds of an item: everything, its keys, or these attributes in addition to the keys."""


def _check(holds: Projection) -> None:
    """Raise ``Mistake`` for a list that DynamoDB refuses (its API reference, Projection)."""
    if not isinstance(holds, tuple):
        return
    if not holds or len(holds) > _MOST_HELD:
        what = f"holds a list of {len(holds)} attributes, DynamoDB takes 1 to {_MOST_HELD}"
        raise Mistake(what, "Set 'holds: keys' or 'holds: all'", "TABLE-PROJECTION")
    if len(set(holds)) < len(holds):
        raise Mistake("holds an attribute twice", "Name each once", "TABLE-PROJECTION")


@value
class GlobalIndex(Described):
    """Another way to find items, over the whole table, with keys of its own; it is read a moment behind."""

    partition_key: Annotated[Key, short_for("name")]
    sort_key: Annotated[Key | None, short_for("name")] = None
    holds: Projection = "all"
    """``all``, ``keys``, or a list of at most 20 attributes in addition to the keys."""

    def __post_init__(self) -> None:
        _check(self.holds)


@value
class LocalIndex(Described):
    """Another order of the items under one partition key. It is made with the table and cannot be added later."""

    sort_key: Annotated[Key, short_for("name")]
    holds: Projection = "all"
    """``all``, ``keys``, or a list of at most 20 attributes in addition to the keys."""

    def __post_init__(self) -> None:
        _check(self.holds)


@value
class Scale(Described):
    """From how many to how many units a table with provisioned capacity grows."""

    low: Units
    high: Units
    target: Annotated[int, Between(20, 90, "%", rule="SCALING")] = 70
    """Percent of the units in use at which more are added."""

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise Mistake(f"goes from {self.low} to {self.high}", "Let 'low' be the smaller one", "SCALING")


@value
class Capacity(Described):
    """Provisioned capacity with autoscaling, for even loads; on demand is the default. Indexes get the same."""

    read: Scale
    write: Scale


@value
class Import(Described):
    """Items that a table starts with, from files in a bucket. DynamoDB reads them once, when it makes the table.

    It has to stay in the description as it is: CloudFormation would make another table without it.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html
    """

    bucket: BucketName
    """A bucket in the stage's region."""
    format: Literal["csv", "dynamodb-json", "ion"]
    """``dynamodb-json`` is what DynamoDB's own exports are in."""
    prefix: KeyPrefix | None = None
    """What the keys of the files begin with; all of the bucket otherwise."""
    owner: AccountId | None = None
    """The account that the bucket belongs to, when it is another one."""
    compression: Literal["none", "gzip", "zstd"] = "none"
    delimiter: Literal[",", "\t", ":", ";", "|", " "] = ","
    """Between the columns of CSV files."""
    columns: tuple[ColumnName, ...] = ()
    """Names of the columns of CSV files that have no first line with them."""

    def __post_init__(self) -> None:
        if self.format != "csv" and (self.columns or self.delimiter != ","):
            what = f"says how CSV files are written, but the format is {self.format}"
            raise Mistake(what, "Set 'format: csv'", "TABLE-IMPORT-FORMAT")


@value
class Expiry(Described):
    """By which attribute items expire (TTL)."""

    attribute: AttributeName
    """It holds seconds since 1970."""
    enabled: bool = True
    """False switches it off; DynamoDB then takes another attribute, or none, an hour later."""


@value
class Table(Described):
    """A DynamoDB table: on demand, encrypted, restorable to any second of 35 days, protected from deletion."""

    partition_key: Annotated[Key, short_for("name")]
    sort_key: Annotated[Key | None, short_for("name")] = None
    global_indexes: Mapping[IndexName, GlobalIndex] = field(default_factory=dict)
    """At most 20. In a table that already exists, ``deploy`` makes and deletes them one after the other."""
    local_indexes: Mapping[IndexName, Annotated[LocalIndex, short_for("sort_key")]] = field(default_factory=dict)
    """At most 5, on a table with a sort key; a later change of them would replace the table."""
    expires: Annotated[Expiry | None, short_for("attribute")] = None
    """The attribute that holds the time an item expires, in seconds since 1970 (TTL). Once deployed, it is switched off
    before it is renamed or left out: ``expires: {attribute: until, enabled: false}``."""
    max_read_units: Units = 1000
    """Read request units per second at most: a ceiling for the bill."""
    max_write_units: Units = 1000
    """Write request units per second at most."""
    capacity: Capacity | None = None
    """Provisioned instead of on demand; the two ceilings above do not count then."""
    stream: Literal["keys", "new", "old", "both"] | None = None
    """What its stream contains of each change, for your own consumers. A function's ``events`` brings one by itself."""
    table_class: Literal["standard", "infrequent-access"] = "standard"
    """``infrequent-access`` stores for less than half and reads and writes for a quarter more."""
    encryption: Literal["dynamodb", "account", "own"] = "dynamodb"
    """With DynamoDB's own key, the account's ``aws/dynamodb``, or a key of this table's own (1 USD a month)."""
    contributor_insights: bool = False
    """Report the keys that are asked for most (CloudWatch, paid by event)."""

    statements: tuple[PolicyStatement, ...] = ()
    """Who else may use the table and its indexes, from another account say: statements of its resource policy, each
    with Principal and Action and without Resource, which is this table."""
    import_from: Import | None = None
    """Files in S3 that it is filled from when it is made."""
    replicas: tuple[RegionName, ...] = ()
    """Other regions that hold the same items, each read and written there; ``deploy`` makes them one after the other.
    Decide before the first deploy whether there is any: a table of one region cannot become one of several. A person
    deploys such a table, since AWS asks for rights over its items, which no pipeline has."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "statements", tuple(map(plain_statement, self.statements)))
        if self.replicas and self.import_from:
            raise Mistake("has 'replicas' and 'import_from', which fills a table of one region", "Drop one of the two")
        if self.replicas and (self.capacity or self.encryption == "own"):
            what = "capacity" if self.capacity else "encryption: own"
            raise Mistake(f"has 'replicas' and '{what}', which is made for one region", "Drop one of the two")
        if self.replicas and self.stream not in {None, "both"}:
            what = "has 'replicas', which are fed by a stream of both images"
            raise Mistake(what, "Drop 'stream'", "TABLE-REPLICAS")
        if len(self.local_indexes) > _MOST_LOCAL:
            what = f"has {len(self.local_indexes)} local indexes, DynamoDB allows {_MOST_LOCAL}"
            raise Mistake(what, "Drop some, or use 'global_indexes'", "TABLE-INDEXES")
        if self.local_indexes and self.sort_key is None:
            what = "has local indexes, but no sort key"
            raise Mistake(what, "Add 'sort_key', or use 'global_indexes'", "TABLE-KEY-SCHEMA")

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every attribute that is a key of the table or of an index, each use of it."""
        own = (self.partition_key, self.sort_key)
        others = [key for index in self.global_indexes.values() for key in (index.partition_key, index.sort_key)]
        locals_ = [index.sort_key for index in self.local_indexes.values()]
        return tuple(key for key in (*own, *others, *locals_) if key is not None)


@value
class OfData(Described):
    """Tables in the section ``data``."""

    tables: Mapping[Name, Table] = field(default_factory=dict)
    """DynamoDB tables: ``notes: {partition_key: owner}``."""


@value
class OfFunction(Described):
    """Tables that a function uses."""

    tables: Mapping[Name, Access] = field(default_factory=dict)
    """The tables it uses, and how; it gets their names, as ``NOTES_TABLE``. ``read`` gets and queries items; a scan
    reads the whole table, so it is asked for under ``statements``."""


@value
class OfEvents(Described):
    """Tables that start a function."""

    tables: tuple[Name, ...] = ()
    """Tables whose changes it gets, old and new item, by the table's stream."""
