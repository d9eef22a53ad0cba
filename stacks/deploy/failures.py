"""A stack that failed or cannot be deployed → the error that says why, and how to continue.

Knows which event of a failed run is the cause and which are consequences, and what to do about each status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.cloud import STACK_TYPE
from stacks.deploy.hints import hint
from stacks.deploy.identity import StackPlace, identifier
from stacks.errors import DeployError

if TYPE_CHECKING:
    from stacks.cloud import Cloud, Event, StackResource, StackState, Submission

CONTINUE = "--continue-rollback"
"""The option of ``deploy`` that goes on with a rollback that failed."""
_DELETE_FIRST = (
    "Correct what its events name, then `aws cloudformation delete-stack --stack-name {name} --region {region}`"
    " and deploy again"
)
_STUCK = {
    "UPDATE_FAILED": "Roll it back with `aws cloudformation rollback-stack --stack-name {name} --region {region}`",
    **dict.fromkeys(("DELETE_FAILED", "CREATE_FAILED", "ROLLBACK_FAILED"), _DELETE_FIRST),
}
_ECHOES = ("Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled")


def final_status(events: list[Event]) -> str:
    """Return the status the stack itself ended in."""
    return next((event.status for event in reversed(events) if event.type == STACK_TYPE), "UNKNOWN")


def first_cause(events: list[Event]) -> Event | None:
    """Return the first failure that is no consequence of another, else the event with which the stack rolls back."""
    failed = [event for event in events if event.status.endswith("_FAILED") and not event.reason.startswith(_ECHOES)]
    own = [event for event in events if event.type == STACK_TYPE and "ROLLBACK_IN_PROGRESS" in event.status]
    return next(iter([*failed, *own]), None)


def failed_update(submission: Submission, status: str, events: list[Event]) -> DeployError:
    """Return the error for a failed create or update: the first cause, and what happened to the stack."""
    cause = first_cause(events)
    if cause is None:
        what = f"the stack ended in status {status} and its events give no cause"
        return DeployError(submission.name, what, "Look at its events in the CloudFormation console")
    where = f"{submission.name}.{cause.logical_id}" if cause.type != STACK_TYPE else submission.name
    what = f"{cause.type} {cause.status}: {cause.reason.rstrip('.')}"
    fix = f"{hint(cause.reason) or 'Correct it'}, then deploy again; {_now(submission, status)} ({status})"
    return DeployError(where, what, fix + _left_behind(submission, events))


def _left_behind(submission: Submission, events: list[Event]) -> str:
    """What the rollback of a first create kept and no later create imports, because AWS chose its name."""
    if not submission.creates:
        return ""
    anywhere = StackPlace(account="0" * 12, region=submission.region, stack=submission.name)
    bodies = submission.template.get("Resources", {})
    kept = {event.logical_id: event for event in events if event.status == "DELETE_SKIPPED" and event.physical_id}
    nameless = [event for name, event in kept.items() if name in bodies and identifier(bodies[name], anywhere) is None]
    commands = [
        f"`aws cloudcontrol delete-resource --region {submission.region}"
        f" --type-name {event.type} --identifier {event.physical_id}` ({event.logical_id})"
        for event in nameless
    ]
    if not commands:
        return ""
    return f". The rollback kept resources that the next deploy does not use; delete them with {', '.join(commands)}"


def _now(submission: Submission, status: str) -> str:
    """What became of the stack that failed."""
    if status == "UPDATE_ROLLBACK_FAILED":
        return "the rollback failed too: run 'deploy' again to see how to continue"
    if submission.creates:
        return "the failed stack is then deleted and created anew"
    return "the stack was rolled back" if status.endswith("ROLLBACK_COMPLETE") else "the stack was not rolled back"


def stuck(state: StackState) -> DeployError:
    """Return the error for a stack in a status from which only a person can recover it."""
    fix = _STUCK.get(state.status, "Look at its events in the CloudFormation console")
    what = f"the stack is in status {state.status} and cannot be updated"
    return DeployError(state.name, what, fix.format(name=state.name, region=state.region))


def half_rolled_back(state: StackState, cloud: Cloud) -> DeployError:
    """The error for a stack whose rollback failed: each resource that failed, and both ways to continue."""
    resources = failed_resources(state, cloud)
    why = "; ".join(
        f"{resource.logical_id} ({resource.type}): {resource.reason.rstrip('.') or 'no reason given'}"
        for resource in resources
    )
    skip = " ".join(f"--skip {resource.logical_id}" for resource in resources)
    fix = f"Correct the cause and run 'deploy {CONTINUE}'"
    if resources:
        fix += f"; what cannot be corrected is left as it is with '{CONTINUE} {skip}'"
    what = f"its last update failed, and the rollback of it, too{f' ({why})' if why else ''}"
    return DeployError(state.name, what, fix)


def failed_resources(state: StackState, cloud: Cloud) -> list[StackResource]:
    """What could not be rolled back."""
    return [resource for resource in cloud.resources(state.name, state.region) if resource.status == "UPDATE_FAILED"]


def protected(state: StackState) -> DeployError:
    """Return the error for a stack that is not to be deleted."""
    fix = "To delete it, run 'destroy --unprotect'"
    return DeployError(state.name, "the stack has termination protection and cannot be deleted", fix)


def delete_failure(state: StackState, events: list[Event]) -> DeployError:
    """Return the error for a stack that could not be deleted."""
    cause = first_cause(events)
    if cause is None:
        what = f"deleting the stack ended in status {final_status(events)}"
        return DeployError(state.name, what, "Look at its events in the CloudFormation console")
    what = f"{cause.type} {cause.status}: {cause.reason.rstrip('.')}"
    return DeployError(
        f"{state.name}.{cause.logical_id}", what, f"{hint(cause.reason) or 'Correct it'}, then destroy again"
    )


def busy(state: StackState, cloud: Cloud) -> DeployError:
    """Return the error for a stack that another operation is changing: since when, and by whom if that is known."""
    work = cloud.work(state)
    since = f" since {work.since}" if work.since else ""
    what = f"{work.caller or 'something'} is at work on the stack ({state.status}{since})"
    command = f"aws cloudformation describe-stack-events --stack-name {state.name} --region {state.region}"
    return DeployError(state.name, what, f"Wait until it has settled (`{command}`), then try again")
