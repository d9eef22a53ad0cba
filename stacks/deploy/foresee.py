"""A plan and what is deployed → everything that carrying it out would change: stacks, and static files. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.deploy.execute import outputs
from stacks.deploy.moving import moved_outputs, moved_reads
from stacks.deploy.plan import DeployStack
from stacks.deploy.reads import OutputReference, digest_parameter, values
from stacks.errors import DeployError
from stacks.forecast.change import StackChanges
from stacks.forecast.compare import compare
from stacks.prices.difference import difference
from stacks.publishing.foresee import foresee_files
from stacks.publishing.step import Publish
from stacks.template.pseudo import pseudo_parameters
from stacks.template.wired import DIGEST
from stacks.transforms.sam import translated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.cloud import Cloud, StackState
    from stacks.deploy.plan import Plan
    from stacks.template.rendered import Rendered

_STILL: Mapping[OutputReference, str] = {}


def foresee(
    rendered: Rendered,
    parameters: Mapping[str, str],
    cloud: Cloud,
    account: str,
    moving: Mapping[OutputReference, str] = _STILL,
) -> StackChanges:
    """What deploying a stack into an account would change. Raises ``DeployError`` as the cloud does.

    ``moving`` are outputs of other stacks that the same deployment changes first, each with a text for its new value.
    """
    place = pseudo_parameters(account, rendered.region, rendered.name)
    state = cloud.stack(rendered.name, rendered.region)
    new = translated(rendered.template, parameters=parameters, region=rendered.region, where=rendered.name)
    if state is None or state.is_empty:
        changes, costs = compare(None, new, {}, {**parameters, **place}), difference(None, new)
    else:
        deployed = cloud.template(rendered.name, rendered.region)
        old = translated(deployed, parameters=state.parameters, region=rendered.region, where=rendered.name)
        read = {**_read(rendered, state, cloud), **moved_reads(rendered.template, rendered.region, moving)}
        before, after = {**state.parameters, **state.resolved}, {**read, **parameters}
        changes, costs = compare(old, new, {**before, **place}, {**after, **place}), difference(old, new)
    return StackChanges(stack=rendered.stack, name=rendered.name, changes=changes, costs=costs)


def _read(rendered: Rendered, state: StackState, cloud: Cloud) -> dict[str, str]:
    """The values that a stack's parameters read now; for a region that has not published yet, the former digest."""
    name, template, region = rendered.name, rendered.template, rendered.region
    try:
        digest = digest_parameter(name, template, region, cloud)
    except DeployError:
        digest = {DIGEST: state.parameters[DIGEST]} if DIGEST in state.parameters else {}
    return {**values(template, region, cloud), **digest}


def foresee_plan(plan: Plan, cloud: Cloud) -> tuple[StackChanges, ...]:
    """What each stack of a plan would change.

    A value that one stack publishes and another reads counts as changed where the first is about to change it.
    """
    account = cloud.account()
    moving: dict[OutputReference, str] = {}
    all_changes: list[StackChanges] = []
    for step in plan.steps:
        if isinstance(step, DeployStack):
            all_changes.append(foresee(step.rendered, step.parameters, cloud, account, moving))
            later = f"(known once {step.stack} is deployed)"
            moving |= dict.fromkeys(moved_outputs(step.rendered, all_changes[-1].changes), later)
    return tuple(all_changes)


def foresee_publication(plan: Plan, all_changes: Sequence[StackChanges], cloud: Cloud) -> tuple[StackChanges, ...]:
    """What the plan's static files would change, given ``all_changes`` of its stacks; empty without any.

    A bucket whose stack does not exist counts as empty. If it was retained and comes back, files in it that are no
    longer published are removed without having been announced.

    Raises ``DeployError`` for folders that cannot be published.
    """
    rendered = {stack.stack: stack for stack in plan.stacks}
    # Files hold outputs themselves: that one is published for the first time does not change it.
    moved = {changes.stack: moved_outputs(rendered[changes.stack], changes.changes) for changes in all_changes}
    moving = {stack: {value.output for value in entry if not value.published} for stack, entry in moved.items()}
    deployed = outputs(plan.stacks, cloud)
    return tuple(
        StackChanges(
            stack=f"{step.stack} files",
            name=deployed.get(step.bucket.stack, {}).get(step.bucket.name, "a bucket that is created first"),
            changes=foresee_files(step, deployed, moving, cloud),
        )
        for step in plan.steps
        if isinstance(step, Publish)
    )
