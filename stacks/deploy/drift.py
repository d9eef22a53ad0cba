"""What was changed in AWS behind CloudFormation's back: a small protocol, in our own words.

``aws.drift.BotoDrift`` asks CloudFormation; ``stacks.testing.MemoryCloud`` fits it, too, and passes the same tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.cloud import Cloud, StackState
    from stacks.template.rendered import Rendered

DETECTABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"}
"""Statuses in which CloudFormation looks for drift (its user guide, "Detect drift on an entire stack")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A property that is not as the template says; ``path`` is a JSON pointer, an absent value is empty."""

    path: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """A resource that was changed, or deleted (then it has no differences)."""

    logical_id: str
    physical_id: str
    type: str
    deleted: bool
    differences: tuple[Difference, ...] = ()


class DriftCloud(Protocol):
    """An AWS account that can tell drift. Every method may raise ``DeployError``."""

    def drift(self, stack: StackState) -> tuple[Drifted, ...]:
        """Look for drift, wait for the answer, and return the resources that differ, sorted by logical id."""


def detectable(one: Rendered, cloud: Cloud) -> StackState:
    """The deployed stack of a rendered one, in which drift can be looked for.

    Raises:
        DeployError: when it is not there, or in a status in which CloudFormation does not look.
    """
    state = cloud.stack(one.name, one.region)
    if state is None:
        raise DeployError(one.name, f"is not deployed in {one.region}", f"Deploy it first: 'deploy {one.stack}'")
    if state.status not in DETECTABLE:
        what = f"CloudFormation does not look for drift in status {state.status}"
        raise DeployError(one.name, what, "Bring the stack to rest with 'deploy' first")
    return state


def told(stack: StackState, found: Sequence[Drifted]) -> list[str]:
    """The lines that say how a stack differs."""
    if not found:
        return [f"{stack.name}: as deployed"]
    lines = [f"{stack.name}: {len(found)} resource{'s' if len(found) > 1 else ''} differ from what was deployed"]
    for one in found:
        lines.append(f"  {one.logical_id} ({one.type}) {'was deleted' if one.deleted else 'was changed'}")
        lines += [
            f"    {each.path}: {each.expected or 'absent'} -> {each.actual or 'absent'}" for each in one.differences
        ]
    return lines
