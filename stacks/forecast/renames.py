"""Removed and added resources of one type that look like one resource under a new logical id.

CloudFormation knows no renames: it makes the new resource and deletes the old one. What is found here is only reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from stacks.forecast.behaviour import identifiers
from stacks.forecast.difference import meaning
from stacks.types import known

_NEAR = 0.75
"""The share of equal values from which two resources look like one."""
_MOST_PAIRS = 2_500
"""Pairs of one type that are compared value by value; beyond, only equal properties count."""

Bodies = Mapping[str, Mapping[str, Any]]
_Leaves = Mapping[str, frozenset[str]]
"""Logical id → each value with its path."""


def renames(removed: Bodies, added: Bodies) -> dict[str, str]:
    """Old logical id → new logical id, the nearest first; each is used once."""
    old, new = _by_type(removed), _by_type(added)
    result: dict[str, str] = {}
    for kind in sorted(kind for kind in old.keys() & new.keys() if not known(kind).snapshot):
        result |= _matched(old[kind], new[kind], tuple(f".{name}=" for name in identifiers(kind)))
    return result


def _by_type(bodies: Bodies) -> dict[str, dict[str, frozenset[str]]]:
    result: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for name, body in bodies.items():
        result[str(body.get("Type"))][name] = frozenset(_leaves(body.get("Properties"), ""))
    return result


def _leaves(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for item in value:
            yield from _leaves(item, f"{path}[]")
    else:
        yield f"{path}={meaning(value)}"


def _matched(old: _Leaves, new: _Leaves, naming: tuple[str, ...]) -> dict[str, str]:
    result: dict[str, str] = {}
    taken: set[str] = set()
    for _, before, after in sorted(_pairs(old, new, naming), key=lambda pair: (-pair[0], pair[1:])):
        if before not in result and after not in taken:
            result[before] = after
            taken.add(after)
    return result


def _pairs(old: _Leaves, new: _Leaves, naming: tuple[str, ...]) -> Iterator[tuple[float, str, str]]:
    if len(old) * len(new) > _MOST_PAIRS:
        equal = {leaves: name for name, leaves in new.items()}
        yield from ((1.0, name, equal[leaves]) for name, leaves in old.items() if leaves in equal)
        return
    for before, left in old.items():
        for after, right in new.items():
            near = 1.0 if _same_name(left, right, naming) else len(left & right) / len(left | right)
            if near >= _NEAR:
                yield near, before, after


def _same_name(left: frozenset[str], right: frozenset[str], naming: tuple[str, ...]) -> bool:
    """Whether both carry the same physical name: then the new one cannot even be made before the old one goes."""
    names = {leaf for leaf in left if leaf.startswith(naming)} if naming else set()
    return len(names) == len(naming) > 0 and names <= right
