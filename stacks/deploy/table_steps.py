"""Changes indexes and replicas of existing tables by one update each: DynamoDB accepts one change of a table at a time.

Each update waits until the previous change is complete: CloudFormation is done when DynamoDB starts to build an index,
and until that is built the table accepts no other. The updates follow from the deployed template, so the next deploy
completes an interrupted one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.deploy.apply import apply
from stacks.forecast.table_parts import TABLES, updates
from stacks.progress import PartAwaited, PartsMoved
from stacks.template.emit import yaml_text
from stacks.template.wired import read_names

if TYPE_CHECKING:
    from stacks.cloud import Cloud, StackState, Submission
    from stacks.deploy.apply import Confirm
    from stacks.forecast.table_parts import Update
    from stacks.json_types import JsonDict
    from stacks.progress import Watch


def move_parts(stack: str, submission: Submission, cloud: Cloud, watch: Watch, confirm: Confirm) -> None:
    """Make the updates that have to come before ``submission`` itself, and wait until it can be made.

    Raises ``DeployError`` as ``apply`` does; what is done by then stays.
    """
    tables = [body for body in submission.template["Resources"].values() if body["Type"] in TABLES]
    state = cloud.stack(submission.name, submission.region) if tables and not submission.creates else None
    if state is None:
        return
    results = updates(cloud.template(state.name, state.region), submission.template)
    for number, update in enumerate(results, 1):
        _await(stack, update, state, cloud, watch)
        if len(results) > 1:
            watch(PartsMoved(stack=stack, number=number, count=len(results), moves=update.moves))
        if number < len(results):
            apply(stack, early(submission, state, dict(update.template)), cloud, watch, confirm)


def early(submission: Submission, state: StackState, template: JsonDict) -> Submission:
    """An update before ``submission``, to another template: the parameters are those which that template declares."""
    declared = template.get("Parameters", {})
    read = read_names(template)  # CloudFormation fetches these anew; the local AWS reports values in place of names
    values = {**state.parameters, **submission.parameters}
    parameters = {name: value for name, value in values.items() if name in declared and name not in read}
    return replace(submission, template=template, body=yaml_text(template), parameters=parameters)


def _await(stack: str, update: Update, state: StackState, cloud: Cloud, watch: Watch) -> None:
    names = {resource.logical_id: resource.physical_id for resource in cloud.resources(state.name, state.region)}
    for table in (move.table for move in update.moves):
        for part in cloud.table_at_work(names[table], state.region):
            watch(PartAwaited(stack=stack, table=table, part=part))
