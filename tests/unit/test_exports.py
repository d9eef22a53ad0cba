"""Own stacks that import each other's exports come in the order of these."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.template.exports import with_imports
from stacks.template.references import Node, in_order, names_in


def node(name: str, region: str = "eu-west-1", **template: Any) -> Node:
    """A stack of the stage ``dev`` of ``shop``."""
    return Node(
        stack=name,
        name=f"shop-dev-{name}",
        region=region,
        published="/",
        tags={},
        template={"Resources": {}, **template},
        names=names_in({"Resources": {}}),
    )


def importing(value: Any, **template: Any) -> Node:
    """A stack that imports an export."""
    resource = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::ImportValue": value}}}
    return node("reader", Resources={"Topic": resource}, **template)


EXPORT = {"Id": {"Value": "x", "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-Id"}}}}
PARAMETER = {"Other": {"Type": "String", "Default": "shop-dev-writer"}}


@pytest.mark.parametrize(
    "value",
    [
        "shop-dev-writer-Id",
        {"Fn::Sub": "${Other}-Id"},
        {"Fn::Sub": ["${Name}-Id", {"Name": {"Ref": "Other"}}]},
        {"Fn::Join": ["-", [{"Ref": "Other"}, "Id"]]},
    ],
)
def test_an_import_puts_a_stack_after_the_one_that_exports(value: Any) -> None:
    nodes = with_imports([importing(value, Parameters=PARAMETER), node("writer", Outputs=EXPORT)], {})
    assert [entry.stack for entry in in_order(nodes)] == ["writer", "reader"]


def test_a_value_that_the_description_gives_counts_before_the_default() -> None:
    reader = importing({"Fn::Sub": "${Other}-Id"}, Parameters={"Other": {"Type": "String", "Default": "elsewhere"}})
    nodes = [reader, node("writer", Outputs=EXPORT)]
    assert with_imports(nodes, {})[0].needs == set()
    assert with_imports(nodes, {"reader": {"Other": "shop-dev-writer"}})[0].needs == {"shop-dev-writer"}


@pytest.mark.parametrize(
    "value", ["other-Id", {"Fn::Sub": "${Unknown}-Id"}, {"Ref": "Unknown"}, {"Fn::Select": [0, []]}]
)
def test_an_import_of_something_else_gives_no_order(value: Any) -> None:
    assert with_imports([importing(value), node("writer", Outputs=EXPORT)], {})[0].needs == set()


def test_exports_are_of_one_region() -> None:
    nodes = [importing("shop-dev-writer-Id"), node("writer", region="us-east-1", Outputs=EXPORT)]
    assert with_imports(nodes, {})[0].needs == set()


def test_a_stack_does_not_come_before_itself() -> None:
    own = importing("shop-dev-reader-Id", Outputs=EXPORT)
    assert with_imports([own], {})[0].needs == set()


def test_outputs_that_are_not_exported_give_no_order() -> None:
    nodes = with_imports([importing("shop-dev-writer-Id"), node("writer", Outputs={"Id": {"Value": "x"}})], {})
    assert [node.named for node in nodes] == [(), ()]
