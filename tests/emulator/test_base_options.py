"""A base stack with every option, deployed to a local AWS: what the emulator has is there, the rest is told."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from stacks.local.emulator import notices
from tests.running import STAGE, Running, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator

DESCRIPTION = """\
name: notes
stages: {dev: {region: eu-west-1}}
base:
  trail: {cloudwatch: true, object_lock: {days: 30}}
  vpc: {zones: 3, nat: each-zone, endpoints: [secretsmanager, sqs], flow_logs: cloudwatch}
  log_encryption: own
  alarms: team@example.com
  budget: {amount: 50, email: team@example.com}
backend:
  functions:
    add-note: {handler: lambda_src/api/notes.py:add_note, routes: [POST /api/notes], public: true}
"""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The description above, running."""
    project = copied(tmp_path_factory.mktemp("base"))
    (project.folder / "app.yaml").write_text(dedent(DESCRIPTION), encoding="utf-8")
    with local_run(project) as running:
        yield running


def test_every_zone_has_a_private_and_a_public_subnet(deployed: Running) -> None:
    tag = [{"Name": "tag:stack", "Values": [f"notes-{STAGE}-base"]}]
    subnets = deployed.client("ec2").describe_subnets(Filters=tag)["Subnets"]
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 3
    assert len({subnet["CidrBlock"] for subnet in subnets}) == 6


def test_alarms_count_what_the_filters_find_and_notify_the_topic(deployed: Running) -> None:
    group = f"/aws/cloudtrail/notes-{STAGE}-trail"
    filters = deployed.client("logs").describe_metric_filters(logGroupName=group)["metricFilters"]
    alarms = deployed.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"notes-{STAGE}-cis-")["MetricAlarms"]
    counted = {entry["metricTransformations"][0]["metricName"] for entry in filters}
    assert (len(counted), {metric["MetricName"] for metric in alarms}) == (15, counted)
    (alarm,) = {action for entry in alarms for action in entry["AlarmActions"]}
    readers = deployed.client("sns").list_subscriptions_by_topic(TopicArn=alarm)["Subscriptions"]
    assert [(reader["Protocol"], reader["Endpoint"]) for reader in readers] == [("email", "team@example.com")]


def test_what_the_emulator_lacks_is_left_out_and_reported(deployed: Running) -> None:
    messages = [notice for notice in notices(deployed.project.home) if notice.stack == f"notes-{STAGE}-base"]
    assert {notice.type for notice in messages if "no such type" in notice.detail} == {
        "AWS::Budgets::Budget",
        "AWS::CloudTrail::Trail",
        "AWS::EC2::EIP",
        "AWS::EC2::FlowLog",
        "AWS::EC2::NatGateway",
    }
    routes = {notice.logical_id: notice.detail for notice in messages if notice.type == "AWS::EC2::Route"}
    assert routes == {f"NatRoute{zone}": f"needs NatGateway{zone}, which is left out" for zone in (1, 2, 3)}


def test_a_second_deployment_changes_nothing_and_says_the_price_again(deployed: Running) -> None:
    done = deployed.project.run("deploy", "base", *deployed.target)
    output = done.stdout + done.stderr
    assert "3 NAT gateways for 110 USD a month" in output
    assert "nothing to change" in output
