"""The outputs of other stacks that a template reads, and the values that these have now. Asks a ``Cloud``.

Two ways lead from stack to stack (``template.wired``): template parameters that read Parameter Store, and
``Fn::GetStackOutput`` across regions.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from stacks import naming
from stacks.errors import DeployError, Problem
from stacks.intrinsics.references import outputs
from stacks.template.wired import DIGEST, read_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.cloud import Cloud
    from stacks.json_types import TemplateData


class OutputReference(NamedTuple):
    """An output of a stack, by the names CloudFormation knows."""

    stack: str
    region: str
    output: str
    published: bool = False
    """Whether it is read by its parameter in Parameter Store, not from the stack itself."""


def references(template: TemplateData, region: str) -> Iterator[OutputReference]:
    """The outputs that a template reads of stacks named in plain text; ``region`` is the template's own."""
    for name in read_names(template).values():
        if published := naming.publisher(name):
            yield OutputReference(published[0], region, published[1], published=True)
    for section in ("Resources", "Outputs", "Conditions"):
        yield from outputs_read(template.get(section), region)


def outputs_read(node: object, region: str) -> Iterator[OutputReference]:
    """What a part of a template reads by ``Fn::GetStackOutput``; of other accounts it is unknown here."""
    for output in outputs(node):
        if output.role is None:
            yield OutputReference(output.stack, output.region or region, output.output)


def published_in(template: TemplateData, region: str) -> Iterator[OutputReference]:
    """The outputs that a template publishes in Parameter Store."""
    for body in template.get("Resources", {}).values():
        match body:
            case {"Type": "AWS::SSM::Parameter", "Properties": {"Name": str(name)}}:
                if published := naming.publisher(name):
                    yield OutputReference(published[0], region, published[1], published=True)


def values(template: TemplateData, region: str, cloud: Cloud) -> dict[str, str]:
    """The values that the template's parameters would read now, of those that are published."""
    names = read_names(template)
    known = cloud.published(sorted(set(names.values())), region) if names else {}
    return {parameter: known[name] for parameter, name in names.items() if name in known}


def refuse_unpublished(stack: str, template: TemplateData, region: str, cloud: Cloud) -> None:
    """Raise ``DeployError`` for each parameter that ``stack`` reads and that is missing in Parameter Store.

    CloudFormation itself says "Unable to fetch parameters [...] from parameter store for this account."
    """
    known = values(template, region, cloud)
    missing = [name for parameter, name in sorted(read_names(template).items()) if parameter not in known]
    if missing:
        raise DeployError.of(tuple(_unpublished(stack, name, region) for name in missing))


def _unpublished(stack: str, name: str, region: str) -> Problem:
    published = naming.publisher(name)
    what = f"reads the parameter {name}, which is missing in Parameter Store of {region}"
    fix = f"Deploy {published[0]}, which publishes it, first" if published else "Create it first"
    return Problem(where=stack, what=what, fix=fix)


def digest_parameter(
    stack: str, template: TemplateData, region: str, cloud: Cloud, *, coming: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The template parameter with the digest of what ``stack`` reads in other regions; empty when it reads nothing.

    ``coming`` are stacks, by name, that are deployed in the meantime, each with the digest of its future template:
    their outputs are not known yet, and depend on nothing else.

    Raises:
        DeployError: for each output that is missing.
    """
    if DIGEST not in (template.get("Parameters") or {}):
        return {}
    later = coming or {}
    results = sorted(set(outputs_read(template["Resources"], region)))
    states = {result[:2]: cloud.stack(*result[:2]) for result in results if result.stack not in later}
    known = {result: later.get(result.stack) or _output(states.get(result[:2]), result) for result in results}
    if problems := tuple(_absent(stack, row) for row, value in known.items() if value is None):
        raise DeployError.of(problems)
    text = json.dumps([(*row, value) for row, value in known.items()])
    return {DIGEST: hashlib.sha256(text.encode()).hexdigest()[:16]}


def _output(state: Any, reference: OutputReference) -> str | None:
    return state.outputs.get(reference.output) if state else None


def _absent(stack: str, reference: OutputReference) -> Problem:
    what = f"reads output {reference.output} of stack {reference.stack} in {reference.region}, which is missing"
    return Problem(where=stack, what=what, fix=f"Deploy {reference.stack} first")
