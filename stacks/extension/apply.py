"""The template of a stack → the same with everything the description adds to it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks import naming, wiring
from stacks.errors import StacksError
from stacks.extension.outputs import replaced
from stacks.extension.raw import extended
from stacks.foreign.roles import bounded
from stacks.stages.stacks import BASE, stacks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.app import Stage

_SECTIONS = ("base", "data", "backend", "frontend")


def completed(data: dict[str, Any], stack: str, stage: Stage) -> dict[str, Any]:
    """The template with the resources, outputs, parameters and overrides of its section.

    Roles get the stage's IAM path and boundary where they have none, but in base, which a person deploys. ``!GetAtt
    data.UserPoolId`` becomes a reference to the output of that stack.

    Raises:
        StacksError: with every id that is taken, and every override of what does not exist.
    """
    if stack in _SECTIONS:
        data, problems = extended(data, getattr(stage, stack), stack)
        if problems:
            raise StacksError.of(tuple(problems))
    return _connected(data if stack == BASE else bounded(data, stage, stack), stack, stage)


def _connected(data: Mapping[str, Any], here: str, stage: Stage) -> dict[str, Any]:
    regions = {stack: naming.region_of(stack, stage) for stack in stacks_of(stage)}

    def resolve(stack: str, output: str) -> dict[str, Any] | None:
        if not output or stack not in regions or stack in data.get("Resources", {}):
            return None
        region = regions[stack] if regions[stack] != regions[here] else None
        found: dict[str, Any] = wiring.Output(stack, output, region).read(stage).to_dict()
        return found

    made: dict[str, Any] = replaced(data, resolve)
    return made
