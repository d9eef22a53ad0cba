"""What watches the account: trail, alarms, budget → resources of the base template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from stacks.parts.base.cis import CIS
from tests.base.conftest import EVERYTHING
from tests.base.test_network import BACKEND

if TYPE_CHECKING:
    from tests.base.conftest import Rendering

GROUP = "/aws/cloudtrail/notes-dev-trail"


def resources(rendering: Rendering, **base: Any) -> dict[str, Any]:
    result: dict[str, Any] = rendering({"vpc": False, **base})["base"].template["Resources"]
    return result


def properties(result: dict[str, Any], name: str) -> Any:
    return result[name]["Properties"]


def test_a_trail_sees_every_region_and_proves_its_files(rendering: Rendering) -> None:
    trail = properties(resources(rendering), "Trail")
    assert {trail[name] for name in ("IsMultiRegionTrail", "IncludeGlobalServiceEvents", "IsLogging")} == {True}
    assert trail["EnableLogFileValidation"] is True
    assert trail["KMSKeyId"] == {"Fn::GetAtt": ["TrailKey", "Arn"]}


def test_a_trail_under_the_key_of_s3_has_no_key_of_its_own(rendering: Rendering) -> None:
    result = resources(rendering, trail={"encryption": "aws"})
    assert "TrailKey" not in result
    assert "KMSKeyId" not in properties(result, "Trail")
    (rule,) = properties(result, "TrailBucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_a_trail_in_cloudwatch_writes_its_own_streams_only(rendering: Rendering) -> None:
    result = resources(rendering, trail={"cloudwatch": True})
    assert properties(result, "TrailLogGroup")["LogGroupName"] == GROUP
    assert properties(result, "Trail")["CloudWatchLogsLogGroupArn"] == {"Fn::GetAtt": ["TrailLogGroup", "Arn"]}
    (statement,) = properties(result, "TrailLogPolicy")["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    (streams,) = statement["Resource"]
    assert streams["Fn::Sub"].endswith(
        f":log-group:{GROUP}:log-stream:${{AWS::AccountId}}_CloudTrail_${{AWS::Region}}*"
    )


def test_a_lock_holds_every_file_as_long_as_it_is_kept(rendering: Rendering) -> None:
    bucket = properties(resources(rendering, trail={"object_lock": {"days": 500, "mode": "compliance"}}), "TrailBucket")
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["ObjectLockConfiguration"]["Rule"] == {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 500}}
    assert [rule.get("ExpirationInDays") for rule in bucket["LifecycleConfiguration"]["Rules"]] == [None, 500]


@pytest.mark.parametrize("trail", ["existing", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", False])
def test_a_trail_that_already_exists_is_not_created(rendering: Rendering, trail: object) -> None:
    assert [name for name in resources(rendering, trail=trail) if "Trail" in name] == []


def test_every_event_of_cis_has_a_filter_an_alarm_and_somebody_who_hears_of_it(rendering: Rendering) -> None:
    result = resources(rendering, **{**EVERYTHING, "vpc": False})
    filters = {name.removesuffix("Filter"): body for name, body in result.items() if body["Type"].endswith("Filter")}
    alarms = {name.removesuffix("Alarm"): body for name, body in result.items() if body["Type"].endswith("::Alarm")}
    assert (len(filters), filters.keys()) == (15, alarms.keys())
    for metric, body in filters.items():
        (counted,) = body["Properties"]["MetricTransformations"]
        alarm = alarms[metric]["Properties"]
        assert (alarm["Namespace"], alarm["MetricName"]) == (counted["MetricNamespace"], counted["MetricName"])
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
        assert body["Properties"]["LogGroupName"] == {"Ref": "TrailLogGroup"}
    topic = properties(result, "AlarmTopic")
    assert topic["Subscription"] == [{"Protocol": "email", "Endpoint": "team@example.com"}]
    assert topic["KmsMasterKeyId"] == {"Ref": "AlarmKey"}


def test_alarms_are_numbered_as_cis_numbers_them() -> None:
    numbers = [happened.partition(":")[0] for happened, _ in CIS.values()]
    assert numbers == [f"4.{number}" for number in range(1, 16)]


@pytest.mark.parametrize("name", CIS)
def test_a_pattern_is_closed_and_short_enough_for_a_filter(name: str) -> None:
    pattern = CIS[name][1]
    assert len(pattern) <= 1024  # FilterPattern of AWS::Logs::MetricFilter
    assert (pattern[0], pattern[-1], pattern.count("(")) == ("{", "}", pattern.count(")"))
    assert re.search(r"\$\.(eventName|errorCode|userIdentity\.type)", pattern)


def test_alarms_read_the_group_of_an_existing_trail(rendering: Rendering) -> None:
    trail = {"existing": "existing", "log_group": "org/trail"}
    result = resources(rendering, trail=trail, alarms="team@example.com")
    assert properties(result, "RootFilter")["LogGroupName"] == "org/trail"


def test_only_alarms_of_the_stage_publish_and_only_to_its_topic(rendering: Rendering) -> None:
    result = resources(rendering, **{**EVERYTHING, "vpc": False})
    tls, alarms = properties(result, "AlarmTopicPolicy")["PolicyDocument"]["Statement"]
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert alarms["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":alarm:notes-dev-*")
    use = properties(result, "AlarmKey")["KeyPolicy"]["Statement"][1]
    context = use["Condition"]["StringEquals"]["kms:EncryptionContext:aws:sns:topicArn"]
    assert (use["Principal"], context["Fn::Sub"].rpartition(":")[2]) == (
        {"Service": ["cloudwatch.amazonaws.com"]},
        "notes-dev-alarms",
    )


def test_a_budget_notifies_before_it_is_spent(rendering: Rendering) -> None:
    result = properties(resources(rendering, budget={"amount": 50, "email": "team@example.com"}), "Budget")
    assert "BudgetName" not in result["Budget"]  # another address replaces it, which a name of ours would forbid
    assert result["Budget"]["BudgetLimit"] == {"Amount": 50, "Unit": "USD"}
    notices = [subscriber["Notification"] for subscriber in result["NotificationsWithSubscribers"]]
    assert [(notice["NotificationType"], notice["Threshold"]) for notice in notices] == [
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]


def test_a_stage_may_leave_out_what_all_stages_have(rendering: Rendering) -> None:
    watched = {"trail": {"cloudwatch": True}, "alarms": "team@example.com"}
    sections = {"stages": {"dev": {"region": "eu-west-1", "base": {"trail": "existing", "alarms": False}}}}
    resource = rendering(watched, **sections)["base"].template["Resources"]
    assert [name for name in resource if "Trail" in name or "Alarm" in name] == []


def test_the_log_role_of_another_stage_is_left_alone(rendering: Rendering) -> None:
    assert [name for name in resources(rendering, api_gateway_logs="existing") if "ApiGateway" in name] == []


def test_every_log_group_of_base_and_backend_is_under_the_stages_key(rendering: Rendering) -> None:
    stacks = rendering(EVERYTHING, backend=BACKEND)
    groups = [
        (stack, body["Properties"]["KmsKeyId"])
        for stack, rendered_stack in stacks.items()
        for body in rendered_stack.template["Resources"].values()
        if body["Type"] == "AWS::Logs::LogGroup"
    ]
    own = {"Fn::GetAtt": ["LogKey", "Arn"]}
    read = {"Ref": "BaseLogKeyArn"}
    assert {stack for stack, _ in groups} == {"base", "backend"}
    assert all(key == (own if stack == "base" else read) for stack, key in groups)


def test_the_key_of_logs_is_for_the_stages_groups_alone(rendering: Rendering) -> None:
    use = properties(resources(rendering, log_encryption="own"), "LogKey")["KeyPolicy"]["Statement"][1]
    context = use["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert [group["Fn::Sub"].partition("${AWS::AccountId}")[2] for group in context] == [":log-group:*notes-dev*"]
    assert use["Principal"] == {"Service": [{"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}]}
