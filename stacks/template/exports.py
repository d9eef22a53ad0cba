"""Exports and imports of own stacks → which of them must be deployed before which. Pure.

The generated stacks export nothing (see ARCHITECTURE); projects that come from plain CloudFormation do. A name that
depends on more than pseudo parameters and the template's own parameters is unknown, and gives no order.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.functions import Other
from stacks.intrinsics.references import text_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.json_types import JsonObject
    from stacks.template.references import Node


def with_imports(nodes: Sequence[Node], parameters: Mapping[str, JsonObject]) -> list[Node]:
    """The stacks, each also after those whose exports it imports; ``parameters`` has values of them by stack."""
    known = {node.name: _known(node, parameters.get(node.stack, {})) for node in nodes}
    exporter = {(node.region, name): node.name for node in nodes for name in _exports(node, known[node.name])}
    return [replace(node, named=(*node.named, *_producers(node, known[node.name], exporter))) for node in nodes]


def _producers(node: Node, known: Mapping[str, str], exporter: Mapping[tuple[str, str], str]) -> list[str]:
    names = {text_of(value, known) for value in _imports(node.template)}
    producers = {exporter[node.region, name] for name in names if name and (node.region, name) in exporter}
    return sorted(producers - {node.name, *node.named})


def _known(node: Node, parameters: JsonObject) -> dict[str, str]:
    """Pseudo parameters and parameters with a value that is text."""
    declared = node.template.get("Parameters") or {}
    defaults = {name: body.get("Default") for name, body in declared.items() if isinstance(body, dict)}
    texts = {name: value for name, value in {**defaults, **parameters}.items() if isinstance(value, str)}
    return {**texts, "AWS::StackName": node.name, "AWS::Region": node.region}


def _exports(node: Node, known: Mapping[str, str]) -> Iterator[str]:
    for body in (node.template.get("Outputs") or {}).values():
        name = text_of(body.get("Export", {}).get("Name"), known) if isinstance(body, dict) else None
        if name:
            yield name


def _imports(value: object) -> Iterator[Any]:
    return (entry.argument for entry in walk(value) if isinstance(entry, Other) and entry.name == "Fn::ImportValue")
