"""BotoCloud against recorded answers: what the local AWS never says, and every page of long answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.parsers import ResponseParserError
from botocore.stub import ANY, Stubber

from stacks.aws.clients import aws_errors
from stacks.aws.cloud import BotoCloud
from stacks.aws.refusals import cloud_refusal
from stacks.cloud import ChangedResource, ChangeSet, NoChanges, Submission
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REGION = "eu-west-1"
ROLE = "arn:aws:iam::111111111111:role/t/platform/t-deploy"
ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack/t-one/1"
CHANGES = "arn:aws:cloudformation:eu-west-1:111111111111:changeSet/x/1"
NOW = "2026-01-01T00:00:00Z"
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def boto() -> BotoCloud:
    return BotoCloud(REGION, credentials=("test", "test"))


def submission(body: str = "{}", template: dict[str, Any] | None = None, **more: Any) -> Submission:
    more = {"creates": True, "parameters": {"K": "v"}, **more}
    return Submission(name="t-one", region=REGION, template=template or {}, body=body, **more)


def described(status: str, **more: Any) -> dict[str, Any]:
    return {"ChangeSetId": CHANGES, "StackId": ARN, "Status": status, **more}


def stack(status: str = "CREATE_COMPLETE", **more: Any) -> dict[str, Any]:
    result = {"StackId": ARN, "StackName": "t-one", "CreationTime": CREATED, "StackStatus": status, **more}
    return {"Stacks": [result]}


def change(name: str, action: str = "Modify", **more: str) -> dict[str, Any]:
    body = {"Action": action, "LogicalResourceId": name, "ResourceType": "AWS::SNS::Topic", **more}
    return {"Type": "Resource", "ResourceChange": body}


def event(identity: str, logical_id: str, status: str, physical_id: str = "p", **more: str) -> dict[str, Any]:
    kind = "AWS::CloudFormation::Stack" if logical_id == "t-one" else "AWS::SNS::Topic"
    return {
        "StackId": ARN,
        "EventId": identity,
        "StackName": "t-one",
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": kind,
        "Timestamp": NOW,
        "ResourceStatus": status,
        **more,
    }


def test_a_change_set_is_waited_for_and_all_its_pages_are_read(boto: BotoCloud, stub: Any) -> None:
    formation = stub("cloudformation")
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN})
    formation.add_response("describe_change_set", described("CREATE_IN_PROGRESS"))
    first = [change("A", "Add"), change("B", Replacement="True"), change("E", "Dynamic")]
    formation.add_response("describe_change_set", described("CREATE_COMPLETE", Changes=first, NextToken="2"))
    second = [change("C", Replacement="Conditional"), change("D", Replacement="False")]
    formation.add_response("describe_change_set", described("CREATE_COMPLETE", Changes=second))
    warned = {"LogicalResourceId": "A", "ValidationPath": "/Resources/A", "ValidationStatusReason": "deprecated"}
    formation.add_response("describe_events", {"OperationEvents": [{**warned, "ValidationFailureMode": "WARN"}]})
    prepared = boto.prepare(submission())
    assert isinstance(prepared, ChangeSet)
    assert prepared.warnings == ("A /Resources/A: deprecated",)
    assert prepared.changes == (
        ChangedResource(action="add", logical_id="A", type="AWS::SNS::Topic"),
        ChangedResource(action="change", logical_id="B", type="AWS::SNS::Topic", replacement="always"),
        ChangedResource(action="unknown", logical_id="E", type="AWS::SNS::Topic"),
        ChangedResource(action="change", logical_id="C", type="AWS::SNS::Topic", replacement="maybe"),
        ChangedResource(action="change", logical_id="D", type="AWS::SNS::Topic"),
    )


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ],
)
def test_every_way_of_saying_no_changes_is_known(boto: BotoCloud, stub: Any, reason: str) -> None:
    formation = stub("cloudformation")
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN})
    formation.add_response("describe_change_set", described("FAILED", StatusReason=reason))
    formation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGES})
    formation.add_response("describe_stacks", stack())
    assert boto.prepare(submission(creates=False)) == NoChanges(stack="t-one")


def test_a_refused_change_set_is_reported_with_what_validation_found_and_leaves_nothing(
    boto: BotoCloud, stub: Any
) -> None:
    formation = stub("cloudformation")
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN})
    formation.add_response("describe_change_set", described("FAILED", StatusReason="Early validation failed."))
    result = {
        "LogicalResourceId": "Bucket",
        "ValidationPath": "/Resources/Bucket/Properties/Nme",
        "ValidationStatusReason": "extraneous key",
    }
    formation.add_response("describe_events", {"OperationEvents": [result, {}]})
    formation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGES})
    formation.add_response("describe_stacks", stack("REVIEW_IN_PROGRESS"))
    formation.add_response("delete_stack", {}, {"StackName": ARN})
    with pytest.raises(DeployError, match=r"validation failed; Bucket /Resources/Bucket/Properties/Nme: extraneous"):
        boto.prepare(submission())


def test_who_may_not_read_validation_results_still_gets_the_reason(boto: BotoCloud, stub: Any) -> None:
    formation = stub("cloudformation")
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN})
    formation.add_response("describe_change_set", described("FAILED", StatusReason="Circular"))
    formation.add_client_error("describe_events", "AccessDenied", "no")
    formation.add_response("delete_change_set", {})
    formation.add_response("describe_stacks", stack())
    with pytest.raises(DeployError, match="refuses the change set: Circular"):
        boto.prepare(submission(creates=False))


@pytest.mark.parametrize(
    ("template", "capabilities"),
    [
        ({}, ["CAPABILITY_NAMED_IAM"]),
        ({"Transform": "AWS::LanguageExtensions"}, ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]),
    ],
)
def test_macros_are_only_allowed_to_a_template_that_names_one(
    boto: BotoCloud, stub: Any, template: dict[str, Any], capabilities: list[str]
) -> None:
    formation = stub("cloudformation")
    expected = {
        "StackName": "t-one",
        "ChangeSetName": ANY,
        "ClientToken": ANY,
        "ChangeSetType": "CREATE",
        "ImportExistingResources": True,
        "Parameters": [{"ParameterKey": "K", "ParameterValue": "v"}],
        "Capabilities": capabilities,
        "TemplateBody": "{}",
    }
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN}, expected)
    formation.add_response("describe_change_set", described("CREATE_COMPLETE", Changes=[]))
    formation.add_response("describe_events", {"OperationEvents": []})
    assert isinstance(boto.prepare(submission(template=template)), ChangeSet)


def test_express_mode_is_asked_for_with_rollback_which_it_would_leave_out(boto: BotoCloud, stub: Any) -> None:
    formation = stub("cloudformation")
    expected = {
        **dict.fromkeys(
            ("StackName", "ChangeSetName", "ChangeSetType", "ImportExistingResources", "TemplateBody"), ANY
        ),
        **dict.fromkeys(("ClientToken", "Parameters", "Capabilities"), ANY),
        "DeploymentConfig": {"Mode": "EXPRESS", "DisableRollback": False},
    }
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN}, expected)
    formation.add_response("describe_change_set", described("CREATE_COMPLETE", Changes=[]))
    formation.add_response("describe_events", {"OperationEvents": []})
    assert isinstance(boto.prepare(submission(express=True)), ChangeSet)


def test_cloudformation_is_given_the_role_that_it_works_with(boto: BotoCloud, stub: Any) -> None:
    formation = stub("cloudformation")
    names = ("StackName", "ChangeSetName", "ChangeSetType", "ImportExistingResources", "TemplateBody", "ClientToken")
    expected = {**dict.fromkeys((*names, "Parameters", "Capabilities"), ANY), "RoleARN": ROLE}
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN}, expected)
    formation.add_response("describe_change_set", described("CREATE_COMPLETE", Changes=[]))
    formation.add_response("describe_events", {"OperationEvents": []})
    assert isinstance(boto.prepare(submission(role=ROLE)), ChangeSet)


def test_an_empty_stack_stays_behind_where_who_deploys_may_not_delete_it(boto: BotoCloud, stub: Any) -> None:
    formation = stub("cloudformation")
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN})
    formation.add_response("describe_change_set", described("FAILED", StatusReason="Template error"))
    formation.add_response("describe_events", {"OperationEvents": []})
    formation.add_response("delete_change_set", {})
    formation.add_response("describe_stacks", stack("REVIEW_IN_PROGRESS"))
    formation.add_client_error("delete_stack", "AccessDenied")
    with pytest.raises(DeployError, match="refuses the change set: Template error"):
        boto.prepare(submission())


def test_a_long_template_is_put_into_the_bucket_and_passed_by_its_address(boto: BotoCloud, stub: Any) -> None:
    stub("s3").add_response("put_object", {"ETag": '"1"'})
    formation = stub("cloudformation")
    expected = {
        "TemplateURL": ANY,
        **dict.fromkeys(("StackName", "ChangeSetName", "ChangeSetType", "ImportExistingResources"), ANY),
    }
    expected |= dict.fromkeys(("ClientToken", "Parameters", "Capabilities"), ANY)
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN}, expected)
    formation.add_response("describe_change_set", described("CREATE_COMPLETE", Changes=[]))
    formation.add_response("describe_events", {"OperationEvents": []})
    assert isinstance(boto.prepare(submission("x" * 51_201, bucket="artifacts")), ChangeSet)


@pytest.mark.parametrize("broken", [KeyboardInterrupt(), ReadTimeoutError(endpoint_url="https://aws.example")])
def test_a_change_set_whose_answer_was_lost_is_taken_back_with_the_empty_stack(
    boto: BotoCloud, stub: Any, monkeypatch: pytest.MonkeyPatch, broken: BaseException
) -> None:
    def lost(**call: Any) -> None:
        assert call["ClientToken"] == call["ChangeSetName"]
        raise broken

    formation = stub("cloudformation")
    formation.add_response("delete_change_set", {}, {"ChangeSetName": ANY, "StackName": "t-one"})
    formation.add_response("describe_stacks", stack("REVIEW_IN_PROGRESS"))
    formation.add_response("delete_stack", {}, {"StackName": ARN})
    monkeypatch.setattr(formation.client, "create_change_set", lost)
    with pytest.raises((KeyboardInterrupt, DeployError)):
        boto.prepare(submission())


@pytest.mark.parametrize("code", ["Throttling", "ExpiredToken"])
def test_a_change_set_whose_pages_cannot_be_read_is_taken_back(boto: BotoCloud, stub: Any, code: str) -> None:
    formation = stub("cloudformation")
    formation.add_response("create_change_set", {"Id": CHANGES, "StackId": ARN})
    formation.add_response("describe_change_set", described("CREATE_COMPLETE", Changes=[], NextToken="2"))
    formation.add_client_error("describe_change_set", code, "no", http_status_code=403)
    formation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGES})
    formation.add_response("describe_stacks", stack())
    with pytest.raises(DeployError, match=r"AWS throttles|session has ended"):
        boto.prepare(submission(creates=False))


def test_a_long_template_without_a_bucket_says_what_to_do(boto: BotoCloud) -> None:
    with pytest.raises(DeployError, match=r"51,201 bytes; over 51,200 .* Deploy the base stack"):
        boto.prepare(submission("x" * 51_201))


def test_a_template_over_a_megabyte_is_refused(boto: BotoCloud) -> None:
    with pytest.raises(DeployError, match="CloudFormation takes 1,000,000"):
        boto.prepare(submission("x" * 1_048_577, bucket="artifacts"))


def test_a_missing_stack_is_none_but_other_validation_errors_are_reported(boto: BotoCloud, stub: Any) -> None:
    formation = stub("cloudformation")
    formation.add_client_error("describe_stacks", "ValidationError", "Stack with id t-one does not exist")
    formation.add_client_error("describe_stacks", "ValidationError", "1 validation error detected")
    assert boto.stack("t-one", REGION) is None
    with pytest.raises(DeployError, match="1 validation error detected"):
        boto.stack("t-one", REGION)


def test_a_deleted_stack_that_aws_still_describes_is_none(boto: BotoCloud, stub: Any) -> None:
    stub("cloudformation").add_response("describe_stacks", stack("DELETE_COMPLETE"))
    assert boto.stack("t-one", REGION) is None


def test_events_are_followed_over_pages_and_polls_until_the_stack_itself_ends(boto: BotoCloud, stub: Any) -> None:
    formation = stub("cloudformation")
    old = event("0", "t-one", "CREATE_COMPLETE", ARN)
    formation.add_response("describe_change_set", described("CREATE_COMPLETE"))
    formation.add_response("describe_stack_events", {"StackEvents": [old]})
    sent = {"ChangeSetName": CHANGES, "ClientRequestToken": "x", "DisableRollback": False}
    formation.add_response("execute_change_set", {}, sent)
    formation.add_response("describe_stack_events", {"StackEvents": [old]})
    started = event("1", "t-one", "UPDATE_IN_PROGRESS", ARN)
    nested = event("3", "t-one", "UPDATE_COMPLETE", "arn:of:a:nested:stack/of/the-same-name")
    newest_first = [event("2", "A", "UPDATE_COMPLETE"), started]
    formation.add_response("describe_stack_events", {"StackEvents": [nested], "NextToken": "2"})
    formation.add_response("describe_stack_events", {"StackEvents": [*newest_first, old]})
    end = event("4", "t-one", "UPDATE_COMPLETE", ARN)
    formation.add_response("describe_stack_events", {"StackEvents": [end, nested]})
    change_set = ChangeSet(id=CHANGES, stack="t-one", region=REGION, creates=False, changes=())
    assert [entry.id for entry in boto.execute(change_set)] == ["1", "2", "3", "4"]


def test_resources_are_read_to_the_last_page_without_those_that_are_gone(boto: BotoCloud, stub: Any) -> None:
    def single(name: str, status: str = "CREATE_COMPLETE", **more: str) -> dict[str, str]:
        return {
            "LogicalResourceId": name,
            "ResourceType": "T",
            "ResourceStatus": status,
            "LastUpdatedTimestamp": NOW,
            **more,
        }

    formation = stub("cloudformation")
    first = [single("A", PhysicalResourceId="a"), single("NeverMade")]
    formation.add_response("list_stack_resources", {"StackResourceSummaries": first, "NextToken": "2"})
    second = [single("B", PhysicalResourceId="b"), single("Gone", "DELETE_COMPLETE", PhysicalResourceId="g")]
    formation.add_response("list_stack_resources", {"StackResourceSummaries": second})
    assert [resource.physical_id for resource in boto.resources("t-one", REGION)] == ["a", "b"]


def test_a_template_in_yaml_with_short_functions_comes_back_in_long_form(boto: BotoCloud, stub: Any) -> None:
    body = "Resources:\n  A:\n    Type: T\n    DeletionPolicy: Retain\n    Properties: {X: !Ref Y, Z: !GetAtt A.B}\n"
    stub("cloudformation").add_response("get_template", {"TemplateBody": body})
    properties = {"X": {"Ref": "Y"}, "Z": {"Fn::GetAtt": ["A", "B"]}}
    expected = {"Resources": {"A": {"Type": "T", "DeletionPolicy": "Retain", "Properties": properties}}}
    assert boto.template("t-one", REGION) == expected


def test_emptying_takes_versions_and_delete_markers_of_every_page(boto: BotoCloud, stub: Any) -> None:
    storage = stub("s3")
    more = {"IsTruncated": True, "NextKeyMarker": "a", "NextVersionIdMarker": "1"}
    storage.add_response("list_object_versions", {"Versions": [{"Key": "a", "VersionId": "1"}], **more})
    deleted = {"Objects": [{"Key": "a", "VersionId": "1"}], "Quiet": True}
    storage.add_response("delete_objects", {}, {"Bucket": "b", "Delete": deleted})
    storage.add_response("list_object_versions", {"DeleteMarkers": [{"Key": "a", "VersionId": "2"}]})
    deleted = {"Objects": [{"Key": "a", "VersionId": "2"}], "Quiet": True}
    storage.add_response("delete_objects", {}, {"Bucket": "b", "Delete": deleted})
    assert boto.empty("b") == 2


def test_an_object_that_cannot_be_deleted_is_reported(boto: BotoCloud, stub: Any) -> None:
    storage = stub("s3")
    storage.add_response("list_object_versions", {"Versions": [{"Key": "a", "VersionId": "1"}]})
    error = {"Key": "a", "Code": "AccessDenied", "Message": "object lock"}
    storage.add_response("delete_objects", {"Errors": [error]})
    with pytest.raises(DeployError, match=r"s3://b/a: AWS denies this \(object lock\)"):
        boto.empty("b")


def test_a_refused_head_is_reported_and_not_taken_for_a_missing_object(boto: BotoCloud, stub: Any) -> None:
    stub("s3").add_client_error("head_object", "403", "Forbidden")
    with pytest.raises(DeployError, match=r"s3://b/k: AWS denies this"):
        boto.has("b", "k")


def test_an_invalidation_names_each_path(boto: BotoCloud, stub: Any) -> None:
    paths = {"Quantity": 2, "Items": ["/a", "/b"]}
    expected = {"DistributionId": "D", "InvalidationBatch": {"Paths": paths, "CallerReference": ANY}}
    stub("cloudfront").add_response("create_invalidation", {}, expected)
    boto.invalidate("D", ["/a", "/b"])


def test_log_events_are_read_to_the_last_page_and_keep_their_own_ids(boto: BotoCloud, stub: Any) -> None:
    logs = stub("logs")
    first = {"eventId": "b", "timestamp": 6, "message": "two", "logStreamName": "s"}
    second = {"eventId": "a", "timestamp": 5, "message": "one", "logStreamName": "t"}
    asked = {"logGroupName": "/aws/lambda/t-web", "startTime": 5}
    logs.add_response("filter_log_events", {"events": [first], "nextToken": "more"}, asked)
    logs.add_response("filter_log_events", {"events": []} | {"nextToken": "last"}, {**asked, "nextToken": "more"})
    logs.add_response("filter_log_events", {"events": [second]}, {**asked, "nextToken": "last"})
    events = boto.log_events("/aws/lambda/t-web", REGION, 5) or ()
    assert [(entry.id, entry.time, entry.message) for entry in events] == [("a", 5, "one"), ("b", 6, "two")]


def test_a_function_may_log_into_a_group_of_its_own(boto: BotoCloud, stub: Any) -> None:
    asked = stub("lambda")
    asked.add_response(
        "get_function_configuration", {"LoggingConfig": {"LogGroup": "t-own"}}, {"FunctionName": "t-web"}
    )
    asked.add_client_error("get_function_configuration", "ResourceNotFoundException", "Function not found")
    assert boto.log_group("t-web", REGION) == "t-own"
    with pytest.raises(DeployError, match=r"^function t-web: "):
        boto.log_group("t-web", REGION)


def test_a_missing_log_group_is_none_but_a_refusal_is_reported(boto: BotoCloud, stub: Any) -> None:
    logs = stub("logs")
    logs.add_client_error("filter_log_events", "ResourceNotFoundException")
    logs.add_client_error("filter_log_events", "AccessDeniedException", "may not logs:FilterLogEvents")
    assert boto.log_events("/aws/lambda/t-web", REGION, 0) is None
    with pytest.raises(DeployError, match=r"AWS denies this \(may not logs:FilterLogEvents"):
        boto.log_events("/aws/lambda/t-web", REGION, 0)


def test_without_credentials_the_error_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(DeployError, match=r"credentials: no AWS credentials found .* `aws configure`"):
        BotoCloud(REGION).account()


def test_a_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(DeployError, match=r"no such AWS profile .*\(nobody\)"):
        BotoCloud(REGION).account()


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("ClientError", "ExpiredToken", "aws sso login"),
        ("ClientError", "InvalidClientTokenId", "does not know these credentials"),
        ("ClientError", "AccessDenied", "have the permission named here added"),
        ("ClientError", "Unheard", "AWS refused with Unheard"),
        ("EndpointConnectionError", None, "stage's region"),
        ("UnauthorizedSSOTokenError", None, "aws sso login"),
        ("SomethingNew", None, "SomethingNew"),
    ],
)
def test_a_refusal_keeps_the_words_of_aws_and_adds_a_fix(kind: str, code: str | None, words: str) -> None:
    text = str(cloud_refusal("here", kind, code, "their words."))
    assert words in text
    assert "(their words)." in text


def test_an_endpoint_that_is_no_aws_is_reported() -> None:
    message = r"notes-dev-base: what answers is not AWS. Correct --endpoint-url"
    with pytest.raises(DeployError, match=message), aws_errors("notes-dev-base"):
        raise ResponseParserError


def test_every_class_named_in_the_table_exists_in_botocore() -> None:
    from botocore import exceptions  # noqa: PLC0415 - only here

    from stacks.aws import refusals  # noqa: PLC0415 - only here

    assert [name for name in refusals._CLASSES if not hasattr(exceptions, name)] == []


def test_a_table_is_waited_for_until_its_indexes_are_built(boto: BotoCloud, stub: Callable[[str], Stubber]) -> None:
    dynamodb = stub("dynamodb")
    for status, indexes in (
        ("UPDATING", [("by-a", "ACTIVE"), ("by-b", "CREATING")]),
        ("ACTIVE", [("by-a", "ACTIVE"), ("by-b", "CREATING")]),
        ("UPDATING", [("by-a", "DELETING"), ("by-b", "ACTIVE")]),
        ("UPDATING", []),
        ("UPDATING", [("by-b", "ACTIVE")]),
        ("ACTIVE", [("by-b", "ACTIVE")]),
    ):
        results = [{"IndexName": name, "IndexStatus": state} for name, state in indexes]
        replica = {"RegionName": "us-east-1", "ReplicaStatus": "CREATING" if results == [] else "ACTIVE"}
        table = {"TableStatus": status, "GlobalSecondaryIndexes": results, "Replicas": [replica]}
        answer: Any = {"Table": table}
        dynamodb.add_response("describe_table", answer, {"TableName": "t-one"})
    assert list(boto.table_at_work("t-one", REGION)) == ["index by-b", "index by-a", "replica us-east-1", "the table"]
