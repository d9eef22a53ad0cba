"""Does the deploy role that base has still do for the templates of today? Differences, with what asks for them.

Compared is what the deployed base template grants, statement by statement, not what IAM would make of it: a role that
was widened by hand is not found here, a role that lacks something is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.errors import Problem
from stacks.intrinsics.functions import Sub, function
from stacks.invocation import program
from stacks.json_types import items
from stacks.template.wired import READ_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject
    from stacks.roles.needs import Need
    from stacks.roles.rights import DeployRights

Granted = tuple[str, str, str]


def policies_of(rights: DeployRights, base: JsonObject) -> list[JsonObject]:
    """The documents of the stack's deploy role in a base template; none where it has no such role."""
    stem = f"{naming.words(rights.stack)}DeployPolicy"
    return [
        body["Properties"]["PolicyDocument"]
        for name, body in base.get("Resources", {}).items()
        if name.startswith(stem) and name.removeprefix(stem).isdigit()
    ]


def missing_rights(rights: DeployRights, base: JsonObject, stage: str) -> tuple[Problem, ...]:
    """What the deployed ``base`` template does not grant although the stack needs it, one problem for each action."""
    policies = policies_of(rights, base)
    if not policies:
        return (_problem(stage, f"{rights.stack} has no deploy role there"),)
    had = {row for policy in policies for row in _granted(policy)}
    lacking: dict[str, Problem] = {}
    for statement in rights.statements:
        wanted = set(_granted({"Statement": [statement.document()]}))
        for need in statement.needs:
            if any(action == need.action.lower() and (action, *rest) not in had for action, *rest in wanted):
                what = f"{rights.stack} now needs {need.action} because of {_because(need)}"
                lacking.setdefault(need.action, _problem(stage, what))
    return tuple(lacking.values())


def _because(need: Need) -> str:
    """``WebAlias.ProvisionedConcurrencyConfig``, or what reads another stack."""
    read, _, region = need.property.partition("@")
    if need.type == READ_TYPE:
        return f"{need.resources[0]}, which reads {need.property}"
    if region:
        return f"{need.resources[0]}, which reads {read}"
    return f"{need.resources[0]}.{need.property}" if need.property else need.resources[0]


def _problem(stage: str, what: str) -> Problem:
    return Problem(where="deploy base first", what=what, fix=f"Run '{program()} deploy base --stage {stage}'")


def _granted(policy: JsonObject) -> Iterator[Granted]:
    """(action, ARN, conditions) of everything a policy document of a template allows."""
    for statement in policy["Statement"]:
        if statement["Effect"] == "Allow":
            conditions = json.dumps(_plain(statement.get("Condition", {})), sort_keys=True)
            for action in items(statement.get("Action", [])):
                for arn in items(_plain(statement.get("Resource", []))):
                    yield action.lower(), str(arn), conditions


def _plain(node: object) -> Any:
    """The same with ``Fn::Sub`` taken off; what CloudFormation shows and what is rendered then compare."""
    written = function(node)
    if isinstance(written, Sub) and not written.variables:
        return written.text
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, list) else node
