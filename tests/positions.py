"""Where ``Fn::GetStackOutput`` stands in a template, and where AWS documents that it fails.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
("Known limitations")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FAILING = {"Fn::Sub", "Fn::Base64", "Fn::ImportValue"}


def forbidden(template: Mapping[str, Any]) -> list[str]:
    """The places of occurrences that answer InternalFailure."""
    inside = [place for section in ("Outputs", "Conditions") for place in _all(template.get(section, {}), section)]
    return [*inside, *_below(template.get("Resources", {}), "Resources")]


def occurrences(template: Mapping[str, Any]) -> list[tuple[str, str, str | None]]:
    """What a template reads by it: stack, output, region; each as often as it stands there."""
    return [(stack["StackName"], stack["OutputName"], stack.get("Region")) for stack in _reads(template)]


def _reads(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, dict):
        if "Fn::GetStackOutput" in node:
            yield node["Fn::GetStackOutput"]
        for value in node.values():
            yield from _reads(value)
    elif isinstance(node, list):
        for value in node:
            yield from _reads(value)


def _all(node: Any, place: str) -> Iterator[str]:
    yield from (place for _ in _reads(node))


def _below(node: Any, place: str) -> Iterator[str]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from (_all if key in _FAILING else _below)(value, f"{place}.{key}")
