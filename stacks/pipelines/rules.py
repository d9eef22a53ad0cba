"""Pipelines of a description → problems: sources that do not fit, stacks that are not there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.description.mistakes import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Pipelines, Stage
    from stacks.description.consistency import Finding
    from stacks.description.yamltree import Path

_MOST_PATTERNS = 8
"""In one filter of a trigger: GitFilePathFilterCriteria Includes.
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitFilePathFilterCriteria.html"""


def deployable(stage: Stage) -> tuple[str, ...]:
    """The stacks of a stage that can have a pipeline, in the order they are deployed.

    Base has none, since it holds the rights of all of them; neither has ``frontend-edge``, which is in another region
    than the pipelines' artifacts and changes with the web ACL only. A person deploys both.
    """
    data, frontend = stage.data, stage.frontend
    there = {
        "data": data.tables or data.buckets or data.users,
        "backend": stage.backend.functions or stage.backend.template,
        "frontend": frontend.site or frontend.static,
    }
    return tuple(stack for stack, content in there.items() if content)


def chosen(stage: Stage) -> tuple[str, ...]:
    """The stacks of a stage that have a pipeline, in the order they are deployed."""
    pipelines = stage.base.pipelines
    if pipelines is None:
        return ()
    return tuple(stack for stack in deployable(stage) if not pipelines.stacks or stack in pipelines.stacks)


def pipeline_problems(stage: Stage, at: Path) -> Iterator[Finding]:
    """Everything about a stage's pipelines that no single value shows."""
    pipelines = stage.base.pipelines
    if pipelines is None:
        return
    where: Path = (*at, "base", "pipelines")
    yield from _source(pipelines, where)
    yield from _connection(pipelines, stage, where)
    yield from _stacks(pipelines, stage, where)


def _source(pipelines: Pipelines, at: Path) -> Iterator[Finding]:
    parts = pipelines.repository.count("/")
    if pipelines.source == "codecommit":
        if parts:
            yield (*at, "repository"), "a CodeCommit repository has no owner", "Write its name alone"
        if pipelines.connection:
            yield (*at, "connection"), "CodeCommit is reached without a connection", "Leave it out"
        if pipelines.paths:
            what = "CodeCommit does not tell which files a push touches"
            yield (*at, "paths"), what, "Leave it out: a pipeline with nothing to change deploys nothing"
    elif not parts or (parts > 1 and pipelines.source != "gitlab"):
        what = f"{pipelines.repository!r} is no repository of {pipelines.source}"
        yield (*at, "repository"), what, "Write owner/name"


def _connection(pipelines: Pipelines, stage: Stage, at: Path) -> Iterator[Finding]:
    if pipelines.connection is None or pipelines.source == "codecommit":
        return
    _, _, _, region, account, _ = pipelines.connection.split(":", 5)
    if region != stage.region:
        what = f"the connection is in {region}, the stage in {stage.region}"
        yield (*at, "connection"), what, "Name one of the stage's region, or leave it out: base then makes one"
    if stage.account and account != stage.account:
        what = f"the connection belongs to account {account}, the stage to account {stage.account}"
        yield (*at, "connection"), what, "Name one of the stage's account, or leave it out: base then makes one"


def _stacks(pipelines: Pipelines, stage: Stage, at: Path) -> Iterator[Finding]:
    known = deployable(stage)
    for index, stack in enumerate(pipelines.stacks):
        if stack not in known:
            yield (*at, "stacks", index), *_no_stack(stack, known)
    for stack, patterns in pipelines.paths.items():
        if stack not in chosen(stage):
            yield (*at, "paths", stack), *_no_stack(stack, chosen(stage))
        if len(patterns) > _MOST_PATTERNS:
            what = f"{len(patterns)} patterns, {_MOST_PATTERNS} are allowed"
            yield (*at, "paths", stack), what, "Use wider ones, such as lambda_src/**"
    if not known:
        yield at, "the stage has no stack that a pipeline could deploy", "Describe data, backend or frontend first"


def _no_stack(stack: str, known: tuple[str, ...]) -> tuple[str, str]:
    if stack in {"base", "frontend-edge"}:
        fix = f"Leave it out: a person deploys it, with 'python build.py deploy {stack}'"
        return f"{stack} has no pipeline: it is deployed before pipelines can run", fix
    return f"there is no pipeline for {stack!r}, as there is no such stack", nearest(stack, known)
