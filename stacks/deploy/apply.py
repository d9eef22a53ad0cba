"""Deploys one stack by a change set.

Knows the statuses of CloudFormation: in which a stack is created, in which it is updated, and which are errors.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeAlias

from stacks.cloud import NoChanges
from stacks.deploy.failures import busy, delete_failure, failed_update, final_status, half_rolled_back, protected, stuck
from stacks.deploy.protection import let_through
from stacks.errors import DeployError
from stacks.progress import ChangesFound, FailedCreateRemoved, NothingChanged, ResourceEvent, StackFinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stacks.cloud import ChangeSet, Cloud, Event, StackState, Submission
    from stacks.progress import Watch

    Confirm: TypeAlias = Callable[[ChangeSet], bool]

_SETTLED_WELL = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
_UPDATABLE = {*_SETTLED_WELL, "UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}


class DeployInterrupted(DeployError):  # noqa: N818 - named for what happened, like CheckFailed
    """Ctrl-C, SIGTERM or SIGHUP during a run. What CloudFormation has started continues in AWS."""

    exit_code = 130


def interrupted_at_work(name: str, region: str) -> DeployInterrupted:
    """The error for a run that was interrupted while CloudFormation was changing a stack."""
    return DeployInterrupted(
        name,
        "the run was interrupted while CloudFormation was updating the stack, which goes on in AWS",
        f"Follow it with `aws cloudformation describe-stack-events --stack-name {name} --region {region}`;"
        " once it has settled, the same command takes up where this run ended",
    )


def interrupted_between(done: Sequence[str], left: Sequence[str]) -> DeployInterrupted:
    """The error for a run that was interrupted while no stack was being changed; both are names of stacks."""
    what = f"was interrupted while no stack was being changed; done: {', '.join(done) or 'nothing'}"
    return DeployInterrupted(
        "deploy", f"{what}; left: {', '.join(left) or 'static files'}", "Run the same command again: it continues there"
    )


def vacate(stack: str, state: StackState | None, cloud: Cloud, watch: Watch) -> StackState | None:
    """Return the stack to update, ``None`` when it is to be created.

    A stack whose first creation failed can only be deleted: it is deleted and reported.

    Raises:
        DeployError: for a stack that another operation is changing, and for one that only a person can repair.
    """
    if state is None or not state.is_created:
        return None
    if state.status == "ROLLBACK_COMPLETE":
        _delete_failed_create(stack, state, cloud, watch)
        return None
    if state.status in _UPDATABLE:
        return state
    if state.in_progress:
        raise busy(state, cloud)
    if state.status == "UPDATE_ROLLBACK_FAILED":
        raise half_rolled_back(state, cloud)
    raise stuck(state)


def apply(stack: str, submission: Submission, cloud: Cloud, watch: Watch, confirm: Confirm) -> tuple[str, ...] | None:
    """Make a change set, have it confirmed, and execute it.

    Returns the logical ids of the resources that were imported; ``None`` when there was nothing to change.

    Raises:
        DeployError: with the cause, when AWS refuses the change set or executing it fails.
    """
    prepared = cloud.prepare(submission)
    if isinstance(prepared, NoChanges):
        watch(NothingChanged(stack=stack))
        return None
    with ExitStack() as open_policy:
        try:
            watch(ChangesFound(stack=stack, change_set=prepared))
            _ask(prepared, confirm)
            open_policy.enter_context(let_through(prepared, cloud))
        except BaseException:  # Ctrl-C, too: nothing is at work yet
            _given_up(prepared, cloud)
            raise
        return carry_out(stack, submission, prepared, cloud, watch)


def carry_out(stack: str, submission: Submission, prepared: ChangeSet, cloud: Cloud, watch: Watch) -> tuple[str, ...]:
    """Execute the change set that was made from ``submission``.

    Returns the logical ids of the resources that were imported.

    Raises:
        DeployError: with the cause, when it fails.
    """
    try:
        started = cloud.execute(prepared)
    except DeployError:
        _given_up(prepared, cloud)
        raise
    except KeyboardInterrupt:
        if _is_at_work(prepared, cloud):
            raise interrupted_at_work(submission.name, submission.region) from None
        raise
    events = watched(stack, submission, started, watch)
    status = final_status(events)
    if status not in _SETTLED_WELL:
        raise failed_update(submission, status, events)
    imports = submission.creates or submission.adopts
    adopted = tuple(change.logical_id for change in prepared.changes if imports and change.action == "import")
    watch(StackFinished(stack=stack, status=status, adopted=adopted))
    return adopted


def watched(stack: str, place: Submission | StackState, events: Iterable[Event], watch: Watch) -> list[Event]:
    """Pass events on while they come, and return them; Ctrl-C meanwhile becomes ``DeployInterrupted``."""
    seen = []
    try:
        for event in events:
            seen.append(event)
            watch(ResourceEvent(stack=stack, event=event))
    except KeyboardInterrupt:
        raise interrupted_at_work(place.name, place.region) from None
    return seen


def _is_at_work(prepared: ChangeSet, cloud: Cloud) -> bool:
    """Whether CloudFormation has started a change set, as far as is known; otherwise the change set is discarded."""
    try:
        state = cloud.stack(prepared.stack, prepared.region)
    except DeployError:
        state = None
    if not _given_up(prepared, cloud):
        return True
    if state is None or not state.is_created:
        return False
    return prepared.creates or state.in_progress


def _given_up(prepared: ChangeSet, cloud: Cloud) -> bool:
    """Discard a change set. False if AWS keeps it because it was executed after all."""
    try:
        cloud.discard(prepared)
    except DeployError:
        return False
    return True


def _ask(change_set: ChangeSet, confirm: Confirm) -> None:
    if not confirm(change_set):
        what = "its changes were not confirmed, the stack is as it was"
        raise DeployError(change_set.stack, what, "Deploy again and agree to them")


def _delete_failed_create(stack: str, state: StackState, cloud: Cloud, watch: Watch) -> None:
    if state.protected:
        raise protected(state)
    events = watched(stack, state, cloud.delete(state), watch)
    if final_status(events) != "DELETE_COMPLETE":
        raise delete_failure(state, events)
    watch(FailedCreateRemoved(stack=stack, status=state.status))
