"""Takes the stacks of a stage down again, the last first, and says what stays.

What the *deployed* template protects is kept: a bucket is only emptied when deleting the stack would
delete it. Resources with a DeletionPolicy of Retain outlive their stack and are reported by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.deploy.apply import delete_failure, final_status, protected, watched
from stacks.deploy.execute import check_account
from stacks.deploy.progress import BucketEmptied, StackAbsent, StackDeleted, StackFailed, StackStarted
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stacks.deploy.cloud import Cloud, Resource, StackState
    from stacks.deploy.progress import Watch
    from stacks.errors import Problem
    from stacks.rendering import Rendered

_KEPT = {"Retain", "RetainExceptOnCreate"}
"""The DeletionPolicy values with which a resource outlives its stack."""


def destroy(rendered: Sequence[Rendered], cloud: Cloud, watch: Watch, *, account: str | None = None) -> None:
    """Delete the stacks of ``rendered`` (given in dependency order) in reverse; those that are absent are skipped.

    All termination protections and busy stacks are found before the first stack goes. Raises
    ``DeployError``, and stops, at a stack that cannot be deleted, since those below it are still used.
    """
    check_account(cloud, account)
    states = [(one, cloud.stack(one.name, one.region)) for one in reversed(rendered)]
    _refuse(state for _, state in states if state)
    for one, state in states:
        if state is None:
            watch(StackAbsent(stack=one.stack, name=one.name))
            continue
        watch(StackStarted(stack=one.stack, name=one.name, region=one.region))
        _delete(one.stack, state, cloud, watch)


def _refuse(states: Iterable[StackState]) -> None:
    problems: list[Problem] = []
    for state in states:
        if state.protected:
            problems += protected(state).problems
        elif state.status.endswith("_IN_PROGRESS") and state.status != "REVIEW_IN_PROGRESS":
            what = f"something is at work on the stack ({state.status})"
            problems += DeployError(state.name, what, "Wait until it has settled, then try again").problems
    if problems:
        raise DeployError.of(tuple(problems))


def _delete(stack: str, state: StackState, cloud: Cloud, watch: Watch) -> None:
    goes, stays = _fates(state, cloud)
    for resource in goes:
        if resource.type == "AWS::S3::Bucket":
            count = cloud.empty(resource.physical_id)
            watch(BucketEmptied(stack=stack, bucket=resource.physical_id, objects=count))
    events = watched(stack, state, cloud.delete(state), watch)
    if final_status(events) != "DELETE_COMPLETE":
        error = delete_failure(state, events)
        watch(StackFailed(stack=stack, problems=error.problems))
        raise error
    watch(StackDeleted(stack=stack, retained=stays))


def _fates(state: StackState, cloud: Cloud) -> tuple[tuple[Resource, ...], tuple[Resource, ...]]:
    """Split a stack's resources into those that go with it and those that stay."""
    if state.status == "REVIEW_IN_PROGRESS":
        return (), ()
    bodies = cloud.template(state.name, state.region).get("Resources", {})
    held = cloud.resources(state.name, state.region)
    stays = tuple(one for one in held if _is_kept(bodies.get(one.logical_id, {})))
    return tuple(one for one in held if one not in stays), stays


def _is_kept(body: dict[str, Any]) -> bool:
    return body.get("DeletionPolicy") in _KEPT
