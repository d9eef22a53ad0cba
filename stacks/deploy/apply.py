"""One stack brought to what was rendered, by a change set; and why it failed, when it did.

Knows CloudFormation's states: which can be created, which updated, which are in the way, and which
event of a failed run is the cause rather than its echo.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from stacks.deploy.cloud import NoChanges
from stacks.deploy.guards import let_through
from stacks.deploy.hints import hint
from stacks.deploy.progress import ChangesFound, FailedCreateRemoved, NothingChanged, ResourceEvent, StackFinished
from stacks.deploy.resume import half_rolled_back
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stacks.deploy.cloud import ChangeSet, Cloud, Event, StackState, Submission
    from stacks.deploy.progress import Watch

    Confirm: TypeAlias = Callable[[ChangeSet], bool]

STACK_TYPE = "AWS::CloudFormation::Stack"

_SETTLED_WELL = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
_UPDATABLE = {*_SETTLED_WELL, "UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
_DELETE_FIRST = (
    "Mend what its events name, then `aws cloudformation delete-stack --stack-name {name} --region {region}`"
    " and deploy again"
)
_STUCK = {
    "UPDATE_FAILED": "Roll it back with `aws cloudformation rollback-stack --stack-name {name} --region {region}`",
    **dict.fromkeys(("DELETE_FAILED", "CREATE_FAILED", "ROLLBACK_FAILED"), _DELETE_FIRST),
}
_ECHOES = ("Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled")


class DeployInterrupted(DeployError):  # noqa: N818 - named for what happened, like CheckFailed
    """Ctrl-C while CloudFormation was at work: it goes on without us."""

    exit_code = 130

    def __init__(self, name: str, region: str) -> None:
        super().__init__(
            name,
            "you interrupted while CloudFormation was at work on the stack, and it goes on in AWS",
            f"Follow it with `aws cloudformation describe-stack-events --stack-name {name} --region {region}`;"
            " once it has settled, the same command takes up where this run ended",
        )


def vacate(stack: str, state: StackState | None, cloud: Cloud, watch: Watch) -> StackState | None:
    """Return the stack to update, ``None`` when it is to be created.

    A stack whose first creation failed can only be deleted; it is, and said so. Raises ``DeployError``
    for a stack that something else is working on, or that is stuck.
    """
    if state is None or state.status == "REVIEW_IN_PROGRESS":
        return None
    if state.status == "ROLLBACK_COMPLETE":
        _delete_failed_create(stack, state, cloud, watch)
        return None
    if state.status in _UPDATABLE:
        return state
    if state.status.endswith("_IN_PROGRESS"):
        raise busy(state, cloud)
    if state.status == "UPDATE_ROLLBACK_FAILED":
        raise half_rolled_back(state, cloud)
    fix = _STUCK.get(state.status, "Look at its events in the CloudFormation console")
    what = f"the stack is in status {state.status} and cannot be updated"
    raise DeployError(state.name, what, fix.format(name=state.name, region=state.region))


def apply(stack: str, submission: Submission, cloud: Cloud, watch: Watch, confirm: Confirm) -> None:
    """Make a change set, ask, execute it, and raise ``DeployError`` with the cause if that fails."""
    prepared = cloud.prepare(submission)
    if isinstance(prepared, NoChanges):
        watch(NothingChanged(stack=stack))
        return
    watch(ChangesFound(stack=stack, change_set=prepared))
    _ask(prepared, cloud, confirm)
    with let_through(prepared, cloud):
        carry_out(stack, submission, prepared, cloud, watch)


def carry_out(stack: str, submission: Submission, prepared: ChangeSet, cloud: Cloud, watch: Watch) -> None:
    """Execute the change set that was made from ``submission``; raise ``DeployError`` with the cause if that fails."""
    try:
        started = _started(submission, cloud.execute, prepared)
    except DeployInterrupted:
        raise
    except DeployError:
        with suppress(DeployError):  # when it was executed after all, AWS keeps it, and the next run finds it at work
            cloud.discard(prepared)
        raise
    events = watched(stack, submission, started, watch)
    status = final_status(events)
    if status not in _SETTLED_WELL:
        raise _failure(submission, status, events)
    watch(StackFinished(stack=stack, status=status))


def watched(stack: str, place: Submission | StackState, events: Iterable[Event], watch: Watch) -> list[Event]:
    """Pass events on while they come, and return them; Ctrl-C meanwhile becomes ``DeployInterrupted``."""
    seen = []
    try:
        for event in events:
            seen.append(event)
            watch(ResourceEvent(stack=stack, event=event))
    except KeyboardInterrupt:
        raise DeployInterrupted(place.name, place.region) from None
    return seen


def final_status(events: list[Event]) -> str:
    """Return the status the stack itself ended in."""
    return next((event.status for event in reversed(events) if event.type == STACK_TYPE), "UNKNOWN")


def first_cause(events: list[Event]) -> Event | None:
    """Return the first failure that is no echo of another, else what the stack says when it turns back."""
    failed = [event for event in events if event.status.endswith("_FAILED") and not event.reason.startswith(_ECHOES)]
    own = [event for event in events if event.type == STACK_TYPE and "ROLLBACK_IN_PROGRESS" in event.status]
    return next(iter([*failed, *own]), None)


def _started(submission: Submission, start: Callable[[ChangeSet], Iterator[Event]], it: ChangeSet) -> Iterator[Event]:
    try:
        return start(it)
    except KeyboardInterrupt:
        raise DeployInterrupted(submission.name, submission.region) from None


def _ask(change_set: ChangeSet, cloud: Cloud, confirm: Confirm) -> None:
    try:
        agreed = confirm(change_set)
    except BaseException:
        cloud.discard(change_set)
        raise
    if not agreed:
        cloud.discard(change_set)
        what = "its changes were not confirmed, the stack is as it was"
        raise DeployError(change_set.stack, what, "Deploy again and agree to them")


def _failure(submission: Submission, status: str, events: list[Event]) -> DeployError:
    cause = first_cause(events)
    if cause is None:
        what = f"the stack ended in status {status} and its events give no cause"
        return DeployError(submission.name, what, "Look at its events in the CloudFormation console")
    where = f"{submission.name}.{cause.logical_id}" if cause.type != STACK_TYPE else submission.name
    what = f"{cause.type} {cause.status}: {cause.reason.rstrip('.')}"
    fix = f"{hint(cause.reason) or 'Mend it'}, then deploy again; {_now(submission, status)} ({status})"
    return DeployError(where, what, fix)


def _now(submission: Submission, status: str) -> str:
    """What became of the stack that failed."""
    if status == "UPDATE_ROLLBACK_FAILED":
        return "the rollback failed, too, which 'deploy' then tells how to go on with"
    if submission.creates:
        return "the failed stack is then deleted and created anew"
    return "the stack was rolled back" if status.endswith("ROLLBACK_COMPLETE") else "the stack was not rolled back"


def _delete_failed_create(stack: str, state: StackState, cloud: Cloud, watch: Watch) -> None:
    if state.protected:
        raise protected(state)
    events = watched(stack, state, cloud.delete(state), watch)
    if final_status(events) != "DELETE_COMPLETE":
        raise delete_failure(state, events)
    watch(FailedCreateRemoved(stack=stack, status=state.status))


def protected(state: StackState) -> DeployError:
    """Return the error for a stack that is not to be deleted."""
    fix = "If it really shall go, say 'destroy --unprotect'"
    return DeployError(state.name, "the stack has termination protection and cannot be deleted", fix)


def delete_failure(state: StackState, events: list[Event]) -> DeployError:
    """Return the error for a stack that could not be deleted."""
    cause = first_cause(events)
    if cause is None:
        what = f"deleting the stack ended in status {final_status(events)}"
        return DeployError(state.name, what, "Look at its events in the CloudFormation console")
    what = f"{cause.type} {cause.status}: {cause.reason.rstrip('.')}"
    return DeployError(
        f"{state.name}.{cause.logical_id}", what, f"{hint(cause.reason) or 'Mend it'}, then destroy again"
    )


def busy(state: StackState, cloud: Cloud) -> DeployError:
    """Return the error for a stack that something is at work on: what, since when, and by whom if that is known."""
    work = cloud.work(state)
    since = f" since {work.since}" if work.since else ""
    what = f"{work.who or 'something'} is at work on the stack ({state.status}{since})"
    command = f"aws cloudformation describe-stack-events --stack-name {state.name} --region {state.region}"
    return DeployError(state.name, what, f"Wait until it has settled (`{command}`), then try again")
