"""What is intended of workflows, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions.when import PAID, Suppression, without

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {
    "AWS::StepFunctions::StateMachine": (
        Suppression(
            reason="a STANDARD workflow keeps the history of each execution for 90 days itself",
            when=without("LoggingConfiguration"),
            nag=("SF1",),
        ),
        Suppression(
            reason=f"tracing is {PAID}",
            when=without("TracingConfiguration"),
            nag=("SF2", "StepFunctionStateMachineXray"),
        ),
    ),
}
