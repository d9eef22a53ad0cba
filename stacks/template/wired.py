"""References between stacks → template parameters that read Parameter Store, and what is published there. Pure.

A value that another stack of the same region reads becomes an ``AWS::SSM::Parameter`` of the stack that has it as an
output, and one template parameter of type ``AWS::SSM::Parameter::Value<String>`` of each stack that reads it. So any
client deploys either template by itself, CloudFormation fetches the value at every create, update and change set, knows
it while it plans, and takes it in every position.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html

Parameter Store does not reach across regions. What is read there stays ``Fn::GetStackOutput``, once for each value and
stack, as the value of a parameter of the reading stack: a position that AWS documents, from which every other position
takes it by ``Fn::GetAtt``. CloudFormation resolves it when that parameter is created or changed, so its description has
a digest of the values, which deployers give by the template's parameter ``OtherRegionsDigest``.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from stacks.errors import Problem, StacksError
from stacks.intrinsics.references import Reference, substitute
from stacks.template.references import SECTIONS
from stacks.values import positional_value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from stacks.intrinsics.functions import GetStackOutput
    from stacks.json_types import JsonDict, JsonObject, TemplateData
    from stacks.template.references import Node, Read

DIGEST = "OtherRegionsDigest"
"""The template parameter with the digest of what a stack reads in other regions."""
READ_TYPE = "AWS::SSM::Parameter::Value<String>"
PUBLISHED_TYPE = "AWS::SSM::Parameter"


def read_names(template: TemplateData) -> dict[str, str]:
    """Template parameter → the name in Parameter Store that it reads, unless its client gives another one."""
    declared = template.get("Parameters") or {}
    return {
        name: str(body["Default"])
        for name, body in declared.items()
        if isinstance(body, dict) and body.get("Type") == READ_TYPE and "Default" in body
    }


def wired(nodes: Sequence[Node], others: Sequence[JsonObject] = (), shared: Collection[str] = ()) -> list[Node]:
    """The stacks with their references resolved, and with the parameters that publish what is read of them.

    ``others`` are resolved templates that read from ``nodes``; ``shared`` are names that other applications read. Every
    reference of ``nodes`` must meet an output (``references.missing_outputs``).

    Raises:
        StacksError: for each name that a reference needs and that the template uses for something else.
    """
    by_name = {node.name: node for node in nodes}
    wiring = {node.name: _wiring(node, by_name) for node in nodes}
    wanted = {*shared} | {name for template in others for name in read_names(template).values()}
    wanted |= {body["Default"] for entry in wiring.values() for body in entry.parameters.values()}
    for node in nodes:
        wiring[node.name].published.update(_published(node, wanted))
    if problems := tuple(problem for node in nodes for problem in _taken(node, wiring[node.name])):
        raise StacksError.of(problems)
    return [replace(node, template=_with(node, wiring[node.name])) for node in nodes]


@positional_value
class _Wiring:
    """What a template gets, and what stands for each of its references."""

    values: dict[tuple[str, str], JsonDict] = field(default_factory=dict)
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    copies: dict[str, JsonDict] = field(default_factory=dict)
    """Parameters with what stacks of other regions have."""
    published: dict[str, JsonDict] = field(default_factory=dict)


def _wiring(node: Node, by_name: Mapping[str, Node]) -> _Wiring:
    result = _Wiring()
    for read in node.names.outputs:
        producer = by_name[read.stack]
        title = "".join(word[:1].upper() + word[1:] for word in producer.stack.split("-")) + read.output
        if producer.region == node.region:
            result.parameters[title] = {
                "Type": READ_TYPE,
                "Default": f"{producer.published}{read.output}",
                "Description": f"Published by {producer.name}",
            }
            result.values[read.stack, read.output] = {"Ref": title}
        else:
            result.parameters[DIGEST] = {
                "Type": "String",
                "Default": "none",
                "Description": "Digest of what the stack reads in other regions; a new one has it read again",
            }
            result.copies[title] = _copy(read, producer, node)
            result.values[read.stack, read.output] = {"Fn::GetAtt": [title, "Value"]}
    return result


def _copy(read: Read, producer: Node, here: Node) -> JsonDict:
    """What a stack of another region has, as a parameter of this one."""
    description = f"{read.output} of {producer.name} in {producer.region} (${{{DIGEST}}})"
    where = {"StackName": producer.name, "OutputName": read.output, "Region": producer.region}
    name = f"{here.published}{producer.stack}/{read.output}"
    return _parameter(name, {"Fn::Sub": description}, {"Fn::GetStackOutput": where}, here)


def _published(node: Node, wanted: set[str]) -> Iterator[tuple[str, JsonDict]]:
    for output, body in node.template.get("Outputs", {}).items():
        name = f"{node.published}{output}"
        if name in wanted:
            result = _parameter(name, f"{output} of {node.name}", body["Value"], node)
            yield f"Published{output}", {**result, **{key: body[key] for key in ("Condition",) if key in body}}


def _parameter(name: str, description: object, value: object, here: Node) -> JsonDict:
    """A parameter of the free tier, which holds 4 KB."""
    properties = {
        "Name": name,
        "Type": "String",
        "Tier": "Standard",
        "Description": description,
        "Tags": dict(here.tags),
        "Value": value,
    }
    return {"Type": PUBLISHED_TYPE, "Properties": properties}


def _taken(node: Node, wiring: _Wiring) -> Iterator[Problem]:
    resources, parameters = node.template["Resources"].keys(), node.template.get("Parameters", {}).keys()
    names = [*wiring.parameters, *wiring.copies, *wiring.published]
    for name in sorted(name for name in names if name in resources or name in parameters or names.count(name) > 1):
        what = "has the name of a reference to another stack, or of what publishes an output"
        yield Problem(where=f"{node.stack}.{name}", what=what, fix="Give it another name")


def _with(node: Node, wiring: _Wiring) -> JsonDict:
    template, result = node.template, dict(node.template)
    reading = {place for places in node.names.outputs.values() for place in places}
    for section in SECTIONS if reading else ():
        if section in template:
            result[section] = {
                name: _resolved(body, wiring.values) if f"{section}.{name}" in reading else body
                for name, body in template[section].items()
            }
    published = {name: _resolved(body, wiring.values) for name, body in wiring.published.items()}
    if wiring.parameters:
        result["Parameters"] = {**template.get("Parameters", {}), **wiring.parameters}
    return {**result, "Resources": {**result["Resources"], **wiring.copies, **published}}


def _resolved(node: object, values: Mapping[tuple[str, str], JsonObject]) -> Any:
    """A value with each reference to another stack's output replaced; inside ``Fn::Sub`` written into its text."""

    def replace_output(reference: Reference | GetStackOutput) -> Any:
        if (
            isinstance(reference, Reference)
            or reference.role is not None
            or (reference.stack, reference.output) not in values
        ):
            return None
        return dict(values[reference.stack, reference.output])

    return substitute(node, replace_output)
