"""What a template from elsewhere becomes when it is read: plain data, with every mistake told before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.errors import StacksError
from stacks.foreign.artifacts import local_artifacts, uploaded
from stacks.foreign.reading import parse, read
from stacks.foreign.serverless import without_deployment_bucket
from stacks.template.emit import yaml_text
from stacks.transforms.sam import is_sam, translated

if TYPE_CHECKING:
    from pathlib import Path

BUCKET = "AWS::S3::Bucket"


def _of(text: str) -> dict[str, Any]:
    return parse(f"Resources:\n  B:\n    Type: {BUCKET}\n    Properties:\n      Value: {text}\n", where="t.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("yes", True),
        ("12", 12),
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.Outputs.B", {"Fn::GetAtt": ["A", "Outputs.B"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub 'x-${A}'", {"Fn::Sub": "x-${A}"}),
        ("!Sub ['${X}', {X: !Ref A}]", {"Fn::Sub": ["${X}", {"X": {"Ref": "A"}}]}),
        ("!If [C, !Ref A, !Ref 'AWS::NoValue']", {"Fn::If": ["C", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}),
        ("!Base64 {'Fn::Sub': x}", {"Fn::Base64": {"Fn::Sub": "x"}}),
        ("{200: ok, on: off}", {"200": "ok", "true": False}),
    ],
)
def test_a_value_is_read_as_cloudformation_reads_it(text: str, value: Any) -> None:
    assert _of(text)["Resources"]["B"]["Properties"]["Value"] == value


@pytest.mark.parametrize("text", ["2012-10-17", "!Sub 'x-${A}'", "!If [C, !GetAtt A.B, 1.5]", "{200: 'no'}", "null"])
def test_what_is_written_reads_as_what_was_read(text: str) -> None:
    once = _of(text)
    assert parse(yaml_text(once), where="again") == once


def test_json_is_read_too() -> None:
    assert (
        parse('{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}', where="t.json")["Resources"]["B"]["Type"] == BUCKET
    )


def test_metadata_may_be_anything() -> None:
    text = "Metadata: {Version: '1.0', Names: [a]}\nResources: {}"
    assert parse(text, where="t")["Metadata"] == {"Version": "1.0", "Names": ["a"]}


def test_a_merged_mapping_is_written_out() -> None:
    text = f"x: &x {{Type: {BUCKET}}}\nResources:\n  A: {{<<: *x, DeletionPolicy: Retain}}\n"
    assert parse(text, where="t")["Resources"]["A"] == {"Type": BUCKET, "DeletionPolicy": "Retain"}


BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 10)}]\n" for before, after in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resources: {A: {Type: X}, ", r"^t:2: is neither JSON nor YAML: "),
        ('{"Resources": ', r"^t:1: is neither JSON nor YAML: "),
        ("[]", r"^t: is not a template: it has no Resources\. Name the file your framework packaged\.$"),
        ("", "has no Resources"),
        ("Resources: [1]", "has no Resources"),
        ("Resources: {A: {Properties: {}}, B: 1}", r"^t: has resources without a Type: A, B\. "),
        ("Resources: {A: {Type: X, Properties: [1]}}", r"^t: has resources whose Properties are no mapping: A\. "),
        ("Resources: {A: {Type: X}}\nParameters: {P: }", r"^t: has Parameters that are no mapping of mappings\. "),
        ("Resources: {}\nMetadata: [a]", r"^t: has Metadata that are no mapping\. "),
        ("Resources: {}\nOutputs: {'Fn::ForEach::B': [x, [a], {}]}", r"^t: has a loop, Fn::ForEach::B: .* Write out"),
        ("Resources: {'Fn::ForEach::B': [x, [a], {}]}", r"^t: has a loop, Fn::ForEach::B: what it makes cannot be"),
        (
            "Resources: {A: {Type: X, Properties: !Transform {Name: AWS::Include, Parameters: {Location: b.yaml}}}}",
            r"^t: includes b\.yaml: what that brings cannot be checked, .* Write it in place",
        ),
        (
            f"Resources: {{}}\nDescription: {'x' * 1_000_000}",
            r"^t: has 1,000,0\d\d bytes, CloudFormation takes 1,000,000",
        ),
        (
            "Resources: {A: {Type: X}}\nTransform: [{Parameters: {}}]",
            r"^t: has a Transform that names no macro: None\. Write the name of the macro\.$",
        ),
        (f"{BOMB}Resources: {{}}", "makes more than 1,000,000 values"),
        ("Resources: &r {A: *r}", "is neither JSON nor YAML"),
        (
            "Resources: !!python/object/apply:os.getcwd []",
            "has the tag !!python/object/apply:os.getcwd, which CloudFormation does not take",
        ),
    ],
)
def test_what_is_no_template_is_reported(text: str, message: str) -> None:
    with pytest.raises(StacksError, match=message):
        parse(text, where="t")


def test_a_missing_file_is_reported_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        StacksError, match=r"^out/sam\.json: cannot be read: No such file.* Package with your framework"
    ):
        read(tmp_path, "out/sam.json")


SCHEMA_KEY = {"Ref": "FDefinitionS3LocationArtifact"}


def _function(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"F": {"Type": kind, "Properties": properties}}}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            _function("AWS::Serverless::Function", CodeUri="src"),
            {"CodeUri": {"Bucket": "b", "Key": {"Ref": "FCodeUriArtifact"}}},
        ),
        (
            _function("AWS::Lambda::Function", Code="src"),
            {"Code": {"S3Bucket": "b", "S3Key": {"Ref": "FCodeArtifact"}}},
        ),
        (
            _function("AWS::Serverless::HttpApi", DefinitionUri="a.yaml"),
            {"DefinitionUri": {"Bucket": "b", "Key": {"Ref": "FDefinitionUriArtifact"}}},
        ),
        (
            _function("AWS::AppSync::GraphQLSchema", DefinitionS3Location="s.graphql"),
            {"DefinitionS3Location": {"Fn::Sub": ["s3://${Bucket}/${Key}", {"Bucket": "b", "Key": SCHEMA_KEY}]}},
        ),
    ],
)
def test_a_local_path_becomes_an_object_in_our_bucket(template: dict[str, Any], expected: dict[str, Any]) -> None:
    result = uploaded(template, "b")
    assert result["Resources"]["F"]["Properties"] == expected
    assert len(result["Parameters"]) == 1


@pytest.mark.parametrize(
    "template",
    [
        _function("AWS::Serverless::Function", CodeUri="s3://bucket/key"),
        _function("AWS::Serverless::Function", CodeUri={"Bucket": "b", "Key": "k"}),
        _function("AWS::Serverless::Function", InlineCode="x"),
        _function("AWS::Serverless::Function", PackageType="Image", ImageUri="x"),
        _function("AWS::Lambda::Function", Code={"ZipFile": "x"}),
        _function("AWS::CloudFormation::Stack", TemplateURL="https://b.s3.amazonaws.com/t.yaml"),
        _function("AWS::S3::Bucket"),
    ],
)
def test_what_is_not_local_stays_as_it_is(template: dict[str, Any]) -> None:
    assert local_artifacts(template) == ()
    assert uploaded(template, "b") == template


def test_code_that_sams_globals_name_is_uploaded_once() -> None:
    template = {"Globals": {"Function": {"CodeUri": "src"}}, **_function("AWS::Serverless::Function", Handler="a.b")}
    (artifact,) = local_artifacts(template)
    assert (artifact.resource, artifact.path, artifact.parameter) == (
        "Globals.Function",
        "src",
        "GlobalsFunctionCodeUriArtifact",
    )


SERVERLESS: dict[str, Any] = {
    "Resources": {
        "ServerlessDeploymentBucket": {"Type": BUCKET},
        "ServerlessDeploymentBucketPolicy": {"Type": "AWS::S3::BucketPolicy"},
        "HelloLambdaFunction": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {
                    "S3Bucket": {"Ref": "ServerlessDeploymentBucket"},
                    "S3Key": "serverless/shop/dev/1700000000000-2023-11-14T22:13:20.000Z/hello.zip",
                }
            },
        },
    },
    "Outputs": {
        "ServerlessDeploymentBucketName": {"Value": {"Ref": "ServerlessDeploymentBucket"}},
        "Endpoint": {"Value": "x"},
    },
}


def test_the_serverless_frameworks_bucket_goes_and_its_zips_are_next_to_the_template() -> None:
    template = without_deployment_bucket(SERVERLESS)
    assert sorted(template["Resources"]) == ["HelloLambdaFunction"]
    assert sorted(template["Outputs"]) == ["Endpoint"]
    assert template["Resources"]["HelloLambdaFunction"]["Properties"]["Code"] == "hello.zip"


def test_sams_transform_is_understood_without_aws_from_the_registry() -> None:
    code = {"Bucket": {"Ref": "B"}, "Key": {"Ref": "K"}}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"B": {"Type": "String", "Default": "b"}, "K": {"Type": "String", "Default": "k"}},
        **_function("AWS::Serverless::Function", CodeUri=code, Handler="a.b", Runtime="python3.14"),
    }
    result = translated(template, parameters={}, region="eu-west-1", where="backend")
    kinds = {name: body["Type"] for name, body in result["Resources"].items()}
    assert (kinds, is_sam(result)) == ({"F": "AWS::Lambda::Function", "FRole": "AWS::IAM::Role"}, False)


def test_what_sam_finds_wrong_is_reported_at_once_from_the_registry() -> None:
    template = {"Transform": ["AWS::Serverless-2016-10-31"], **_function("AWS::Serverless::Api")}
    with pytest.raises(StacksError, match=r"^backend: Resource with id \[F\] is invalid\. .*StageName"):
        translated(template, parameters={}, region="eu-west-1", where="backend")


def test_a_template_without_sams_transform_is_not_translated() -> None:
    template = _function("AWS::Lambda::Function", Code="x")
    assert translated(template, parameters={}, region="eu-west-1", where="backend") is template
