"""No statement asks for a condition key that AWS does not send with the action: it would be denied without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.rendering import render
from stacks.roles import derive
from tests.roles.iam_keys import keys_of, matching, unsent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.app import App

_POLICIES = ("AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument")


@pytest.fixture(scope="module")
def rights(apps: tuple[App, ...]) -> list[tuple[str, Mapping[str, Any]]]:
    """Stack and statement of every deploy role, with the person's who deploys base."""
    return [
        (stack.stack, statement)
        for app in apps
        for stage in app.stages.values()
        for stack in render(app, stage)
        for document in derive(stage, stack).documents()
        for statement in document["Statement"]
    ]


@pytest.fixture(scope="module")
def written(apps: tuple[App, ...]) -> list[tuple[str, Mapping[str, Any]]]:
    """Stack and statement of every policy that stands in a template: of roles, keys, buckets, topics, queues."""
    return [
        (f"{stack.stack}.{name}", statement)
        for app in apps
        for stage in app.stages.values()
        for stack in render(app, stage)
        for name, body in stack.template["Resources"].items()
        for statement in _statements(body.get("Properties", {}))
    ]


def _statements(properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in _POLICIES:
        document = properties.get(key, {})
        yield from document.get("Statement", ()) if isinstance(document, dict) else ()


def test_derived_rights_ask_for_keys_that_are_sent(rights: list[tuple[str, Mapping[str, Any]]]) -> None:
    """``lambda:UntagResource`` knows no ``lambda:FunctionArn``, ``AddCertificateToDomain`` no tag of the request."""
    assert {(stack, *pair) for stack, statement in rights for pair in unsent(statement)} == set()


def test_policies_in_templates_ask_for_keys_that_are_sent(written: list[tuple[str, Mapping[str, Any]]]) -> None:
    assert {(where, *pair) for where, statement in written for pair in unsent(statement)} == set()


def test_every_derived_action_is_known(rights: list[tuple[str, Mapping[str, Any]]]) -> None:
    actions = {
        action for _, statement in rights if statement["Effect"] == "Allow" for action in _list(statement["Action"])
    }
    assert {action for action in actions if not matching(action)} == set()


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("lambda:UntagResource", "lambda:FunctionArn"),
        ("apigateway:AddCertificateToDomain", "aws:RequestTag/stack"),
        ("kms:ScheduleKeyDeletion", "aws:RequestTag/stack"),
    ],
)
def test_a_key_that_is_not_sent_is_noticed(action: str, key: str) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": {"StringEquals": {key: "x"}}}
    assert list(unsent(statement)) == [(matching(action)[0], key)]


def test_tags_of_resources_are_sent() -> None:
    assert "aws:resourcetag/" in keys_of("kms:DescribeKey")


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
