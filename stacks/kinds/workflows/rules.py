"""What does not agree in a stage's workflows: their shape, what they name, and rights that cannot be derived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.description.statements import identity_problems
from stacks.errors import nearest
from stacks.kinds.workflows.definition import GROUPS, references, tasks
from stacks.stages.kinds import things_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath
    from stacks.kinds.workflows.model import Workflow

_REFUSED = "WORKFLOW-STATES"


def problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Every problem of every workflow whose definition has been read."""
    for name, workflow in stage.backend.workflows.items():
        yield from identity_problems(workflow.statements, (*at, name, "statements"))
        if not isinstance(workflow.definition, str):
            yield from _definition(workflow, stage, (*at, name, "definition"))


def _definition(workflow: Workflow, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    states = workflow.definition.get("States")
    if not isinstance(states, dict) or not states:
        yield at, "has no States", "Write 'StartAt: First' and 'States: {First: {Type: Task, …}}'", _REFUSED
        return
    if workflow.definition.get("StartAt") not in states:
        start = workflow.definition.get("StartAt")
        yield (*at, "StartAt"), f"there is no state {start!r}", nearest(str(start), states), _REFUSED
    for path, text in references(workflow.definition):
        yield from _reference(text, stage, (*at, *path))
    for task in tasks(workflow.definition):
        if task.group and not task.names:
            what = f"{task.resource} names none of {GROUPS[task.group]}"
            yield (*at, *task.path), what, f"Name one in Parameters or Arguments, as ${{{task.group}.NAME}}"
        elif not task.group and not workflow.statements:
            what = f"the rights that {task.resource or 'a task without Resource'} needs are not known here"
            yield (*at, *task.path, "Resource"), what, "List them under the workflow's 'statements'"


def _reference(text: str, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    group, _, name = text.partition(".")
    if group not in GROUPS:
        yield at, f"'${{{text}}}' names nothing", f"Write ${{GROUP.NAME}}, with a group of {', '.join(GROUPS)}"
        return
    known: Mapping[str, object] = things_of(GROUPS[group], stage)
    if name not in known:
        yield at, f"there is no {GROUPS[group]}.{name}", nearest(name, known)
