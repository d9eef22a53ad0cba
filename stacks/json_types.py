"""Names for the plain data that templates, events and answers of AWS are, and reading it without trust.

Their values are numbers, texts, lists, objects and intrinsic functions, so they are typed no further: a key that
CloudFormation or an API adds must not break a reader. What the description says has
classes instead (``stacks/model/``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

JsonObject: TypeAlias = Mapping[str, Any]
"""An object of JSON or YAML that is only read."""
JsonDict: TypeAlias = dict[str, Any]
"""An object of JSON or YAML that its holder may change."""
TemplateData: TypeAlias = Mapping[str, Any]
"""A CloudFormation template: ``Resources``, ``Parameters``, ``Outputs`` and so on."""
ResourceData: TypeAlias = Mapping[str, Any]
"""A resource of a template: ``Type``, ``Properties``, ``DependsOn`` and so on."""
Properties: TypeAlias = Mapping[str, Any]
"""The ``Properties`` of a resource."""
StatementData: TypeAlias = Mapping[str, Any]
"""A statement of a policy document: ``Effect``, ``Action``, ``Resource`` and so on."""


def mapping(value: object) -> JsonObject:
    """The value when it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """The items of a list; a single value is a list of one, None is an empty list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def at(value: object, *path: str | int) -> Any:
    """The value under a path of keys and indexes, None when it leads nowhere."""
    for part in path:
        if isinstance(part, str):
            value = mapping(value).get(part)
        else:
            value = value[part] if isinstance(value, list | tuple) and part < len(value) else None
    return value
