"""What stays in the shared stack when functions are spread over stacks."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.template.split import split


def _function(name: str, uses: str) -> dict[str, Any]:
    environment = {"Variables": {"THING": {"Ref": uses}, "TEXT": {"Fn::Sub": ["${X}", {"X": {"Ref": uses}}]}}}
    return {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": name, "Environment": environment}}


@pytest.mark.parametrize(
    ("kind", "stays"),
    [
        ("AWS::SecretsManager::Secret", True),
        ("AWS::SQS::Queue", True),
        ("AWS::S3::Bucket", True),
        ("AWS::Lambda::LayerVersion", True),
        ("AWS::IAM::Role", False),
        ("AWS::Logs::LogGroup", False),
    ],
)
def test_what_holds_data_stays_although_one_function_alone_uses_it(kind: str, *, stays: bool) -> None:
    template = {"Resources": {"OneFunction": _function("one", "Thing"), "Thing": {"Type": kind}}, "Outputs": {}}
    core, *parts = split(template, "app-dev-backend", 3).values()
    assert ("Thing" in core["Resources"]) == stays
    (part,) = parts
    assert ("Thing" in part["Resources"]) != stays
    if stays:
        assert core["Outputs"] == {"Thing": {"Description": "For the stacks of functions", "Value": {"Ref": "Thing"}}}
        read = {"Fn::GetStackOutput": {"StackName": "app-dev-backend", "OutputName": "Thing"}}
        variables = part["Resources"]["OneFunction"]["Properties"]["Environment"]["Variables"]
        assert variables == {"THING": read, "TEXT": {"Fn::Sub": ["${X}", {"X": read}]}}
