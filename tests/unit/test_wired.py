"""References to other stacks are resolved in every position, across regions in one that AWS documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks import render
from stacks.errors import StacksError
from stacks.loading import validated
from stacks.template.references import Node, missing_outputs, names_in, open_references
from stacks.template.wired import DIGEST, read_names, wired
from tests.positions import forbidden

if TYPE_CHECKING:
    from stacks.template.rendered import Rendered

HOME, FAR = "eu-west-1", "us-east-1"
NEAR_READ = {"Fn::GetStackOutput": {"StackName": "app-dev-data", "OutputName": "Near"}}
FAR_READ = {"Fn::GetStackOutput": {"StackName": "app-dev-edge", "OutputName": "Far", "Region": FAR}}


def node(stack: str, template: dict[str, Any], region: str = HOME) -> Node:
    return Node(
        stack=stack,
        name=f"app-dev-{stack}",
        region=region,
        published=f"/app/dev/{stack}/",
        tags={"stack": f"app-dev-{stack}"},
        template=template,
        names=names_in(template),
    )


DATA = {"Resources": {"Pool": {"Type": "T"}}, "Outputs": {"Near": {"Value": {"Ref": "Pool"}}, "Other": {"Value": "x"}}}
EDGE = {"Resources": {"Acl": {"Type": "T"}}, "Outputs": {"Far": {"Value": {"Fn::GetAtt": ["Acl", "Arn"]}}}}


def resolved(reader: dict[str, Any]) -> list[Node]:
    nodes = [node("data", DATA), node("edge", EDGE, FAR), node("web", reader)]
    assert list(missing_outputs(nodes)) == []
    return wired(nodes)


LEAVES = st.sampled_from(["text", {"Ref": "Own"}, NEAR_READ, FAR_READ])


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.dictionaries(st.sampled_from(["A", "B"]), inner, min_size=2, max_size=2)
    return st.one_of(
        st.builds(lambda values: {"Fn::Sub": ["${A}/${B}:${Own}", values]}, named),
        st.builds(lambda value: {"Fn::Base64": value}, inner),
        st.builds(lambda values: {"Fn::Join": ["", values]}, st.lists(inner, max_size=2)),
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["Key", "Value"]), inner, max_size=2),
    )


VALUES = st.recursive(LEAVES, _around, max_leaves=6)


@given(VALUES, VALUES)
def test_no_reference_is_left_where_aws_fails(value: Any, output: Any) -> None:
    own = {"Own": {"Type": "T"}, "Reader": {"Type": "T", "Properties": {"Value": value}}}
    data, edge, web = resolved({"Resources": own, "Outputs": {"Out": {"Value": output}}})
    text, result = json.dumps(web.template), web.template
    near, far = "Near" in json.dumps([value, output]), "Far" in json.dumps([value, output])
    assert forbidden(result) == []
    assert text.count("GetStackOutput") == far
    assert list(open_references("web", result, names_in(result))) == []
    assert read_names(result) == ({"DataNear": "/app/dev/data/Near"} if near else {})
    assert (DIGEST in result.get("Parameters", {})) == far
    assert ("PublishedNear" in data.template["Resources"]) == near
    assert edge.template == EDGE


def test_a_value_is_published_once_with_the_stacks_tags_and_only_when_it_is_read() -> None:
    reader = {"Resources": {name: {"Type": "T", "Properties": {"V": NEAR_READ}} for name in ("One", "Two")}}
    data, _, web = resolved(reader)
    assert list(data.template["Resources"]) == ["Pool", "PublishedNear"]
    published = data.template["Resources"]["PublishedNear"]["Properties"]
    assert (published["Name"], published["Value"]) == ("/app/dev/data/Near", {"Ref": "Pool"})
    assert published["Tags"] == {"stack": "app-dev-data"}
    assert web.template["Parameters"] == {
        "DataNear": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/app/dev/data/Near",
            "Description": "Published by app-dev-data",
        }
    }


def test_what_another_region_has_is_copied_with_a_digest_that_has_it_read_again() -> None:
    *_, web = resolved({"Resources": {"One": {"Type": "T", "Properties": {"V": FAR_READ}}}})
    copy = web.template["Resources"]["EdgeFar"]["Properties"]
    assert copy["Name"] == "/app/dev/web/edge/Far"
    assert copy["Value"] == {
        "Fn::GetStackOutput": {"StackName": "app-dev-edge", "OutputName": "Far", "Region": FAR},
    }
    (digest,) = web.template["Parameters"]
    assert copy["Description"] == {"Fn::Sub": f"Far of app-dev-edge in {FAR} (${{{digest}}})"}
    assert (web.template["Parameters"][digest]["Type"], web.template["Parameters"][digest]["Default"]) == (
        "String",
        "none",
    )


def test_inside_a_text_the_parameter_is_named_directly() -> None:
    sub = {"Fn::Sub": ["arn:${Id}:${Acl}:${!Id}", {"Id": NEAR_READ, "Acl": FAR_READ}]}
    *_, web = resolved({"Resources": {"One": {"Type": "T", "Properties": {"V": sub}}}})
    assert web.template["Resources"]["One"]["Properties"]["V"] == {"Fn::Sub": "arn:${DataNear}:${EdgeFar.Value}:${!Id}"}


def test_what_another_account_has_is_left_to_cloudformation() -> None:
    abroad = {"Fn::GetStackOutput": {"StackName": "theirs", "OutputName": "Id", "RoleArn": "arn:aws:iam::1:role/r"}}
    template = {"Resources": {"One": {"Type": "T", "Properties": {"V": abroad}}}}
    assert resolved(template)[-1].template == template


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ({"Resources": {"DataNear": {"Type": "T", "Properties": {"V": NEAR_READ}}}}, "DataNear"),
        ({"Parameters": {"DataNear": {}}, "Resources": {"A": {"Type": "T", "V": NEAR_READ}}}, "DataNear"),
        ({"Resources": {"EdgeFar": {"Type": "T", "Properties": {"V": FAR_READ}}}}, "EdgeFar"),
    ],
)
def test_a_name_that_a_reference_needs_and_the_template_has_is_reported(template: dict[str, Any], name: str) -> None:
    with pytest.raises(StacksError, match=rf"^web\.{name}: has the name of a reference"):
        resolved(template)


def test_a_reference_to_the_wrong_region_is_reported() -> None:
    wrong = {"Fn::GetStackOutput": {"StackName": "app-dev-data", "OutputName": "Near", "Region": FAR}}
    nodes = [node("data", DATA), node("web", {"Resources": {"One": {"Type": "T", "Properties": {"V": wrong}}}})]
    (problem,) = missing_outputs(nodes)
    assert "reads stack 'app-dev-data' in us-east-1, which is in eu-west-1" in str(problem)


def functions(count: int, stacks: int) -> dict[str, Rendered]:
    options = {
        "handler": "lambda_src/api/notes.py:list_notes",
        "auth": "users",
        "users": "read",
        "tables": {"notes": "read"},
        "events": {"schedules": ["rate(1 hour)"]},
    }
    named = {f"f{number}": {**options, "routes": [f"GET /api/r{number}"]} for number in range(count)}
    app = validated(
        {
            "name": "big",
            "stages": {"dev": {"region": HOME}},
            "data": {"tables": {"notes": {"partition_key": "id"}}, "users": {}},
            "backend": {"functions": named, "stacks": stacks},
        }
    )
    return {stack.stack: stack for stack in render(app, app.stages["dev"])}


@pytest.mark.parametrize(("count", "stacks"), [(3, 1), (30, 1), (30, 3), (60, 3)])
def test_reads_do_not_grow_with_the_functions(count: int, stacks: int) -> None:
    for stack in functions(count, stacks).values():
        assert len(read_names(stack.template)) <= 3, stack.stack
        assert "GetStackOutput" not in json.dumps(stack.template)


def test_names_that_other_templates_or_applications_read_are_published() -> None:
    """Base is rendered last; the stacks that read it are resolved by then."""
    reader = {
        "Parameters": {"Near": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/app/dev/data/Near"}},
        "Resources": {"Its": {"Type": "T", "Properties": {"X": {"Ref": "Near"}}}},
    }

    def published(others: tuple[dict[str, Any], ...], shared: tuple[str, ...]) -> set[str]:
        (result,) = wired([node("data", DATA)], others, shared)
        bodies = result.template["Resources"].values()
        return {body["Properties"]["Name"] for body in bodies if body["Type"] == "AWS::SSM::Parameter"}

    near, other = "/app/dev/data/Near", "/app/dev/data/Other"
    assert (published((), ()), published((reader,), ())) == (set(), {near})
    assert published((reader,), (other,)) == {near, other}
