"""Statements → as few policies as first-fit finds, each within the size that IAM takes.

IAM counts the characters of a managed policy without white space, after CloudFormation has filled in the account.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.errors import StacksError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.json_types import JsonDict
    from stacks.roles.grants import GrantStatement

LARGEST_POLICY = 6144
_FULL = 4900
"""A policy is filled to four fifths: above that ``stacks.limits`` warns, and a new type finds room."""
MOST_POLICIES = 8
"""IAM attaches ten to a role; two stay free for a person in need."""
_GENERATED = 26
"""``-`` and the letters that CloudFormation appends to names it makes: thirteen; doubled for safety."""


def filled(text: str, *, account: str, boundary: str) -> str:
    """The text as CloudFormation's ``Fn::Sub`` makes it, in the ``aws`` partition."""
    values = {"AWS::AccountId": account, "AWS::Partition": "aws", "ApplicationBoundary": boundary}
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def size(document: JsonDict, boundary_path: str) -> int:
    """What IAM counts: characters of the filled document without white space, at most."""
    text = json.dumps(document, separators=(",", ":"))
    longest = f"arn:aws-us-gov:iam::{'0' * 12}:policy{boundary_path}{'x' * 40}ApplicationBoundary{'x' * _GENERATED}"
    return len(filled(text, account="0" * 12, boundary=longest))


def packed(
    stack: str, statements: Sequence[GrantStatement], boundary_path: str
) -> tuple[tuple[GrantStatement, ...], ...]:
    """The statements of each policy, in their order.

    Raises:
        StacksError: when more than ``MOST_POLICIES`` are needed, or one statement is too large for a policy.
    """
    policies: list[list[GrantStatement]] = []
    for statement in (part for original in statements for part in _fitting(original, boundary_path)):
        for policy in policies:
            if size(document([*policy, statement]), boundary_path) <= _FULL:
                policy.append(statement)
                break
        else:
            policies.append([statement])
    largest = max((size(document(policy), boundary_path) for policy in policies), default=0)
    if largest > LARGEST_POLICY:
        raise _outgrown(stack, f"has a statement of {largest} characters; a policy takes {LARGEST_POLICY}")
    if len(policies) > MOST_POLICIES:
        what = f"needs {len(policies)} policies of {LARGEST_POLICY} characters; {MOST_POLICIES} are the most"
        raise _outgrown(stack, what)
    return tuple(tuple(policy) for policy in policies)


def _outgrown(stack: str, what: str) -> StacksError:
    fix = "Split the stack: it has too many types, or too many exact names, for one role"
    return StacksError(f"{stack}: deploy role", what, fix)


def _fitting(statement: GrantStatement, boundary_path: str) -> Iterator[GrantStatement]:
    """The statement, its actions or then its ARNs halved until each part fits a policy of its own."""
    arns = statement.place.arns
    many = statement.actions if len(statement.actions) > 1 else arns
    fits = size(document([statement]), boundary_path) <= LARGEST_POLICY
    if fits or statement.inverted or len(many) == 1:
        yield statement
        return
    for part in (slice(len(many) // 2), slice(len(many) // 2, None)):
        if many is arns:
            half = replace(statement, place=replace(statement.place, arns=arns[part]))
        else:
            half = replace(statement, actions=statement.actions[part])
        yield from _fitting(half, boundary_path)


def document(statements: Sequence[GrantStatement]) -> JsonDict:
    """A policy document of the statements."""
    return {"Version": "2012-10-17", "Statement": [statement.document() for statement in statements]}
