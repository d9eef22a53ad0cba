"""What a template refers to is there, inside it and in the other stacks."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.errors import StacksError
from stacks.template.references import Node, in_order, missing_outputs, names_in, open_references, refuse_circle


def node(stack: str, template: dict[str, Any]) -> Node:
    return Node(
        stack=stack,
        name=f"app-dev-{stack}",
        region="eu-west-1",
        published=f"/app/dev/{stack}/",
        tags={},
        template=template,
        names=names_in(template),
    )


def reading(*producers: str) -> dict[str, Any]:
    values = [{"Fn::GetStackOutput": {"StackName": f"app-dev-{name}", "OutputName": "Out"}} for name in producers]
    return {"Resources": {"One": {"Type": "T", "Properties": {"Values": values}}}, "Outputs": {"Out": {"Value": "x"}}}


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Gone"},
        {"Fn::GetAtt": ["Gone", "Arn"]},
        {"Fn::GetAtt": "Gone.Arn"},
        {"Fn::Sub": "a ${Gone} b"},
        {"Fn::Sub": "a ${Gone.Arn} b"},
        {"Fn::Sub": ["${Known} ${Gone}", {"Known": "x"}]},
        {"Fn::Sub": ["${Known}", {"Known": {"Ref": "Gone"}}]},
        {"Fn::Join": ["", [{"Ref": "Gone"}]]},
    ],
)
def test_a_reference_to_nothing_is_found(value: dict[str, Any]) -> None:
    template = {"Resources": {"One": {"Type": "T", "Properties": {"Value": value}}}}
    (problem,) = open_references("data", template, names_in(template))
    assert str(problem) == (
        "data.Resources.One: refers to 'Gone', which the template does not have. Correct the name, or add the resource."
    )


@pytest.mark.parametrize(
    ("body", "function"),
    [
        ({"DependsOn": 5}, "DependsOn"),
        ({"DependsOn": [["One"]]}, "DependsOn"),
        ({"DependsOn": {"One": 1}}, "DependsOn"),
        ({"Properties": {"V": {"Ref": {"a": 1}}}}, "Ref"),
        ({"Properties": {"V": [{"Fn::GetAtt": []}]}}, "Fn::GetAtt"),
        ({"Properties": {"V": {"Fn::GetAtt": 5}}}, "Fn::GetAtt"),
        ({"Properties": {"V": {"Fn::Sub": ["${One}"]}}}, "Fn::Sub"),
        ({"Properties": {"V": {"Fn::Sub": [1, {}]}}}, "Fn::Sub"),
        ({"Properties": {"V": {"Fn::GetStackOutput": {"StackName": "a"}}}}, "Fn::GetStackOutput"),
    ],
)
def test_a_function_of_another_shape_is_reported(body: dict[str, Any], function: str) -> None:
    template = {"Resources": {"One": {"Type": "T", **body}}}
    (problem,) = open_references("x", template, names_in(template))
    assert str(problem) == (
        f"x.Resources.One: has a {function} that is not written as CloudFormation asks. Correct it, or leave it out."
    )


def test_a_property_that_is_named_depends_on_is_no_reference() -> None:
    containers = [{"DependsOn": [{"ContainerName": "log", "Condition": "START"}]}]
    template = {"Resources": {"One": {"Type": "T", "Properties": {"ContainerDefinitions": containers}}}}
    assert list(open_references("x", template, names_in(template))) == []


def test_resources_that_need_each_other_are_reported_in_their_order() -> None:
    resources = {"A": {"Type": "T", "DependsOn": "B"}, "B": {"Type": "T", "Properties": {"V": {"Ref": "A"}}}}
    with pytest.raises(StacksError, match=r"^x\.Resources: resources need each other to be made: A → B → A\. Break"):
        refuse_circle("x", {"Resources": resources})
    refuse_circle("x", {"Resources": resources, "Transform": "AWS::Serverless-2016-10-31"})


def test_depends_on_and_outputs_are_checked_too() -> None:
    template = {"Resources": {"One": {"Type": "T", "DependsOn": ["A"]}}, "Outputs": {"O": {"Value": {"Ref": "B"}}}}
    assert [p.where for p in open_references("x", template, names_in(template))] == ["x.Resources.One", "x.Outputs.O"]


def test_parameters_resources_and_pseudo_parameters_are_known() -> None:
    values = [{"Ref": "P"}, {"Ref": "One"}, {"Ref": "AWS::Region"}, {"Fn::Sub": "${AWS::Region}${!Literal}${P}"}]
    template = {"Parameters": {"P": {}}, "Resources": {"One": {"Type": "T", "Properties": {"V": values}}}}
    assert list(open_references("x", template, names_in(template))) == []


def test_an_output_that_does_not_exist_names_both_ends() -> None:
    consumer = reading("data")
    consumer["Resources"]["One"]["Properties"]["Values"][0]["Fn::GetStackOutput"]["OutputName"] = "Other"
    (problem,) = missing_outputs([node("data", reading()), node("backend", consumer)])
    assert str(problem) == (
        "backend.Resources.One: reads output 'Other', which stack 'app-dev-data' does not have. Its outputs are Out."
    )


def test_a_stack_that_is_not_created_is_named() -> None:
    (problem,) = missing_outputs([node("backend", reading("data"))])
    assert "stack 'app-dev-data', which the description does not have" in str(problem)


def test_stacks_come_after_what_they_read_and_keep_their_order_otherwise() -> None:
    nodes = [node("a", reading("c")), node("b", reading()), node("c", reading())]
    assert [entry.stack for entry in in_order(nodes)] == ["b", "c", "a"]


def test_a_circle_is_named() -> None:
    with pytest.raises(StacksError, match=r"stacks\.[ab]: read from each other in a circle: (a → b → a|b → a → b)\."):
        in_order([node("a", reading("b")), node("b", reading("a"))])


def test_a_read_from_a_region_that_its_stack_is_not_in_is_reported_with_both() -> None:
    function = {"Fn::GetStackOutput": {"StackName": "app-dev-data", "OutputName": "Out", "Region": "us-east-1"}}
    reader = node("backend", {"Resources": {"One": {"Type": "T", "Properties": {"Value": function}}}})
    (problem,) = missing_outputs([reader, node("data", reading())])
    assert problem.what == "reads stack 'app-dev-data' in us-east-1, which is in eu-west-1"
