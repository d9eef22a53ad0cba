"""Rules for tables, buckets and tags: names and numbers that AWS refuses only when it makes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.rule import Hit, Stacks, rule
from stacks.checks.values import at, estimate, items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
_LIMITS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"
_MOST_GLOBAL, _MOST_LOCAL = 20, 5
_MOST_TAGS = 50


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
    "TABLE-INDEXES",
    why="DynamoDB refuses the table",
    fix=f"Keep to {_MOST_GLOBAL} global and {_MOST_LOCAL} local indexes",
    source=_LIMITS,
)
def tables_have_few_indexes(stacks: Stacks) -> Iterator[Hit]:
    """A table has at most 20 global and 5 local indexes."""
    for table in stacks.of(*_TABLES):
        for name, most in (("GlobalSecondaryIndexes", _MOST_GLOBAL), ("LocalSecondaryIndexes", _MOST_LOCAL)):
            count = len(items(table.properties.get(name)))
            if count > most:
                yield table.hit(name, f"are {count}, {most} are allowed")


@rule(
    "TABLE-NAME",
    why="DynamoDB refuses such a name",
    fix="Use 3 to 255 letters, digits, '_', '-' and '.'",
    source=_LIMITS,
)
def table_names_are_allowed(stacks: Stacks) -> Iterator[Hit]:
    """The names of tables and indexes are ones DynamoDB takes."""
    for table in stacks.of(*_TABLES):
        names = [("TableName", table.properties.get("TableName"))]
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            found = enumerate(items(table.properties.get(kind)))
            names += [(f"{kind}[{index}].IndexName", at(one, "IndexName")) for index, one in found]
        for path, value in names:
            name = estimate(value, table.region)
            if name is not None and "${" not in name and not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", name):
                yield table.hit(path, f"{name!r} is no name of a table")


@rule(
    "BUCKET-NAME",
    why="S3 refuses to make such a bucket",
    fix="Use 3 to 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
)
def bucket_names_are_allowed(stacks: Stacks) -> Iterator[Hit]:
    """The names of buckets are ones S3 takes, with account and region put in."""
    for bucket in stacks.of("AWS::S3::Bucket"):
        name = estimate(bucket.properties.get("BucketName"), bucket.region)
        if name is not None and "${" not in name and not _is_bucket_name(name):
            yield bucket.hit("BucketName", f"{name!r} ({len(name)} characters) is no name of a bucket")


def _is_bucket_name(name: str) -> bool:
    shape = re.fullmatch(r"(?=.{3,63}$)[a-z0-9](?:[a-z0-9-]|\.(?!\.))*[a-z0-9]", name)
    address = re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name)
    taken = name.startswith(("xn--", "sthree-", "amzn-s3-demo-")) or name.endswith(
        ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
    )
    return bool(shape) and not address and not taken


@rule(
    "TAGS",
    why="AWS refuses the resource",
    fix=f"Use at most {_MOST_TAGS} tags, each key once, none starting with 'aws:'",
    source="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
)
def tags_are_few_and_differ(stacks: Stacks) -> Iterator[Hit]:
    """At most 50 tags, each key once, none of AWS's own."""
    for one in stacks.resources:
        keys = one.tags
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if len(keys) > _MOST_TAGS:
            yield one.hit("Tags", f"are {len(keys)}, {_MOST_TAGS} are allowed")
        if twice:
            yield one.hit("Tags", f"have {twice[0]!r} twice")
        for key in keys:
            if key.lower().startswith("aws:"):
                yield one.hit("Tags", f"{key!r} is reserved for AWS")


RULES = (
    tables_are_protected,
    tables_have_few_indexes,
    table_names_are_allowed,
    bucket_names_are_allowed,
    tags_are_few_and_differ,
)
