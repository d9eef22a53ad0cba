"""Requests that a policy's allowances are written for: each action of each allowance, on each of its resources.

A request carries what the allowance asks for, and the tag of the stack that the resource belongs to: what some other
statement of the same role then denies is a right that the role only seems to have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.roles.simulator import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STACK_IN_ARN = re.compile(
    r":stack/(?P<stack>[^/*]+)/|:parameter/(?P<app>[^/*]+)/(?P<stage>[^/*]+)/(?P<part>[^/*]+)/", re.ASCII
)


def requests(documents: list[dict[str, Any]], own: str) -> Iterator[Request]:
    """The requests of a role whose stack is called ``own``."""
    for document in documents:
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                yield from _of(statement, own)


def _of(statement: Mapping[str, Any], own: str) -> Iterator[Request]:
    asked = dict(_context(statement.get("Condition", {})))
    for arn in _listed(statement["Resource"]):
        owner = {"aws:ResourceTag/stack": _owner(arn)} if _owner(arn) else {}
        for action in _listed(statement["Action"]):
            context = {**owner, **asked}
            yield Request(action=action, resource=_concrete(arn), context=context)
            if _may_be_there(statement, action):
                tag = {"aws:ResourceTag/stack": _tag_if_any(statement) or own}
                yield Request(action=action, resource=_concrete(arn), context={**tag, **context})


def _may_be_there(statement: Mapping[str, Any], action: str) -> bool:
    """Whether the resource may have a tag although the allowance asks for none: not what is just made."""
    untagged = "aws:ResourceTag/stack" in statement.get("Condition", {}).get("Null", {})
    return not untagged and not action.partition(":")[2].startswith("Create")


def _tag_if_any(statement: Mapping[str, Any]) -> str:
    """The tag that the resource has, if it has one."""
    return _listed(statement.get("Condition", {}).get("StringEqualsIfExists", {}).get("aws:ResourceTag/stack", ""))[0]


def _context(condition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for operator, keys in condition.items():
        for key, wanted in keys.items():
            if operator != "Null" and not operator.endswith("IfExists") and "Not" not in operator:
                yield key, _concrete(_listed(wanted)[0])


def _owner(arn: str) -> str:
    match = _STACK_IN_ARN.search(arn)
    if not match:
        return ""
    return match["stack"] or f"{match['app']}-{match['stage']}-{match['part']}"


def _concrete(pattern: str) -> str:
    """A value that the pattern stands for; ``*`` alone is left, as IAM writes "no resource"."""
    return pattern if pattern == "*" else pattern.replace("*", "x").replace("?", "x")


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
