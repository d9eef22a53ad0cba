"""Plain template data, read without trust: any part may be missing, of another type, or an intrinsic function."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_IN_SUB = re.compile(r"\$\{([^!}]+)\}")


def mapping(value: Any) -> Mapping[str, Any]:
    """The value when it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """The items of a list; a single value is a list of one, nothing is an empty list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def at(value: Any, *path: str | int) -> Any:
    """The value under a path of keys and indexes, None when it leads nowhere."""
    for part in path:
        if isinstance(part, str):
            value = mapping(value).get(part)
        else:
            value = value[part] if isinstance(value, list | tuple) and part < len(value) else None
    return value


def text(value: Any) -> str | None:
    """A scalar, ``Ref``, ``GetAtt``, ``Sub``, ``Join`` or ``GetStackOutput`` as a text with ``${…}`` in it; else None.

    ``{"Fn::Join": ["", [{"Fn::GetAtt": ["B", "Arn"]}, "/*"]]}`` is ``${B.Arn}/*``; an output of another stack is
    ``${stack:Output}``.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    (name, inside), *_ = value.items()
    read = _READERS.get(name)
    return read(inside) if read else None


def _ref(inside: Any) -> str:
    return f"${{{inside}}}"


def _attribute(inside: Any) -> str:
    return f"${{{'.'.join(str(part) for part in items(inside))}}}"


def _sub(inside: Any) -> str | None:
    pattern = items(inside)[0] if items(inside) else None
    variables = mapping(at(inside, 1))
    if not isinstance(pattern, str):
        return None
    return _IN_SUB.sub(lambda found: text(variables.get(found[1])) or found[0], pattern)


def _join(inside: Any) -> str | None:
    parts = [text(part) for part in items(at(inside, 1))]
    return str(at(inside, 0)).join(part for part in parts if part is not None) if None not in parts else None


def _output(inside: Any) -> str:
    return f"${{{text(at(inside, 'StackName'))}:{text(at(inside, 'OutputName'))}}}"


_READERS = {
    "Ref": _ref,
    "Fn::GetAtt": _attribute,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::GetStackOutput": _output,
}

ACCOUNT = "123456789012"


def estimate(value: Any, region: str) -> str | None:
    """The text with an account and the region put in: what a name or a policy will be as long as."""
    found = text(value)
    if found is None:
        return None
    for name, real in (
        ("AccountId", ACCOUNT),
        ("Region", region),
        ("Partition", "aws"),
        ("URLSuffix", "amazonaws.com"),
    ):
        found = found.replace(f"${{AWS::{name}}}", real)
    return found


def texts(value: Any) -> list[str]:
    """The items that can be read as text."""
    return [found for found in map(text, items(value)) if found is not None]


def leaves(value: Any) -> Iterator[str]:
    """Every text inside a value, intrinsic functions read."""
    found = text(value)
    if found is not None:
        yield found
    elif isinstance(value, Mapping):
        for inside in value.values():
            yield from leaves(inside)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from leaves(inside)
