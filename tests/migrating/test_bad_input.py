"""What is wrong with a file is one clear message, never a traceback, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.cli import main
from stacks.errors import StacksError
from stacks.migrating.migration import MigrationInput, migrated
from stacks.migrating.references import LostError, References, ReferenceTarget
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.migrating.conftest import Migrate

FINE = "service: shop\nprovider: {name: aws, runtime: python3.12}\nfunctions: {hello: {handler: handler.hello}}\n"


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        ("serverless.yml", "service: [", "serverless.yml:1"),
        ("serverless.yml", "a: &a {b: *a}\nservice: x\nprovider: aws\n", "contains itself"),
        ("serverless.yml", "service: shop\n\tprovider: aws\n", "a tab is used"),
        ("serverless.yml", "just a text", "holds no settings"),
        ("serverless.yml", "", "holds no settings"),
        ("serverless.json", '{"service": "x",', "serverless.json:1"),
        ("zappa_settings.toml", "a =", "zappa_settings.toml: is not TOML: Invalid value"),
        ("zappa_settings.toml", "a = " + "[" * 5000, "zappa_settings.toml: is nested too deeply. Use fewer levels."),
        ("config.yml", "colour: blue", "is not a configuration that is known here"),
        ("serverless.yml", "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
        ), "makes more than 200,000 values"),
        ("serverless.yml", FINE + "x: '" + "a" * 2_000_000 + "'\n", "has 2,000,"),
        ("serverless.yml", "[" * 5000, "nested too deeply"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_message(migrate: Migrate, file: str, text: str, what: str) -> None:
    with pytest.raises(StacksError) as raised:
        migrate(text, file=file)
    assert what in str(raised.value)
    assert raised.value.exit_code == 2
    assert len(raised.value.problems) == 1


def test_a_program_is_printed_by_its_own_framework(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "serverless.ts").write_text("export default {}")
    assert main(["migrate", str(tmp_path / "serverless.ts")]) == 2
    fix = "Run 'npx serverless print > serverless.yml' in its folder, and migrate that file."
    assert capsys.readouterr().err.endswith(f"serverless.ts: is a program, which only Serverless can run. {fix}\n")


def test_merges_and_anchors_are_written_out(migrate: Migrate) -> None:
    text = FINE.replace(
        "functions: {hello: {handler: handler.hello}}",
        "x: &base {memorySize: 256}\nfunctions: {hello: {<<: *base, handler: handler.hello}}",
    )
    migration = migrate(text)
    assert migration.app is not None
    assert migration.app.stages["dev"].backend.functions["hello"].memory == 256


def test_nothing_is_overwritten_without_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "serverless.yml").write_text(FINE)
    (tmp_path / "app.yaml").write_text("mine")
    assert main(["migrate", str(tmp_path / "serverless.yml")]) == 2
    assert "already exists" in capsys.readouterr().err
    assert (tmp_path / "app.yaml").read_text() == "mine"
    assert not (tmp_path / "MIGRATION.md").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "serverless.yml").write_text(FINE)
    assert main(["migrate", str(tmp_path / "serverless.yml"), "--dry-run"]) == 0
    assert "name: shop" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["serverless.yml"]


_WORDS = (
    "service provider functions resources Resources events handler http httpApi schedule sqs s3 path method authorizer"
    " environment iam role statements Effect Action Resource custom plugins layers vpc package Type Properties name"
    " runtime cors hello Table customDomain Ref Fn::Sub Fn::GetAtt"
)
_KEYS = st.sampled_from(_WORDS.split())
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 9999),
    st.sampled_from(
        ["", "x", "aws", "python3.12", "handler.hello", "GET /x", "*", "${self:custom}", "${self:}", "${file(x.yml)}",
         "AWS::DynamoDB::Table", "AWS::S3::Bucket", "arn:aws:s3:::x", "s3:*", "Allow", "${env:X}", "a\nb"]
    ),
)  # fmt: skip
_TREES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=25
)


_KINDS = st.sampled_from(
    ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Cognito::UserPool",
     "AWS::CloudFront::Distribution", "AWS::IAM::Policy", "AWS::Logs::LogGroup", "AWS::RDS::DBInstance"]
)  # fmt: skip
_EVENT_WORDS = "http httpApi schedule sqs stream s3 sns eventBridge cognitoUserPool iot alexaSkill"
_EVENTS = st.sampled_from(_EVENT_WORDS.split())
_NAME_WORDS = (
    "KeySchema AttributeDefinitions BucketName RedrivePolicy DistributionConfig Origins LambdaConfig Roles Queues"
    " bucket arn path method rate pattern pool trigger topicName GlobalSecondaryIndexes MasterUserPassword"
)
_NAMES = st.sampled_from(_NAME_WORDS.split())
_ODD_BODIES = st.dictionaries(_NAMES | _KEYS, _TREES, max_size=4) | _TREES


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(_EVENTS, _ODD_BODIES, max_size=3), st.dictionaries(_KINDS, _ODD_BODIES, max_size=3), _ODD_BODIES)
def test_no_event_or_resource_breaks_the_migration(events: Any, resources: Any, provider: Any) -> None:
    functions = {"hello": {"handler": "handler.hello", "events": [{kind: body} for kind, body in events.items()]}}
    bodies = {f"R{number}": {"Type": kind, "Properties": body} for number, (kind, body) in enumerate(resources.items())}
    serverless = {"service": "shop", "provider": provider, "functions": functions, "resources": {"Resources": bodies}}
    sam = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": provider,
        "Resources": {**bodies, "Hello": {"Type": "AWS::Serverless::Function", "Properties": provider}},
    }
    zappa = {"dev": {"app_function": "app.app", "events": provider, "environment_variables": provider}}
    for file, config in (("serverless.yml", serverless), ("template.yaml", sam), ("zappa_settings.json", zappa)):
        try:
            migration = migrated(MigrationInput(file=file, text=yaml.safe_dump(config)))
        except StacksError:
            continue
        assert migration.app is not None


@settings(max_examples=40, deadline=None)
@given(_TREES, _TREES, _TREES)
def test_no_configuration_breaks_the_migration(functions: Any, resources: Any, provider: Any) -> None:
    config = {
        "service": "shop",
        "provider": provider,
        "functions": functions,
        "resources": resources,
        "custom": provider,
    }
    text = yaml.safe_dump(config)
    try:
        migration = migrated(MigrationInput(file="serverless.yml", text=text))
    except StacksError:
        return
    assert migration.app is not None


REFERENCES = References(
    parameters={"Secret": Unknown("the parameter Secret")},
    targets={"Queue": ReferenceTarget(ref=None)},
    mappings={"Sizes": {"dev": {"memory": 128}}},
    conditions={"Big": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "1"]}},
)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Unknown("self:x"), "self:x is unknown"),
        ({"Condition": "Big"}, "the condition Big decides about it"),
        ({"Tag::Env": ""}, "the tag Env is not a CloudFormation function"),
        ({"Fn::GetAtt": ["Queue"]}, "Fn::GetAtt needs a resource and an attribute"),
        ({"Fn::GetAtt": "Nobody.Arn"}, "Nobody does not exist here"),
        ({"Fn::GetAtt": "Queue.Arn"}, "Queue.Arn is not carried over"),
        ({"Ref": "Nobody"}, "Nobody does not exist here"),
        ({"Ref": "Queue"}, "Queue is not carried over"),
        ({"Ref": "Secret"}, "the parameter Secret has no default"),
        ({"Fn::Sub": []}, "Fn::Sub has no text"),
        ({"Fn::If": ["Big", 1]}, "Fn::If needs a condition and two values"),
        ({"Fn::If": ["Small", 1, 2]}, "the condition Small is not known"),
        ({"Fn::If": ["Big", 1, 2]}, "the condition Big is not known before it is deployed"),
        ({"Fn::FindInMap": ["Sizes", "prod", "memory"]}, "the mapping Sizes.prod.memory has no value"),
    ],
)
def test_a_reference_that_is_lost_says_why(value: Any, message: str) -> None:
    with pytest.raises(LostError) as raised:
        REFERENCES.value(value)
    assert str(raised.value) == message
