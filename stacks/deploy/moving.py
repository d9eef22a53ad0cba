"""Forecast changes of a stack → the outputs whose values change, and the parameters of stacks that read these. Pure.

CloudFormation fetches a value again when it updates the reader, so a change of one stack reaches others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks import naming
from stacks.deploy.reads import OutputReference, outputs_read
from stacks.intrinsics.references import names
from stacks.template.wired import DIGEST, PUBLISHED_TYPE, read_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.forecast.change import Change
    from stacks.json_types import TemplateData
    from stacks.template.rendered import Rendered

_VALUE = re.compile(r"Properties\.Value\b|Value\b")


def moved_outputs(rendered: Rendered, changes: Sequence[Change]) -> Iterator[OutputReference]:
    """The outputs of a stack that are new, or get another value, with these changes."""
    replaced = {change.name for change in changes if change.section == "Resources" and change.replacement != "never"}
    for change in changes:
        if change.section == "Outputs" and change.action != "remove":
            yield OutputReference(rendered.name, rendered.region, change.name)
        elif change.type == PUBLISHED_TYPE and change.action != "remove" and _moves(change):
            name = rendered.template["Resources"][change.name]["Properties"].get("Name")
            if isinstance(name, str) and (output := naming.publisher(name)):
                yield OutputReference(output[0], rendered.region, output[1], published=True)
    for name, body in rendered.template.get("Outputs", {}).items():
        if replaced & names(body).keys():
            yield OutputReference(rendered.name, rendered.region, name)


def _moves(change: Change) -> bool:
    """Whether a parameter of Parameter Store is new, or gets another value."""
    return change.action == "add" or any(_VALUE.match(entry.path) for entry in change.properties)


def moved_reads(template: TemplateData, region: str, moving: Mapping[OutputReference, str]) -> dict[str, str]:
    """The template parameters whose values change because the outputs that they read do; ``moving`` has their texts."""
    result = {}
    for parameter, name in read_names(template).items():
        output = naming.publisher(name)
        if output and (text := moving.get(OutputReference(output[0], region, output[1], published=True))):
            result[parameter] = text
    if DIGEST in (template.get("Parameters") or {}):
        read = [row for row in outputs_read(template["Resources"], region) if row in moving]
        result |= {DIGEST: moving[read[0]]} if read else {}
    return result
