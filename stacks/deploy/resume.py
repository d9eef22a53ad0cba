"""Continues failed rollbacks, so that their stacks can be deployed again.

CloudFormation tries the rollback again once the cause is corrected, or skips resources in UPDATE_FAILED (API reference,
ContinueUpdateRollback). It regards a skipped resource as rolled back, in whatever state it is, so a person names each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stacks.cloud import Cloud
from stacks.deploy.apply import watched
from stacks.deploy.failures import CONTINUE, failed_resources, final_status, half_rolled_back
from stacks.errors import UsageError
from stacks.progress import StackFinished, StackStarted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stacks.cloud import Event, StackState
    from stacks.progress import Watch
    from stacks.template.rendered import Rendered


class RollbackCloud(Cloud, Protocol):
    """An AWS account in which failed rollbacks can be continued."""

    def resume(self, stack: StackState, skip: Sequence[str]) -> Iterator[Event]:
        """Continue a failed rollback, without the resources in ``skip``; iterate its events as ``execute`` does."""


FAILED = "UPDATE_ROLLBACK_FAILED"


def continue_rollbacks(rendered: Sequence[Rendered], skip: Collection[str], cloud: RollbackCloud, watch: Watch) -> None:
    """Continue each failed rollback without the resources (logical ids) in ``skip``.

    Raises:
        UsageError: when no rollback has failed, or a resource in ``skip`` is not in UPDATE_FAILED.
        DeployError: when a rollback fails again.
    """
    states = [
        (rendered_stack.stack, cloud.stack(rendered_stack.name, rendered_stack.region)) for rendered_stack in rendered
    ]
    stuck = [(stack, state) for stack, state in states if state and state.status == FAILED]
    if not stuck:
        raise UsageError(CONTINUE, "no stack's rollback has failed", "Leave it out")
    failed = {state.id: {resource.logical_id for resource in failed_resources(state, cloud)} for _, state in stuck}
    known = sorted(set().union(*failed.values()))
    if unknown := sorted(set(skip) - set(known)):
        raise UsageError(f"--skip {unknown[0]}", "its rollback has not failed", f"Name one of {', '.join(known)}")
    for stack, state in stuck:
        _continue(stack, state, sorted(failed[state.id] & set(skip)), cloud, watch)


def _continue(stack: str, state: StackState, skip: Sequence[str], cloud: RollbackCloud, watch: Watch) -> None:
    watch(StackStarted(stack=stack, name=state.name, region=state.region))
    events = watched(stack, state, cloud.resume(state, skip), watch)
    status = final_status(events)
    if status != "UPDATE_ROLLBACK_COMPLETE":
        raise half_rolled_back(state, cloud)
    watch(StackFinished(stack=stack, status=status))
