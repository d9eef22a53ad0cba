"""Outputs that other stacks read do not go from under them, neither with their stack nor without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.deploy.destroy_plan import needed
from stacks.deploy.execute import deploy
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.deploy.readers import readers
from stacks.errors import DeployError
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from stacks.cloud import Cloud
    from stacks.template.rendered import Rendered
    from stacks.testing import MemoryCloud

    Stage = Callable[..., list[Rendered]]

REGION = "eu-west-1"


def deployed(cloud: Cloud, stage: Stage, zipped: Path) -> list[Rendered]:
    """All stacks of the stage, deployed."""
    deploy(make_plan(stage(), code=code(zipped)), cloud, ignore)
    return stage()


def code(path: Path) -> list[PackagedCode]:
    return [PackagedCode(stack="backend", parameter="CodeKey", key="code/1.zip", path=path)]


def test_a_stack_that_another_reads_from_is_not_destroyed_alone(cloud: Cloud, stage: Stage, zipped: Path) -> None:
    stacks = deployed(cloud, stage, zipped)
    with pytest.raises(DeployError) as caught:
        needed(stacks, stacks[1:2], cloud)  # type: ignore[arg-type]  # asks for what every Cloud has
    assert str(caught.value) == (
        "t-x-data: t-x-backend still reads TableName, which would go. Name backend, too, so that it goes along."
    )


def test_with_its_readers_a_stack_may_go(memory: MemoryCloud, stage: Stage, zipped: Path) -> None:
    stacks = deployed(memory, stage, zipped)
    needed(stacks, stacks[1:3], memory)
    assert list(readers(stacks[3:], memory)) == []


def test_a_reader_that_was_never_deployed_holds_nothing_back(memory: MemoryCloud, stage: Stage) -> None:
    stacks = stage()
    deploy(make_plan(stacks, only=["data"]), memory, ignore)
    needed(stacks, stacks[1:2], memory)
    assert list(readers(stacks[2:], memory)) == []


def test_an_output_that_a_stack_outside_of_the_deploy_reads_is_not_dropped(
    cloud: Cloud, stage: Stage, zipped: Path, build: Callable[..., Rendered], parameter: Callable[..., Any]
) -> None:
    stacks = deployed(cloud, stage, zipped)
    stacks[1] = build("data", {"Table": parameter("two")}, {"Other": "x"})
    stacks[2] = build("backend", {"Web": parameter("no longer reads")})
    with pytest.raises(DeployError, match="t-x-data: t-x-backend still reads TableName, which would go"):
        deploy(make_plan(stacks, only=["data"]), cloud, ignore)
    state = cloud.stack("t-x-data", REGION)
    assert state is not None
    assert state.outputs == {"TableName": "one"}
    assert deploy(make_plan(stacks, only=["data", "backend"]), cloud, ignore)["data"] == {"Other": "x"}
