"""Takes the stacks of a plan (``destroy_plan``) down, the last first, and, when asked to, what they leave behind.

A bucket is only emptied when deleting its stack would delete it. Data goes when every stack is gone: then nothing
writes to it any more. Each step is safe to do twice, so a second run completes one that was interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.deploy.apply import watched
from stacks.deploy.failures import delete_failure, final_status
from stacks.errors import DeployError
from stacks.progress import BucketEmptied, DataDeleted, StackAbsent, StackDeleted, StackFailed, StackStarted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.cloud import StackState
    from stacks.deploy.destroy_plan import Going
    from stacks.deploy.stored_data import DataCloud
    from stacks.errors import Problem
    from stacks.progress import Watch


def destroy(plan: Sequence[Going], cloud: DataCloud, watch: Watch, *, delete_data: bool = False) -> None:
    """Delete the stacks of ``plan`` in its order, then with ``delete_data`` what they kept.

    Raises ``DeployError``, and stops, at a stack that cannot be deleted, since those below it are still used; and in
    the end for all data that could not be deleted.
    """
    for going in plan:
        if going.state is None:
            watch(StackAbsent(stack=going.stack, name=going.name))
        else:
            _take_down(going, going.state, cloud, watch)
    if delete_data:
        _delete_data(plan, cloud, watch)


def _take_down(going: Going, state: StackState, cloud: DataCloud, watch: Watch) -> None:
    watch(StackStarted(stack=going.stack, name=going.name, region=going.region))
    for bucket in going.buckets:
        count = cloud.empty(bucket.resource.physical_id)
        watch(BucketEmptied(stack=going.stack, bucket=bucket.resource.physical_id, objects=count))
    if state.protected:
        cloud.protect(state, on=False)
    events = watched(going.stack, state, cloud.delete(state), watch)
    if final_status(events) != "DELETE_COMPLETE":
        error = delete_failure(state, events)
        watch(StackFailed(stack=going.stack, problems=error.problems))
        raise error
    watch(StackDeleted(stack=going.stack, retained=tuple(entry.resource for entry in going.kept)))


def _delete_data(plan: Sequence[Going], cloud: DataCloud, watch: Watch) -> None:
    problems: list[Problem] = []
    for going in plan:
        for entry in sorted(
            going.data, key=lambda held: held.resource.type == "AWS::KMS::Key"
        ):  # it may encrypt others
            try:
                cloud.delete_data(entry.resource, going.region)
            except DeployError as error:
                problems += error.problems
            else:
                watch(DataDeleted(stack=going.stack, resource=entry.resource))
    if problems:
        raise DeployError.of(tuple(problems))
