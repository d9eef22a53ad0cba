"""No role of a stage reaches another's things, although the names of one begin with those of the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stacks.loading import validated
from stacks.rendering import render
from stacks.roles import derive
from stacks.roles.arns import mistake
from stacks.roles.packing import filled
from tests.roles.conftest import ACCOUNT
from tests.roles.positive import requests
from tests.roles.simulator import Request, allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App

_WORD = st.sampled_from(["a", "eu", "prod", "shop"])
_UNTAGGED = ("iam:", "s3:", "ssm:", "secretsmanager:")
"""Services whose things are told apart by their names and paths alone; elsewhere the tag of the stack decides."""


def _app(name: str, stage: str) -> App:
    code = {"handler": "lambda_src/api/notes.py:list_notes", "routes": ["GET /x"], "public": True}
    functions = {"list": {**code, "tables": {"notes": "read-write"}, "events": {"queues": ["jobs"]}}}
    return validated(
        {
            "name": name,
            "stages": {stage: {"region": "eu-west-1"}},
            "data": {"tables": {"notes": {"partition_key": "id", "encryption": "own"}}, "users": True},
            "backend": {"functions": functions, "queues": {"jobs": True}},
            "frontend": {"static": "static", "waf": False},
        }
    )


def _documents(app: App) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    (stage,) = app.stages.values()
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/{app.name}-{stage.name}/platform/boundary"
    for stack in render(app, stage):
        if stack.stack != "base":
            text = filled(json.dumps(derive(stage, stack).documents()), account=ACCOUNT, boundary=boundary)
            yield stack.name, json.loads(text)


def _requests_of(own: str, documents: list[dict[str, Any]]) -> Iterator[Request]:
    """What another role does with things that are there and are its own."""
    for request in requests(documents, own):
        named = request.action.startswith(_UNTAGGED) and own.rpartition("-")[0] in request.resource
        if named or request.context.get("aws:ResourceTag/stack") == own:
            yield request


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(_WORD, _WORD), st.lists(_WORD, min_size=1, max_size=2))
@example(names=("shop", "prod"), more=["eu"])
def test_no_deploy_role_reaches_a_stage_whose_names_extend_its_own(names: tuple[str, str], more: list[str]) -> None:
    """``shop`` in ``prod`` and ``shop-prod`` in ``eu`` in one account: their names begin alike."""
    app, other = _app(*names), _app("-".join(names), more[0])
    first, second = dict(_documents(app)), dict(_documents(other))
    reached = {
        (role, request.action, request.resource)
        for role, documents in first.items()
        for own, others in second.items()
        for request in _requests_of(own, others)
        if allowed(documents, request)
    }
    assert reached == set()


@pytest.mark.parametrize(
    "service", ["dynamodb:GetItem", "lambda:InvokeFunction", "sqs:SendMessage", "logs:PutLogEvents"]
)
def test_no_function_reaches_them_either(service: str) -> None:
    """The boundary denies what is called like the stage's own and carries another stack's tag."""
    app = _app("shop", "prod")
    (stage,) = app.stages.values()
    base = next(stack for stack in render(app, stage) if stack.stack == "base")
    document = base.template["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]
    text = json.dumps(document).replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", ACCOUNT)
    policy = json.loads(
        text.replace("${AWS::Region}", "eu-west-1"), object_hook=lambda entry: entry.get("Fn::Sub", entry)
    )
    resource = {
        "dynamodb:GetItem": "table/shop-prod-eu-notes",
        "lambda:InvokeFunction": "function:shop-prod-eu-list",
        "sqs:SendMessage": "shop-prod-eu-jobs",
        "logs:PutLogEvents": "log-group:/aws/lambda/shop-prod-eu-list",
    }[service]
    arn = f"arn:aws:{service.partition(':')[0]}:eu-west-1:{ACCOUNT}:{resource}"
    request = Request(action=service, resource=arn, context={"aws:ResourceTag/stack": "shop-prod-eu-backend"})
    assert not allowed([policy], request)


def test_every_arn_of_every_policy_is_one_that_iam_accepts(apps: tuple[App, ...]) -> None:
    """``data.backup`` made ``arn:aws:*:eu-west-1:*:*``, which IAM refuses: "vendor must be fully qualified"."""
    results = {
        (stack.stack, mistake(arn))
        for app in apps
        for stage in app.stages.values()
        for stack in render(app, stage)
        for document in derive(stage, stack).documents()
        for statement in document["Statement"]
        for key in ("Resource", "NotResource")
        for arn in _listed(statement.get(key, ()))
        if mistake(arn)
    }
    assert results == set()


@pytest.mark.parametrize(
    ("arn", "accepted"),
    [
        ("*", True),
        ("arn:aws:s3:::notes-dev-*/*", True),
        ("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:notes-dev-*", True),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", True),
        ("arn:aws:*:eu-west-1:*:*", False),
        ("arn:*:logs:*:*:*", True),  # as Chalice writes it
        ("arn:aws:s3", False),
        ("arn:aws:s3:::", False),
        ("table/notes", False),
        ("arn:aws:dynamodb:eu west:111122223333:table/x", False),
    ],
)
def test_what_iam_accepts(arn: str, accepted: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert (mistake(arn) is None) is accepted


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
