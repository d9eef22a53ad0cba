"""The ``DataCloud`` that is AWS, in the account of a ``BotoCloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.aws.clients import aws_errors, error_code
from stacks.aws.cloud_control import BotoLookup
from stacks.aws.responses import event_from, polling
from stacks.cloud import StackResource
from stacks.deploy.stored_data import StoredData
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject

_MISSING = {"ResourceNotFoundException", "NoSuchBucket", "NotFoundException", "404"}
_DENIED = {"AccessDenied", "AccessDeniedException", "NotAuthorizedException"}
_MOST_COUNTED = 100_000
"""Versions of a bucket that are counted; a hundred calls."""
_KEY_DAYS = 30
"""Days until a key is gone, in which it can be had back (ScheduleKeyDeletion allows 7 to 30)."""
_GOING = "PendingDeletion"


class BotoData(BotoLookup):
    """Measures and deletes what stacks retain; see ``DataCloud``."""

    def stored(self, resource: StackResource, region: str) -> StoredData | None:
        """See ``DataCloud.stored``; a resource that may not be read counts as existing, with unknown size."""
        with aws_errors(resource.physical_id):
            try:
                return self._held(resource, region)
            except Exception as error:
                if error_code(error) in _MISSING:
                    return None
                if error_code(error) in _DENIED:
                    return StoredData()
                raise

    def leftovers(self, name: str, region: str) -> tuple[StackResource, ...]:
        """See ``DataCloud.leftovers``; CloudFormation remembers deleted stacks for 90 days."""
        with aws_errors(name):
            fromkeys = dict.fromkeys(
                resource for stack in self._deleted(name, region) for resource in self._skipped(stack, region)
            )
        return tuple(resource for resource in fromkeys if self.owner(resource.physical_id, region) is None)

    def delete_data(self, resource: StackResource, region: str) -> None:
        """See ``DataCloud.delete_data``."""
        with aws_errors(resource.physical_id):
            try:
                self._delete(resource, region)
            except Exception as error:
                if error_code(error) not in _MISSING:
                    raise

    def _held(self, resource: StackResource, region: str) -> StoredData | None:
        name = resource.physical_id
        match resource.type:
            case "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable":
                table = self._client("dynamodb", region).describe_table(TableName=name)["Table"]
                return _table(table)
            case "AWS::S3::Bucket":
                return self._counted(name)
            case "AWS::Cognito::UserPool":
                pool = self._client("cognito-idp", region).describe_user_pool(UserPoolId=name)["UserPool"]
                return StoredData(items=pool.get("EstimatedNumberOfUsers", -1))
            case "AWS::DSQL::Cluster":
                cluster = self._client("dsql", region).get_cluster(identifier=name)
                return None if cluster["status"] in {"DELETING", "DELETED"} else StoredData()
            case "AWS::KMS::Key":
                key = self._client("kms", region).describe_key(KeyId=name)["KeyMetadata"]
                return None if key["KeyState"] == _GOING else StoredData()
        return StoredData()

    def _counted(self, bucket: str) -> StoredData:
        items = size = 0
        for page in self._s3().get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = page.get("Versions", [])
            items += len(versions) + len(page.get("DeleteMarkers", []))
            size += sum(version.get("Size", 0) for version in versions)
            if items >= _MOST_COUNTED:
                return StoredData(items=items, bytes=size, more=True)
        return StoredData(items=items, bytes=size)

    def _deleted(self, name: str, region: str) -> Iterator[str]:
        pages = self._formation(region).get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
        for page in pages:
            yield from (summary["StackId"] for summary in page["StackSummaries"] if summary["StackName"] == name)

    def _skipped(self, stack: str, region: str) -> Iterator[StackResource]:
        for page in self._formation(region).get_paginator("describe_stack_events").paginate(StackName=stack):
            for event in map(event_from, page["StackEvents"]):
                if event.status == "DELETE_SKIPPED":
                    yield StackResource(logical_id=event.logical_id, physical_id=event.physical_id, type=event.type)

    def _delete(self, resource: StackResource, region: str) -> None:
        name = resource.physical_id
        match resource.type:
            case "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable":
                self._delete_table(name, region)
            case "AWS::S3::Bucket":
                self._s3().list_objects_v2(Bucket=name, MaxKeys=1)  # shows a bucket that was deleted
                self.empty(name)
                self._s3().delete_bucket(Bucket=name)
            case "AWS::Cognito::UserPool":
                pools = self._client("cognito-idp", region)
                pools.update_user_pool(UserPoolId=name, DeletionProtection="INACTIVE")
                pools.delete_user_pool(UserPoolId=name)
            case "AWS::DSQL::Cluster":
                self._delete_database(name, region)
            case "AWS::KMS::Key":
                self._delete_key(name, region)

    def _delete_table(self, name: str, region: str) -> None:
        tables = self._client("dynamodb", region)
        if replicas := tables.describe_table(TableName=name)["Table"].get("Replicas"):
            others = ", ".join(replica["RegionName"] for replica in replicas)
            fix = "Remove them with `aws dynamodb update-table --replica-updates`, then destroy again"
            raise DeployError(name, f"the table has replicas in {others}, which must go first", fix)
        tables.update_table(TableName=name, DeletionProtectionEnabled=False)
        for _ in polling():  # a table that is being updated cannot be deleted
            if tables.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE":
                break
        tables.delete_table(TableName=name)
        self._client("dynamodb", region).get_waiter("table_not_exists").wait(TableName=name)

    def _delete_database(self, name: str, region: str) -> None:
        clusters = self._client("dsql", region)
        clusters.update_cluster(identifier=name, deletionProtectionEnabled=False)
        for _ in polling():  # a cluster that is being updated cannot be deleted
            if clusters.get_cluster(identifier=name)["status"] != "UPDATING":
                break
        clusters.delete_cluster(identifier=name)

    def _delete_key(self, name: str, region: str) -> None:
        keys: Any = self._client("kms", region)
        if keys.describe_key(KeyId=name)["KeyMetadata"]["KeyState"] != _GOING:
            keys.schedule_key_deletion(KeyId=name, PendingWindowInDays=_KEY_DAYS)


def _table(result: JsonObject) -> StoredData:
    """What a table holds, with the capacity of its indexes, too; there is none on demand."""
    on_demand = result.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    parts = () if on_demand else (result, *result.get("GlobalSecondaryIndexes", []))
    capacities = [part.get("ProvisionedThroughput", {}) for part in parts]
    return StoredData(
        items=result.get("ItemCount", -1),
        bytes=result.get("TableSizeBytes", -1),
        read_units=sum(capacity.get("ReadCapacityUnits", 0) for capacity in capacities),
        write_units=sum(capacity.get("WriteCapacityUnits", 0) for capacity in capacities),
    )
