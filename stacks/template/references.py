"""What a template refers to, and whether all of it exists.

One walk over the rendered data finds every ``Ref``, ``Fn::GetAtt``, ``Fn::Sub`` and ``DependsOn`` inside the template,
and every ``Fn::GetStackOutput`` that leaves it, which ``wired`` resolves. It reads any template, ours or not.
"""

from __future__ import annotations

from dataclasses import field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from stacks.errors import Problem, StacksError
from stacks.intrinsics.functions import TYPED, GetStackOutput, Other
from stacks.intrinsics.references import references_of, walk
from stacks.stages.stacks import is_reserved
from stacks.values import positional_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.intrinsics.functions import Intrinsic
    from stacks.json_types import ResourceData, TemplateData

_Name = TypeVar("_Name", str, "Read")


class Read(NamedTuple):
    """An output of another stack, by CloudFormation's names; ``region`` where the reference names one."""

    stack: str
    output: str
    region: str | None = None


@positional_value
class Names:
    """The names a template refers to, each with the places that use it, such as ``Resources.Table``."""

    local: dict[str, list[str]] = field(default_factory=dict)
    outputs: dict[Read, list[str]] = field(default_factory=dict)
    """What it reads of other stacks of this account → places."""
    odd: dict[str, str] = field(default_factory=dict)
    """Place → the function there that is not written as CloudFormation asks."""


SECTIONS = ("Resources", "Outputs", "Conditions", "Globals")
"""The parts of a template that refer to others; ``Globals`` is SAM's."""


def names_in(template: TemplateData) -> Names:
    """Every reference of a template."""
    names = Names()
    for section in SECTIONS:
        for name, body in template.get(section, {}).items():
            place = f"{section}.{name}"
            for entry in walk(body):
                _add(entry, place, names)
            if section == "Resources" and "DependsOn" in body and not _add_depends(body["DependsOn"], place, names):
                names.odd[place] = "DependsOn"
    return names


def read_by(resource: ResourceData) -> dict[str, list[str]]:
    """The logical ids, parameters and pseudo parameters that a resource refers to, in ``DependsOn``, too."""
    return names_in({"Resources": {"": resource}}).local


def _add(intrinsic: Intrinsic, place: str, names: Names) -> None:
    match intrinsic:
        case GetStackOutput(stack, output, region, role):
            if role is None:  # another account's stack is not ours to prove
                _use(names.outputs, Read(stack, output, region), place)
        case Other(name, _):
            if name in TYPED:
                names.odd[place] = name
        case _:
            for reference in references_of(intrinsic):
                _use(names.local, reference.name, place)


def _use(names: dict[_Name, list[str]], name: _Name, place: str) -> None:
    places = names.setdefault(name, [place])
    if places[-1] != place:
        places.append(place)


def _add_depends(value: object, place: str, result: Names) -> bool:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return False
    for name in names:
        _use(result.local, name, place)
    return True


def open_references(stack: str, template: TemplateData, names: Names) -> Iterator[Problem]:
    """References inside the template that meet nothing; what a transform will add to or take from it is not known."""
    if "Transform" in template:
        return
    for place, function in names.odd.items():
        what = f"has a {function} that is not written as CloudFormation asks"
        yield Problem(where=f"{stack}.{place}", what=what, fix="Correct it, or leave it out")
    known = template.get("Resources", {}).keys() | template.get("Parameters", {}).keys()
    for name, (place, *_) in names.local.items():
        if name not in known and not name.startswith("AWS::"):
            what = f"refers to {name!r}, which the template does not have"
            yield Problem(where=f"{stack}.{place}", what=what, fix="Correct the name, or add the resource")


def refuse_circle(stack: str, template: TemplateData) -> None:
    """Raise ``StacksError`` when resources of one template need each other to be made.

    A function of SAM may name the API that names it: the transform takes them apart.
    """
    if "Transform" in template:
        return
    resources = template["Resources"]
    needs = {name: read_by(body).keys() & resources for name, body in resources.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        what = f"resources need each other to be made: {circle}"
        raise StacksError(f"{stack}.Resources", what, "Break the circle: one must not need the other") from None


@positional_value
class Node:
    """A stack with what it refers to, before and after its references to other stacks are resolved."""

    stack: str
    """``data``"""
    name: str
    """``notes-dev-data``"""
    region: str
    published: str
    """What the names of its parameters in Parameter Store start with: ``/notes/dev/data/``."""
    tags: Mapping[str, str]
    template: TemplateData
    names: Names
    named: tuple[str, ...] = ()
    """The stacks, by CloudFormation's names, whose resources it uses by names that it need not read."""

    @property
    def needs(self) -> set[str]:
        """The stacks, by CloudFormation's names, that must be deployed before it."""
        return {*self.named, *(read.stack for read in self.names.outputs)}


def missing_outputs(nodes: Sequence[Node]) -> Iterator[Problem]:
    """References between our stacks that meet nothing, naming both ends."""
    by_name = {node.name: node for node in nodes}
    for node in nodes:
        for (producer, output, region), (place, *_) in node.names.outputs.items():
            where = f"{node.stack}.{place}"
            if producer not in by_name:
                what = f"reads output {output!r} of stack {producer!r}, which the description does not have"
                yield Problem(where=where, what=what, fix="Describe that part, or correct the name")
            elif region and region != by_name[producer].region:
                what = f"reads stack {producer!r} in {region}, which is in {by_name[producer].region}"
                yield Problem(where=where, what=what, fix="Correct Region, or leave it out")
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
    sorter = TopologicalSorter({node.name: sorted(node.needs & by_name.keys()) for node in nodes})
    try:
        sorter.prepare()
    except CycleError as error:
        keys = [by_name[name].stack for name in reversed(error.args[1])]
        where = next((f"stacks.{key}" for key in keys if not is_reserved(key)), "stacks")
        what = f"read from each other in a circle: {' → '.join(keys)}"
        raise StacksError(where, what, "Break it: one must not need the other") from None
    rank = {node.name: index for index, node in enumerate(nodes)}
    order: list[Node] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=rank.__getitem__)
        order += (by_name[name] for name in ready)
        sorter.done(*ready)
    return order
