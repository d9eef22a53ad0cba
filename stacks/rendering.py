"""App → rendered stacks: plain data, canonical YAML, in the order of their references. Pure; ``write`` is the edge.

    stacks of a stage → troposphere templates → plain data → references closed → YAML

``write`` puts them under ``templates_out/<stage>/``, touching only files that change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.errors import Problem, StacksError
from stacks.files import write_atomically
from stacks.suppressing import suppressed
from stacks.template.emit import yaml_text
from stacks.template.references import Node, found_in, in_order, missing_outputs, open_references
from stacks.template.split import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from troposphere import Template

    from stacks.app import App, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One stack, ready to deploy with any client."""

    stack: str
    """``data``: what it is called in this project."""
    name: str
    """``notes-dev-data``: what it is called in CloudFormation."""
    region: str
    template: Mapping[str, Any]
    body: str
    """The template as YAML."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters that are known without packaging."""
    needs: tuple[str, ...] = ()
    """The stacks whose outputs it reads."""


def render(app: App, stage: Stage) -> tuple[Rendered, ...]:
    """The stacks of a stage in the order they are deployed.

    Raises:
        StacksError: when a reference meets nothing, or stacks read from each other in a circle.
    """
    nodes: list[Node] = []
    problems: list[Problem] = []
    for stack, plain in _plain(app, stage):
        data = suppressed(plain)
        found = found_in(data)
        problems += open_references(stack, data, found)
        nodes.append(Node(stack=stack, name=naming.stack_name(app, stage, stack), template=data, found=found))
    problems += missing_outputs(nodes)
    if problems:
        raise StacksError.of(tuple(problems))
    rendered = tuple(_rendered(node, nodes, stage) for node in in_order(nodes))
    return _with_pipelines(rendered, app, stage) if stage.base.pipelines else rendered


def _with_pipelines(rendered: tuple[Rendered, ...], app: App, stage: Stage) -> tuple[Rendered, ...]:
    """Base again, with what deploys the other stacks: their roles are derived from their templates."""
    from stacks import base  # noqa: PLC0415

    others = [one for one in rendered if one.stack != base.STACK]
    template = suppressed(base.template(app, stage, others).to_dict())
    problems = tuple(open_references(base.STACK, template, found_in(template)))
    if problems:
        raise StacksError.of(problems)
    body = yaml_text(template)
    return tuple(replace(one, template=template, body=body) if one.stack == base.STACK else one for one in rendered)


def _plain(app: App, stage: Stage) -> Iterator[tuple[str, dict[str, Any]]]:
    """The templates as plain data, a large backend spread over several."""
    for stack, template in templates(app, stage).items():
        data = template.to_dict()
        if stack == "backend" and stage.backend.stacks > 1:
            yield from split(data, stack, naming.stack_name(app, stage, stack), stage.backend.stacks).items()
        else:
            yield stack, data
    if isinstance(stage.backend.template, Mapping):
        from stacks.foreign import backend  # noqa: PLC0415 - few have a template from elsewhere

        yield backend.STACK, backend.template(stage.backend.template, app, stage)


def templates(app: App, stage: Stage) -> dict[str, Template]:
    """The troposphere templates of the stacks that a stage has; a stack with nothing in it is not made."""
    # Each stack's module brings its part of troposphere; an application without users never loads cognito.
    from stacks import base  # noqa: PLC0415

    made = {base.STACK: base.template(app, stage)}
    if stage.data.tables or stage.data.buckets or stage.data.users:
        from stacks import data  # noqa: PLC0415

        made[data.STACK] = data.template(app, stage)
    if stage.backend.functions:
        from stacks import backend  # noqa: PLC0415

        made[backend.STACK] = backend.template(app, stage)
    if stage.frontend.site or stage.frontend.static:
        from stacks import frontend  # noqa: PLC0415

        if frontend.needs_edge(stage):
            made[frontend.EDGE_STACK] = frontend.edge_template(app, stage)
        made[frontend.STACK] = frontend.template(app, stage)
        if stage.frontend.access_log:
            from stacks.parts.frontend import access_log  # noqa: PLC0415 - few ask for one

            if access_log.needs_stack(stage):
                made[access_log.LOGS_STACK] = access_log.logs_template(app, stage)
    return made


def _rendered(node: Node, nodes: Sequence[Node], stage: Stage) -> Rendered:
    stacks = {other.name: other.stack for other in nodes}
    return Rendered(
        stack=node.stack,
        name=node.name,
        region=naming.EDGE_REGION if node.stack.endswith("-edge") else stage.region,
        template=node.template,
        body=yaml_text(dict(node.template)),
        parameters=dict(stage.backend.parameters) if node.stack == "backend" else {},
        needs=tuple(sorted({stacks[name] for name, _ in node.found.outputs})),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A template on disk."""

    stage: str
    stack: str
    name: str
    resources: int
    bytes: int
    file: str
    changed: bool


def write(
    stage: str, rendered: Sequence[Rendered], out: Path, parameters: Mapping[str, Mapping[str, str]]
) -> Iterator[Written]:
    """Put each template and its parameter file under ``out/<stage>/``; remove files of stacks that are gone.

    ``parameters`` (stack → name → value) joins what is known at rendering. Raises ``OSError`` as the disk does.
    """
    folder = out / stage
    for one in rendered:
        file = folder / f"{one.stack}.yaml"
        body = one.body.encode()
        values = {**one.parameters, **parameters.get(one.stack, {})}
        changed = write_atomically(file, body)
        write_atomically(folder / f"{one.stack}.parameters.json", parameter_file(values))
        yield Written(
            stage=stage,
            stack=one.stack,
            name=one.name,
            resources=len(one.template["Resources"]),
            bytes=len(body),
            file=file.as_posix(),
            changed=changed,
        )
    wanted = {f"{one.stack}{ending}" for one in rendered for ending in (".yaml", ".parameters.json")}
    for file in folder.glob("*"):
        if file.name not in wanted and file.name.endswith((".yaml", ".parameters.json")):
            file.unlink()


def parameter_file(values: Mapping[str, str]) -> bytes:
    """The form that ``aws cloudformation deploy --parameter-overrides file://`` and CodePipeline both read."""
    return (json.dumps({"Parameters": dict(sorted(values.items()))}, indent=2) + "\n").encode()
