"""What every ``Cloud`` must do: the in-memory one and boto3 against the local AWS pass the same tests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from stacks.cloud import ChangedResource, ChangeSet, Headers, NoChanges, Submission
from stacks.errors import DeployError
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.cloud import Cloud, Event

REGION = "eu-west-1"
BUCKET: dict[str, Any] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "t-contract"}}
VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}


def submission(template: dict[str, Any], *, creates: bool, **parameters: str) -> Submission:
    import yaml  # noqa: PLC0415 - local to the maker

    body = yaml.safe_dump(template)
    return Submission(name="t-one", region=REGION, template=template, body=body, parameters=parameters, creates=creates)


def topics(*names: str, **outputs: Any) -> dict[str, Any]:
    resources = {name: {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}} for name in names}
    return {"Resources": resources, "Outputs": {name: {"Value": value} for name, value in outputs.items()}}


def apply(cloud: Cloud, template: dict[str, Any], *, creates: bool = True, **parameters: str) -> list[Event]:
    prepared = cloud.prepare(submission(template, creates=creates, **parameters))
    assert isinstance(prepared, ChangeSet)
    return list(cloud.execute(prepared))


def test_the_account_has_twelve_digits(cloud: Cloud) -> None:
    assert cloud.account() == "111111111111"


def test_a_stack_that_never_was_is_none(cloud: Cloud) -> None:
    assert cloud.stack("t-one", REGION) is None


def test_a_change_set_for_a_new_stack_adds_each_resource(cloud: Cloud) -> None:
    prepared = cloud.prepare(submission(topics("A", "B"), creates=True))
    assert isinstance(prepared, ChangeSet)
    assert [(change.action, change.logical_id, change.type) for change in prepared.changes] == [
        ("add", "A", "AWS::SNS::Topic"),
        ("add", "B", "AWS::SNS::Topic"),
    ]


def test_a_discarded_change_set_takes_its_empty_stack_with_it(cloud: Cloud) -> None:
    prepared = cloud.prepare(submission(topics("A"), creates=True))
    assert isinstance(prepared, ChangeSet)
    cloud.discard(prepared)
    assert cloud.stack("t-one", REGION) is None


def test_a_discarded_change_set_leaves_a_standing_stack_alone(cloud: Cloud) -> None:
    apply(cloud, topics("A"))
    prepared = cloud.prepare(submission(topics("A", "B"), creates=False))
    assert isinstance(prepared, ChangeSet)
    cloud.discard(prepared)
    state = cloud.stack("t-one", REGION)
    assert state is not None
    assert state.status == "CREATE_COMPLETE"


def test_discarding_a_create_that_someone_else_executed_does_not_delete_the_stack(cloud: Cloud) -> None:
    discarded = cloud.prepare(submission(topics("A"), creates=True))
    executed = cloud.prepare(submission(topics("A", "B"), creates=True))
    assert isinstance(discarded, ChangeSet)
    assert isinstance(executed, ChangeSet)
    list(cloud.execute(executed))
    cloud.discard(discarded)
    assert cloud.stack("t-one", REGION) is not None


def test_events_end_with_the_stack_itself_at_rest(cloud: Cloud) -> None:
    events = apply(cloud, topics("A"))
    assert (events[-1].logical_id, events[-1].status) == ("t-one", "CREATE_COMPLETE")
    assert ("A", "CREATE_COMPLETE") in [(event.logical_id, event.status) for event in events]


def test_events_of_an_update_do_not_repeat_those_before_it(cloud: Cloud) -> None:
    first = apply(cloud, topics("A"))
    second = apply(cloud, topics("A", "B"), creates=False)
    assert not {event.id for event in first} & {event.id for event in second}
    assert second[-1].status == "UPDATE_COMPLETE"


def test_outputs_and_parameters_are_reported(cloud: Cloud) -> None:
    template = {**topics("A", Out={"Ref": "In"}), "Parameters": {"In": {"Type": "String"}}}
    apply(cloud, template, In="value")
    state = cloud.stack("t-one", REGION)
    assert state is not None
    assert (state.outputs, state.parameters) == ({"Out": "value"}, {"In": "value"})


def test_submitting_the_same_again_is_no_change(cloud: Cloud) -> None:
    apply(cloud, topics("A"))
    assert cloud.prepare(submission(topics("A"), creates=False)) == NoChanges(stack="t-one")


def test_a_parameter_that_moved_is_a_change_of_what_refers_to_it(cloud: Cloud) -> None:
    body = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "In"}}}
    template = {"Parameters": {"In": {"Type": "String"}}, "Resources": {"A": body}}
    apply(cloud, template, In="one")
    prepared = cloud.prepare(submission(template, creates=False, In="two"))
    assert isinstance(prepared, ChangeSet)
    assert prepared.changes == (ChangedResource(action="change", logical_id="A", type="AWS::SNS::Topic"),)


def test_a_resource_that_left_the_template_is_removed(cloud: Cloud) -> None:
    apply(cloud, topics("A", "B"))
    apply(cloud, topics("A"), creates=False)
    assert [resource.logical_id for resource in cloud.resources("t-one", REGION)] == ["A"]


def test_the_deployed_template_comes_back(cloud: Cloud) -> None:
    apply(cloud, topics("A"))
    assert cloud.template("t-one", REGION)["Resources"] == topics("A")["Resources"]


def test_a_parameter_without_a_value_is_refused_and_leaves_nothing(cloud: Cloud) -> None:
    template = {**topics("A"), "Parameters": {"In": {"Type": "String"}}}
    with pytest.raises(DeployError, match=r"\bIn\b"):
        cloud.prepare(submission(template, creates=True))
    assert cloud.stack("t-one", REGION) is None


def test_a_deleted_stack_is_none_and_keeps_what_is_retained(cloud: Cloud) -> None:
    apply(cloud, {"Resources": {"Kept": {**BUCKET, "DeletionPolicy": "Retain"}, **topics("A")["Resources"]}})
    state = cloud.stack("t-one", REGION)
    assert state is not None
    events = list(cloud.delete(state))
    assert events[-1].status == "DELETE_COMPLETE"
    assert cloud.stack("t-one", REGION) is None
    assert cloud.objects("t-contract") == ()


def test_objects_are_put_found_listed_and_read(cloud: Cloud, tmp_path: Path) -> None:
    apply(cloud, {"Resources": {"B": BUCKET}})
    file = tmp_path / "x"
    file.write_bytes(b"from a file")
    headers = Headers(content_type="text/html; charset=utf-8", cache_control="no-cache", metadata={"a": "b"})
    etag = cloud.put("t-contract", "b/é x.html", b"bytes", headers)
    cloud.put("t-contract", "a", file, Headers())
    assert cloud.has("t-contract", "b/é x.html")
    assert not cloud.has("t-contract", "b")
    assert cloud.get("t-contract", "a") == b"from a file"
    assert cloud.get("t-contract", "b") is None
    assert [(entry.key, entry.size) for entry in cloud.objects("t-contract")] == [("a", 11), ("b/é x.html", 5)]
    assert cloud.objects("t-contract")[1].etag == etag


def test_other_bytes_have_another_etag(cloud: Cloud) -> None:
    apply(cloud, {"Resources": {"B": BUCKET}})
    assert cloud.put("t-contract", "a", b"1", Headers()) != cloud.put("t-contract", "a", b"2", Headers())


def test_emptying_a_bucket_counts_what_went(cloud: Cloud) -> None:
    apply(cloud, {"Resources": {"B": BUCKET}})
    for name in ("a", "b", "c"):
        cloud.put("t-contract", name, b"", Headers())
    assert (cloud.empty("t-contract"), cloud.objects("t-contract"), cloud.empty("t-contract")) == (3, (), 0)


def test_a_missing_bucket_is_reported(cloud: Cloud) -> None:
    with pytest.raises(DeployError, match="s3://t-nowhere"):
        cloud.objects("t-nowhere")


def test_a_small_and_a_large_file_are_put_alike(cloud: Cloud, tmp_path: Path) -> None:
    apply(cloud, {"Resources": {"B": BUCKET}})
    sizes = {"a/é &+@.js": 5, "large": 9 * 1024**2}
    for name, size in sizes.items():
        (tmp_path / "x").write_bytes(b"x" * size)
        etag = cloud.put("t-contract", name, tmp_path / "x", Headers(content_type="text/css", metadata={"a": "b"}))
        assert {entry.key: entry.etag for entry in cloud.objects("t-contract")}[name] == etag
    assert {entry.key: entry.size for entry in cloud.objects("t-contract")} == sizes


def test_a_file_for_a_missing_bucket_is_reported(cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(DeployError, match="s3://t-nowhere"):
        cloud.put("t-nowhere", "x", tmp_path / "x", Headers())


def test_what_was_replaced_or_removed_can_be_restored(cloud: Cloud) -> None:
    apply(cloud, {"Resources": {"B": {**BUCKET, "Properties": {**BUCKET["Properties"], **VERSIONED}}}})
    first = cloud.put("t-contract", "é x", b"one", Headers())
    second = cloud.put("t-contract", "é x", b"two", Headers())
    cloud.remove("t-contract", ["é x", "never there"])
    assert cloud.objects("t-contract") == ()
    versions = {version.etag: version for version in cloud.versions("t-contract")}
    assert versions.keys() == {first, second}
    assert cloud.restore("t-contract", "é x", versions[first].id, Headers(content_type="text/css")) == first
    assert cloud.get("t-contract", "é x") == b"one"


def test_a_log_group_that_does_not_exist_is_none(cloud: Cloud) -> None:
    assert cloud.log_events("/aws/lambda/t-nowhere", REGION, 0) is None


def test_a_functions_log_group_is_lambdas_default_when_it_says_none(cloud: Cloud) -> None:
    role = "arn:aws:iam::111111111111:role/t"
    code = {"Code": {"ZipFile": "1"}, "Handler": "index.f", "Runtime": "python3.13", "Role": role}
    properties = {**code, "FunctionName": "t-logs"}
    apply(cloud, {"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}})
    assert cloud.log_group("t-logs", REGION) == "/aws/lambda/t-logs"


def test_log_events_come_oldest_first_from_a_moment_on(
    cloud: Cloud, write_log: Callable[[str, int, str], None]
) -> None:
    group, now = "/aws/lambda/t-contract", int(time.time() * 1000)
    apply(cloud, {"Resources": {"G": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group}}}})
    assert cloud.log_events(group, REGION, 0) == ()
    for ago, text in ((1000, "late"), (3000, "early"), (2000, "é\nbetween")):
        write_log(group, now - ago, text)
    every = cloud.log_events(group, REGION, 0) or ()
    assert [(now - event.time, event.message) for event in every] == [
        (3000, "early"),
        (2000, "é\nbetween"),
        (1000, "late"),
    ]
    assert len({event.id for event in every}) == len(every)
    assert cloud.log_events(group, REGION, now - 2000) == every[1:]


FAR = {"Fn::GetStackOutput": {"StackName": "t-x-edge", "OutputName": "Acl", "Region": "us-east-1"}}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            {**topics("A"), "Parameters": {"P": {"Type": "String"}}},
            "Parameters: [P] must have values. Give the ",
        ),
        (
            {**topics("A"), "Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/t/P"}}},
            "Unable to fetch parameters [/t/P] from parameter store for this account. Deploy what publishes them ",
        ),
        (topics("A", X=FAR), "stack t-x-edge has no output Acl. Deploy t-x-edge first."),
        (topics("A", X={"Ref": "B"}), "the template refers to B, which does not exist. Correct the name."),
    ],
    ids=["no value", "not published", "no output", "no resource"],
)
def test_a_cloud_in_memory_reports_missing_values(template: dict[str, Any], message: str) -> None:
    with pytest.raises(DeployError) as caught:
        apply(MemoryCloud(), template)
    assert str(caught.value).startswith(f"t-one: {message}")


def test_a_cloud_in_memory_refuses_impossible_calls() -> None:
    memory = MemoryCloud()
    apply(memory, topics("A"))
    state = memory.stack("t-one", REGION)
    assert state is not None
    with pytest.raises(DeployError, match=r"^t-one: the stack is in status CREATE_COMPLETE\. Deploy it\.$"):
        memory.resume(state, [])
    with pytest.raises(
        DeployError, match=r"^t-one: there is nothing to import\. Name resources that the stack lacks\.$"
    ):
        memory.prepare_import(submission(topics("A"), creates=False), [])
    memory.protect(state, on=True)
    with pytest.raises(DeployError, match=r"^t-one: the stack has termination protection\. Switch it off\.$"):
        memory.delete(state)
    with pytest.raises(DeployError, match=r"^t-two: there is no such stack in eu-west-1\. Deploy it first\.$"):
        memory.template("t-two", REGION)
    with pytest.raises(DeployError, match=r"^function web: is not in eu-west-1\. Deploy the stack that makes it\.$"):
        memory.log_group("web", REGION)
