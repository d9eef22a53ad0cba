"""An IAM policy evaluator, small enough to be read: is a request allowed by the identity policies of one role?

What the deploy roles use and no more: wildcards, NotAction, NotResource, denials, and these condition operators.
Anything else is an error, so a policy cannot pass by using what is not understood here. Held against
@cloud-copilot/iam-simulate once: the same verdict on every request of the tests here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks of AWS."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def allowed(policies: Sequence[Document], request: Request) -> bool:
    """Whether some statement allows the request and none denies it."""
    statements = [statement for policy in policies for statement in policy["Statement"]]
    applying = {statement["Effect"] for statement in statements if _applies(statement, request)}
    return applying == {"Allow"}


def without_denials(policies: Sequence[Document]) -> list[Document]:
    """The same policies with nothing but their allowances."""
    return [
        {**policy, "Statement": [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]}
        for policy in policies
    ]


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    known = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
    assert statement.keys() <= known, statement
    return (
        _listed(statement, "Action", request.action.lower(), fold=True)
        and _listed(statement, "Resource", request.resource, fold=False)
        and holds(statement.get("Condition", {}), request.context)
    )


def _listed(statement: Mapping[str, Any], key: str, value: str, *, fold: bool) -> bool:
    if f"Not{key}" in statement:
        return not _any(statement[f"Not{key}"], value, fold=fold)
    return _any(statement[key], value, fold=fold)


def _any(patterns: Any, value: str, *, fold: bool) -> bool:
    return any(_like(item.lower() if fold else item, value) for item in _list(patterns))


def holds(condition: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """Whether every condition of a statement is met by what comes with a request."""
    return all(
        _operator(operator, _list(wanted), context.get(key))
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _operator(operator: str, wanted: Sequence[str], value: str | None) -> bool:  # noqa: PLR0911 - a case for each operator
    if operator == "Null":
        return (value is None) == (wanted == ["true"])
    if operator.endswith("IfExists") or operator.startswith("ForAllValues:"):
        bare = operator.removesuffix("IfExists").removeprefix("ForAllValues:")
        return value is None or _operator(bare, wanted, value)
    match operator.removeprefix("ForAnyValue:"):
        case "StringEquals" | "Bool" | "NumericEquals":
            return value is not None and value in wanted
        case "StringLike" | "ArnLike" | "ArnEquals":
            return value is not None and any(_like(item, value) for item in wanted)
        case "NumericGreaterThanEquals":
            return value is not None and int(value) >= max(map(int, wanted))
        case "StringNotEquals":
            return value not in wanted
        case "ArnNotEquals" | "ArnNotLike" | "StringNotLike":
            return value is None or not any(_like(item, value) for item in wanted)
        case _:
            raise NotImplementedError(operator)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", text))
    return re.compile("".join(parts), re.DOTALL)


def _like(pattern: str, value: str) -> bool:
    return _pattern(pattern).fullmatch(value) is not None


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
