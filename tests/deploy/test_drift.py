"""Drift and status: what was changed outside of CloudFormation, and what is behind the description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from stacks.aws.cloud import BotoCloud
from stacks.cli import main
from stacks.cloud import Drifted, DriftedProperty, StackState
from stacks.deploy.drift import detectable, drift_lines
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.status import stack_statuses
from stacks.errors import DeployError
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stacks.cloud import Cloud
    from stacks.local.emulator import Emulator
    from stacks.template.rendered import Rendered

    Build = Callable[..., Rendered]
    Stage = Callable[..., list[Rendered]]

REGION = "eu-west-1"
ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack/t-x-data/1"
STATE = StackState(id=ARN, name="t-x-data", region=REGION, status="UPDATE_COMPLETE")


@pytest.fixture
def boto() -> BotoCloud:
    return BotoCloud(REGION, credentials=("test", "test"))


@pytest.fixture
def stub(boto: BotoCloud) -> Iterator[Stubber]:
    """CloudFormation's answers, in order; all of them must have been asked for."""
    with Stubber(boto._client("cloudformation")) as stubber:
        stubber.add_response("detect_stack_drift", {"StackDriftDetectionId": "run"}, {"StackName": ARN})
        yield stubber
        stubber.assert_no_pending_responses()


def status(detection: str, **more: str) -> dict[str, Any]:
    return {
        "StackId": ARN,
        "StackDriftDetectionId": "run",
        "DetectionStatus": detection,
        "Timestamp": "2026-01-01",
        **more,
    }


def resource(name: str, drift: str, *differences: tuple[str, str, str, str]) -> dict[str, Any]:
    keys = ("DifferenceType", "PropertyPath", "ExpectedValue", "ActualValue")
    return {
        "StackId": ARN,
        "LogicalResourceId": name,
        "PhysicalResourceId": name.lower(),
        "ResourceType": "AWS::SNS::Topic",
        "StackResourceDriftStatus": drift,
        "PropertyDifferences": [dict(zip(keys, difference, strict=True)) for difference in differences],
        "Timestamp": "2026-01-01",
    }


