"""Renames a path parameter of an HTTP API by two updates: one without its routes, and the update itself.

API Gateway accepts no order of changes within one update (``stacks.forecast.route_variables``), so the routes are
missing between the two. After an interruption the next deploy creates them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.deploy.apply import apply
from stacks.deploy.table_steps import early
from stacks.forecast.route_variables import ROUTE, in_the_way
from stacks.progress import RoutesRemoved

if TYPE_CHECKING:
    from stacks.cloud import Cloud, Submission
    from stacks.deploy.apply import Confirm
    from stacks.progress import Watch


def free_parameters(stack: str, submission: Submission, cloud: Cloud, watch: Watch, confirm: Confirm) -> None:
    """Remove the routes that ``submission`` conflicts with; nothing where no path parameter is renamed.

    Raises ``DeployError`` as ``apply`` does.
    """
    routed = any(body["Type"] == ROUTE for body in submission.template["Resources"].values())
    state = cloud.stack(submission.name, submission.region) if routed and not submission.creates else None
    if state is None:
        return
    deployed = cloud.template(state.name, state.region)
    result = in_the_way(deployed, submission.template)
    if result:
        watch(RoutesRemoved(stack=stack, routes=tuple(sorted(result.values()))))
        kept = {name: body for name, body in deployed["Resources"].items() if name not in result}
        apply(stack, early(submission, state, {**deployed, "Resources": kept}), cloud, watch, confirm)
