"""Stacks of a stage that its description no longer has: a web ACL that was switched off, an own stack removed.

They are found by what is deployed: names that start with the stage's prefix, in the regions of its stacks and in
us-east-1, and a template whose resources have the tags ``app`` and ``stage`` of the stage. So it does not matter which
client deployed them, and nothing is recorded anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.stages.stacks import BASE, GENERATED, rank, stack_at
from stacks.template.rendered import Rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stacks.app import Stage
    from stacks.cloud import Cloud, StackState
    from stacks.deploy.stored_data import DataCloud
    from stacks.json_types import JsonDict, TemplateData


def undescribed(stage: Stage, rendered: Sequence[Rendered], cloud: Cloud) -> tuple[Rendered, ...]:
    """The deployed stacks of a stage that are not among ``rendered`` (its whole description), with their templates.

    Raises ``DeployError`` as the cloud does: listing stacks needs ``cloudformation:ListStacks``.
    """
    return tuple(_undescribed(stage, rendered, cloud))


def standing_stages(app: str, regions: Iterable[str], cloud: Cloud) -> tuple[tuple[str, StackState], ...]:
    """The stages of an application that are deployed in some regions, each with its base stack, the oldest first.

    They are found by names and tags, like stacks that left the description, whatever the description says.
    """
    stages = []
    for region in sorted(set(regions)):
        for state in cloud.stacks(f"{app}-", region):
            stage = state.name.removeprefix(f"{app}-").removesuffix(f"-{BASE}")
            is_base = state.name.endswith(f"-{BASE}") and state.is_created
            elsewhere = (
                state.id.startswith("arn:") and state.id.split(":")[3] != region
            )  # the local AWS lists all regions
            if is_base and not elsewhere and is_of(cloud.template(state.name, region), app, stage):
                stages.append((stage, state))
    return tuple(
        sorted({state.id: (stage, state) for stage, state in stages}.values(), key=lambda pair: pair[1].created)
    )


def abandoned(stage: Stage, rendered: Sequence[Rendered], cloud: DataCloud) -> tuple[Rendered, ...]:
    """The stacks of a stage in ``stage.region`` and us-east-1 that the description does not have there.

    ``rendered`` are its described stacks, in other regions; empty for a stage that is no longer described. In
    dependency order, with generated stacks that are deleted already and left data behind, so that a second run
    completes an interrupted one.
    """
    places = {stage.region, naming.EDGE_REGION}
    standing = [stack for stack in _undescribed(stage, rendered, cloud) if stack.region in places]
    known = {stack.name for stack in (*standing, *rendered)}
    gone = (
        Rendered(stack=stack.key, name=stack.name, region=stack.region, template={"Resources": {}}, body="")
        for stack in (stack_at(key, stage) for key in GENERATED)
        if stack.name not in known
    )
    left = [stack for stack in gone if _holds_leftovers(stack, cloud)]
    return together((), [*standing, *left])


def _holds_leftovers(stack: Rendered, cloud: DataCloud) -> bool:
    """Whether a stack is gone and left something behind that still exists."""
    return cloud.stack(stack.name, stack.region) is None and any(
        cloud.stored(resource, stack.region) for resource in cloud.leftovers(stack.name, stack.region)
    )


def _undescribed(stage: Stage, rendered: Sequence[Rendered], cloud: Cloud) -> Iterator[Rendered]:
    start = f"{naming.prefix(stage)}-"
    regions = {rendered_stack.name: rendered_stack.region for rendered_stack in rendered}
    seen: set[str] = set()  # the local AWS lists a stack in every region, on AWS no id comes twice
    for region in sorted({stage.region, naming.EDGE_REGION, *(rendered_stack.region for rendered_stack in rendered)}):
        for state in cloud.stacks(start, region):
            if not state.is_created or state.id in seen or _is_described(state, regions, cloud):
                continue
            seen.add(state.id)
            template = cloud.template(state.name, region)
            if is_of(template, stage.app_name, stage.name):
                stack = state.name.removeprefix(start)
                yield Rendered(stack=stack, name=state.name, region=region, template=template, body="")


def _is_described(state: StackState, regions: Mapping[str, str], cloud: Cloud) -> bool:
    """Whether a stack is the described one of its name; one of that name in another region is not."""
    region = regions.get(state.name)
    if region is None or region == state.region:
        return region is not None
    described = cloud.stack(state.name, region)
    return described is not None and described.id == state.id


def is_of(template: TemplateData, app: str, stage: str) -> bool:
    """Whether a resource of a template has the tags of a stage."""
    bodies = template.get("Resources", {}).values()
    wanted = {"app": app, "stage": stage}.items()
    return any(wanted <= _tags(body.get("Properties", {}).get("Tags")).items() for body in bodies)


def _tags(tags: Any) -> JsonDict:
    """Tags as a mapping, of either form that templates have; values that are no text do not count."""
    pairs = tags.items() if isinstance(tags, dict) else ((tag.get("Key"), tag.get("Value")) for tag in tags or [])
    return {key: value for key, value in pairs if isinstance(value, str)}


def together(rendered: Sequence[Rendered], others: Sequence[Rendered]) -> tuple[Rendered, ...]:
    """All stacks in the order they are deployed: each of ``others`` where the description would have had it."""
    stacks = list(rendered)
    for other in sorted(others, key=lambda stack: rank(stack.stack)):
        later = (place for place, stack in enumerate(stacks) if rank(stack.stack) > rank(other.stack))
        stacks.insert(next(later, len(stacks)), other)
    return tuple(stacks)
