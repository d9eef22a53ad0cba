"""A workflow's definition (Amazon States Language) → its tasks, the things they name, and the rights they need. Pure.

Things are named as ``${functions.charge}``, ``${tables.orders}``, ``${queues.jobs}``, ``${topics.news}``,
``${buses.shop}`` and ``${workflows.refund}``: the function's ARN, the table's name, the queue's address, the topic's
ARN, the bus's name, the workflow's ARN.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.json_types import mapping
from stacks.kinds import KINDS
from stacks.values import positional_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.intrinsics.paths import KeyPath
    from stacks.json_types import JsonObject

REFERENCE = re.compile(r"\$\{([^}]*)\}")
_INTEGRATION = re.compile(r"arn:aws[a-z-]*:states:::([a-z-]+:[A-Za-z]+)((?:\.[A-Za-z0-9:]+)?)")
_NEEDS: Mapping[str, tuple[str, str]] = {
    "dynamodb:deleteItem": ("tables", "dynamodb:DeleteItem"),
    "dynamodb:getItem": ("tables", "dynamodb:GetItem"),
    "dynamodb:putItem": ("tables", "dynamodb:PutItem"),
    "dynamodb:updateItem": ("tables", "dynamodb:UpdateItem"),
    "events:putEvents": ("buses", "events:PutEvents"),
    "lambda:invoke": ("functions", "lambda:InvokeFunction"),
    "sns:publish": ("topics", "sns:Publish"),
    "sqs:sendMessage": ("queues", "sqs:SendMessage"),
    "states:startExecution": ("workflows", "states:StartExecution"),
}
"""Integration → the group of what it works on, and the action that it needs there.
https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html"""
GROUPS = {kind.name: kind.group for kind in KINDS if kind.name in {group for group, _ in _NEEDS.values()}}
"""The first part of a reference → where such things are described."""
_WAITS = {"", ".waitForTaskToken"}
"""Suffixes that need no more rights than the call; ``.sync`` watches what it starts."""


@positional_value
class Task:
    """A task state: where it is in the definition, and what it needs."""

    path: KeyPath
    resource: str
    group: str = ""
    """Of what group it uses a thing; empty where the rights it needs cannot be derived."""
    action: str = ""
    names: tuple[str, ...] = ()
    """The things of the group that it names."""


def references(value: object, at: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """What is between ``${`` and ``}`` anywhere in a definition, with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from references(item, (*at, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from references(item, (*at, index))
    elif isinstance(value, str):
        yield from ((at, result) for result in REFERENCE.findall(value))


def tasks(definition: JsonObject, at: KeyPath = ()) -> Iterator[Task]:
    """Every task state, those inside of parallel and map states, too."""
    for name, state in mapping(definition.get("States")).items():
        where = (*at, "States", name)
        body = mapping(state)
        if body.get("Type") == "Task":
            yield _task(where, body)
        for index, branch in enumerate(body.get("Branches") or ()):
            yield from tasks(mapping(branch), (*where, "Branches", index))
        for key in ("ItemProcessor", "Iterator"):
            yield from tasks(mapping(body.get(key)), (*where, key))


def _task(path: KeyPath, state: JsonObject) -> Task:
    resource = str(state.get("Resource", ""))
    direct = re.fullmatch(r"\$\{functions\.([^}]*)\}", resource)
    if direct:
        return Task(path, resource, "functions", "lambda:InvokeFunction", (direct[1],))
    match = _INTEGRATION.fullmatch(resource)
    group, action = _NEEDS.get(match[1], ("", "")) if match and match[2] in _WAITS else ("", "")
    named = [text.partition(".") for key in ("Parameters", "Arguments") for _, text in references(state.get(key))]
    names = dict.fromkeys(name for its_group, _, name in named if its_group == group)
    if not names and group == "buses":
        names = {"default": None}  # PutEvents without EventBusName
    return Task(path, resource, group, action, tuple(names))
