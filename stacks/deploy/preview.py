"""A rendered stack → what CloudFormation itself says it would change, by a change set that is created and discarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.cloud import NoChanges, Submission
from stacks.deploy.reads import digest_parameter, refuse_unpublished
from stacks.errors import DeployError
from stacks.forecast.exact import with_change_set
from stacks.template.wired import read_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.cloud import ChangedResource, Cloud, StackState
    from stacks.errors import Problem
    from stacks.forecast.change import StackChanges
    from stacks.json_types import JsonObject
    from stacks.template.rendered import Rendered


def exact(
    stack: Rendered, forecast: StackChanges, parameters: Mapping[str, str], cloud: Cloud, bucket: str | None
) -> tuple[StackChanges, tuple[Problem, ...]]:
    """The forecast of a stack, completed by CloudFormation's change set, and the problems of asking for one.

    The forecast is unchanged for a stack that does not exist, and when CloudFormation refuses.
    """
    state = cloud.stack(stack.name, stack.region)
    if state is None or state.is_empty:
        return forecast, ()
    try:
        changes = preview(stack, state, parameters, cloud, bucket)
    except DeployError as error:
        return forecast, error.problems
    old: JsonObject = cloud.template(stack.name, stack.region)
    return with_change_set(forecast, changes, old.get("Resources", {}), stack.template["Resources"]), ()


def preview(
    stack: Rendered, state: StackState, parameters: Mapping[str, str], cloud: Cloud, bucket: str | None
) -> tuple[ChangedResource, ...]:
    """What the change set of a deployed stack (``state``) contains; the change set is deleted.

    Parameters that ``parameters`` does not give keep their values; ``bucket`` takes a long template.
    Raises ``DeployError`` when CloudFormation refuses the change set, or the credentials may not make one.
    """
    refuse_unpublished(stack.name, stack.template, stack.region, cloud)
    declared = stack.template.get("Parameters", {})
    read = read_names(
        stack.template
    )  # CloudFormation fetches these anew; the local AWS reports values in place of names
    kept = {name: value for name, value in state.parameters.items() if name not in read}
    values = {**kept, **parameters, **digest_parameter(stack.name, stack.template, stack.region, cloud)}
    prepared = cloud.prepare(
        Submission(
            name=stack.name,
            region=stack.region,
            template=dict(stack.template),
            body=stack.body,
            parameters={name: value for name, value in values.items() if name in declared},
            creates=False,
            bucket=bucket,
        )
    )
    if isinstance(prepared, NoChanges):
        return ()
    cloud.discard(prepared)
    return prepared.changes
