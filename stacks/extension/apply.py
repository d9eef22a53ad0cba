"""The template of a stack → the same with everything the description adds to it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import wiring
from stacks.errors import StacksError
from stacks.extension.raw import extended
from stacks.foreign.roles import bounded
from stacks.intrinsics.references import Reference, substitute
from stacks.stages.stacks import stacks_of

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.intrinsics.functions import GetStackOutput
    from stacks.json_types import JsonDict, JsonObject
    from stacks.stages.stacks import Stack


def completed(data: JsonDict, stack: Stack, stage: Stage) -> JsonDict:
    """The template with the resources, outputs, parameters and overrides of its section.

    Roles get the stage's IAM path and boundary where they have none, but in base, which a person deploys. ``!GetAtt
    data.UserPoolId`` becomes a reference to the output of that stack.

    Raises:
        StacksError: with every id that is taken, and every override of what does not exist.
    """
    if stack.holds_section:
        data, problems = extended(data, getattr(stage, stack.section), stack.key)
        if problems:
            raise StacksError.of(tuple(problems))
    return _connected(data if stack.is_platform else bounded(data, stage, stack.key), stack, stage)


def _connected(data: JsonObject, here: Stack, stage: Stage) -> JsonDict:
    """The template with references to other stacks, each written as a resource whose attributes are its outputs.

    Names of stacks start with a small letter and generated logical ids do not, so the two are never confused.
    """
    regions = {stack.key: stack.region for stack in stacks_of(stage)}
    resources = data.get("Resources", {})

    def output(reference: Reference | GetStackOutput) -> JsonDict | None:
        if (
            not isinstance(reference, Reference)
            or not reference.attribute
            or reference.name not in regions
            or reference.name in resources
        ):
            return None
        region = regions[reference.name] if regions[reference.name] != here.region else None
        result: JsonDict = wiring.Output(reference.name, reference.attribute, region).read(stage).to_dict()
        return result

    connected: JsonDict = substitute(data, output)
    return connected
