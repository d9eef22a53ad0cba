"""What holds of every kind: in plain and split backends, for own stacks, deploy roles, forecasts, destruction.

A kind that is added needs a line in ``DESCRIBED``; what it forgets in its record or its resources fails here.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from stacks.checks.run import check
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee
from stacks.deploy.execute import deploy
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.errors import DescriptionError
from stacks.forecast.compare import compare
from stacks.forecast.stateful import stateful_types
from stacks.kinds import KINDS
from stacks.loading import validated
from stacks.parts.kinds import resources_of as parts_of
from stacks.rendering import render
from stacks.roles.rights import derive
from stacks.stages.kinds import described_at, title_of, variable
from stacks.stages.variables import given_variables
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App
    from stacks.kinds import Kind
    from stacks.template.rendered import Rendered
    from stacks.testing import MemoryCloud

ENTRY = "lambda_src/api/notes.py:list_notes"
DEFINITION = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}
DESCRIBED: dict[str, Any] = {
    "tables": {"partition_key": "owner"},
    "databases": True,
    "buckets": True,
    "users": True,
    "clients": {"kind": "browser"},
    "queues": True,
    "topics": True,
    "buses": True,
    "workflows": {"definition": DEFINITION},
    "senders": "example.com",
    "functions": {"handler": ENTRY},
    "secrets": True,
}
"""Kind → the shortest description of one of them."""
NAME = "alpha"
SHAPES = ("plain", "split", "alone")
"""``alone``: split, and only one function has to do with the thing."""
USED = [kind for kind in KINDS if kind.uses]
STARTING = [kind for kind in KINDS if kind.starts != "never"]


def every(kinds: list[Kind] | tuple[Kind, ...]) -> pytest.MarkDecorator:
    """A case for each of the kinds."""
    return pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.name)


def name_of(kind: Kind) -> str:
    """What the thing is known by."""
    return kind.name if kind.single else NAME


def _function(kind: Kind, access: str) -> dict[str, Any]:
    if not kind.uses:
        return {}
    used: Any = access if kind.single else {NAME: access}
    return {kind.use_field: [NAME] if kind.access else used}


def described(kind: Kind, shape: str, *, with_resource: bool = True, access: str = "") -> dict[str, Any]:
    """A description with one thing, a function that uses it, one that it starts, and a stack that reads its output."""
    *groups, last = kind.group.split(".")
    body: dict[str, Any] = {"data": {"tables": {"kept": {"partition_key": "id"}}}, "backend": {}}
    place = body
    for group in groups:
        place = place.setdefault(group, {})
    if with_resource:
        value = DESCRIBED[kind.name]
        place.setdefault(last, {}).update({} if kind.single else {NAME: value})
        place[last] = value if kind.single else place[last]
    functions = body["backend"].setdefault("functions", {})
    use = _function(kind, access or next(iter(kind.uses), "")) if with_resource else {}
    functions["web"] = {"handler": ENTRY, "routes": ["GET /"], "public": True, **use}
    started = {NAME: {"source": ["shop"]}} if kind.name == "buses" else [NAME]
    listens = with_resource and shape != "alone" and kind.starts != "never"
    starts = {"events": {kind.name: started}} if listens else {}
    functions["listener"] = {"handler": ENTRY, **starts}
    body["backend"]["stacks"] = 1 if shape == "plain" else 2
    stacks: dict[str, Any] = {}
    if with_resource:
        body[kind.section]["outputs"] = {"Thing": {"Value": {"Ref": title_of(kind, name_of(kind))}}}
        read = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": _output(kind)}}
        stacks = {"reports": {"template": {"Resources": {"Told": read}}}}
    return {"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, **body, "stacks": stacks}


def _output(kind: Kind) -> dict[str, Any]:
    return {"Fn::GetAtt": [kind.section, "Thing"]}


@cache
def _app(kind: str, shape: str, access: str) -> App:
    result = next(entry for entry in KINDS if entry.name == kind)
    return validated(described(result, shape, access=access))


def app_of(kind: Kind, shape: str = "plain", access: str = "") -> App:
    """The application of that description."""
    return _app(kind.name, shape, access)


@cache
def _rendered(kind: str, shape: str, access: str) -> tuple[Rendered, ...]:
    app = _app(kind, shape, access)
    return tuple(render(app, app.stages["dev"]))


def rendered_of(kind: Kind, shape: str = "plain", access: str = "") -> tuple[Rendered, ...]:
    """Its stacks."""
    return _rendered(kind.name, shape, access)


def resources_of(kind: Kind, shape: str = "plain", access: str = "") -> dict[str, dict[str, Any]]:
    """Logical id → resource, of all stacks."""
    stacks = rendered_of(kind, shape, access)
    return {name: body for stack in stacks for name, body in stack.template["Resources"].items()}


def actions_in(document: dict[str, Any], effect: str = "Allow") -> set[str]:
    """The actions of a policy's statements."""
    statements = [statement for statement in document["Statement"] if statement["Effect"] == effect]
    return {action for statement in statements for action in statement["Action"]}


