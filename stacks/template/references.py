"""What a template refers to, and whether all of it is there.

One walk over the rendered data finds every ``Ref``, ``Fn::GetAtt``, ``Fn::Sub`` and ``DependsOn`` inside the template,
and every ``Fn::GetStackOutput`` that leaves it. It reads any template, not only those made here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from stacks.errors import Problem, StacksError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_IN_SUB = re.compile(r"\$\{([^!$}][^}]*)\}")


@dataclass(frozen=True, slots=True)
class Found:
    """The names a template refers to, each with the place of its first use."""

    local: dict[str, str] = field(default_factory=dict)
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    """(stack name, output) → place."""


def found_in(template: Mapping[str, Any]) -> Found:
    """Every reference of a template."""
    found = Found()
    for section in ("Resources", "Outputs", "Conditions"):
        for name, body in template.get(section, {}).items():
            _walk(body, f"{section}.{name}", found)
    return found


def _walk(node: Any, place: str, found: Found) -> None:
    if isinstance(node, list):
        for item in node:
            _walk(item, place, found)
    elif isinstance(node, dict):
        for key, value in node.items():
            special = _SPECIAL.get(key)
            if special:
                special(value, place, found)
            else:
                _walk(value, place, found)


def _walk_ref(value: Any, place: str, found: Found) -> None:
    if isinstance(value, str):
        found.local.setdefault(value, place)


def _walk_attribute(value: Any, place: str, found: Found) -> None:
    found.local.setdefault((value.split(".") if isinstance(value, str) else value)[0], place)


def _walk_depends(value: Any, place: str, found: Found) -> None:
    for name in [value] if isinstance(value, str) else value:
        found.local.setdefault(name, place)


def _walk_output(value: Any, place: str, found: Found) -> None:
    found.outputs.setdefault((value["StackName"], value["OutputName"]), place)


def _walk_sub(value: Any, place: str, found: Found) -> None:
    text, variables = (value, {}) if isinstance(value, str) else (*value, {})[:2]
    _walk(variables, place, found)
    for name in map(str.strip, _IN_SUB.findall(text)):
        if name not in variables:
            found.local.setdefault(name.partition(".")[0], place)


_SPECIAL = {
    "Ref": _walk_ref,
    "Fn::GetAtt": _walk_attribute,
    "Fn::Sub": _walk_sub,
    "Fn::GetStackOutput": _walk_output,
    "DependsOn": _walk_depends,
}


def open_references(stack: str, template: Mapping[str, Any], found: Found) -> Iterator[Problem]:
    """References inside the template that meet nothing; what a transform will add to a template is not known."""
    if "Transform" in template:
        return
    known = template.get("Resources", {}).keys() | template.get("Parameters", {}).keys()
    for name, place in found.local.items():
        if name not in known and not name.startswith("AWS::"):
            what = f"refers to {name!r}, which the template does not have"
            yield Problem(where=f"{stack}.{place}", what=what, fix="Correct the name, or add the resource")


@dataclass(frozen=True, slots=True)
class Node:
    """A stack as the order of deployment sees it."""

    stack: str
    name: str
    template: Mapping[str, Any]
    found: Found


def missing_outputs(nodes: Sequence[Node]) -> Iterator[Problem]:
    """References between our stacks that meet nothing, naming both ends."""
    by_name = {node.name: node for node in nodes}
    for node in nodes:
        for (producer, output), place in node.found.outputs.items():
            where = f"{node.stack}.{place}"
            if producer not in by_name:
                what, fix = (
                    f"reads output {output!r} of stack {producer!r}, which is not made",
                    "Describe that part too",
                )
                yield Problem(where=where, what=what, fix=fix)
            elif output not in by_name[producer].template.get("Outputs", {}):
                known = ", ".join(sorted(by_name[producer].template.get("Outputs", {}))) or "none"
                what = f"reads output {output!r}, which stack {producer!r} does not have"
                yield Problem(where=where, what=what, fix=f"Its outputs are {known}")


def in_order(nodes: Sequence[Node]) -> list[Node]:
    """The stacks so that each comes after those it reads from, otherwise in the order given.

    Raises:
        StacksError: when stacks read from each other in a circle.
    """
    by_name = {node.name: node for node in nodes}
    sorter = TopologicalSorter(
        {node.name: sorted({name for name, _ in node.found.outputs} & by_name.keys()) for node in nodes}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " → ".join(by_name[name].stack for name in reversed(error.args[1]))
        raise StacksError(
            "stacks", f"read from each other in a circle: {circle}", "Break it: one must not need the other"
        ) from None
    rank = {node.name: index for index, node in enumerate(nodes)}
    order: list[Node] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=rank.__getitem__)
        order += (by_name[name] for name in ready)
        sorter.done(*ready)
    return order
