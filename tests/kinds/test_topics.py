"""Topics: what functions publish reaches queues, functions and people, and nobody else may send or read it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from stacks.errors import DescriptionError
from stacks.forecast.compare import compare
from stacks.loading import validated
from stacks.prices.load import Load, estimate
from stacks.rendering import render
from tests.backend.describing import problems_of, resources_of, stacks_of

BACKEND = """
queues: {jobs: true}
topics:
  orders: {email: team@example.com, queues: [jobs]}
  alerts: true
functions:
  web: {handler: "lambda_src/api/notes.py:add_note", topics: {orders: publish}}
  mailer: {handler: "lambda_src/api/notes.py:add_note", events: {topics: [orders, alerts]}}
"""
CONDITION = {
    "ArnEquals": {"aws:SourceArn": {"Ref": "OrdersTopic"}},
    "StringEqualsIfExists": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
}


def senders(resources: dict[str, Any], policy: str) -> dict[str, Any]:
    """Sid → condition of each statement of a queue's policy that lets SNS send."""
    statements = resources[policy]["Properties"]["PolicyDocument"]["Statement"]
    return {
        statement["Sid"]: statement["Condition"]
        for statement in statements
        if statement.get("Principal") == {"Service": ["sns.amazonaws.com"]} and "sqs:SendMessage" in statement["Action"]
    }


