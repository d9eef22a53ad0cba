"""Corrects resources that a new stack imported: CloudFormation imports them as they are, whatever the template says.

After such a create, drift is detected, and a drift-aware change set brings what differs to the template. It has to be
confirmed like every change set, and never replaces or removes a resource with data.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.deploy.apply import apply
from stacks.errors import DeployError
from stacks.forecast.stateful import stateful_types
from stacks.progress import DriftFound, DriftLeft

if TYPE_CHECKING:
    from collections.abc import Collection

    from stacks.cloud import ChangeSet, Cloud, Drifted, Submission
    from stacks.deploy.apply import Confirm
    from stacks.progress import Watch


def bring_up_to_date(  # noqa: PLR0913, PLR0917 - as apply, and what was taken back
    stack: str, submission: Submission, adopted: Collection[str], cloud: Cloud, watch: Watch, confirm: Confirm
) -> None:
    """Bring the ``adopted`` resources (logical ids) to the template of ``submission``, an update.

    Without the right to detect drift this is no failure; it is reported that drift was not checked.

    Raises:
        DeployError: when a resource with data could only be replaced, or the update fails.
    """
    state = cloud.stack(submission.name, submission.region)
    if not adopted or state is None:
        return
    try:
        drifts = tuple(drift for drift in cloud.drift(state) if drift.logical_id in adopted)
    except DeployError as error:
        watch(DriftLeft(stack=stack, names=tuple(adopted), why=error.problems[0].what))
        return
    if not drifts:
        return
    watch(DriftFound(stack=stack, drifted=drifts))

    def only_in_place(change_set: ChangeSet) -> bool:
        _refuse_losses(change_set, drifts)
        return confirm(change_set)

    if (
        apply(stack, replace(submission, creates=False, adopts=False, reverts=True), cloud, watch, only_in_place)
        is None
    ):
        why = "CloudFormation finds nothing to change: it cannot change these properties back"
        watch(DriftLeft(stack=stack, names=tuple(drift.logical_id for drift in drifts), why=why))


def _refuse_losses(change_set: ChangeSet, drifts: Collection[Drifted]) -> None:
    """Refuse a change set that replaces or removes a resource with data.

    Raises:
        DeployError: with that resource, and how it differs.
    """
    lost = [
        change
        for change in change_set.changes
        if change.type in stateful_types() and (change.action == "remove" or change.replacement != "never")
    ]
    if not lost:
        return
    name = lost[0].logical_id
    differs = ", ".join(
        difference.path for drift in drifts if drift.logical_id == name for difference in drift.differences
    )
    what = (
        f"was taken back as it was, and {differs or 'its difference'} cannot be changed in place; nothing was changed"
    )
    raise DeployError(f"{change_set.stack}.{name}", what, "Describe it as it is, or rename it to get a new one")
