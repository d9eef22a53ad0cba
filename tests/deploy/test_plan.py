"""The plan: which steps, in what order, and what is wrong before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stacks.deploy.plan import DeployStack, PackagedCode, UploadArtifact, make_plan
from stacks.errors import DeployError, UsageError
from stacks.publishing.step import JsonFile, Publish
from stacks.wiring import Output

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.template.rendered import Rendered

    Stage = Callable[..., list[Rendered]]

CODE = [PackagedCode(stack="backend", parameter="CodeKey", key="code/1.zip", path=Path("1.zip"))]
SITE = Publish(
    stack="frontend",
    bucket=Output("frontend", "SiteBucket"),
    distribution=None,
    folders=(),
    generated=(JsonFile(key="app/config.json", values=(("pool", Output("data", "Pool")), ("x", "y"))),),
)


def test_code_is_uploaded_right_before_the_first_stack_that_runs_it(stage: Stage) -> None:
    steps = make_plan(stage(), code=CODE, publish=SITE).steps
    assert [(type(step), step.stack) for step in steps] == [
        (DeployStack, "base"),
        (DeployStack, "data"),
        (UploadArtifact, "backend"),
        (DeployStack, "backend"),
        (DeployStack, "frontend"),
        (DeployStack, "extra"),
        (Publish, "frontend"),
    ]


def test_one_zip_for_two_parameters_is_uploaded_once(build: Callable[..., Rendered]) -> None:
    stacks = [build("a", {}, Parameters={"K": {}, "L": {}}), build("b", {}, Parameters={"K": {}})]
    uses = [("a", "K"), ("a", "L"), ("b", "K")]
    code = [PackagedCode(stack=stack, parameter=name, key="same", path=Path("same")) for stack, name in uses]
    steps = make_plan(stacks, code=code).steps
    assert [step.stack for step in steps if isinstance(step, UploadArtifact)] == ["a"]


def test_code_keys_go_over_rendered_parameters(build: Callable[..., Rendered]) -> None:
    parameters = {"CodeKey": "old", "Other": "kept"}
    stack = build("backend", {}, parameters=parameters, Parameters={"CodeKey": {}, "Other": {}})
    step = make_plan([stack], code=CODE).steps[-1]
    assert isinstance(step, DeployStack)
    assert (step.parameters, step.artifacts) == ({"CodeKey": "code/1.zip", "Other": "kept"}, ("code/1.zip",))


def test_only_the_named_stacks_are_deployed_and_nothing_is_published_without_its_stack(stage: Stage) -> None:
    steps = make_plan(stage(), code=CODE, publish=SITE, only=["data"]).steps
    assert [step.stack for step in steps] == ["data"]


def test_publishing_needs_each_stack_whose_outputs_it_reads() -> None:
    assert SITE.needs == ("data", "frontend")


def test_an_unknown_stack_is_reported_with_the_known_ones(stage: Stage) -> None:
    with pytest.raises(UsageError, match=r"nope: there is no such stack. Name one of base, data, backend"):
        make_plan(stage(), only=["nope"])


def test_every_parameter_without_value_or_taker_is_reported_at_once(build: Callable[..., Rendered]) -> None:
    declared = {"Wanted": {"Type": "String"}, "Optional": {"Default": "x"}}
    stack = build("a", {}, parameters={"Stray": "1"}, Parameters=declared)
    with pytest.raises(DeployError) as caught:
        make_plan([stack])
    assert [problem.where for problem in caught.value.problems] == ["t-x-a.Wanted", "t-x-a.Stray"]