def test_every_page_of_drift_is_read_when_the_run_is_over(boto: BotoCloud, stub: Stubber) -> None:
    ask = {"StackDriftDetectionId": "run"}
    stub.add_response("describe_stack_drift_detection_status", status("DETECTION_IN_PROGRESS"), ask)
    stub.add_response("describe_stack_drift_detection_status", status("DETECTION_COMPLETE"), ask)
    wanted = {"StackName": ARN, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
    first = {"StackResourceDrifts": [resource("Zoo", "DELETED")], "NextToken": "more"}
    stub.add_response("describe_stack_resource_drifts", first, wanted)
    changed = resource("Art", "MODIFIED", ("NOT_EQUAL", "/A", "1", "2"), ("ADD", "/B", "null", "x"))
    second = {"StackResourceDrifts": [changed]}
    stub.add_response("describe_stack_resource_drifts", second, {**wanted, "NextToken": "more"})
    differences = (
        DriftedProperty(path="/A", expected="1", actual="2"),
        DriftedProperty(path="/B", expected="", actual="x"),
    )
    assert boto.drift(STATE) == (
        Drifted(logical_id="Art", physical_id="art", type="AWS::SNS::Topic", deleted=False, differences=differences),
        Drifted(logical_id="Zoo", physical_id="zoo", type="AWS::SNS::Topic", deleted=True),
    )


def test_a_failed_detection_is_no_good_news(boto: BotoCloud, stub: Stubber) -> None:
    failed = status("DETECTION_FAILED", DetectionStatusReason="Failed to detect drift on resource [Table].")
    stub.add_response("describe_stack_drift_detection_status", failed, {"StackDriftDetectionId": "run"})
    with pytest.raises(
        DeployError, match=r"t-x-data: CloudFormation could not look at every resource: .*\[Table\]\. Use"
    ):
        boto.drift(STATE)


@pytest.mark.parametrize(("code", "message"), [("Throttling", "AWS throttles"), ("ExpiredToken", "session has ended")])
def test_what_aws_refuses_while_it_looks_is_reported(boto: BotoCloud, stub: Stubber, code: str, message: str) -> None:
    stub.add_client_error("describe_stack_drift_detection_status", code, "no", http_status_code=403)
    with pytest.raises(DeployError, match=message):
        boto.drift(STATE)


@pytest.fixture(params=["memory", pytest.param("emulator", marks=pytest.mark.emulator)])
def drifting(request: pytest.FixtureRequest, build: Build, parameter: Callable[..., Any]) -> Cloud:
    """Each cloud, with a stack of which one resource was changed and one was deleted outside of CloudFormation."""
    names = {"Kept": "/t/kept", "Changed": "/t/changed", "Gone": "/t/gone"}
    bodies = {key: parameter("one") for key in names}
    for key, name in names.items():
        bodies[key]["Properties"]["Name"] = name
    rendered = build("data", bodies)
    if request.param == "memory":
        memory = MemoryCloud()
        deploy(make_plan([rendered]), memory, ignore)
        memory.change_outside("t-x-data", REGION, "Changed", {"Value": "two"})
        memory.change_outside("t-x-data", REGION, "Gone", None)
        return memory
    request.getfixturevalue("emulated")
    emulator: Emulator = request.getfixturevalue("emulator")
    cloud = BotoCloud(REGION, endpoint_url=emulator.endpoint_url, credentials=emulator.credentials)
    deploy(make_plan([rendered]), cloud, ignore)
    cloud._client("ssm").put_parameter(Name="/t/changed", Value="two", Type="String", Overwrite=True)
    cloud._client("ssm").delete_parameter(Name="/t/gone")
    return cloud


def test_what_was_changed_or_deleted_is_found_and_the_state_remembers(drifting: Any) -> None:
    state = drifting.stack("t-x-data", REGION)
    result = drifting.drift(state)
    assert [(entry.logical_id, entry.deleted, entry.differences) for entry in result] == [
        ("Changed", False, (DriftedProperty(path="/Value", expected="one", actual="two"),)),
        ("Gone", True, ()),
    ]
    assert drifting.stack("t-x-data", REGION).drift == "DRIFTED"


def test_a_stack_that_nobody_touched_has_no_drift(memory: MemoryCloud, stage: Stage) -> None:
    deploy(make_plan(stage()[1:2]), memory, ignore)
    state = detectable(stage()[1], memory)
    assert (memory.drift(state), memory.stack("t-x-data", REGION).drift) == ((), "IN_SYNC")  # type: ignore[union-attr]
    assert drift_lines(state, ()) == ["t-x-data: as deployed"]


def test_drift_is_reported_with_each_property() -> None:
    drift = DriftedProperty(path="/Value", expected="one", actual="two")
    more = DriftedProperty(path="/Tags/0", expected="", actual="x")
    changed = Drifted(logical_id="A", physical_id="a", type="T", deleted=False, differences=(drift, more))
    gone = Drifted(logical_id="B", physical_id="b", type="T", deleted=True)
    assert drift_lines(STATE, (changed, gone)) == [
        "t-x-data: 2 resources differ from what was deployed",
        "  A (T) was changed",
        "    /Value: one -> two",
        "    /Tags/0: absent -> x",
        "  B (T) was deleted",
    ]


def test_drift_needs_a_stack_that_exists_and_is_at_rest(memory: MemoryCloud, stage: Stage) -> None:
    with pytest.raises(DeployError, match=r"t-x-data: is not deployed in eu-west-1\. Deploy it first: 'deploy data'"):
        detectable(stage()[1], memory)
    deploy(make_plan(stage()[1:2]), memory, ignore)
    memory.set_status("t-x-data", REGION, "UPDATE_IN_PROGRESS")
    with pytest.raises(DeployError, match="does not look for drift in status UPDATE_IN_PROGRESS"):
        detectable(stage()[1], memory)


def test_a_stack_is_not_deployed_then_as_described_then_behind(memory: MemoryCloud, stage: Stage) -> None:
    data, newer = stage("one")[1], stage("two")[1]
    assert stack_statuses(data, {}, memory, memory.account()).behind == "not deployed"
    deploy(make_plan([data]), memory, ignore)
    deployed = stack_statuses(data, {}, memory, memory.account())
    assert (deployed.status, deployed.behind) == ("CREATE_COMPLETE", "as described")
    assert stack_statuses(newer, {}, memory, memory.account()).behind == "behind: 3 changes"


def test_a_stack_whose_values_did_not_move_is_not_behind(memory: MemoryCloud, stage: Stage, zipped: Path) -> None:
    from stacks.deploy.plan import PackagedCode  # noqa: PLC0415 - only here

    code = [PackagedCode(stack="backend", parameter="CodeKey", key="code/1.zip", path=zipped)]
    deploy(make_plan(stage(), code=code), memory, ignore)
    behinds = [stack_statuses(stack, {}, memory, memory.account()).behind for stack in stage()]
    assert behinds == ["as described"] * 5


@pytest.mark.emulator
@pytest.mark.usefixtures("emulated", "exported")
def test_both_commands_show_a_stage_as_it_is(
    emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = tmp_path / "app.yaml"
    app.write_text("name: t\nstages: {dev: {region: eu-west-1}}\ndata: {tables: {notes: {partition_key: id}}}\n")
    where = ["--app", str(app), "--endpoint-url", emulator.endpoint_url]
    assert main(["drift", *where]) == 1
    assert "t-dev-base: is not deployed in eu-west-1. Deploy it first" in capsys.readouterr().err
    assert main(["drift", "other", *where]) == 2
    assert main(["deploy", "data", "--yes", *where]) == 0
    assert main(["drift", "data", *where]) == 0
    assert capsys.readouterr().out.endswith("t-dev-data: as deployed\n")
    assert main(["status", *where]) == 0
    rows = [row.split() for row in capsys.readouterr().out.splitlines()[2:]]
    assert rows[0] == ["t-dev-base", "eu-west-1", "-", "-", "not", "deployed", "-"]
    assert (rows[1][:3], rows[1][4:]) == (
        ["t-dev-data", "eu-west-1", "CREATE_COMPLETE"],
        ["as", "described", "in", "sync"],
    )
    assert main(["status", "--json", *where]) == 0
    assert [load["behind"] for load in json.loads(capsys.readouterr().out)] == ["not deployed", "as described"]
