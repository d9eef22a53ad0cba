"""Pipelines of a description → problems: sources that do not fit, stacks that do not exist. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import nearest
from stacks.invocation import program
from stacks.model.base import CONNECTED
from stacks.stages.rows import chosen, coming_after, deployable, first_of_row
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Pipelines, Stage
    from stacks.description.finding import Finding, KeyPath

_OF_THE_FIRST = ("repository", "source", "branch", "connection", "folder", "paths", "tests", "notify")
"""What the first stage of a row says for all of them."""
_MOST_PATTERNS = 8
"""In one filter of a trigger: GitFilePathFilterCriteria Includes.
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitFilePathFilterCriteria.html"""


def pipeline_problems(app: App, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Everything about a stage's pipelines that no single value shows."""
    pipelines = stage.base.pipelines
    if pipelines is None:
        return
    where: KeyPath = (*at, "base", "pipelines")
    if pipelines.after:
        yield from _place_in_row(app, stage, pipelines, where)
    else:
        yield from _source(pipelines, where)
        yield from _connection(pipelines, stage, where)
    yield from _stacks(pipelines, stage, where)


def _place_in_row(app: App, stage: Stage, pipelines: Pipelines, at: KeyPath) -> Iterator[Finding]:
    """A later stage of a row: after one that has pipelines, the only one there, and agreeing with the first."""
    name = str(pipelines.after)
    before = app.stages.get(name)
    if before is None or before.base.pipelines is None:
        what = "has no pipelines" if before else "is not a stage"
        yield (*at, "after"), f"{name!r} {what}", nearest(name, [item for item in app.stages if item != stage.name])
        return
    first = first_of_row(app, stage)
    if first is None or first.base.pipelines is None:
        yield (*at, "after"), "the stages form a circle", "Let one of its stages come after none: the first"
        return
    if coming_after(app, before)[0] is not stage:
        what = f"{coming_after(app, before)[0].name!r} comes after {name!r} already"
        yield (*at, "after"), what, f"Set 'after: {coming_after(app, before)[0].name}', so that the row is one"
    if stage.account != first.account and not (stage.account and first.account):
        what = f"the pipelines are those of stage {first.name!r}, and only one of the two says its account"
        yield (*at, "after"), what, "Set 'account' for both"
    for key in _OF_THE_FIRST:
        if getattr(pipelines, key) != getattr(first.base.pipelines, key):
            yield (*at, key), f"differs from stage {first.name!r}, whose pipelines go on to this one", "Leave it out"


def _source(pipelines: Pipelines, at: KeyPath) -> Iterator[Finding]:
    parts = pipelines.repository.count("/")
    if pipelines.source == "codecommit":
        if parts:
            yield (*at, "repository"), "a CodeCommit repository has no owner", "Write its name alone"
        if pipelines.connection:
            yield (*at, "connection"), "CodeCommit is reached without a connection", "Leave it out"
        if pipelines.paths:
            what = "CodeCommit does not report which files a push touches"
            yield (
                (*at, "paths"),
                what,
                "Leave it out: a pipeline with nothing to change deploys nothing",
                "PIPELINE-PATTERNS",
            )
    elif not parts or (parts > 1 and pipelines.source != "gitlab"):
        what = f"{pipelines.repository!r} is not a repository of {pipelines.source}"
        yield (*at, "repository"), what, "Write owner/name"


def _connection(pipelines: Pipelines, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    if pipelines.connection is None or pipelines.source not in CONNECTED:
        return
    _, _, _, region, account, _ = pipelines.connection.split(":", 5)
    if region != stage.region:
        what = f"the connection is in {region}, the stage in {stage.region}"
        yield (*at, "connection"), what, "Name one of the stage's region, or leave it out: base then makes one"
    if stage.account and account != stage.account:
        what = f"the connection belongs to account {account}, the stage to account {stage.account}"
        yield (*at, "connection"), what, "Name one of the stage's account, or leave it out: base then makes one"


def _stacks(pipelines: Pipelines, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    known, deployed = deployable(stage), tuple(rendered_stack.key for rendered_stack in chosen(stage))
    for index, stack in enumerate(pipelines.stacks):
        if stack not in known:
            yield (*at, "stacks", index), *_no_stack(stack, known)
    for stack, patterns in pipelines.paths.items():
        if stack not in deployed:
            yield (*at, "paths", stack), *_no_stack(stack, deployed)
        if len(patterns) > _MOST_PATTERNS:
            what = f"{len(patterns)} patterns, {_MOST_PATTERNS} are allowed"
            yield (*at, "paths", stack), what, "Use wider ones, such as lambda_src/**", "PIPELINE-PATTERNS"
    if not known:
        yield at, "the stage has no stack that a pipeline could deploy", "Describe data, backend or frontend first"


def _no_stack(stack: str, known: tuple[str, ...]) -> tuple[str, str]:
    if stack == BASE:
        fix = f"Leave it out: a person deploys it, with '{program()} deploy base'"
        return "base has no pipeline: it is deployed before pipelines can run", fix
    return f"there is no pipeline for {stack!r}, as there is no such stack", nearest(stack, known)
