"""What a template reads of other stacks, and what a deploy says and does about values that are missing or moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.deploy.execute import deploy
from stacks.deploy.foresee import foresee
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.deploy.reads import OutputReference, digest_parameter, references
from stacks.errors import DeployError
from stacks.template.wired import DIGEST
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.template.rendered import Rendered
    from stacks.testing import MemoryCloud

    Stage = Callable[..., list[Rendered]]
    Build = Callable[..., Rendered]

REGION = "eu-west-1"
FAR = {"Fn::GetStackOutput": {"StackName": "t-x-edge", "OutputName": "Acl", "Region": "us-east-1"}}


def code(path: Path) -> list[PackagedCode]:
    return [PackagedCode(stack="backend", parameter="CodeKey", key="code/1.zip", path=path)]


def test_references_are_found_as_parameters_and_across_regions_and_those_of_other_accounts_are_not() -> None:
    abroad = {"Fn::GetStackOutput": {**FAR["Fn::GetStackOutput"], "RoleArn": "arn:aws:iam::1:role/r"}}
    template = {
        "Parameters": {
            "DataTable": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/t/x/data/Table"},
            "Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/aws/service/ami/a/b/c"},
            "Key": {"Type": "String", "Default": "/t/x/data/Key"},
        },
        "Resources": {"Copy": {"Properties": {"Value": FAR}}, "Other": {"Properties": {"Value": abroad}}},
    }
    assert set(references(template, REGION)) == {
        OutputReference("t-x-data", REGION, "Table", published=True),
        OutputReference("t-x-edge", "us-east-1", "Acl"),
    }


def test_a_stack_deployed_before_what_it_reads_is_refused_before_cloudformation_is_called(
    memory: MemoryCloud, stage: Stage, zipped: Path
) -> None:
    deploy(make_plan(stage(), only=["base"]), memory, ignore)
    with pytest.raises(DeployError) as caught:
        deploy(make_plan(stage(), code=code(zipped), only=["backend"]), memory, ignore)
    assert str(caught.value) == (
        "t-x-backend: reads the parameter /t/x/data/TableName, which is missing in Parameter Store of eu-west-1."
        " Deploy t-x-data, which publishes it, first."
    )
    assert memory.stack("t-x-backend", REGION) is None


def test_a_moved_value_reaches_its_reader_in_the_same_deploy_and_is_foreseen_with_both_values(
    memory: MemoryCloud, stage: Stage, zipped: Path
) -> None:
    deploy(make_plan(stage("one"), code=code(zipped)), memory, ignore)
    deploy(make_plan(stage("two"), only=["data"]), memory, ignore)
    backend = stage("two")[2]
    (change,) = foresee(backend, {"CodeKey": "code/1.zip"}, memory, memory.account()).changes[:1]
    assert (change.name, [(entry.old, entry.new) for entry in change.properties]) == ("Web", [("one", "two")])
    deploy(make_plan(stage("two"), code=code(zipped)), memory, ignore)
    assert memory.properties("t-x-backend", REGION, "Web")["Value"] == "two"


def test_what_another_region_has_moves_a_digest_and_with_it_the_copy_and_its_readers(
    memory: MemoryCloud, build: Build
) -> None:
    def stage(value: str) -> list[Rendered]:
        copy = {"Name": "/t/x/site/edge/Acl", "Description": {"Fn::Sub": "Acl (${" + DIGEST + "})"}, "Value": FAR}
        resources = {
            "EdgeAcl": {"Type": "AWS::SSM::Parameter", "Properties": copy},
            "Site": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::GetAtt": ["EdgeAcl", "Value"]}}},
        }
        edge = replace(build("edge", {"A": {"Type": "AWS::SNS::Topic"}}, {"Acl": value}), region="us-east-1")
        digest = {DIGEST: {"Type": "String", "Default": "none"}}
        return [edge, build("site", resources, needs=("edge",), Parameters=digest)]

    with pytest.raises(DeployError, match="reads output Acl of stack t-x-edge in us-east-1, which is missing"):
        digest_parameter("t-x-site", stage("one")[1].template, REGION, memory)
    deploy(make_plan(stage("one")), memory, ignore)
    assert memory.properties("t-x-site", REGION, "Site") == {"DisplayName": "one"}
    assert foresee(stage("one")[1], {}, memory, memory.account()).changes == ()
    deploy(make_plan(stage("two")), memory, ignore)
    assert memory.properties("t-x-site", REGION, "Site") == {"DisplayName": "two"}


def test_a_reader_sees_a_parameter_that_was_changed_by_hand_and_drift_reports_it(
    memory: MemoryCloud, stage: Stage
) -> None:
    deploy(make_plan(stage(), only=["data"]), memory, ignore)
    memory.change_outside("t-x-data", REGION, "Published", {"Value": "by hand"})
    assert memory.published(["/t/x/data/TableName", "/t/x/data/Other"], REGION) == {"/t/x/data/TableName": "by hand"}
    state = memory.stack("t-x-data", REGION)
    assert state is not None
    (drifted,) = memory.drift(state)
    assert [(drift.expected, drift.actual) for drift in drifted.differences] == [("one", "by hand")]


def test_a_parameter_that_a_deployed_stack_reads_is_not_dropped_although_its_output_stays(
    memory: MemoryCloud, stage: Stage, zipped: Path, build: Build, parameter: Callable[..., Any]
) -> None:
    deploy(make_plan(stage(), code=code(zipped)), memory, ignore)
    stacks = stage()
    stacks[1] = build("data", {"Table": parameter("one")}, {"TableName": "one"})
    with pytest.raises(DeployError, match="t-x-data: t-x-backend still reads TableName, which would go"):
        deploy(make_plan(stacks, only=["data"]), memory, ignore)
