"""Drift, what was changed in AWS past CloudFormation: in which statuses it can be detected, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import DeployError, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.cloud import Cloud, Drifted, StackState
    from stacks.template.rendered import Rendered

DETECTABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"}
"""Statuses in which CloudFormation looks for drift (its user guide, "Detect drift on an entire stack")."""


def detectable(stack: Rendered, cloud: Cloud) -> StackState:
    """The deployed stack of a rendered one, for drift detection.

    Raises:
        DeployError: when it does not exist, or is in a status in which CloudFormation detects no drift.
    """
    state = cloud.stack(stack.name, stack.region)
    if state is None:
        raise DeployError(stack.name, f"is not deployed in {stack.region}", f"Deploy it first: 'deploy {stack.stack}'")
    if state.status not in DETECTABLE:
        what = f"CloudFormation does not look for drift in status {state.status}"
        raise DeployError(stack.name, what, "Bring the stack to rest with 'deploy' first")
    return state


def drift_lines(stack: StackState, drifts: Sequence[Drifted]) -> list[str]:
    """The lines that say how a stack differs."""
    if not drifts:
        return [f"{stack.name}: as deployed"]
    lines = [f"{stack.name}: {counted(len(drifts), 'resource')} differ from what was deployed"]
    return [*lines, *difference_lines(drifts)]


def difference_lines(drifts: Sequence[Drifted]) -> list[str]:
    """Each resource, and each of its properties: what the template says, and what it is."""
    lines = []
    for drift in drifts:
        lines.append(f"  {drift.logical_id} ({drift.type}) {'was deleted' if drift.deleted else 'was changed'}")
        lines += [
            f"    {difference.path}: {difference.expected or 'absent'} -> {difference.actual or 'absent'}"
            for difference in drift.differences
        ]
    return lines
