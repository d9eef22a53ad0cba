"""``base.ci`` → problems: two deployers, two makers of one identity provider, stacks that do not exist. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.description.previews import matches
from stacks.errors import nearest
from stacks.invocation import program
from stacks.stages.rows import deployable
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage
    from stacks.description.finding import Finding, KeyPath


def ci_problems(app: App, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Everything about a stage's CI service that no single value shows."""
    ci = stage.base.ci
    if ci is None:
        return
    where: KeyPath = (*at, "base", "ci")
    if stage.base.pipelines:
        what = "the stage has pipelines, too, and both would deploy it"
        yield where, what, "Choose one, and write false for the other"
    if not deployable(stage):
        yield where, "the stage has no stack to deploy but base", "Describe data, backend or frontend first"
    yield from _preview_problems(app, stage, (*where, "previews"))
    for index, stack in enumerate(ci.stacks):
        if stack == BASE:
            fix = f"Leave it out: a person deploys it, with '{program()} deploy base'"
            yield (*where, "stacks", index), "base has the rights of the roles, so they do not deploy it", fix
        elif stack not in deployable(stage):
            yield (*where, "stacks", index), f"{stack!r} is not a stack of the stage", nearest(stack, deployable(stage))
    yield from _second_provider(app, stage, (*where, "provider"))


def _preview_problems(app: App, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Previews that are not made from the stage, and a described stage that their roles could reach."""
    pattern = stage.base.ci.previews if stage.base.ci else None
    if pattern is None:
        return
    if not any(preview.bounded_by == stage.name for preview in (*app.stages.values(), *app.previews.values())):
        fix = f"Add '{pattern}: {{from: {stage.name}}}' to 'stages'"
        yield at, f"no previews {pattern} are made from the stage", fix
    for other in app.stages.values():
        if other.preview_of is None and matches(other.name, pattern):
            what = f"stage {other.name!r} is described and has a name of previews, whose roles could reach it"
            yield at, what, "Use another pattern, or another name for the stage"


def _second_provider(app: App, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """An account has one identity provider for each issuer; an earlier stage makes it already.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
    """
    earlier = next((entry for entry in app.stages.values() if _makes_the_same(entry, stage)), stage)
    if earlier is not stage and stage.base.ci and stage.base.ci.provider == "own":
        what = f"stage {earlier.name!r} makes the same identity provider, and an account has one"
        fix = f"Write 'provider: existing' under 'stages.{stage.name}.base.ci', or the account of both if they differ"
        yield at, what, fix


def _makes_the_same(stage: Stage, other: Stage) -> bool:
    accounts = {stage.account, other.account}
    if not (stage.base.ci and other.base.ci) or stage.base.ci.provider != "own":
        return False
    workspaces = {str(ci.bitbucket and ci.bitbucket.workspace_id) for ci in (stage.base.ci, other.base.ci)}
    same = stage.base.ci.service == other.base.ci.service and len(workspaces) == 1
    return same and (None in accounts or len(accounts) == 1)
