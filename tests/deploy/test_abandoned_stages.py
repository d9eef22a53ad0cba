"""A whole stage that left the description, or moved to another region, is found where it is and deleted."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

import pytest

from stacks.app import App, Stage
from stacks.commands.destroy import stage_to_destroy
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.undescribed import abandoned
from stacks.errors import UsageError
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

DEV = Stage(name="dev", app_name="t", region="eu-west-1")
APP = App(name="t", stages={"dev": DEV})
OLD = Stage(name="old", app_name="t", region="eu-north-1")


def stack(name: str, stage: Stage = OLD, region: str | None = None, kind: str = "AWS::SNS::Topic") -> Rendered:
    tags = [{"Key": "app", "Value": "t"}, {"Key": "stage", "Value": stage.name}]
    kept = {"DeletionPolicy": "Retain"} if kind == "AWS::DynamoDB::Table" else {}
    template = {"Resources": {"Only": {"Type": kind, "Properties": {"Tags": tags}, **kept}}}
    return Rendered(
        stack=name, name=f"t-{stage.name}-{name}", region=region or stage.region, template=template, body=""
    )


def deployed(*rendered: Rendered) -> MemoryCloud:
    cloud = MemoryCloud()
    deploy(make_plan(rendered), cloud, ignore)
    return cloud


def test_all_its_stacks_are_found_in_its_region_and_in_us_east_1_in_dependency_order() -> None:
    stacks = [stack("base"), stack("data"), stack("backend"), stack("frontend-edge", region="us-east-1"), stack("mail")]
    cloud = deployed(*stacks, stack("base", DEV), stack("data", DEV))
    results = abandoned(OLD, (), cloud)
    assert [result.name for result in results] == [rendered_stack.name for rendered_stack in stacks]
    destroy(foresee(results, cloud), cloud, ignore)
    assert cloud.stacks("t-old-", "eu-north-1") == cloud.stacks("t-old-", "us-east-1") == ()
    assert len(cloud.stacks("t-dev-", "eu-west-1")) == 2


def test_another_region_has_none_of_them() -> None:
    assert abandoned(replace(OLD, region="eu-west-1"), (), deployed(stack("base"))) == ()


def test_of_a_stage_that_moved_only_what_is_in_the_old_region_goes() -> None:
    edge = stack("frontend-edge", DEV, "us-east-1")
    current, elsewhere = stack("data", DEV), stack("data", DEV, "eu-north-1")
    cloud = deployed(current, edge)
    deploy(make_plan([elsewhere]), cloud, ignore)
    stacks = abandoned(replace(DEV, region="eu-north-1"), (current, edge), cloud)
    assert [(rendered_stack.name, rendered_stack.region) for rendered_stack in stacks] == [("t-dev-data", "eu-north-1")]


def test_a_second_run_finds_the_data_that_the_first_one_left_behind() -> None:
    cloud = deployed(stack("data", kind="AWS::DynamoDB::Table"))
    destroy(foresee(abandoned(OLD, (), cloud), cloud), cloud, ignore)
    left = foresee(abandoned(OLD, (), cloud), cloud)
    assert [(entry.stack, len(entry.data)) for entry in left] == [("data", 1)]
    destroy(left, cloud, ignore, delete_data=True)
    assert foresee(abandoned(OLD, (), cloud), cloud) == ()


@pytest.mark.parametrize(
    ("stage", "region", "expected"),
    [
        ("old", "eu-north-1", OLD),
        ("dev", "eu-north-1", replace(DEV, region="eu-north-1")),
        ("dev", None, DEV),
        (None, None, DEV),
    ],
)
def test_the_stage_is_the_named_one_in_the_named_region(stage: str | None, region: str | None, expected: Stage) -> None:
    assert stage_to_destroy(APP, Namespace(stage=stage, region=region)) == expected


@pytest.mark.parametrize(
    ("stage", "region", "message"),
    [
        ("old", None, "Add --region REGION to destroy a stage that was removed from the description"),
        (None, "eu-north-1", "needs the name of a stage"),
    ],
)
def test_an_unknown_stage_without_a_region_is_refused_with_the_way_on(
    stage: str | None, region: str | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        stage_to_destroy(APP, Namespace(stage=stage, region=region))
