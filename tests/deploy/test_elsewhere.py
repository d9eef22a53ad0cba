"""A stage whose region was changed is not deployed a second time in silence."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stacks.app import App, Stage
from stacks.aws.cloud import BotoCloud
from stacks.commands.places import note, noted
from stacks.deploy.elsewhere import EarlierPlace, elsewhere, refuse_elsewhere, refuse_moved
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.errors import DeployError
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from pathlib import Path

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
    message = str(caught.value)
    assert message.startswith("stages.x.region: the stage is deployed in eu-west-1, not in eu-central-1")
    assert "t-x-base, t-x-data" in message
    assert "--anew" in message


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
    assert not any(region.startswith(("cn-", "us-gov-")) for region in regions)


RENAMED = replace(STAGE, app_name="u")
BEFORE = EarlierPlace(app="t", account="111111111111", region="eu-west-1")


def test_another_name_of_the_application_is_refused_with_what_would_stay_behind() -> None:
    cloud = deployed(stack("base", "eu-west-1"), stack("data", "eu-west-1"))
    with pytest.raises(DeployError) as caught:
        refuse_moved(RENAMED, [BEFORE, replace(BEFORE, account="")], cloud)
    assert len(caught.value.problems) == 1
    message = str(caught.value)
    assert message.startswith("name: stage x is deployed as t in eu-west-1, not as u; these stacks would stay there")
    assert "t-x-base, t-x-data" in message
    assert "add --anew for a second one" in message


def test_another_account_is_refused() -> None:
    with pytest.raises(DeployError, match=r"stages\.x\.account: the stage was deployed to account 222222222222 from"):
        refuse_moved(STAGE, [replace(BEFORE, account="222222222222")], MemoryCloud())


@pytest.mark.parametrize("place", [BEFORE, replace(BEFORE, app="gone"), replace(BEFORE, region="eu-north-1")])
def test_a_place_where_nothing_is_deployed_any_more_is_no_obstacle(place: EarlierPlace) -> None:
    refuse_moved(RENAMED, [place], MemoryCloud())


def test_stacks_of_another_application_are_no_obstacle() -> None:
    refuse_moved(RENAMED, [BEFORE], deployed(stack("base", "eu-west-1", tagged=False)))


def test_a_stage_that_is_in_its_place_is_not_looked_for_elsewhere() -> None:
    refuse_moved(STAGE, [replace(BEFORE, account="222222222222")], deployed(stack("base", "eu-west-1")))


def test_what_this_machine_deployed_is_noted_apart_for_aws_and_the_local_one(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.touch()
    assert noted(file, STAGE, local=False) == ()
    note(file, STAGE, "111111111111", local=False)
    assert noted(file, STAGE, local=False) == (BEFORE,)
    assert noted(file, STAGE, local=True) == noted(file, replace(STAGE, name="y"), local=False) == ()


def test_earlier_names_are_read_from_the_history_of_the_description(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)  # noqa: S607
    for name in ("first", "second", "t"):
        file.write_text(f"# an application\nname: {name}\n")
        subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)  # noqa: S607
        subprocess.run(["git", *identity, "commit", "-qm", name], cwd=tmp_path, check=True)  # noqa: S607
    assert [place.app for place in noted(file, STAGE, local=False)] == ["second", "first"]
