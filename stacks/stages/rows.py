"""A stage → the stacks that pipelines deploy, and the row of stages that these pipelines go on to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.stages.stacks import stack_at, stacks_of

if TYPE_CHECKING:
    from stacks.app import App, Stage
    from stacks.stages.stacks import Stack


def deployable(stage: Stage) -> tuple[str, ...]:
    """The keys of the stacks of a stage that can have a pipeline, in the order they are deployed.

    Base has none, since it holds the rights of all of them: a person deploys it.
    """
    return tuple(stack.key for stack in stacks_of(stage) if not stack.is_platform)


def chosen(stage: Stage) -> tuple[Stack, ...]:
    """The stacks of a stage that pipelines or a CI service deploy, in the order they are deployed."""
    return tuple(stack for stack in stacks_of(stage) if stack.deployed_by == "pipeline")


def is_chosen(key: str, stage: Stage) -> bool:
    """Whether pipelines or a CI service deploy the stack, or the part of a stack, of this key."""
    return stack_at(key, stage).deployed_by == "pipeline"


def row(app: App, stage: Stage) -> tuple[Stage, ...]:
    """The stage, and those that its pipelines go on to, one after the other; for one of these, the first and itself."""
    if stage.base.pipelines and stage.base.pipelines.after:
        first = first_of_row(app, stage)
        return (first, stage) if first else (stage,)
    stages = [stage]
    while after := coming_after(app, stages[-1]):
        stages.append(after[0])
    return tuple(stages)


def coming_after(app: App, stage: Stage) -> list[Stage]:
    """The stages whose pipelines say that they come after a stage; one, where the description is right."""
    return [entry for entry in app.stages.values() if entry.base.pipelines and entry.base.pipelines.after == stage.name]


def first_of_row(app: App, stage: Stage) -> Stage | None:
    """The first stage of the row that a stage is in; None when the stages form a circle."""
    seen: list[str] = []
    while stage.base.pipelines and (before := app.stages.get(stage.base.pipelines.after or "")):
        if stage.name in seen:
            return None
        seen.append(stage.name)
        stage = before
    return stage
