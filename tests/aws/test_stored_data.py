"""BotoData against recorded answers: what the local AWS never says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY

from stacks.aws.stored_data import BotoData
from stacks.cloud import StackResource
from stacks.deploy.stored_data import StoredData
from stacks.errors import DeployError

REGION = "eu-west-1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = StackResource(logical_id="Table", physical_id="t-notes", type="AWS::DynamoDB::Table")
GLOBAL = StackResource(logical_id="Table", physical_id="t-notes", type="AWS::DynamoDB::GlobalTable")
POOL = StackResource(logical_id="Pool", physical_id="eu-west-1_a", type="AWS::Cognito::UserPool")
KEY = StackResource(logical_id="Key", physical_id="k", type="AWS::KMS::Key")
CLUSTER = StackResource(logical_id="MainDatabase", physical_id="c" * 26, type="AWS::DSQL::Cluster")
BUCKET = StackResource(logical_id="Files", physical_id="t-files", type="AWS::S3::Bucket")
ROLE = StackResource(logical_id="Role", physical_id="r", type="AWS::IAM::Role")


@pytest.fixture
def boto() -> BotoData:
    return BotoData(REGION, credentials=("test", "test"))


def table(status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    return {"Table": {"TableName": "t-notes", "TableStatus": status, **more}}


def test_a_table_shows_its_items_and_bytes(boto: BotoData, stub: Any) -> None:
    stub("dynamodb").add_response("describe_table", table(ItemCount=3, TableSizeBytes=70), {"TableName": "t-notes"})
    assert boto.stored(TABLE, REGION) == StoredData(items=3, bytes=70)


def test_provisioned_capacity_is_counted_with_that_of_indexes(boto: BotoData, stub: Any) -> None:
    units: dict[str, Any] = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}}
    index = {"IndexName": "idx", **units}
    stub("dynamodb").add_response("describe_table", table(**units, GlobalSecondaryIndexes=[index]))
    stored_data = boto.stored(TABLE, REGION)
    assert stored_data == StoredData(read_units=10, write_units=4)


def test_a_table_on_demand_has_no_capacity_to_pay_for(boto: BotoData, stub: Any) -> None:
    units: dict[str, Any] = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}}
    mode: dict[str, Any] = {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}
    stub("dynamodb").add_response("describe_table", table(**units, **mode))
    assert boto.stored(TABLE, REGION) == StoredData()


def test_a_pool_shows_its_users(boto: BotoData, stub: Any) -> None:
    pool = {"UserPool": {"Id": "eu-west-1_a", "EstimatedNumberOfUsers": 4}}
    stub("cognito-idp").add_response("describe_user_pool", pool, {"UserPoolId": "eu-west-1_a"})
    assert boto.stored(POOL, REGION) == StoredData(items=4)


def test_a_bucket_counts_versions_and_delete_markers(boto: BotoData, stub: Any) -> None:
    s3 = stub("s3")
    version = {"Key": "a", "VersionId": "1", "Size": 5}
    marker = {"Key": "a", "VersionId": "2"}
    more = {"IsTruncated": True, "NextKeyMarker": "a", "NextVersionIdMarker": "2"}
    s3.add_response("list_object_versions", {"Versions": [version], "DeleteMarkers": [marker], **more})
    s3.add_response("list_object_versions", {"Versions": [version], "IsTruncated": False})
    assert boto.stored(BUCKET, REGION) == StoredData(items=3, bytes=10)


class Listed(BotoData):
    """An account whose bucket has so many versions: recording them takes seconds."""

    count = 0

    def _s3(self) -> Any:
        return self

    def get_paginator(self, _operation: str) -> Any:
        return self

    def paginate(self, **_: str) -> Any:
        yield {"Versions": [{"Size": 1}] * self.count}
        yield {"DeleteMarkers": [{}], "Versions": [{}]}


@pytest.mark.parametrize(
    ("count", "held"),
    [
        (99_997, StoredData(items=99_999, bytes=99_997)),
        (99_999, StoredData(items=100_001, bytes=99_999, more=True)),
        (100_000, StoredData(items=100_000, bytes=100_000, more=True)),
    ],
)
def test_counting_a_large_bucket_is_stopped(count: int, held: StoredData) -> None:
    boto = Listed(REGION, credentials=("test", "test"))
    boto.count = count
    assert boto.stored(BUCKET, REGION) == held


@pytest.mark.parametrize(
    ("resource", "call", "code"),
    [
        (TABLE, "dynamodb.describe_table", "ResourceNotFoundException"),
        (POOL, "cognito-idp.describe_user_pool", "ResourceNotFoundException"),
        (BUCKET, "s3.list_object_versions", "NoSuchBucket"),
        (KEY, "kms.describe_key", "NotFoundException"),
    ],
)
def test_what_is_gone_is_none_and_what_may_not_be_read_exists(
    boto: BotoData, stub: Any, resource: StackResource, call: str, code: str
) -> None:
    service, operation = call.split(".")
    stubbed = stub(service)
    stubbed.add_client_error(operation, code, "gone", http_status_code=404)
    stubbed.add_client_error(operation, "AccessDenied", "no", http_status_code=403)
    stubbed.add_client_error(operation, "ExpiredToken", "over", http_status_code=403)
    assert boto.stored(resource, REGION) is None
    assert boto.stored(resource, REGION) == StoredData()
    with pytest.raises(DeployError, match="session has ended"):
        boto.stored(resource, REGION)


def test_a_type_that_is_not_known_here_holds_what_nobody_knows(boto: BotoData) -> None:
    assert boto.stored(ROLE, REGION) == StoredData()


def test_every_deleted_stack_of_the_name_is_asked_what_it_skipped_and_no_other_holds(boto: BotoData, stub: Any) -> None:
    formation = stub("cloudformation")
    summary = {"StackName": "t-data", "CreationTime": NOW, "StackStatus": "DELETE_COMPLETE"}
    other = {**summary, "StackName": "t-other", "StackId": "other"}
    event = {"StackId": "s", "EventId": "1", "StackName": "t-data", "Timestamp": NOW, "LogicalResourceId": "Table"}
    event |= {"PhysicalResourceId": "t-notes", "ResourceType": "AWS::DynamoDB::Table"}
    events = {"StackEvents": [{**event, "ResourceStatus": entry} for entry in ("DELETE_SKIPPED", "CREATE_COMPLETE")]}
    calls = (
        ("list_stacks", {"StackSummaries": [{**summary, "StackId": "one"}, other], "NextToken": "2"}),
        ("describe_stack_events", events),
        ("list_stacks", {"StackSummaries": [{**summary, "StackId": "two"}]}),
        ("describe_stack_events", events),
    )
    held = {**event, "ResourceStatus": "CREATE_COMPLETE", "StackName": "other"}
    left = {**event, "ResourceStatus": "DELETE_SKIPPED"}
    del held["EventId"], left["EventId"]
    for answer, result in ((left, (TABLE,)), (held, ())):
        for call, response in calls:
            asked = {"StackStatusFilter": ["DELETE_COMPLETE"]} | (
                {"NextToken": "2"} if "NextToken" not in response else {}
            )
            formation.add_response(call, response, asked if call == "list_stacks" else None)
        formation.add_response("describe_stack_resources", {"StackResources": [answer]})
        assert boto.leftovers("t-data", REGION) == result


def test_a_tables_protection_is_lifted_and_waited_for_before_it_goes(boto: BotoData, stub: Any) -> None:
    tables = stub("dynamodb")
    tables.add_response("describe_table", table())
    unprotected = {"TableName": "t-notes", "DeletionProtectionEnabled": False}
    tables.add_response("update_table", {}, unprotected)
    tables.add_response("describe_table", table("UPDATING"))
    tables.add_response("describe_table", table())
    tables.add_response("delete_table", {}, {"TableName": "t-notes"})
    tables.add_client_error("describe_table", "ResourceNotFoundException", "gone")
    boto.delete_data(TABLE, REGION)


def test_a_table_with_replicas_stays_until_they_are_gone(boto: BotoData, stub: Any) -> None:
    stub("dynamodb").add_response("describe_table", table(Replicas=[{"RegionName": "eu-central-1"}]))
    with pytest.raises(DeployError, match="replicas in eu-central-1, which must go first"):
        boto.delete_data(GLOBAL, REGION)


def cluster(status: str) -> dict[str, Any]:
    return {"identifier": "c" * 26, "arn": "arn:c", "status": status, "creationTime": NOW}


def test_a_database_holds_what_nobody_knows_until_it_goes(boto: BotoData, stub: Any) -> None:
    clusters = stub("dsql")
    for status in ("ACTIVE", "DELETING", "DELETED"):
        answer = {**cluster(status), "deletionProtectionEnabled": True}
        clusters.add_response("get_cluster", answer, {"identifier": "c" * 26})
    assert [boto.stored(CLUSTER, REGION) for _ in range(3)] == [StoredData(), None, None]


def test_a_databases_protection_is_lifted_and_waited_for_before_it_goes(boto: BotoData, stub: Any) -> None:
    clusters = stub("dsql")
    lifted = {"identifier": "c" * 26, "deletionProtectionEnabled": False}
    clusters.add_response("update_cluster", cluster("UPDATING"), lifted)
    for status in ("UPDATING", "ACTIVE"):
        clusters.add_response("get_cluster", {**cluster(status), "deletionProtectionEnabled": False})
    clusters.add_response("delete_cluster", cluster("DELETING"), {"identifier": "c" * 26})
    boto.delete_data(CLUSTER, REGION)


def test_a_key_is_had_back_for_thirty_days_and_scheduled_once(boto: BotoData, stub: Any) -> None:
    keys = stub("kms")
    keys.add_response("describe_key", {"KeyMetadata": {"KeyId": "k", "KeyState": "Enabled"}})
    keys.add_response("schedule_key_deletion", {}, {"KeyId": "k", "PendingWindowInDays": 30})
    keys.add_response("describe_key", {"KeyMetadata": {"KeyId": "k", "KeyState": "PendingDeletion"}})
    keys.add_response("describe_key", {"KeyMetadata": {"KeyId": "k", "KeyState": "PendingDeletion"}})
    boto.delete_data(KEY, REGION)
    boto.delete_data(KEY, REGION)
    assert boto.stored(KEY, REGION) is None


def test_a_bucket_is_emptied_before_it_goes(boto: BotoData, stub: Any) -> None:
    s3 = stub("s3")
    s3.add_response("list_objects_v2", {})
    s3.add_response("list_object_versions", {"Versions": [{"Key": "a", "VersionId": "1"}]})
    s3.add_response("delete_objects", {}, {"Bucket": "t-files", "Delete": ANY})
    s3.add_response("delete_bucket", {}, {"Bucket": "t-files"})
    boto.delete_data(BUCKET, REGION)
