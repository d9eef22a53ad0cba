"""Tables that exist in several regions at once: the same items in each, written in any, a second or so apart. Pure.

A global table is another resource type than a table of one region, and nothing turns one into the other: that is
decided before the first deploy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import dynamodb

from stacks import naming
from stacks.kinds.tables.resources.access import table_policy
from stacks.parts.policies import tagged
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.kinds.tables.model import Table

_CLASSES = {"standard": "STANDARD", "infrequent-access": "STANDARD_INFREQUENT_ACCESS"}


def global_table(name: str, described: Table, stage: Stage, shape: JsonDict) -> dynamodb.GlobalTable:
    """The table in the stage's region and its replicas; ``shape`` is what it shares with a table of one region."""
    encryption: JsonDict = {}
    if described.encryption == "account":
        kms = dynamodb.GlobalTableSSESpecification(SSEEnabled=True, SSEType="KMS")
        encryption = {"SSESpecification": kms}
    return dynamodb.GlobalTable(
        naming.logical_id(name, "Table"),
        TableName=naming.table_name(name, stage),
        BillingMode="PAY_PER_REQUEST",
        WriteOnDemandThroughputSettings=dynamodb.WriteOnDemandThroughputSettings(
            MaxWriteRequestUnits=described.max_write_units
        ),
        ReadOnDemandThroughputSettings=_reads(described),
        StreamSpecification=dynamodb.StreamSpecification(StreamViewType="NEW_AND_OLD_IMAGES"),
        Replicas=[_replica(region, name, described, stage) for region in (stage.region, *described.replicas)],
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        **shape,
        **encryption,
    )


def global_index(name: str, keys: list[dynamodb.KeySchema], holds: dynamodb.Projection, described: Table) -> Any:
    """A global index of such a table, capped like it."""
    return dynamodb.GlobalTableGlobalSecondaryIndex(
        IndexName=name,
        KeySchema=keys,
        Projection=holds,
        WriteOnDemandThroughputSettings=dynamodb.WriteOnDemandThroughputSettings(
            MaxWriteRequestUnits=described.max_write_units
        ),
        ReadOnDemandThroughputSettings=_reads(described),
    )


def _reads(described: Table) -> dynamodb.ReadOnDemandThroughputSettings:
    return dynamodb.ReadOnDemandThroughputSettings(MaxReadRequestUnits=described.max_read_units)


def _replica(region: str, name: str, described: Table, stage: Stage) -> dynamodb.ReplicaSpecification:
    """Each replica is protected and restorable by itself."""
    return dynamodb.ReplicaSpecification(
        Region=region,
        DeletionProtectionEnabled=True,
        PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
        ContributorInsightsSpecification=dynamodb.ContributorInsightsSpecification(
            Enabled=described.contributor_insights
        ),
        TableClass=_CLASSES[described.table_class],
        Tags=tagged(stage, STACK),
        **table_policy(name, described, stage, region=region),
    )
