"""Path parameters of an HTTP API that are renamed, on an AWS that refuses it in one update as the true one does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.cloud import StackState, Submission
from stacks.deploy.apply import apply
from stacks.deploy.execute import agree, deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.table_steps import early
from stacks.errors import DeployError
from stacks.forecast.route_variables import in_the_way, variables
from stacks.pipelines.preparing import refuse_renamed_parameters
from stacks.progress import ChangesFound, RoutesRemoved
from stacks.ui import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.progress import Progress
    from stacks.template.rendered import Rendered
    from stacks.testing import MemoryCloud

    Build = Callable[..., Rendered]

NAME, REGION = "t-x-backend", "eu-west-1"


def routes(*keys: str) -> dict[str, Any]:
    result = {
        f"Route{number}": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": key}}
        for number, key in enumerate(keys)
    }
    return {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "x", "ProtocolType": "HTTP"}}, **result}


BEFORE = routes("GET /notes", "GET /notes/{id}", "DELETE /notes/{id}", "GET /notes/{id}/tags", "GET /{proxy+}")
AFTER = routes("GET /notes", "GET /notes/{key}", "DELETE /notes/{key}", "GET /notes/{key}/tags", "GET /{proxy+}")


def deployed(memory: MemoryCloud, stack: Rendered) -> list[Progress]:
    events: list[Progress] = []
    deploy(make_plan([stack]), memory, events.append)
    return events


def test_a_renamed_path_parameter_takes_two_updates(memory: MemoryCloud, build: Build) -> None:
    deployed(memory, build("backend", BEFORE))
    events = deployed(memory, build("backend", AFTER))
    changes = [event.change_set.changes for event in events if isinstance(event, ChangesFound)]
    assert [[(change.action, change.logical_id) for change in update] for update in changes] == [
        [("remove", "Route1"), ("remove", "Route2"), ("remove", "Route3")],
        [("add", "Route1"), ("add", "Route2"), ("add", "Route3")],
    ]
    (removed,) = (event for event in events if isinstance(event, RoutesRemoved))
    (line,) = lines(removed)
    assert line.text.endswith("removes DELETE /notes/{id}, GET /notes/{id}, GET /notes/{id}/tags first")
    assert memory.template(NAME, REGION)["Resources"] == AFTER


def test_what_was_interrupted_is_completed_by_the_next_deploy(memory: MemoryCloud, build: Build) -> None:
    deployed(memory, build("backend", BEFORE))
    more = {**AFTER, "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}
    memory.fail("Topic", "no")
    with pytest.raises(DeployError):
        deployed(memory, build("backend", more))
    memory.repair("Topic")
    events = deployed(memory, build("backend", AFTER))
    assert [event for event in events if isinstance(event, RoutesRemoved)] == []
    assert memory.template(NAME, REGION)["Resources"] == AFTER


def test_what_the_stack_reads_elsewhere_is_read_by_its_name_in_both_updates() -> None:
    """The local AWS reports the value of such a parameter where AWS reports its name."""
    reads = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/t/x/data/Pool"}
    state = StackState(name=NAME, id="i", region=REGION, status="CREATE_COMPLETE", parameters={"Pool": "eu-west-1_A"})
    submission = Submission(name=NAME, region=REGION, template={}, body="", parameters={"Code": "k"}, creates=False)
    first = early(submission, state, {"Parameters": {"Pool": reads, "Code": {"Type": "String"}}, "Resources": {}})
    assert first.parameters == {"Code": "k"}


def test_aws_refuses_it_in_one_update(memory: MemoryCloud, build: Build) -> None:
    deployed(memory, build("backend", BEFORE))
    new = build("backend", AFTER)
    submission = Submission(
        name=NAME, region=REGION, template=dict(new.template), body="", parameters={}, creates=False
    )
    with pytest.raises(DeployError, match="has a conflicting variable"):
        apply("backend", submission, memory, lambda _: None, agree)


def test_a_pipelines_build_refuses_it_with_the_way_out(memory: MemoryCloud, build: Build) -> None:
    refuse_renamed_parameters(build("backend", AFTER), memory)
    deployed(memory, build("backend", BEFORE))
    refuse_renamed_parameters(build("backend", BEFORE), memory)
    with pytest.raises(DeployError) as caught:
        refuse_renamed_parameters(build("backend", AFTER), memory)
    assert str(caught.value) == (
        "t-x-backend: DELETE /notes/{id}, GET /notes/{id}, GET /notes/{id}/tags: API Gateway refuses to rename a path"
        " parameter in one update. Remove these routes and push, then push the new ones, or run 'deploy backend' once,"
        " and push then."
    )


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (["GET /a/{id}", "GET /a/{id}/c"], []),  # another route comes
        (["GET /a/{id+}"], []),  # a greedy one goes next to a plain one
        (["GET /b/{key}"], []),  # another place
        (["POST /a/{key}"], ["GET /a/{id}"]),  # another method
        (["GET /a/{id}/b/{x}"], []),
    ],
)
def test_only_a_place_with_another_name_is_in_the_way(new: list[str], expected: list[str]) -> None:
    result = in_the_way({"Resources": routes("GET /a/{id}")}, {"Resources": routes(*new)})
    assert sorted(result.values()) == expected


def test_a_place_has_no_names() -> None:
    assert list(variables("GET /a/{b}/c/{d}/{e+}")) == [("/a", "{b}"), ("/a/{}/c", "{d}")]
    assert list(variables("$default")) == []
