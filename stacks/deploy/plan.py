"""What a deployment will do, as data: rendered stacks, code and static files to a row of steps.

Pure: reads no disk and calls nothing. Printing a plan, running it (``execute``) and asserting on it
are three readers of one value. The order is the stacks' own; code is uploaded right before the first
stack that runs it, since the bucket it goes to is itself made by the base stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from stacks.errors import DeployError, Problem
from stacks.publishing.step import Publish
from stacks.template.rendered import named
from stacks.wiring import ARTIFACT_BUCKET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from stacks.template.rendered import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedCode:
    """A zip at ``path`` that ``stack`` runs: its key in the artifact bucket is the value of ``parameter``."""

    stack: str
    parameter: str
    key: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadArtifact:
    """Put a zip into the artifact bucket unless its key exists; keys are content-addressed."""

    stack: str
    key: str
    path: Path
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployStack:
    """Bring one stack to what was rendered; ``artifacts`` are the keys that must be there first."""

    stack: str
    rendered: Rendered
    parameters: dict[str, str]
    artifacts: tuple[str, ...]
    needs: tuple[str, ...]


Step: TypeAlias = UploadArtifact | DeployStack | Publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps, and all stacks of the stage: a step may read outputs of one that is not deployed now."""

    stacks: tuple[Rendered, ...]
    steps: tuple[Step, ...]


def make_plan(
    rendered: Sequence[Rendered],
    *,
    code: Sequence[PackagedCode] = (),
    publish: Publish | None = None,
    only: Sequence[str] = (),
) -> Plan:
    """Return the plan for ``rendered`` (in dependency order), or for the stacks named by ``only``.

    Args:
        rendered: All stacks of the stage.
        code: The zips of functions and layers, with the parameters that take their keys.
        publish: The static files; left out when ``only`` names stacks without theirs.
        only: Names of stacks, as ``data``; empty for all.

    Raises:
        UsageError: for an unknown name in ``only``.
        DeployError: with every parameter that has no value or no taker.

    >>> from stacks import App, Stage, render
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1")})
    >>> [type(step).__name__ for step in make_plan(render(app, app.stages["dev"])).steps]
    ['DeployStack']
    """
    chosen = named(rendered, only)
    site = {publish.stack: publish.parameters} if publish else {}
    if problems := tuple(
        problem
        for rendered_stack in chosen
        for problem in _parameter_problems(rendered_stack, code, site.get(rendered_stack.stack, {}))
    ):
        raise DeployError.of(problems)
    steps: list[Step] = []
    for stack in chosen:
        steps += _uploads(stack, code, {step.key for step in steps if isinstance(step, UploadArtifact)})
        steps.append(_deploy_stack(stack, code, site.get(stack.stack, {})))
    if publish and publish.stack in {rendered_stack.stack for rendered_stack in chosen}:
        steps.append(publish)
    return Plan(stacks=tuple(rendered), steps=tuple(steps))


def _uploads(stack: Rendered, code: Sequence[PackagedCode], done: set[str]) -> Iterator[UploadArtifact]:
    for item in sorted({item.key: item for item in code if item.stack == stack.stack}.values(), key=lambda it: it.key):
        if item.key not in done:
            yield UploadArtifact(stack=stack.stack, key=item.key, path=item.path, needs=(ARTIFACT_BUCKET.stack,))


def _deploy_stack(stack: Rendered, code: Sequence[PackagedCode], site: Mapping[str, str]) -> DeployStack:
    keys = _keys(stack, code)
    return DeployStack(
        stack=stack.stack,
        rendered=stack,
        parameters={**stack.parameters, **site, **keys},
        artifacts=tuple(sorted(set(keys.values()))),
        needs=(*stack.needs, stack.stack),
    )


def _keys(stack: Rendered, code: Sequence[PackagedCode]) -> dict[str, str]:
    return {item.parameter: item.key for item in code if item.stack == stack.stack}


def _parameter_problems(stack: Rendered, code: Sequence[PackagedCode], site: Mapping[str, str]) -> Iterator[Problem]:
    declared = stack.template.get("Parameters", {})
    values = {**stack.parameters, **site, **_keys(stack, code)}
    for name in sorted(declared.keys() - values.keys()):
        if "Default" not in declared[name]:
            yield Problem(
                where=f"{stack.name}.{name}", what="the parameter has no value", fix="Give it one, or a Default"
            )
    for name in sorted(values.keys() - declared.keys()):
        fix = "Declare it under Parameters, or leave the value out"
        yield Problem(where=f"{stack.name}.{name}", what="the template declares no such parameter", fix=fix)