def test_a_topic_is_encrypted_and_asks_for_tls() -> None:
    resources = resources_of(BACKEND)
    assert resources["OrdersTopic"]["Properties"]["KmsMasterKeyId"] == "alias/aws/sns"
    (only,) = resources["OrdersTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (only["Effect"], only["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_each_subscriber_is_a_subscription_of_its_own() -> None:
    result = {
        name: (body["Properties"]["Protocol"], body["Properties"]["TopicArn"]["Ref"])
        for name, body in resources_of(BACKEND).items()
        if body["Type"] == "AWS::SNS::Subscription"
    }
    assert result == {
        "OrdersTopicEmaila96e36": ("email", "OrdersTopic"),
        "JobsFromOrdersTopicSubscription": ("sqs", "OrdersTopic"),
        "MailerFromOrdersTopic": ("lambda", "OrdersTopic"),
        "MailerFromAlertsTopic": ("lambda", "AlertsTopic"),
    }


def test_a_topic_may_send_to_the_queues_that_it_delivers_to_and_to_their_dead_letters() -> None:
    resources = resources_of(BACKEND)
    for policy in ("JobsQueuePolicy", "JobsQueueDeadLettersPolicy"):
        assert list(senders(resources, policy)) == ["FromOrdersTopic"]
    assert set(senders(resources, "MailerDeadLettersPolicy")) == {"FromOrdersTopic", "FromAlertsTopic"}
    assert senders(resources, "JobsQueuePolicy")["FromOrdersTopic"]["ArnEquals"] == CONDITION["ArnEquals"]


def test_a_function_without_dead_letters_gets_a_subscription_without_any() -> None:
    resources = resources_of(BACKEND.replace("events:", "dead_letters: false, events:"))
    assert "MailerDeadLetters" not in resources
    assert "RedrivePolicy" not in resources["MailerFromOrdersTopic"]["Properties"]


def test_only_the_topic_may_call_the_function() -> None:
    result = resources_of(BACKEND)["MailerFromOrdersTopicPermission"]["Properties"]
    assert (result["Principal"], result["SourceArn"]) == ("sns.amazonaws.com", {"Ref": "OrdersTopic"})


def test_a_publisher_gets_the_arn_and_the_right_to_publish_inside_its_boundary() -> None:
    stacks = stacks_of(BACKEND)
    backend = stacks["backend"]["Resources"]
    variables = backend["WebFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["ORDERS_TOPIC_ARN"] == {"Ref": "OrdersTopic"}
    role = backend["WebPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": [{"Ref": "OrdersTopic"}]} in role
    boundary = stacks["base"]["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]["Statement"]
    (allowed,) = (statement for statement in boundary if statement["Action"] == ["sns:Publish"])
    assert "${AWS::AccountId}:notes-dev-*" in str(allowed["Resource"])
    (denied,) = (statement for statement in boundary if statement.get("Sid") == "OthersWithOurName")
    assert "sns:*" in denied["Action"]


def test_a_listener_gets_no_right_to_publish() -> None:
    policy = resources_of(BACKEND)["MailerPolicy"]["Properties"]["PolicyDocument"]
    assert "sns:" not in str(policy)


def test_the_boundary_knows_no_topics_where_nobody_publishes() -> None:
    backend = BACKEND.replace(", topics: {orders: publish}", "")
    boundary = stacks_of(backend)["base"]["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]
    assert "sns:Publish" not in str(boundary)


def test_a_published_version_is_what_a_topic_calls() -> None:
    resources = resources_of(BACKEND.replace("events:", "snap_start: true, events:"))
    assert resources["MailerFromOrdersTopicPermission"]["DependsOn"] == "MailerLive"
    assert resources["MailerFromOrdersTopic"]["Properties"]["Endpoint"] == {"Fn::Sub": "${MailerFunction.Arn}:live"}


@pytest.mark.parametrize("count", [2, 5])
def test_split_backends_keep_topics_and_move_what_is_of_one_function(count: int) -> None:
    stacks = stacks_of(f"stacks: {count}{BACKEND}")
    core = stacks["backend"]["Resources"]
    assert {"OrdersTopic", "OrdersTopicPolicy", "JobsFromOrdersTopicSubscription", "JobsQueuePolicy"} <= core.keys()
    (mailer,) = (stack["Resources"] for name, stack in stacks.items() if "MailerFunction" in stack["Resources"])
    moved = {"MailerFromOrdersTopic", "MailerFromOrdersTopicPermission", "MailerDeadLettersPolicy"}
    assert moved <= mailer.keys()
    assert not moved & core.keys()
    assert mailer["MailerFromOrdersTopic"]["Properties"]["TopicArn"] == {"Ref": "BackendOrdersTopic"}


def test_alarms_report_messages_that_could_not_be_delivered() -> None:
    app = validated(
        {
            "name": "notes",
            "stages": {"dev": {"region": "eu-west-1"}},
            "alarms": "team@example.com",
            "backend": {"topics": {"alerts": True}},
        }
    )
    (backend,) = (stack for stack in render(app, app.stages["dev"]) if stack.stack == "backend")
    alarm = backend.template["Resources"]["AlertsTopicAlarm"]["Properties"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("NumberOfNotificationsFailed", 1)


def test_a_renamed_topic_and_a_renamed_queue_that_it_delivers_to_keep_their_ids() -> None:
    renamed = BACKEND.replace("jobs", "tasks").replace("orders", "sales")
    moved = {"backend.topics.orders": "backend.topics.sales", "backend.queues.jobs": "backend.queues.tasks"}
    before, after = _backend(BACKEND), _backend(renamed, moved=moved)
    (change,) = compare(before, after, {}, {})
    assert change.name == "WebFunction"
    assert {entry.path.rpartition(".")[2] for entry in change.properties} == {"ORDERS_TOPIC_ARN", "SALES_TOPIC_ARN"}


def test_a_topic_that_was_renamed_without_moved_is_replaced_and_the_forecast_says_how_to_keep_it() -> None:
    changes = compare(_backend(BACKEND), _backend(BACKEND.replace("orders", "sales")), {}, {})
    (topic,) = (change for change in changes if change.name == "OrdersTopic")
    assert topic.action == "remove"
    assert any("'moved: {backend.topics.orders: backend.topics.sales}'" in note for note in topic.notes)


def _backend(text: str, **more: Any) -> dict[str, Any]:
    stages = {"dev": {"region": "eu-west-1"}}
    app = validated({"name": "notes", "stages": stages, "backend": yaml.safe_load(text), **more})
    (stack,) = (
        rendered_stack for rendered_stack in render(app, app.stages["dev"]) if rendered_stack.stack == "backend"
    )
    return dict(stack.template)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("topics: {a: {queues: [job]}}\nqueues: {jobs: true}", "backend.topics.a.queues: there is no queue 'job'"),
        ("topics: {a: {email: nobody}}", "'nobody' is not an e-mail address"),
        ("topics: {a: {email: [a@b.example, a@b.example]}}", "names 'a@b.example' twice"),
        ("topics: {a: false}", "backend.topics.a"),
        (
            'functions: {f: {handler: "lambda_src/api/notes.py:add_note", topics: {a: publish}}}',
            "there is no topic 'a'",
        ),
        (
            'functions: {f: {handler: "lambda_src/api/notes.py:add_note", events: {topics: [a]}}}',
            "backend.functions.f.events.topics: there is no topic 'a'",
        ),
        (
            "topics: {a: {}}\nfunctions: {f: {handler: 'a.py:b', topics: {a: publish}, environment: {A_TOPIC_ARN: x}}}",
            "'A_TOPIC_ARN' is given to the function already: the ARN of topic 'a'",
        ),
        (
            'topics: {a: true}\nfunctions: {f: {wsgi: "a.py:app", public: true, events: {topics: [a]}}}',
            "is a web application, which answers HTTP requests only",
        ),
        (
            'topics: {a: true}\nfunctions: {f: {handler: "lambda_src/api/notes.py:add_note", topics: {a: read}}}',
            "'read' is not allowed. Use 'publish'",
        ),
    ],
)
def test_mistakes_with_topics_are_reported_where_they_are(text: str, problem: str) -> None:
    assert any(problem in item for item in problems_of(text)), problems_of(text)


def test_a_function_in_a_network_needs_the_endpoint_of_topics() -> None:
    stages = {"dev": {"region": "eu-west-1"}}
    function = {"handler": "lambda_src/api/notes.py:add_note", "vpc": True, "topics": {"a": "publish"}}
    backend = {"topics": {"a": True}, "functions": {"f": function}}
    with pytest.raises(DescriptionError, match=r"Set 'endpoints: \[sns\]' under 'base.vpc'"):
        validated({"name": "notes", "stages": stages, "base": {"vpc": True}, "backend": backend})


def test_messages_and_e_mails_are_estimated() -> None:
    stages = {"dev": {"region": "eu-west-1"}}
    function = {
        "handler": "lambda_src/api/notes.py:add_note",
        "public": True,
        "routes": ["GET /"],
        "topics": {"a": "publish"},
    }
    backend = {"topics": {"a": {"email": "a@b.example"}, "b": True}, "functions": {"f": function}}
    app = validated({"name": "notes", "stages": stages, "backend": backend})
    result = {load_part.what: load_part.monthly for load_part in estimate(app.stages["dev"], Load(requests=2_000_000))}
    assert (result["SNS messages"], result["SNS e-mails"]) == pytest.approx((0.5, 20))
