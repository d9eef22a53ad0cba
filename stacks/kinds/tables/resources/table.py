"""A described table → its resource: keys, indexes, capacity, encryption, streams. Pure.

Every table is protected from deletion, retained when its stack or description goes, and restorable to any second of
35 days. On demand it has a ceiling; provisioned, it and its global indexes scale by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, dynamodb

from stacks import naming
from stacks.kinds.tables.resources.access import import_source, table_policy
from stacks.kinds.tables.resources.global_tables import global_index, global_table
from stacks.kinds.tables.resources.scaling import scaling
from stacks.parts.keys import own_key
from stacks.parts.policies import tagged
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject, kms

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.kinds.tables.model import GlobalIndex, Key, Projection, Table

_STREAMS = {"keys": "KEYS_ONLY", "new": "NEW_IMAGE", "old": "OLD_IMAGE", "both": "NEW_AND_OLD_IMAGES"}


def table(name: str, described: Table, stage: Stage) -> dynamodb.Table | dynamodb.GlobalTable:
    """The table itself, in one region or in several."""
    if described.replicas:
        return global_table(name, described, stage, _shape(described))
    return dynamodb.Table(
        naming.logical_id(name, "Table"),
        TableName=naming.table_name(name, stage),
        PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
        DeletionProtectionEnabled=True,
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        Tags=tagged(stage, STACK),
        **_shape(described),
        **_throughput(described),
        **_options(name, described),
        **table_policy(name, described, stage),
    )


def _shape(described: Table) -> JsonDict:
    """Keys, indexes and the time that items expire."""
    attributes = {key.name: key.type for key in described.keys}
    result: JsonDict = {
        "AttributeDefinitions": [
            dynamodb.AttributeDefinition(AttributeName=key, AttributeType=kind) for key, kind in attributes.items()
        ],
        "KeySchema": _key_schema(described.partition_key, described.sort_key),
        **_indexes(described),
    }
    if described.expires:
        ttl = dynamodb.TimeToLiveSpecification(
            AttributeName=described.expires.attribute, Enabled=described.expires.enabled
        )
        result["TimeToLiveSpecification"] = ttl
    return result


def _key_schema(partition_key: Key, sort_key: Key | None) -> list[dynamodb.KeySchema]:
    keys = [dynamodb.KeySchema(AttributeName=partition_key.name, KeyType="HASH")]
    if sort_key:
        keys.append(dynamodb.KeySchema(AttributeName=sort_key.name, KeyType="RANGE"))
    return keys


def _throughput(described: Table) -> JsonDict:
    """On demand up to a ceiling, or provisioned from the low end on; an index is capped like its table."""
    return {"BillingMode": "PROVISIONED" if described.capacity else "PAY_PER_REQUEST", **_units(described)}


def _units(described: Table) -> JsonDict:
    capacity = described.capacity
    if capacity:
        low = dynamodb.ProvisionedThroughput(ReadCapacityUnits=capacity.read.low, WriteCapacityUnits=capacity.write.low)
        return {"ProvisionedThroughput": low}
    ceiling = dynamodb.OnDemandThroughput(
        MaxReadRequestUnits=described.max_read_units, MaxWriteRequestUnits=described.max_write_units
    )
    return {"OnDemandThroughput": ceiling}


def _indexes(described: Table) -> JsonDict:
    indexes: JsonDict = {}
    if described.global_indexes:
        items_view = described.global_indexes.items()
        indexes["GlobalSecondaryIndexes"] = [_global_index(name, index, described) for name, index in items_view]
    if described.local_indexes:
        indexes["LocalSecondaryIndexes"] = [
            dynamodb.LocalSecondaryIndex(
                IndexName=name,
                KeySchema=_key_schema(described.partition_key, index.sort_key),
                Projection=_projection(index.holds),
            )
            for name, index in described.local_indexes.items()
        ]
    return indexes


def _global_index(name: str, index: GlobalIndex, described: Table) -> Any:
    if described.replicas:
        keys = _key_schema(index.partition_key, index.sort_key)
        return global_index(name, keys, _projection(index.holds), described)
    insights: JsonDict = {}
    if described.contributor_insights:
        insights = {"ContributorInsightsSpecification": dynamodb.ContributorInsightsSpecification(Enabled=True)}
    return dynamodb.GlobalSecondaryIndex(
        IndexName=name,
        KeySchema=_key_schema(index.partition_key, index.sort_key),
        Projection=_projection(index.holds),
        **_units(described),
        **insights,
    )


def _projection(holds: Projection) -> dynamodb.Projection:
    if isinstance(holds, tuple):
        return dynamodb.Projection(ProjectionType="INCLUDE", NonKeyAttributes=list(holds))
    return dynamodb.Projection(ProjectionType={"all": "ALL", "keys": "KEYS_ONLY"}[holds])


def _options(name: str, described: Table) -> JsonDict:
    options: JsonDict = {}
    if described.stream:
        view = _STREAMS[described.stream]
        options["StreamSpecification"] = dynamodb.StreamSpecification(StreamViewType=view)
    if described.table_class == "infrequent-access":
        options["TableClass"] = "STANDARD_INFREQUENT_ACCESS"
    if described.contributor_insights:
        options["ContributorInsightsSpecification"] = dynamodb.ContributorInsightsSpecification(Enabled=True)
    if described.import_from:
        options["ImportSourceSpecification"] = import_source(described.import_from)
    if described.encryption != "dynamodb":
        own: JsonDict = {"KMSMasterKeyId": GetAtt(key_id(name), "Arn")} if described.encryption == "own" else {}
        options["SSESpecification"] = dynamodb.SSESpecification(SSEEnabled=True, SSEType="KMS", **own)
    return options


def key_id(name: str) -> str:
    """The logical id of a table's own key."""
    return naming.logical_id(name, "TableKey")


def table_parts(name: str, described: Table, stage: Stage) -> Iterator[AWSObject]:
    """The resources that belong to a table: its key, and what scales it and its global indexes."""
    if described.encryption == "own":
        yield _key(name, stage)
    if described.capacity:
        yield from scaling(name, described.capacity, described.global_indexes, tagged(stage, STACK))


def _key(name: str, stage: Stage) -> kms.Key:
    """The table's own key: used through DynamoDB by principals that may use the table, granted to DynamoDB alone.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    description = f"Encrypts table {naming.prefix(stage)}-{name}"
    return own_key(key_id(name), stage, stack=STACK, description=description)
