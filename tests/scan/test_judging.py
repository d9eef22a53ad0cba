"""What scanners find, against what templates say is intended; no scanner is run here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.checks.run import check
from stacks.suppressions import BY_TYPE
from stacks.suppressions.metadata import suppressed
from tools.scan.__main__ import with_all_options
from tools.scan.judging import Meant, bare, judged, of_cfn_lint, of_checkov, of_nag
from tools.scan.resolve import resolved
from tools.scan.scanners import Match

if TYPE_CHECKING:
    from stacks.app import App

REASON = "a reason of more than twenty characters"
MATCHES = frozenset(
    {
        Match(file="dev/data", resource="Table", rule="CKV_AWS_119"),
        Match(file="dev/data", resource="Other", rule="CKV_AWS_119"),
        Match(file="dev/base", resource="Policy", rule="AwsSolutions-IAM5[Resource::*]"),
    }
)


def meant(rule: str, *resources: str, file: str = "dev/data", reason: str = REASON) -> Meant:
    return Meant(file=file, rule=rule, reason=reason, resources=resources)


def test_what_is_not_suppressed_is_left() -> None:
    verdict = judged(MATCHES, [meant("CKV_AWS_119", "Table")])
    assert [entry.resource for entry in verdict.left] == ["Policy", "Other"]
    assert (verdict.meant, verdict.stale) == (1, ())


def test_a_suppression_without_resources_is_for_the_whole_template() -> None:
    assert judged(MATCHES, [meant("CKV_AWS_119")]).meant == 2
    assert judged(MATCHES, [meant("CKV_AWS_119", file="prod/data")]).meant == 0


def test_a_rule_of_any_pack_is_meant_whatever_it_says_in_brackets() -> None:
    assert [entry.rule for entry in judged(MATCHES, [meant("IAM5", file="dev/base")]).left] == ["CKV_AWS_119"] * 2


def test_a_suppression_of_nothing_is_stale() -> None:
    verdict = judged(MATCHES, [meant("CKV_AWS_119", "Table", "Gone"), meant("CKV_AWS_28")])
    assert verdict.stale == (
        "dev/data: CKV_AWS_119 is suppressed on Gone, where nothing is found",
        "dev/data: CKV_AWS_28 is suppressed on anything, where nothing is found",
    )


def test_a_suppression_needs_a_reason() -> None:
    verdict = judged(MATCHES, [meant("CKV_AWS_119", "Table", reason="because")])
    assert verdict.stale == ("dev/data: CKV_AWS_119 is suppressed without a reason of 20 characters",)


def test_every_suppression_of_the_project_has_a_reason() -> None:
    reasons = [suppression.reason for several in BY_TYPE.values() for suppression in several]
    assert [reason for reason in reasons if len(reason) < 20 or reason.endswith(".")] == []


def test_the_examples_templates_say_what_is_meant_to_be(example: App) -> None:
    for stack in render(example, example.stages["dev"]):
        every = [*of_checkov("x", stack.template), *of_nag("x", stack.template), *of_cfn_lint("x", stack.template)]
        assert every, stack.stack
        assert [suppression.rule for suppression in every if len(suppression.reason) < 20] == [], stack.stack


def test_templates_without_metadata_are_otherwise_the_same(example: App) -> None:
    for stack in render(example, example.stages["dev"]):
        stripped = bare(stack.template)
        assert "Metadata" not in json.dumps(stripped)
        assert stripped["Resources"].keys() == stack.template["Resources"].keys()


def test_metadata_that_a_resource_has_already_is_kept() -> None:
    body = {"Type": "AWS::Logs::LogGroup", "Metadata": {"mine": 1}}
    template = suppressed({"Metadata": {"ours": 2}, "Resources": {"Group": body}})
    assert template["Resources"]["Group"]["Metadata"].keys() == {"mine", "checkov"}
    assert template["Metadata"].keys() == {"ours", "cdk_nag"}


def test_a_template_with_nothing_to_suppress_gets_no_metadata() -> None:
    template: dict[str, Any] = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    assert suppressed(template) == template


def test_a_paid_option_that_is_on_needs_no_suppression() -> None:
    body = {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": "key"}}
    assert "Metadata" not in suppressed({"Resources": {"Group": body}})


def test_references_become_literals() -> None:
    template = {
        "Parameters": {"Key": {"Type": "String"}, "Size": {"Type": "Number", "Default": 3}},
        "Metadata": {"x": 1},
        "Resources": {
            "One": {"Ref": "AWS::AccountId"},
            "Two": {"Fn::Sub": "${AWS::Region}/${Size}"},
            "Three": {"Fn::Sub": "${AWS::Region}/${One}"},
            "Four": {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "NotesTableArn"}},
            "Five": [{"Ref": "One"}],
            "Seven": {"Fn::Sub": ["${AWS::Region}/${A}/${B}", {"A": {"Ref": "One"}, "B": {"Ref": "Size"}}]},
            "Six": {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "LogBucketName"}},
        },
    }
    assert resolved(template, "eu-west-1") == {
        "Resources": {
            "One": "123456789012",
            "Two": "eu-west-1/3",
            "Three": {"Fn::Sub": "eu-west-1/${One}"},
            "Four": "arn:aws:dynamodb:eu-west-1:123456789012:table/name",
            "Five": [{"Ref": "One"}],
            "Seven": {"Fn::Sub": ["eu-west-1/${A}/3", {"A": {"Ref": "One"}}]},
            "Six": "logbucketname",
        }
    }


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_nothing_of_the_example_is_left_to_resolve(example: App, stage: str) -> None:
    for stack in render(example, example.stages[stage]):
        text = json.dumps(resolved(dict(stack.template), stack.region))
        assert "Fn::GetStackOutput" not in text
        assert "AWS::Region" not in text


def test_the_stages_with_all_options_have_no_finding_that_is_not_meant() -> None:
    apps = list(with_all_options())
    assert len(apps) >= 3
    for app in apps:
        for stage in (*app.stages.values(), *app.previews.values()):
            assert check(render(app, stage)) == ()


def _pool(**properties: Any) -> dict[str, Any]:
    invited = {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}
    body = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolAddOns": {"x": 1}, **invited, **properties}}
    return suppressed({"Resources": {"UserPool": body}})


def test_a_reason_follows_from_the_property_that_makes_it_true() -> None:
    def reasons(template: dict[str, Any]) -> dict[str, str]:
        suppress = template.get("Metadata", {}).get("cdk_nag", {}).get("rules_to_suppress", [])
        return {entry["id"]: entry["reason"] for entry in suppress}

    assert "COG2" not in reasons(_pool(MfaConfiguration="ON"))
    assert "'mfa: optional'" in reasons(_pool(MfaConfiguration="OPTIONAL"))["COG2"]
    assert "'mfa: off'" in reasons(_pool(MfaConfiguration="OFF"))["COG2"]
    inline = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": "x"}, "Runtime": "python3.12"}}
    template = suppressed({"Resources": {"One": inline}})
    assert "stacks" not in template["Metadata"]
    assert "the description chose" in reasons(template)["L1"]
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": "x"}}
    assert suppressed({"Resources": {"Jobs": queue}}) == {"Resources": {"Jobs": queue}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "elsewhere", "LoggingConfiguration": {"x": 1}}}
    assert "S3BucketReplicationEnabled" not in reasons(suppressed({"Resources": {"Files": bucket}}))
