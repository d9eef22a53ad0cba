"""Policy statements that a description brings as they are → what is wrong with them, by their texts alone. Pure.

A statement may widen what a function does or who may use a table, not what the project promises: actions are named one
by one, identity and deployment stay out of reach, data has its own words (``tables``, ``secrets`` …), and no statement
opens a table to everyone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from stacks.intrinsics.functions import is_function
from stacks.model.statements import CLOSED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stacks.description.finding import Finding, KeyPath
    from stacks.json_types import StatementData

_IDENTITY = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})
_TABLE = frozenset({"Sid", "Effect", "Principal", "Action", "Condition"})
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_TABLE_ACTION = re.compile(r"dynamodb:[A-Za-z]+")
_OWN_WORDS = {"dynamodb", "kms", "lambda", "s3", "secretsmanager", "sqs", "ssm"}
"""Services that hold data or run code: never on every resource of the account."""
_FILLED = re.compile(
    r"\$\{(?!AWS::(?:AccountId|Partition|Region|URLSuffix)\}|cognito-identity\.amazonaws\.com:)[^}]*\}"
)
_MOST_TABLE_BYTES = 20_480
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html"""


def identity_problems(statements: Sequence[StatementData], at: KeyPath) -> Iterator[Finding]:
    """What is wrong with the statements, listed at ``at``, that a role is given."""
    for index, statement in enumerate(statements):
        where: KeyPath = (*at, index)
        yield from _common(statement, _IDENTITY, ("Action", "Resource"), where)
        if statement.get("Effect") == "Allow":
            yield from _allowed(statement, where)


def table_problems(statements: Sequence[StatementData], at: KeyPath) -> Iterator[Finding]:
    """What is wrong with the statements of a table's policy; which table it is, is filled in."""
    for index, statement in enumerate(statements):
        where: KeyPath = (*at, index)
        yield from _common(statement, _TABLE, ("Action",), where)
        yield from _principal(statement, where)
        for action in _texts(statement.get("Action")):
            if not _TABLE_ACTION.fullmatch(action):
                yield where, f"names {action!r}, which is not a single action on a table", "Write 'dynamodb:GetItem'"
    size = len(json.dumps([dict(statement) for statement in statements], default=str))
    if size > _MOST_TABLE_BYTES:
        what = f"have {size:,} characters, DynamoDB takes {_MOST_TABLE_BYTES:,}"
        yield at, what, "Name fewer principals or actions", "POLICY-SIZE"


def _common(statement: StatementData, keys: Collection[str], needed: Sequence[str], at: KeyPath) -> Iterator[Finding]:
    unknown = sorted(statement.keys() - set(keys))
    for key in unknown:
        yield (*at, key), "is not allowed in such a statement", f"Use {', '.join(sorted(keys))}"
    if not unknown and statement.get("Effect") not in {"Allow", "Deny"}:
        yield at, "has no Effect", "Set 'Effect: Allow' or 'Effect: Deny'", "POLICY-GRAMMAR"
    for key in needed if not unknown else ():
        if not _texts(statement.get(key)) and not (key == "Resource" and _has_functions(statement.get(key))):
            yield at, f"has no {key}", f"Name each {key.lower()} as a text", "POLICY-GRAMMAR"
    yield from _filled(statement, at)


def _has_functions(value: object) -> bool:
    """Whether a value is a CloudFormation function such as ``!Ref Alerts``, or a list of these and of texts."""
    items = value if isinstance(value, list | tuple) else [value]
    return (
        bool(items)
        and all(isinstance(entry, str) or is_function(entry) for entry in items)
        and any(map(is_function, items))
    )


def _texts(value: object) -> list[str]:
    """The texts of a value that is one text or a list of them; nothing when it is anything else."""
    texts = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    return texts if all(isinstance(text, str) for text in texts) else []


def _allowed(statement: StatementData, at: KeyPath) -> Iterator[Finding]:
    everywhere = any(resource.strip("*:") in {"", "arn"} for resource in _texts(statement.get("Resource")))
    for action in _texts(statement.get("Action")):
        service = action.partition(":")[0].lower()
        if not _ACTION.fullmatch(action):
            yield at, f"allows {action!r}, which is not a single action", "Name each action, as 'ses:SendEmail'"
        elif service in CLOSED:
            yield at, f"allows {action!r}, which no function may do here", "Leave it out"
        elif service in _OWN_WORDS and everywhere:
            yield at, f"allows {action!r} on everything in the account", "Name the resource's ARN"


def _principal(statement: StatementData, at: KeyPath) -> Iterator[Finding]:
    principal = statement.get("Principal")
    named = {"AWS": principal} if principal == "*" else principal
    values = named.values() if isinstance(named, Mapping) and named.keys() <= {"AWS", "Service"} else ()
    results = [text for value in values for text in _texts(value)]
    if not results:
        yield at, "names no principal", "Write 'Principal: {AWS: arn:aws:iam::123456789012:role/name}'"
    if "*" in results and statement.get("Effect") == "Allow" and not statement.get("Condition"):
        yield at, "lets everyone in", "Name accounts or roles, or add a Condition such as aws:PrincipalOrgID"


def _filled(value: object, at: KeyPath) -> Iterator[Finding]:
    if is_function(value):
        return
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _filled(item, at)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _filled(item, at)
    elif isinstance(value, str):
        for result in _FILLED.findall(value):
            yield at, f"{result!r} cannot be filled in", "Use ${AWS::AccountId}, Partition, Region or URLSuffix"