def test_every_kind_is_described_here() -> None:
    assert list(DESCRIBED) == [kind.name for kind in KINDS]


@pytest.mark.parametrize("shape", SHAPES)
@every(KINDS)
def test_a_thing_is_in_the_stack_of_its_section_however_the_backend_is_spread(kind: Kind, shape: str) -> None:
    holding = {
        rendered_stack.stack: rendered_stack.template["Resources"] for rendered_stack in rendered_of(kind, shape)
    }
    title = title_of(kind, name_of(kind))
    (stack,) = (stack for stack, resources in holding.items() if title in resources)
    assert holding[stack][title]["Type"] in kind.types
    assert stack.startswith(kind.section) if kind.name == "functions" else stack == kind.section


@pytest.mark.parametrize("shape", SHAPES)
@every(KINDS)
def test_aws_refuses_nothing_of_it(kind: Kind, shape: str) -> None:
    assert [str(finding) for finding in check(rendered_of(kind, shape)) if finding.grade == "refused"] == []


@pytest.mark.parametrize("shape", SHAPES)
@every(KINDS)
def test_an_own_stack_reads_it_by_an_output_of_its_section(kind: Kind, shape: str) -> None:
    stacks = {stack.stack: stack for stack in rendered_of(kind, shape)}
    (owner,) = (stack.stack for stack in stacks.values() if "Thing" in stack.template.get("Outputs", {}))
    assert owner in stacks["reports"].needs


@pytest.mark.parametrize("shape", SHAPES)
@every(KINDS)
def test_the_rights_to_deploy_each_of_its_stacks_are_derived(kind: Kind, shape: str) -> None:
    stage = app_of(kind, shape).stages["dev"]
    title = title_of(kind, name_of(kind))
    for stack in rendered_of(kind, shape):
        rights = derive(stage, stack)
        if title in stack.template["Resources"]:
            assert any(action.startswith(f"{kind.service}:Create") for action in rights.actions)


@every(KINDS)
def test_removing_it_is_foreseen_with_what_becomes_of_its_data(kind: Kind) -> None:
    before = {stack.stack: stack.template for stack in rendered_of(kind)}
    app = validated(described(kind, "plain", with_resource=False))
    after = {stack.stack: stack.template for stack in render(app, app.stages["dev"])}
    title = title_of(kind, name_of(kind))
    (change,) = (entry for entry in compare(before[kind.section], after[kind.section]) if entry.name == title)
    assert change.action == "remove"
    assert change.loss == ("kept" if change.type in stateful_types() and kind.section == "data" else change.loss)
    assert (change.loss == "none") == (change.type not in stateful_types())


@every(KINDS)
def test_a_stage_with_it_is_deployed_and_destroyed_with_its_data(
    kind: Kind, memory: MemoryCloud, tmp_path: Path
) -> None:
    stacks = rendered_of(kind, "split")
    archive = tmp_path / "code.zip"
    archive.write_bytes(b"PK")
    code = [
        PackagedCode(stack=stack.stack, parameter=name, key="code.zip", path=archive)
        for stack in stacks
        for name in stack.template.get("Parameters", {})
        if name.endswith(("Code", "Key"))
    ]
    deploy(make_plan(stacks, code=code), memory, ignore)
    destroy(foresee(stacks, memory), memory, ignore, delete_data=True)
    left = foresee(stacks, memory)
    assert [entry.state for entry in left] == [None] * len(stacks)
    assert [entry.resource.logical_id for going in left for entry in going.data] == []


@every(KINDS)
def test_its_resource_is_explained_by_its_place(kind: Kind) -> None:
    stage = app_of(kind).stages["dev"]
    place = kind.group if kind.single else f"{kind.group}.{NAME}"
    assert described_at(title_of(kind, name_of(kind)), stage) == [place]


