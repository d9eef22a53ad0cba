"""Alarms of the application: one option, an alarm for whatever can fail, all to one topic."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.checks.run import check
from stacks.errors import StacksError
from stacks.loading import validated
from stacks.parts.base.prices import standing_costs

if TYPE_CHECKING:
    from stacks import Rendered
    from tests.extension.conftest import Project

_ON = "alarms: me@example.com\n"
_API = """\
      timeout: 20
    web:
      handler: src/worker.py:work
      routes: [GET /]
      public: true
"""


def _alarms(rendered: Rendered) -> dict[str, Any]:
    resource = rendered.template["Resources"].items()
    return {name: body["Properties"] for name, body in resource if body["Type"] == "AWS::CloudWatch::Alarm"}


def test_without_the_option_there_are_no_alarms(project: Project) -> None:
    assert [_alarms(rendered_stack) for rendered_stack in project().values()] == [{}, {}, {}]


def test_each_function_queue_api_and_table_has_its_alarms(project: Project) -> None:
    rendered = project(_API + _ON)
    assert sorted(_alarms(rendered["backend"])) == [
        "ApiErrorsAlarm",
        "ApiLatencyAlarm",
        "JobsQueueAlarm",
        "JobsQueueDeadLettersAlarm",
        "WebFunctionDurationAlarm",
        "WebFunctionErrorsAlarm",
        "WebFunctionThrottlesAlarm",
        "WorkerFunctionDurationAlarm",
        "WorkerFunctionErrorsAlarm",
        "WorkerFunctionThrottlesAlarm",
    ]
    assert sorted(_alarms(rendered["data"])) == ["OrdersThrottlesAlarm"]


def test_an_alarm_on_duration_is_close_below_the_timeout(project: Project) -> None:
    assert _alarms(project(_API + _ON)["backend"])["WorkerFunctionDurationAlarm"]["Threshold"] == 18_000


def test_every_alarm_notifies_the_topic_of_base(project: Project) -> None:
    rendered = project(_API + _ON)
    topic = rendered["base"].template["Resources"]["AlarmTopic"]["Properties"]["TopicName"]
    arn = {"Fn::Sub": f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{topic}"}
    actions = [
        alarm["AlarmActions"] for rendered_stack in rendered.values() for alarm in _alarms(rendered_stack).values()
    ]
    assert actions == [[arn]] * 11


def test_the_dashboard_shows_every_function(project: Project) -> None:
    board = project(_API + _ON)["base"].template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    widgets = json.loads(board)["widgets"]
    errors = next(widget["properties"] for widget in widgets if widget["properties"]["title"] == "Functions: Errors")
    assert [metric[-1] for metric in errors["metrics"]] == ["shop-dev-worker", "shop-dev-web"]


def test_the_dashboard_can_be_left_out(project: Project) -> None:
    base = project("alarms: {email: me@example.com, dashboard: false}\n")["base"]
    assert "Dashboard" not in base.template["Resources"]


def test_the_rules_have_nothing_against_alarms(project: Project) -> None:
    quiet = {finding.rule for finding in check(list(project(_API).values()))}
    assert {finding.rule for finding in check(list(project(_API + _ON).values()))} == quiet


def test_something_that_is_not_an_address_is_refused_with_its_line(project: Project) -> None:
    with pytest.raises(StacksError, match=r"^app.yaml:14: alarms.email: 'me' is no(t an)? e-mail address"):
        project("alarms: me\n")


_ARN = "arn:aws:acm:us-east-1:111122223333:certificate/0aa1b2c3-d4e5-46f7-8899-aabbccddeeff"
_ZONE = "Z0123456789ABCDEFGHIJ"
_WEB = {"handler": "src/worker.py:work", "routes": ["GET /"], "public": True}
_SITE = {"site": "site", "waf": False, "domain": {"name": "shop.example.com", "zone": _ZONE}}


def _certificates(**described: Any) -> dict[str, Any]:
    """Stack → the certificate that its alarm watches."""
    app = validated(
        {"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, "alarms": "me@example.com", **described}
    )
    certificates = {
        rendered_stack.stack: alarm
        for rendered_stack in render(app, app.stages["dev"])
        for alarm in _alarms(rendered_stack).values()
    }
    return {
        stack: alarm["Dimensions"][0]["Value"]
        for stack, alarm in certificates.items()
        if (alarm["MetricName"], alarm["Threshold"]) == ("DaysToExpiry", 30)
    }


def test_the_site_s_certificate_has_an_alarm_and_a_topic_in_its_region() -> None:
    assert _certificates(frontend=_SITE) == {"frontend-edge": {"Ref": "Certificate"}}
    frontend = {**_SITE, "domain": {"name": "shop.example.com", "certificate": _ARN}}
    assert _certificates(frontend=frontend) == {"frontend-edge": _ARN}
    app = validated(
        {
            "name": "shop",
            "stages": {"dev": {"region": "eu-west-1"}},
            "alarms": "me@example.com",
            "frontend": _SITE,
        }
    )
    edge = next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "frontend-edge")
    topic = edge.template["Resources"]["AlarmTopic"]["Properties"]
    (alarm,) = _alarms(edge).values()
    assert edge.region == "us-east-1"
    assert alarm["AlarmActions"][0]["Fn::Sub"].endswith(topic["TopicName"])


def test_in_us_east_1_one_topic_is_enough() -> None:
    stage = {"dev": {"region": "us-east-1"}}
    assert _certificates(stages=stage, frontend=_SITE) == {"frontend": {"Ref": "Certificate"}}


def test_the_api_s_certificate_has_an_alarm_in_the_stage_s_region() -> None:
    backend = {"functions": {"web": _WEB}, "api": {"domain": {"name": "api.example.com", "zone": _ZONE}}}
    assert _certificates(backend=backend) == {"backend": {"Ref": "ApiCertificate"}}


def test_alarms_say_their_price_and_nothing_is_reported_without_them() -> None:
    for alarms, messages in (
        (None, []),
        ("me@example.com", ["dev: alarms: 1 alarm and 2 topics with a key for 2.10 USD"]),
    ):
        described = {"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, "frontend": _SITE}
        app = validated({**described, **({"alarms": alarms} if alarms else {})})
        costs = list(standing_costs(app.stages["dev"], render(app, app.stages["dev"])))
        assert [cost.partition(" a month")[0] for cost in costs] == messages
