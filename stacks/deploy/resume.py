"""A stack whose rollback failed: why, and back to where it can be deployed.

CloudFormation can try the rollback again once the cause is mended, or skip resources that cannot be; only those in
UPDATE_FAILED may be skipped (its API reference, ContinueUpdateRollback). A skipped one is taken for rolled back,
whatever it is, so each is named by a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stacks.deploy.cloud import Cloud
from stacks.deploy.progress import StackFinished, StackStarted
from stacks.errors import DeployError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stacks.deploy.cloud import Event, Resource, StackState
    from stacks.deploy.progress import Watch
    from stacks.rendering import Rendered


class RollbackCloud(Cloud, Protocol):
    """An AWS account in which rollbacks can go on."""

    def resume(self, stack: StackState, skip: Sequence[str]) -> Iterator[Event]:
        """Go on with a rollback that failed, without the resources in ``skip``; iterate its events as ``execute``."""


FAILED = "UPDATE_ROLLBACK_FAILED"
_OPTION = "--continue-rollback"


def half_rolled_back(state: StackState, cloud: Cloud) -> DeployError:
    """The error for a stack whose rollback failed: each resource at fault, and both ways on."""
    found = failed_resources(state, cloud)
    why = "; ".join(f"{one.logical_id} ({one.type}): {one.reason.rstrip('.') or 'no reason given'}" for one in found)
    skip = " ".join(f"--skip {one.logical_id}" for one in found)
    fix = f"Mend the cause and say 'deploy {_OPTION}'"
    if found:
        fix += f"; what cannot be mended is left as it is with '{_OPTION} {skip}'"
    what = f"its last update failed, and the rollback of it, too{f' ({why})' if why else ''}"
    return DeployError(state.name, what, fix)


def failed_resources(state: StackState, cloud: Cloud) -> list[Resource]:
    """What could not be rolled back."""
    return [one for one in cloud.resources(state.name, state.region) if one.status == "UPDATE_FAILED"]


def continue_rollbacks(rendered: Sequence[Rendered], skip: Collection[str], cloud: RollbackCloud, watch: Watch) -> None:
    """Go on with each failed rollback, leaving out the resources (logical ids) in ``skip``.

    Raises:
        UsageError: when no rollback has failed, or one of ``skip`` is not what failed.
        DeployError: when a rollback fails again.
    """
    states = [(one.stack, cloud.stack(one.name, one.region)) for one in rendered]
    stuck = [(stack, state) for stack, state in states if state and state.status == FAILED]
    if not stuck:
        raise UsageError(_OPTION, "no stack's rollback has failed", "Leave it out")
    failed = {state.id: {one.logical_id for one in failed_resources(state, cloud)} for _, state in stuck}
    known = sorted(set().union(*failed.values()))
    if unknown := sorted(set(skip) - set(known)):
        raise UsageError(f"--skip {unknown[0]}", "its rollback has not failed", f"Name one of {', '.join(known)}")
    for stack, state in stuck:
        _continue(stack, state, sorted(failed[state.id] & set(skip)), cloud, watch)


def _continue(stack: str, state: StackState, skip: Sequence[str], cloud: RollbackCloud, watch: Watch) -> None:
    from stacks.deploy.apply import final_status, watched  # noqa: PLC0415 - which tells of this module's error

    watch(StackStarted(stack=stack, name=state.name, region=state.region))
    events = watched(stack, state, cloud.resume(state, skip), watch)
    status = final_status(events)
    if status != "UPDATE_ROLLBACK_COMPLETE":
        raise half_rolled_back(state, cloud)
    watch(StackFinished(stack=stack, status=status))
