"""Tables of a description → what DynamoDB gets; what is wrong with them is told once, with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from awacs.aws import Action, Allow, Principal, Statement

from stacks.checks.run import check
from stacks.forecast.compare import compare

if TYPE_CHECKING:
    from tests.data.conftest import Problems, Rendering


INDEX = {"partition_key": "x"}
PARTNER = "arn:aws:iam::222222222222:role/partner"
PARTNERS = {"Effect": "Allow", "Principal": {"AWS": PARTNER}, "Action": "dynamodb:GetItem"}


def table(rendering: Rendering, **described: Any) -> dict[str, Any]:
    properties: dict[str, Any] = resources(rendering, **described)["NotesTable"]["Properties"]
    return properties


def resources(rendering: Rendering, **described: Any) -> dict[str, Any]:
    result: dict[str, Any] = rendering({"tables": {"notes": {"partition_key": "owner", **described}}})["data"].template[
        "Resources"
    ]
    return result


def test_a_table_is_filled_from_the_files_that_are_described(rendering: Rendering) -> None:
    files = {"bucket": "old-notes", "prefix": "2024/", "format": "csv", "compression": "gzip", "columns": ["owner"]}
    assert table(rendering, import_from=files)["ImportSourceSpecification"] == {
        "S3BucketSource": {"S3Bucket": "old-notes", "S3KeyPrefix": "2024/"},
        "InputFormat": "CSV",
        "InputCompressionType": "GZIP",
        "InputFormatOptions": {"Csv": {"Delimiter": ",", "HeaderList": ["owner"]}},
    }


def test_global_indexes_have_keys_of_their_own(rendering: Rendering) -> None:
    result = table(
        rendering,
        global_indexes={
            "by-created": {"partition_key": "kind", "sort_key": {"name": "created", "type": "N"}, "holds": "keys"},
            "by-title": {"partition_key": "title", "holds": ["text", "tags"]},
        },
    )
    assert result["AttributeDefinitions"] == [
        {"AttributeName": "owner", "AttributeType": "S"},
        {"AttributeName": "kind", "AttributeType": "S"},
        {"AttributeName": "created", "AttributeType": "N"},
        {"AttributeName": "title", "AttributeType": "S"},
    ]
    assert [index["Projection"] for index in result["GlobalSecondaryIndexes"]] == [
        {"ProjectionType": "KEYS_ONLY"},
        {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text", "tags"]},
    ]
    assert result["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == result["OnDemandThroughput"]


def test_a_local_index_sorts_the_items_of_one_partition_key(rendering: Rendering) -> None:
    result = table(rendering, sort_key="id", local_indexes={"by-date": {"sort_key": {"name": "created", "type": "N"}}})
    assert result["LocalSecondaryIndexes"] == [
        {
            "IndexName": "by-date",
            "KeySchema": [
                {"AttributeName": "owner", "KeyType": "HASH"},
                {"AttributeName": "created", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ]


def test_provisioned_capacity_scales_table_and_global_indexes(rendering: Rendering) -> None:
    capacity = {"read": {"low": 5, "high": 50}, "write": {"low": 2, "high": 20, "target": 60}}
    result = resources(rendering, capacity=capacity, global_indexes={"by-x": {"partition_key": "x"}})
    value = result["NotesTable"]["Properties"]
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}
    assert (value["BillingMode"], value["ProvisionedThroughput"]) == ("PROVISIONED", units)
    assert value["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == units
    targets = {
        (body["Properties"]["ResourceId"]["Fn::Sub"], body["Properties"]["ScalableDimension"].rpartition(":")[2]): (
            body["Properties"]["MinCapacity"],
            body["Properties"]["MaxCapacity"],
        )
        for body in result.values()
        if body["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget"
    }
    assert targets == {
        ("table/${NotesTable}", "ReadCapacityUnits"): (5, 50),
        ("table/${NotesTable}", "WriteCapacityUnits"): (2, 20),
        ("table/${NotesTable}/index/by-x", "ReadCapacityUnits"): (5, 50),
        ("table/${NotesTable}/index/by-x", "WriteCapacityUnits"): (2, 20),
    }
    policies = [body for body in result.values() if body["Type"] == "AWS::ApplicationAutoScaling::ScalingPolicy"]
    wanted = {body["Properties"]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for body in policies}
    assert wanted == {70, 60}


@pytest.mark.parametrize(
    ("option", "value", "name", "expected"),
    [
        ("stream", "new", "StreamSpecification", {"StreamViewType": "NEW_IMAGE"}),
        ("table_class", "infrequent-access", "TableClass", "STANDARD_INFREQUENT_ACCESS"),
        ("contributor_insights", True, "ContributorInsightsSpecification", {"Enabled": True}),
        ("expires", "until", "TimeToLiveSpecification", {"AttributeName": "until", "Enabled": True}),
        ("encryption", "account", "SSESpecification", {"SSEEnabled": True, "SSEType": "KMS"}),
    ],
)
def test_an_option_exists_only_on_request(
    rendering: Rendering, option: str, value: Any, name: str, expected: Any
) -> None:
    assert name not in table(rendering)
    assert table(rendering, **{option: value})[name] == expected


def test_a_key_of_its_own_is_retained_and_granted_to_dynamodb_alone(rendering: Rendering) -> None:
    result = resources(rendering, encryption="own")
    key = result["NotesTableKey"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["Properties"]["KeyPolicy"]["Statement"][1]["Effect"] == "Deny"
    encryption = result["NotesTable"]["Properties"]["SSESpecification"]
    assert encryption["KMSMasterKeyId"] == {"Fn::GetAtt": ["NotesTableKey", "Arn"]}


def test_functions_may_use_indexes_and_the_tables_key(rendering: Rendering) -> None:
    function = {"handler": "lambda_src/api/notes.py:list_notes", "tables": {"notes": "read"}}
    indexed = {"partition_key": "owner", "encryption": "own", "global_indexes": {"by-x": {"partition_key": "x"}}}
    stacks = rendering({"tables": {"notes": indexed}}, backend={"functions": {"list": function}})
    statements = stacks["backend"].template["Resources"]["ListPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    table_arn = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/notes-dev-notes"
    reading = next(statement for statement in statements if "dynamodb:Query" in statement["Action"])
    assert reading["Resource"] == [{"Fn::Sub": table_arn}, {"Fn::Sub": f"{table_arn}/index/*"}]
    keys = next(statement for statement in statements if "kms:Decrypt" in statement["Action"])
    assert keys["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}
    boundary = stacks["base"].template["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]
    assert any("kms:Decrypt" in statement["Action"] for statement in boundary["Statement"])


def test_backups_copy_every_table_daily_into_a_vault_that_stays(rendering: Rendering) -> None:
    data = {"tables": {name: {"partition_key": "id"} for name in ("notes", "tags")}, "backup": {"keep_days": 90}}
    resource = rendering(data)["data"].template["Resources"]
    assert resource["BackupVault"]["DeletionPolicy"] == "Retain"
    (rule,) = resource["BackupPlan"]["Properties"]["BackupPlan"]["BackupPlanRule"]
    assert (rule["ScheduleExpression"], rule["Lifecycle"]) == ("cron(0 3 * * ? *)", {"DeleteAfterDays": 90})
    selected = resource["BackupSelection"]["Properties"]["BackupSelection"]["Resources"]
    assert selected == [{"Fn::GetAtt": ["NotesTable", "Arn"]}, {"Fn::GetAtt": ["TagsTable", "Arn"]}]


def test_replicas_are_protected_and_restorable_each_by_itself(rendering: Rendering) -> None:
    described = {"replicas": ["eu-central-1", "us-east-1"], "expires": "until", "global_indexes": {"by-x": INDEX}}
    result = resources(rendering, **described)["NotesTable"]
    value = result["Properties"]
    assert (result["Type"], result["DeletionPolicy"]) == ("AWS::DynamoDB::GlobalTable", "Retain")
    assert [entry["Region"] for entry in value["Replicas"]] == ["eu-west-1", "eu-central-1", "us-east-1"]
    for replica in value["Replicas"]:
        assert replica["DeletionProtectionEnabled"] is True
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert value["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert value["GlobalSecondaryIndexes"][0]["WriteOnDemandThroughputSettings"] == {"MaxWriteRequestUnits": 1000}
    assert value["TimeToLiveSpecification"]["AttributeName"] == "until"


def test_every_option_together_has_no_findings(rendering: Rendering) -> None:
    data = {
        "tables": {
            "notes": {
                "partition_key": "owner",
                "sort_key": "id",
                "global_indexes": {"by-x": {"partition_key": "x"}},
                "local_indexes": {"by-y": "y"},
                "capacity": {"read": {"low": 1, "high": 2}, "write": {"low": 1, "high": 2}},
                "stream": "both",
                "encryption": "own",
            }
        },
        "backup": True,
    }
    assert check(rendering(data).values()) == ()


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"partition_key": None}, "data.tables.notes.partition_key: "),
        (
            {"sort_key": "id", "local_indexes": {f"by-{n}-x": f"x{n}" for n in range(6)}},
            "data.tables.notes: has 6 local indexes, DynamoDB allows 5. Drop some, or use",
        ),
        (
            {"local_indexes": {"by-x": "x"}},
            "data.tables.notes: has local indexes, but no sort key. Add 'sort_key', or use 'global_indexes'.",
        ),
        ({"expires": "owner"}, "data.tables.notes.expires: is 'owner', a string in a key; items expire at a number of"),
        (
            {"global_indexes": {"by-x": {**INDEX, "holds": []}}},
            "data.tables.notes.global_indexes.by-x: holds a list of 0 attributes, DynamoDB takes 1 to 20. Set 'holds:",
        ),
        (
            {"sort_key": "id", "local_indexes": {"by-x": {"sort_key": "x", "holds": [f"a{n}" for n in range(21)]}}},
            "data.tables.notes.local_indexes.by-x: holds a list of 21 attributes, DynamoDB takes 1 to 20.",
        ),
        (
            {"global_indexes": {"by-x": {**INDEX, "holds": ["a", "a"]}}},
            "by-x: holds an attribute twice. Name each once.",
        ),
        ({"global_indexes": {"x": INDEX}}, "'x' is not a name of an index. Use 3 to 255 letters"),
        ({"global_indexes": {"by x": INDEX}}, "'by x' is not a name of an index."),
        ({"global_indexes": {"by-x": {}}}, "data.tables.notes.global_indexes.by-x.partition_key: is missing."),
        (
            {"sort_key": "id", "global_indexes": {"by-x": INDEX}, "local_indexes": {"by-x": "y"}},
            "data.tables.notes.local_indexes.by-x: 'by-x' is a global index too. Give each index a name of its own.",
        ),
        (
            {"global_indexes": {"by-x": {"partition_key": {"name": "owner", "type": "N"}}}},
            "data.tables.notes: 'owner' is a string in one key and a number in another. Give an attribute one type.",
        ),
        ({"sort_key": "aws:rep:time"}, "data.tables.notes: 'aws:rep:time' is reserved for DynamoDB."),
        ({"sort_key": "owner"}, "data.tables.notes.sort_key: has 'owner' as both keys."),
        (
            {"sort_key": "id", "local_indexes": {"by-x": "id"}},
            "data.tables.notes.local_indexes.by-x: sorts by 'id', a key of the table already.",
        ),
        (
            {"global_indexes": {"by-x": {"partition_key": "x", "sort_key": "x"}}},
            "data.tables.notes.global_indexes.by-x: has 'x' as both keys.",
        ),
        (
            {"capacity": {"read": {"low": 9, "high": 5}, "write": {"low": 1, "high": 2}}},
            "data.tables.notes.capacity.read: goes from 9 to 5. Let 'low' be the smaller one.",
        ),
        ({"encryption": "mine"}, "data.tables.notes.encryption: "),
        ({"replicas": ["eu-west-1"]}, "data.tables.notes.replicas: names eu-west-1, the stage's own region."),
        ({"replicas": ["eu-west-2", "eu-west-2"]}, "data.tables.notes.replicas[1]: names 'eu-west-2' twice."),
        ({"replicas": ["mars"]}, "data.tables.notes.replicas[0]: 'mars' is not an AWS region."),
        (
            {"replicas": ["eu-west-2"], "encryption": "own"},
            "data.tables.notes: has 'replicas' and 'encryption: own', which is made for one region.",
        ),
        (
            {"replicas": ["eu-west-2"], "import_from": {"bucket": "old-notes", "format": "ion"}},
            "data.tables.notes: has 'replicas' and 'import_from', which fills a table of one region. Drop one of the",
        ),
        ({"import_from": {"format": "ion"}}, "data.tables.notes.import_from.bucket: is missing."),
        ({"import_from": {"bucket": "s3://old-notes", "format": "ion"}}, "'s3://old-notes' is not a name of a bucket."),
        ({"import_from": {"bucket": "old-notes", "format": "xml"}}, "data.tables.notes.import_from.format: "),
        (
            {"import_from": {"bucket": "old-notes", "format": "ion", "columns": ["a"]}},
            "data.tables.notes.import_from: says how CSV files are written, but the format is ion. Set 'format: csv'.",
        ),
        ({"statements": ["everyone"]}, "'everyone' is not a statement."),
        (
            {"statements": [{**PARTNERS, "Resource": "*"}]},
            "statements[0].Resource: is not allowed in such a statement.",
        ),
        ({"statements": [{**PARTNERS, "Effect": "allow"}]}, "statements[0]: has no Effect."),
        ({"statements": [{**PARTNERS, "Action": []}]}, "statements[0]: has no Action."),
        (
            {"statements": [{**PARTNERS, "Action": "dynamodb:*"}]},
            "'dynamodb:*', which is not a single action on a table.",
        ),
        ({"statements": [{**PARTNERS, "Action": "s3:GetObject"}]}, "'s3:GetObject', which is not a single action on a"),
        ({"statements": [{**PARTNERS, "Principal": PARTNER}]}, "statements[0]: names no principal."),
        ({"statements": [{**PARTNERS, "Principal": {"User": "ann"}}]}, "statements[0]: names no principal."),
        ({"statements": [{**PARTNERS, "Principal": "*"}]}, "statements[0]: lets everyone in."),
        ({"statements": [{**PARTNERS, "Principal": {"AWS": ["*"]}}]}, "statements[0]: lets everyone in."),
        ({"statements": [{**PARTNERS, "Condition": {"X": {"a": "${Name}"}}}]}, "'${Name}' cannot be filled in."),
        ({"statements": [PARTNERS] * 200}, "data.tables.notes.statements: have"),
        ({"replicas": ["eu-west-2"], "stream": "new"}, "has 'replicas', which are fed by a stream of both images."),
    ],
)
def test_a_wrong_table_is_reported_once(problems: Problems, described: dict[str, Any], message: str) -> None:
    results = problems({"tables": {"notes": {"partition_key": "owner", **described}}})
    assert len(results) == 1, results
    assert message in results[0]


def test_a_table_without_keys_is_reported(problems: Problems) -> None:
    (problem,) = problems({"tables": {"notes": {}}})
    assert "data.tables.notes.partition_key: is missing" in problem


def test_backups_of_nothing_are_reported(problems: Problems) -> None:
    (problem,) = problems({"backup": True})
    assert problem == "data.backup: there is no table to copy. Describe one under 'tables', or drop 'backup'."


def test_a_stream_that_a_function_listens_to_shows_both_images(problems: Problems) -> None:
    function = {"handler": "lambda_src/api/notes.py:list_notes", "events": {"tables": ["notes"]}}
    data = {"tables": {"notes": {"partition_key": "owner", "stream": "new"}}}
    (problem,) = problems(data, backend={"functions": {"listen": function}})
    assert problem.startswith("data.tables.notes.stream: is of new images, but a function listens and gets both.")


def test_others_may_use_the_table_and_its_indexes_and_nothing_else(rendering: Rendering) -> None:
    statement = {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": PARTNER}, "Action": "dynamodb:GetItem"}
    document = table(rendering, statements=[statement])["ResourcePolicy"]["PolicyDocument"]
    name = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/notes-dev-notes"
    assert document == {
        "Version": "2012-10-17",
        "Statement": [{**statement, "Resource": [{"Fn::Sub": name}, {"Fn::Sub": f"{name}/index/*"}]}],
    }
    assert "ResourcePolicy" not in table(rendering)


def test_each_replica_has_the_policy_with_its_own_arn(rendering: Rendering) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": PARTNER}, "Action": ["dynamodb:GetItem"]}
    result = table(rendering, statements=[statement], replicas=["us-east-1"])
    results = [
        replica["ResourcePolicy"]["PolicyDocument"]["Statement"][0]["Resource"][0] for replica in result["Replicas"]
    ]
    assert [entry["Fn::Sub"].split(":dynamodb:")[1].partition(":")[0] for entry in results] == [
        "eu-west-1",
        "us-east-1",
    ]


def test_a_statement_may_be_built_with_awacs(rendering: Rendering) -> None:
    statement = Statement(Effect=Allow, Principal=Principal("AWS", [PARTNER]), Action=[Action("dynamodb", "GetItem")])
    result = table(rendering, statements=[statement])["ResourcePolicy"]["PolicyDocument"]["Statement"][0]
    assert (result["Action"], result["Principal"]) == (["dynamodb:GetItem"], {"AWS": [PARTNER]})


def test_a_table_starts_with_what_files_hold(rendering: Rendering) -> None:
    files = {"bucket": "old-notes", "prefix": "2026/", "format": "csv", "compression": "gzip", "owner": "222222222222"}
    result = table(rendering, import_from={**files, "delimiter": ";", "columns": ["owner", "text"]})
    assert result["ImportSourceSpecification"] == {
        "S3BucketSource": {"S3Bucket": "old-notes", "S3BucketOwner": "222222222222", "S3KeyPrefix": "2026/"},
        "InputFormat": "CSV",
        "InputCompressionType": "GZIP",
        "InputFormatOptions": {"Csv": {"Delimiter": ";", "HeaderList": ["owner", "text"]}},
    }
    plain = table(rendering, import_from={"bucket": "old-notes", "format": "dynamodb-json"})
    assert plain["ImportSourceSpecification"] == {
        "S3BucketSource": {"S3Bucket": "old-notes"},
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": "NONE",
    }


def test_a_table_is_not_filled_from_files_later(rendering: Rendering) -> None:
    plain, filled = (
        {"tables": {"notes": {"partition_key": "owner", **more}}}
        for more in ({}, {"import_from": {"bucket": "old-notes", "format": "ion"}})
    )
    for before, after in ((plain, filled), (filled, plain)):
        changes = compare(rendering(before)["data"].template, rendering(after)["data"].template)
        (change,) = (entry for entry in changes if entry.name == "NotesTable")
        assert (change.replacement, change.destructive) == ("always", True)
