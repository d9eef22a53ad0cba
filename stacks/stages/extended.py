"""Which stacks of a stage the description adds something to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.intrinsics.functions import has_function

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.stages.stacks import Stack


def is_extended(stack: Stack, stage: Stage) -> bool:
    """Whether the description adds anything to a stack."""
    if stack.key in stage.extend or stack.section == "stacks":
        return True
    if not stack.holds_section:
        return False
    section = getattr(stage, stack.section)
    written = section.resources or section.overrides or section.outputs or section.parameters
    return bool(written) or (stack.section == "backend" and _uses_functions(stage))


def _uses_functions(stage: Stage) -> bool:
    """Whether a Lambda function's environment or statements hold CloudFormation functions."""
    functions = stage.backend.functions.values()
    values = [setting.value for function in functions for setting in function.environment.values()]
    return has_function([*values, *(statement for function in functions for statement in function.statements)])
