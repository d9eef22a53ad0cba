"""Deletes the stacks of a plan (``destroy_plan``), the last one first, and on request the data that they retain.

A bucket is emptied only if deleting its stack deletes it. Data is deleted after all stacks, when nothing writes to it
any more. Each step can be repeated, so a second run completes an interrupted one.
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
    """Delete the stacks of ``plan`` in its order, then with ``delete_data`` what they retained.

    Raises:
        DeployError: at the first stack that cannot be deleted, since those that it reads are still in use; and at the
            end for all data that could not be deleted.
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
