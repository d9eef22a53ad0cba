"""A stage whose region was changed is not deployed a second time in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stacks.app import App, Stage
from stacks.aws.cloud import BotoCloud
from stacks.deploy.elsewhere import elsewhere, refuse_elsewhere
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from stacks.cloud import StackState

STAGE = Stage(name="x", app_name="t", region="eu-west-1")
MOVED = replace(STAGE, region="eu-central-1")
APP = App(name="t", stages={"x": MOVED})
TAGS = [{"Key": "app", "Value": "t"}, {"Key": "stage", "Value": "x"}]


def stack(name: str, region: str, *, tagged: bool = True) -> Rendered:
    template = {"Resources": {"Only": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": TAGS if tagged else []}}}}
    return Rendered(stack=name, name=f"t-x-{name}", region=region, template=template, body="")


def deployed(*rendered: Rendered) -> MemoryCloud:
    cloud = MemoryCloud()
    deploy(make_plan(rendered), cloud, ignore)
    return cloud


def test_a_changed_region_is_refused_with_what_would_stay_behind() -> None:
    cloud = deployed(stack("base", "eu-west-1"), stack("data", "eu-west-1"))
    with pytest.raises(DeployError) as caught:
        refuse_elsewhere(MOVED, cloud)
    said = str(caught.value)
    assert said.startswith("stages.x.region: the stage is deployed in eu-west-1, not in eu-central-1")
    assert "t-x-base, t-x-data" in said
    assert "--new-region" in said


def test_a_stage_that_is_where_it_is_described_or_nowhere_passes() -> None:
    refuse_elsewhere(MOVED, MemoryCloud())
    refuse_elsewhere(STAGE, deployed(stack("base", "eu-west-1")))
    refuse_elsewhere(MOVED, deployed(stack("base", "eu-central-1")))


def test_a_second_stage_in_two_regions_is_only_asked_about_once() -> None:
    cloud = MemoryCloud()
    for region in ("eu-west-1", "eu-central-1"):
        deploy(make_plan([stack("base", region)]), cloud, ignore)
    assert elsewhere(MOVED, cloud) == ()


def test_a_stack_of_that_name_without_the_tags_of_the_stage_is_somebody_elses() -> None:
    assert elsewhere(MOVED, deployed(stack("base", "us-west-2", tagged=False))) == ()


def test_a_region_that_does_not_answer_is_passed_over() -> None:
    class Disabled(MemoryCloud):
        def regions(self) -> tuple[str, ...]:
            return ("af-south-1", *super().regions())

        def stack(self, name: str, region: str) -> StackState | None:
            if region == "af-south-1":
                raise DeployError(name, "AWS does not know these credentials", "Enable the region")
            return super().stack(name, region)

    cloud = Disabled()
    deploy(make_plan([stack("base", "eu-west-1")]), cloud, ignore)
    assert elsewhere(MOVED, cloud) == ("eu-west-1",)


def test_aws_regions_are_those_of_the_partition() -> None:
    regions = BotoCloud("eu-west-1", credentials=("test", "test")).regions()
    assert {"eu-west-1", "us-east-1", "ap-southeast-2"} <= set(regions)
    assert not any(one.startswith(("cn-", "us-gov-")) for one in regions)
