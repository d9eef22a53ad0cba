"""CloudFormation's intrinsic functions as plain data: their names, their short YAML tags, and how values merge. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LONG = frozenset(
    {
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "ForEach",
        "GetAtt",
        "GetAZs",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    }
)
_SHORT = frozenset({"Ref", "Condition"})
"""Written without ``Fn::`` in their long form."""
TAGS = frozenset(f"!{name}" for name in _LONG | _SHORT)
"""The short forms that YAML templates may use."""


def long_form(tag: str, value: Any) -> dict[str, Any]:
    """``!GetAtt``, ``"Table.Arn"`` as ``{"Fn::GetAtt": ["Table", "Arn"]}``."""
    name = tag.removeprefix("!")
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in _SHORT else f"Fn::{name}": value}


def is_function(value: Any) -> bool:
    """Whether a value is one intrinsic function in its long form, such as ``{"Ref": "Table"}``."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    (key,) = value
    return key == "Ref" or (isinstance(key, str) and key.startswith("Fn::"))


def merged(value: Any, change: Any) -> Any:
    """``value`` with ``change`` merged into it: mappings key by key, where ``None`` removes a key.

    Lists, plain values and intrinsic functions replace what was there as a whole.
    """
    if not isinstance(value, Mapping) or not isinstance(change, Mapping) or is_function(value) or is_function(change):
        return _without_none(change)
    kept = {key: item for key, item in value.items() if key not in change}
    return {**kept, **{key: merged(value.get(key), item) for key, item in change.items() if item is not None}}


def _without_none(value: Any) -> Any:
    """A value that replaces another: the keys it would remove are left out."""
    if isinstance(value, Mapping) and not is_function(value):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value


def has_function(value: Any) -> bool:
    """Whether an intrinsic function is in a value, at any depth."""
    if isinstance(value, Mapping):
        return is_function(value) or any(map(has_function, value.values()))
    return isinstance(value, list | tuple) and any(map(has_function, value))
