"""``!GetAtt data.UserPoolId`` and ``${data.UserPoolId}`` → references to outputs of other stacks. Pure.

A stack is written like a resource whose attributes are its outputs. Names of stacks start with a small letter and
generated logical ids do not, so the two are never confused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Resolve = Callable[[str, str], Any]
"""A name and an attribute (empty for ``!Ref``) → what stands for them; None to leave them as they are."""

_IN_SUB = re.compile(r"\$\{\s*([A-Za-z][A-Za-z0-9-]*)(?:\.([A-Za-z0-9.]+))?\s*\}")


def replaced(value: Any, resolve: Resolve) -> Any:
    """``value`` with ``!Ref``, ``!GetAtt`` and the names in ``!Sub`` replaced by what ``resolve`` gives for them."""
    if isinstance(value, list | tuple):
        return [replaced(item, resolve) for item in value]
    if not isinstance(value, dict):
        return value
    found = None
    match value:
        case {"Fn::Sub": str() as text}:
            found = _substituted(text, {}, resolve)
        case {"Fn::Sub": [str() as text, dict() as variables]}:
            found = _substituted(text, {name: replaced(item, resolve) for name, item in variables.items()}, resolve)
        case {"Ref": str() as name}:
            found = resolve(name, "")
        case {"Fn::GetAtt": [str() as name, str() as attribute]}:
            found = resolve(name, attribute)
    return {key: replaced(item, resolve) for key, item in value.items()} if found is None else found


def _substituted(text: str, variables: Mapping[str, Any], resolve: Resolve) -> dict[str, Any]:
    """``Fn::Sub`` with each replaced name as a variable of it."""
    added: dict[str, Any] = {}

    def variable(match: re.Match[str]) -> str:
        found = None if match[1] in variables and not match[2] else resolve(match[1], match[2] or "")
        if found is None:
            return match[0]
        title = re.sub(r"[^A-Za-z0-9]", "", match[1].title() + (match[2] or ""))
        added[title] = found
        return f"${{{title}}}"

    text = _IN_SUB.sub(variable, text)
    held = {**variables, **added}
    return {"Fn::Sub": [text, held] if held else text}
