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


def _resources(**bodies: tuple[str, Any]) -> dict[str, Any]:
    return {name: {"Type": f"AWS::{kind}", "Properties": {"Reads": reads}} for name, (kind, reads) in bodies.items()}


FIRST = {"OneFunction": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "one"}}}
SECOND = {"TwoFunction": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "two"}}}
HOME_OF_ONE, HOME_OF_TWO = 6, 2
"""Of seven stacks, by the hash of their logical ids: another number would move deployed functions."""
TO_ONE, TO_TWO = {"Fn::GetAtt": ["OneFunction", "Arn"]}, {"Fn::GetAtt": ["TwoFunction", "Arn"]}


def _where(resources: dict[str, Any], **more: Any) -> dict[int, dict[str, Any]]:
    return split({"Resources": resources, **more}, "app-dev-backend", 7)


def _home(stacks: dict[int, dict[str, Any]], name: str) -> int:
    (stack_with,) = (stack for stack, template in stacks.items() if name in template["Resources"])
    return stack_with


def test_one_stack_is_left_as_it_is() -> None:
    template = {"Resources": FIRST}
    assert split(template, "app-dev-backend", 1) == {0: template}


def test_functions_are_spread_by_their_names_alone() -> None:
    homes = {
        _home(_where({**FIRST, **SECOND, **more}), "OneFunction") for more in ({}, _resources(Role=("IAM::Role", 1)))
    }
    assert homes == {HOME_OF_ONE}
    assert _home(_where(FIRST | SECOND), "TwoFunction") == HOME_OF_TWO


@pytest.mark.parametrize(
    ("kind", "reads", "number"),
    [
        ("Lambda::Permission", TO_ONE, HOME_OF_ONE),
        ("CloudWatch::Alarm", TO_ONE, HOME_OF_ONE),
        ("CloudWatch::Alarm", [TO_ONE, TO_TWO], 0),
        ("ApiGateway::RestApi", TO_ONE, 0),
        ("IAM::ManagedPolicy", "nothing", 0),
    ],
)
def test_what_reads_one_function_alone_goes_with_it(kind: str, reads: Any, number: int) -> None:
    assert _home(_where({**FIRST, **SECOND, **_resources(It=(kind, reads))}), "It") == number


def test_what_reads_the_things_of_one_function_goes_with_it_too() -> None:
    chain = _resources(
        Rule=("Events::Rule", TO_ONE),
        Policy=("IAM::ManagedPolicy", {"Ref": "Rule"}),
        Role=("IAM::Role", {"Ref": "Policy"}),
    )
    stacks = _where(FIRST | chain)
    assert {_home(stacks, name) for name in chain} == {HOME_OF_ONE}


def test_a_role_of_two_functions_is_shared() -> None:
    both: dict[str, Any] = {**FIRST, **SECOND}
    for name in ("OneFunction", "TwoFunction"):
        properties = {**both[name]["Properties"], "Role": {"Fn::GetAtt": ["Role", "Arn"]}}
        both[name] = {**both[name], "Properties": properties}
    stacks = _where({**both, **_resources(Role=("IAM::Role", 1))})
    assert _home(stacks, "Role") == 0
    read = {"Fn::GetStackOutput": {"StackName": "app-dev-backend", "OutputName": "RoleArn"}}
    assert stacks[HOME_OF_ONE]["Resources"]["OneFunction"]["Properties"]["Role"] == read
    assert stacks[0]["Outputs"]["RoleArn"]["Value"] == {"Fn::GetAtt": ["Role", "Arn"]}


def test_an_output_that_exists_is_read_instead_of_another() -> None:
    function = {"OneFunction": _function("one", "Things")}
    outputs = {"TheQueue": {"Value": {"Ref": "Things"}}}
    stacks = _where({**function, **_resources(Things=("SQS::Queue", 1))}, Outputs=outputs)
    assert stacks[0]["Outputs"] == outputs
    variables = stacks[HOME_OF_ONE]["Resources"]["OneFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["THING"]["Fn::GetStackOutput"]["OutputName"] == "TheQueue"


def test_dead_letters_go_with_their_function_and_other_queues_stay() -> None:
    resources = _resources(
        OneDeadLetters=("SQS::Queue", 1),
        OneDeadLettersPolicy=("SQS::QueuePolicy", {"Ref": "OneDeadLetters"}),
        Jobs=("SQS::Queue", TO_ONE),
    )
    function = {"OneFunction": _function("one", "OneDeadLetters")}
    stacks = _where({**function, **resources})
    homes = {name: _home(stacks, name) for name in resources}
    assert homes == {"OneDeadLetters": HOME_OF_ONE, "OneDeadLettersPolicy": HOME_OF_ONE, "Jobs": 0}


def test_an_output_about_a_function_goes_with_it_and_others_stay() -> None:
    outputs = {"OneArn": {"Value": TO_ONE}, "Plain": {"Value": "x"}}
    stacks = _where(FIRST, Outputs=outputs)
    assert stacks[0]["Outputs"] == {"Plain": {"Value": "x"}}
    assert stacks[HOME_OF_ONE]["Outputs"] == {"OneArn": {"Value": TO_ONE}}


def test_what_stays_names_a_function_by_its_arn() -> None:
    stacks = _where(FIRST | _resources(Api=("ApiGateway::RestApi", [TO_ONE, {"Ref": "OneFunction"}])))
    arn = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:one"
    assert stacks[0]["Resources"]["Api"]["Properties"]["Reads"] == [{"Fn::Sub": arn}, {"Ref": "OneFunction"}]


def test_a_stack_has_the_parameters_that_it_uses_and_what_is_not_a_section_of_one_alone() -> None:
    parameters = {"Code": {"Type": "String"}, "Other": {"Type": "String"}}
    function = {"OneFunction": _function("one", "Code")}
    stacks = _where(
        {**function, **_resources(Api=("ApiGateway::RestApi", {"Ref": "Other"}))},
        Parameters=parameters,
        Description="d",
    )
    assert {name: list(template["Parameters"]) for name, template in stacks.items()} == {
        0: ["Other"],
        HOME_OF_ONE: ["Code"],
    }
    assert {template["Description"] for template in stacks.values()} == {"d"}
    assert "Parameters" not in _where(FIRST)[0]