@pytest.mark.parametrize("shape", SHAPES)
@every(USED)
def test_a_function_that_uses_it_gets_its_variable(kind: Kind, shape: str) -> None:
    app = app_of(kind, shape)
    variables = resources_of(kind, shape)["WebFunction"]["Properties"]["Environment"]["Variables"]
    name = variable(kind, name_of(kind))
    assert name in variables
    assert name in given_variables(app.stages["dev"].backend.functions["web"], app.stages["dev"])


@pytest.mark.parametrize(
    ("kind", "access"),
    [(kind, access) for kind in USED for access in kind.uses],
    ids=lambda entry: getattr(entry, "name", entry),
)
def test_the_boundary_allows_what_the_role_allows(kind: Kind, access: str) -> None:
    resources = resources_of(kind, "plain", access)
    role = actions_in(resources["WebPolicy"]["Properties"]["PolicyDocument"])
    boundary = actions_in(resources["ApplicationBoundary"]["Properties"]["PolicyDocument"])
    assert set(kind.uses[access]) <= role <= boundary


@every(STARTING)
def test_a_stream_has_a_place_for_what_keeps_failing(kind: Kind) -> None:
    mappings = [
        body["Properties"] for body in resources_of(kind).values() if body["Type"] == "AWS::Lambda::EventSourceMapping"
    ]
    assert all("DestinationConfig" in mapping for mapping in mappings if "StartingPosition" in mapping)


@pytest.mark.parametrize("shape", ["plain", "split"])
@every(STARTING)
def test_what_a_function_fails_to_handle_of_it_is_kept(kind: Kind, shape: str) -> None:
    resources = resources_of(kind, shape)
    holder = [
        rendered_stack
        for rendered_stack in rendered_of(kind, shape)
        if "ListenerDeadLetters" in rendered_stack.template["Resources"]
    ]
    assert bool(holder) == kind.fails_to_dead_letters
    for stack in holder:
        assert "ListenerFunction" in stack.template["Resources"]
        assert "ListenerDeadLettersPolicy" in stack.template["Resources"]
        assert "sqs:SendMessage" in actions_in(resources["ListenerPolicy"]["Properties"]["PolicyDocument"])
        boundary = actions_in(resources["ApplicationBoundary"]["Properties"]["PolicyDocument"])
        assert "sqs:SendMessage" in boundary


@pytest.mark.parametrize("shape", ["plain", "split"])
@every([kind for kind in STARTING if hasattr(parts_of(kind), "queue_statements")])
def test_it_may_send_to_the_dead_letters_of_the_function(kind: Kind, shape: str) -> None:
    policy = resources_of(kind, shape)["ListenerDeadLettersPolicy"]["Properties"]["PolicyDocument"]
    principals = [statement.get("Principal") for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    assert {"Service": [f"{kind.service}.amazonaws.com"]} in principals


@every(STARTING)
def test_a_function_that_listens_only_may_do_what_listening_needs(kind: Kind) -> None:
    resources = resources_of(kind)
    role = actions_in(resources["ListenerPolicy"]["Properties"]["PolicyDocument"])
    boundary = actions_in(resources["ApplicationBoundary"]["Properties"]["PolicyDocument"])
    assert set(kind.uses.get(kind.polling, ())) <= role <= boundary


@every([kind for kind in KINDS if kind.uses and not kind.predefined])
def test_a_name_that_is_not_described_is_refused_where_it_stands(kind: Kind) -> None:
    body = described(kind, "plain", with_resource=False)
    body["backend"]["functions"]["web"] |= _function(kind, next(iter(kind.uses)))
    with pytest.raises(DescriptionError) as refused:
        validated(body)
    (problem,) = refused.value.problems
    assert problem.where.startswith(f"backend.functions.web.{kind.use_field}")
    assert kind.singular in problem.what


@every([kind for kind in KINDS if kind.keeps_names])
def test_what_is_moved_keeps_its_logical_id(kind: Kind) -> None:
    body = described(kind, "plain")
    renamed = json.loads(json.dumps(body).replace(f'"{NAME}"', '"beta"'))
    moved = {**renamed, "moved": {f"{kind.group}.{NAME}": f"{kind.group}.beta"}}
    app = validated(moved)
    after = {stack.stack: stack.template for stack in render(app, app.stages["dev"])}
    assert title_of(kind, NAME) in after[kind.section]["Resources"]
    changes = compare({stack.stack: stack.template for stack in rendered_of(kind)}[kind.section], after[kind.section])
    assert [change.name for change in changes if change.action != "change"] == []
