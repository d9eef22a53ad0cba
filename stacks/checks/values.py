"""Plain template data, read without trust: any part may be missing, of another type, or an intrinsic function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from stacks.intrinsics.functions import GetAtt, GetStackOutput, Intrinsic, Other, Ref, Sub, function, is_function
from stacks.intrinsics.references import references_of, with_variables
from stacks.json_types import items


def text(value: object) -> str | None:
    """A scalar, ``Ref``, ``GetAtt``, ``Sub``, ``Join`` or ``GetStackOutput`` as a text with ``${…}`` in it; else None.

    ``{"Fn::Join": ["", [{"Fn::GetAtt": ["B", "Arn"]}, "/*"]]}`` is ``${B.Arn}/*``; an output of another stack is
    ``${stack:Output}``.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    result = function(value)
    return None if result is None else _written(result)


def _written(intrinsic: Intrinsic) -> str | None:
    match intrinsic:
        case Sub(pattern, own):
            return with_variables(pattern, lambda pair: text(own.get(pair.variable)) or f"${{{pair.variable}}}")
        case GetStackOutput(stack, output):
            return f"${{{stack}:{output}}}"
        case Other("Fn::Join", [str(separator), [*parts]]):
            written = [text(part) for part in parts]
            return None if None in written else separator.join(part for part in written if part is not None)
        case Ref() | GetAtt(_, str()):
            return "".join(f"${{{reference.variable}}}" for reference in references_of(intrinsic))
    return None


ACCOUNT = "123456789012"


def estimate(value: object, region: str) -> str | None:
    """The text with an account and the region put in: what a name or a policy will be as long as."""
    result = text(value)
    if result is None:
        return None
    for name, real in (
        ("AccountId", ACCOUNT),
        ("Region", region),
        ("Partition", "aws"),
        ("URLSuffix", "amazonaws.com"),
    ):
        result = result.replace(f"${{AWS::{name}}}", real)
    return result


def known_list(value: object) -> list[Any]:
    """The items of a list that is written out; nothing for a function that gives a list."""
    return [] if is_function(value) else items(value)


def network_of(written: str) -> IPv4Network | IPv6Network | None:
    """The network, or the single address, that a text names; None for anything else."""
    try:
        return ip_network(written, strict=False)
    except ValueError:
        return None


def texts(value: object) -> list[str]:
    """The items that can be read as text."""
    return [result for result in map(text, items(value)) if result is not None]


def leaves(value: object) -> Iterator[str]:
    """Every text inside a value, intrinsic functions read."""
    result = text(value)
    if result is not None:
        yield result
    elif isinstance(value, Mapping):
        for inside in value.values():
            yield from leaves(inside)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from leaves(inside)
