"""The engine: what it finds between two templates, and that it never fails or invents anything."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks.forecast import Change, compare
from stacks.forecast.report import as_data, exit_code, markdown, report_lines, summary

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6), inner, max_size=4)
        | st.fixed_dictionaries({"Ref": inner})
        | st.fixed_dictionaries({"Fn::GetAtt": inner})
        | st.fixed_dictionaries({"Fn::Sub": inner})
        | st.lists(st.fixed_dictionaries({"Key": inner, "Value": inner}), max_size=3)
    ),
    max_leaves=12,
)
TYPES = st.sampled_from(["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::IAM::Role", "Custom::Thing", "AWS::No::Such"])
NAMES = st.sampled_from(["A", "B", "C"])
PROPERTIES = st.dictionaries(
    st.sampled_from(["TableName", "BucketName", "KeySchema", "Tags", "Path"]), JSON, max_size=3
)
BODIES = (
    st.fixed_dictionaries({"Type": TYPES, "Properties": PROPERTIES})
    | st.fixed_dictionaries({"Type": JSON, "Properties": JSON, "DeletionPolicy": JSON})
    | JSON
)
TEMPLATES = st.fixed_dictionaries(
    {"Resources": st.dictionaries(NAMES, BODIES, max_size=3)},
    optional={
        "Parameters": st.dictionaries(NAMES, st.fixed_dictionaries({"Type": JSON, "Default": JSON}) | JSON, max_size=2),
        "Outputs": st.dictionaries(NAMES, JSON, max_size=2),
        "Metadata": JSON,
    },
) | st.dictionaries(st.sampled_from(["Resources", "Outputs", "Parameters", "Mappings"]), JSON, max_size=3)
VALUES = st.dictionaries(NAMES, st.text(max_size=4), max_size=2)

SLOW = settings(suppress_health_check=[HealthCheck.too_slow])


def resource(kind: str, properties: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties or {}, **attributes}


def of(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def changes_of(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Change]:
    return {change.name: change for change in compare(old, new)}


TABLE = resource("AWS::DynamoDB::Table", {"TableName": "notes", "BillingMode": "PAY_PER_REQUEST"})
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


@SLOW
@given(TEMPLATES, VALUES)
def test_a_template_does_not_differ_from_itself(template: dict[str, Any], values: dict[str, str]) -> None:
    assert compare(template, copy.deepcopy(template), values, values) == ()


@SLOW
@given(st.none() | TEMPLATES, st.none() | TEMPLATES, VALUES, VALUES)
def test_any_two_templates_compare_and_can_be_printed(
    old: dict[str, Any] | None, new: dict[str, Any] | None, before: dict[str, str], after: dict[str, str]
) -> None:
    from stacks.forecast.change import StackChanges  # noqa: PLC0415 - only told here

    changes = [StackChanges(stack="s", name="n", changes=compare(old, new, before, after))]
    lines = [line.text for line in report_lines(changes)]
    assert all("\n" not in line for line in lines)
    assert summary(changes) in markdown(changes)
    assert (exit_code(changes) == 0) == (not changes[0].changes)
    assert as_data(changes)[0]["stack"] == "s"


def test_a_new_stack_is_all_added_and_one_that_goes_all_removed() -> None:
    assert [change.action for change in compare(None, of(A=TABLE))] == ["add"]
    assert [change.action for change in compare(of(A=TABLE), None)] == ["remove"]
    assert compare(None, None) == ()


def test_statements_and_tags_are_named_by_what_distinguishes_them() -> None:
    def policy(action: str, tag: str) -> dict[str, Any]:
        statements = [{"Sid": "Read", "Action": ["a:Get"]}, {"Sid": "Write", "Action": [action]}]
        return resource(
            "AWS::IAM::Role", {"Policies": {"Statement": statements}, "Tags": [{"Key": "app", "Value": tag}]}
        )

    change = changes_of(of(A=policy("a:Put", "x")), of(A=policy("a:Delete", "y")))["A"]
    assert [(entry.path, entry.old, entry.new) for entry in change.properties] == [
        ("Policies.Statement[Sid=Write].Action[0]", "a:Put", "a:Delete"),
        ("Tags[Key=app].Value", "x", "y"),
    ]


def test_another_order_of_cloudfront_behaviours_is_a_difference() -> None:
    """The first behaviour whose pattern covers a path serves it."""
    paths = ["/api/*", "/static/*"]
    old, new = (
        of(A=resource("AWS::CloudFront::Distribution", {"DistributionConfig": {"CacheBehaviors": behaviours}}))
        for behaviours in ([{"PathPattern": path} for path in entry] for entry in (paths, paths[::-1]))
    )
    (change,) = changes_of(old, new)["A"].properties
    assert (change.path, change.action) == ("DistributionConfig.CacheBehaviors", "reordered")


def test_a_reference_inside_the_parent_of_a_create_only_property_may_replace() -> None:
    """``EksConfiguration.EksClusterArn`` is create-only; a function around it is one value."""
    result = {"Fn::If": ["Eks", {"EksClusterArn": {"Ref": "Table"}}, {"Ref": "AWS::NoValue"}]}
    reader = resource("AWS::Batch::ComputeEnvironment", {"EksConfiguration": result})
    old, new = (of(Table=resource("AWS::DynamoDB::Table", {"TableName": name}), Reader=reader) for name in "ab")
    assert changes_of(old, new)["Reader"].replacement == "maybe"


@pytest.mark.parametrize(
    ("before", "after", "replacement"),
    [
        (None, {"PrivateDnsPreference": "ALL_DOMAINS"}, "always"),
        ({"PrivateDnsPreference": "ALL_DOMAINS"}, None, "always"),
        ({"PrivateDnsPreference": "ALL_DOMAINS"}, {"Ref": "P"}, "maybe"),
        ({"Ref": "P"}, {"PrivateDnsPreference": "ALL_DOMAINS"}, "maybe"),
        ({"PrivateDnsPreference": "A"}, {"PrivateDnsPreference": "B"}, "always"),
        (None, {"DnsRecordIpType": "ipv4"}, "never"),
        ({"DnsRecordIpType": "ipv4"}, None, "never"),
        ({"DnsRecordIpType": "ipv4"}, {"DnsRecordIpType": "ipv6"}, "never"),
        (None, {"PrivateDnsPreference": None}, "never"),
    ],
)
def test_a_parent_that_changes_as_a_whole_replaces_if_it_holds_a_create_only_property(
    before: Any, after: Any, replacement: str
) -> None:
    """``/properties/DnsOptions/PrivateDnsPreference`` is create-only, ``DnsOptions`` is not."""
    old, new = (
        of(A=resource("AWS::EC2::VPCEndpoint", {"VpcId": "v"} | ({} if value is None else {"DnsOptions": value})))
        for value in (before, after)
    )
    assert changes_of(old, new)["A"].replacement == replacement


def test_another_order_of_a_list_is_reported_as_one() -> None:
    old, new = (of(A=resource("AWS::X::Y", {"Names": names})) for names in (["a", "b"], ["b", "a"]))
    assert [change.action for change in changes_of(old, new)["A"].properties] == ["reordered"]


def test_another_order_of_fixed_attributes_is_not_refused() -> None:
    old, new = (
        of(A=resource("AWS::Cognito::UserPool", {"UsernameAttributes": names})) for names in (["a", "b"], ["b", "a"])
    )
    assert changes_of(old, new)["A"].refused == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (True, "true"),
        (5, "5"),
        (5.0, 5),
        ({"Fn::GetAtt": "A.Arn"}, {"Fn::GetAtt": ["A", "Arn"]}),
        ({"Fn::Sub": "plain"}, "plain"),
    ],
)
def test_two_spellings_of_a_value_are_no_change(first: Any, second: Any) -> None:
    assert (
        compare(of(A=resource("AWS::S3::Bucket", {"X": first})), of(A=resource("AWS::S3::Bucket", {"X": second}))) == ()
    )


def test_a_create_only_property_that_stays_a_function_may_replace() -> None:
    def bucket(name: Any) -> dict[str, Any]:
        return of(A=resource("AWS::S3::Bucket", {"BucketName": name}))

    account = {"Fn::Sub": "a-${AWS::AccountId}"}
    assert changes_of(bucket("a-1"), bucket(account))["A"].replacement == "maybe"
    assert changes_of(bucket(account), bucket({"Fn::Sub": "b-${AWS::AccountId}"}))["A"].replacement == "always"


def test_what_reads_a_replaced_resource_changes_with_it() -> None:
    def stack(name: str) -> dict[str, Any]:
        return of(
            Api=resource("AWS::ApiGateway::Stage", {"StageName": name, "RestApiId": "x"}),
            Pool=resource("AWS::Cognito::UserPoolDomain", {"Domain": {"Ref": "Api"}, "UserPoolId": "p"}),
            Far=resource("AWS::Cognito::UserPoolGroup", {"UserPoolId": {"Fn::GetAtt": "Pool.Arn"}, "GroupName": "g"}),
            Reader=resource("AWS::Lambda::Function", {"Environment": {"Variables": {"S": {"Fn::Sub": "x-${Api}"}}}}),
            Alone=resource("AWS::Lambda::Function", {"Role": "r"}),
        )

    changes = changes_of(stack("a"), stack("b"))
    assert {name: change.replacement for name, change in changes.items()} == {
        "Api": "always",
        "Pool": "maybe",
        "Far": "maybe",
        "Reader": "never",
    }
    assert changes["Reader"].properties[0].because == "Api gets a new id"


def test_a_circle_of_references_ends() -> None:
    def stack(path: str) -> dict[str, Any]:
        return of(
            A=resource("AWS::IAM::Role", {"Path": path, "RoleName": {"Ref": "B"}}),
            B=resource("AWS::IAM::Role", {"RoleName": {"Ref": "A"}}),
        )

    assert {name: change.replacement for name, change in changes_of(stack("/a/"), stack("/b/")).items()} == {
        "A": "always",
        "B": "maybe",
    }


@pytest.mark.parametrize(("attributes", "loss"), [(KEPT, "kept"), ({}, "lost"), ({"DeletionPolicy": "Delete"}, "lost")])
def test_a_table_that_goes_is_lost_unless_it_is_retained(attributes: dict[str, str], loss: str) -> None:
    assert changes_of(of(A={**TABLE, **attributes}), of())["A"].loss == loss


def test_a_replaced_table_is_kept_only_if_both_templates_say_so() -> None:
    renamed = resource("AWS::DynamoDB::Table", {"TableName": "other"})
    assert changes_of(of(A={**TABLE, **KEPT}), of(A={**renamed, **KEPT}))["A"].loss == "kept"
    assert changes_of(of(A={**TABLE, **KEPT}), of(A=renamed))["A"].loss == "lost"
    assert changes_of(of(A=TABLE), of(A={**renamed, **KEPT}))["A"].loss == "lost"


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
    ],
)
def test_what_holds_data_is_destructive_to_remove(kind: str) -> None:
    assert changes_of(of(A=resource(kind)), of())["A"].destructive


def test_what_holds_no_data_is_not_destructive_to_replace() -> None:
    old, new = (of(A=resource("AWS::Lambda::Function", {"FunctionName": name})) for name in "ab")
    assert changes_of(old, new)["A"].replacement == "always"
    assert not changes_of(old, new)["A"].destructive


def test_a_renamed_logical_id_is_reported_on_both_sides() -> None:
    near = resource("AWS::DynamoDB::Table", {**TABLE["Properties"], "Tags": []})
    changes = changes_of(of(Old=TABLE), of(New=near, Other=resource("AWS::S3::Bucket")))
    assert changes["Old"].notes == changes["New"].notes
    assert changes["New"].notes[0].startswith("looks renamed: Old is now New")
    assert changes["Other"].notes == ()


def test_an_api_deployment_gets_a_new_logical_id_on_purpose() -> None:
    entry = resource("AWS::ApiGateway::Deployment", {"RestApiId": "x"})
    assert changes_of(of(D1=entry), of(D2=entry))["D2"].notes == ()


def test_a_replacement_under_a_fixed_name_is_reported_to_fail() -> None:
    keys = [{"AttributeName": "a", "KeyType": "HASH"}]
    changed = resource("AWS::DynamoDB::Table", {**TABLE["Properties"], "KeySchema": keys})
    assert "keeps its name" in changes_of(of(A=TABLE), of(A=changed))["A"].refused[0]


def test_two_indexes_at_once_are_reported_to_fail() -> None:
    indexes = [{"IndexName": "a"}, {"IndexName": "b"}]
    changed = resource("AWS::DynamoDB::Table", {**TABLE["Properties"], "GlobalSecondaryIndexes": indexes})
    assert "one global index" in changes_of(of(A=TABLE), of(A=changed))["A"].notes[0]


def test_another_type_under_the_same_id_is_reported_to_fail() -> None:
    change = changes_of(of(A=TABLE), of(A=resource("AWS::S3::Bucket")))["A"]
    assert any("another type" in why for why in change.refused)


@pytest.mark.parametrize(
    ("kind", "old", "new", "security"),
    [
        ("AWS::IAM::Role", {"MaxSessionDuration": 1}, {"MaxSessionDuration": 2}, True),
        ("AWS::IAM::Role", {"Tags": []}, {"Tags": [{"Key": "a", "Value": "b"}]}, False),
        ("AWS::S3::Bucket", {"PublicAccessBlockConfiguration": {}}, {}, True),
        ("AWS::ApiGateway::Method", {"AuthorizationType": "AWS_IAM"}, {"AuthorizationType": "NONE"}, True),
        ("AWS::KMS::Key", {"KeyPolicy": {"Statement": []}}, {"KeyPolicy": {}}, True),
        ("AWS::EC2::SecurityGroup", {"SecurityGroupIngress": []}, {}, True),
        ("AWS::Lambda::Function", {"Timeout": 3}, {"Timeout": 4}, False),
        ("AWS::Lambda::Permission", {"Principal": "a"}, {"Principal": "*"}, True),
    ],
)
def test_what_touches_rights_or_access_is_marked(kind: str, old: Any, new: Any, security: bool) -> None:  # noqa: FBT001
    assert changes_of(of(A=resource(kind, old)), of(A=resource(kind, new)))["A"].security is security


def test_a_deletion_policy_that_goes_is_marked() -> None:
    assert changes_of(of(A={**TABLE, **KEPT}), of(A=TABLE))["A"].security


def test_values_of_parameters_stand_for_their_references() -> None:
    template = {
        **of(F=resource("AWS::Lambda::Function", {"Code": {"S3Key": {"Ref": "Key"}}, "Role": {"Fn::Sub": "r-${Key}"}})),
        "Parameters": {"Key": {"Type": "String"}},
    }
    changes = {change.name: change for change in compare(template, template, {"Key": "1"}, {"Key": "2"})}
    assert [(change.path, change.old, change.new) for change in changes["F"].properties] == [
        ("Code.S3Key", "1", "2"),
        ("Role", "r-1", "r-2"),
    ]
    assert [(change.path, change.new) for change in changes["Key"].properties] == [("Value", "2")]
    assert compare(template, template, {"Key": "1"}, {}) == ()


def test_a_literal_in_place_of_a_parameter_with_that_value_is_no_change_of_the_resource() -> None:
    old = {**of(A=resource("AWS::S3::Bucket", {"BucketName": {"Ref": "N"}})), "Parameters": {"N": {"Default": "x"}}}
    new = of(A=resource("AWS::S3::Bucket", {"BucketName": "x"}))
    assert [change.section for change in compare(old, new)] == ["Parameters"]


def test_pseudo_parameters_with_a_value_are_replaced_by_it() -> None:
    here = {"AWS::AccountId": "1", "AWS::Region": "r"}
    old, new = (
        of(A=resource("AWS::S3::Bucket", {"BucketName": name}))
        for name in ("a-1-r", {"Fn::Sub": "a-${AWS::AccountId}-${AWS::Region}"})
    )
    assert compare(old, new, here, here) == ()


def test_values_of_noecho_parameters_are_never_shown() -> None:
    def template(default: str) -> dict[str, Any]:
        declared = {"Type": "String", "NoEcho": True, "Default": default}
        secret = {"SecretString": {"Ref": "P"}, "Description": {"Fn::Sub": "is ${P}"}}
        return {**of(S=resource("AWS::SecretsManager::Secret", secret)), "Parameters": {"P": declared}}

    changes = compare(template("hush-1"), template("hush-2"), {"P": "hush-3"}, {"P": "hush-4"})
    assert {change.name for change in changes} == {"S", "P"}
    assert "hush" not in repr(changes)
    assert "hush" not in repr(compare(template("hush-1"), of()))
    assert compare(template("hush-1"), template("hush-1"), {"P": "****"}, {"P": "hush-4"}) == ()


def test_outputs_and_other_sections_are_compared_too() -> None:
    old = {**of(), "Outputs": {"A": {"Value": "1"}, "B": {"Value": "1"}}, "Description": "x"}
    new = {**of(), "Outputs": {"A": {"Value": "2"}, "C": {"Value": "1"}}, "Description": "y"}
    assert [(change.section, change.name, change.action) for change in compare(old, new)] == [
        ("Outputs", "A", "change"),
        ("Outputs", "B", "remove"),
        ("Outputs", "C", "add"),
        ("Template", "Description", "change"),
    ]
