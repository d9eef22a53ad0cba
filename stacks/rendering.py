"""App → rendered stacks: plain data, canonical YAML, in the order of their references. Pure; ``write`` is the edge.

    stacks of a stage → troposphere templates → plain data → references closed → YAML

``write`` puts them under ``templates_out/<stage>/``, touching only files that change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.errors import Problem, StacksError
from stacks.files import write_atomically
from stacks.loading import judge
from stacks.stages.extended import is_extended
from stacks.stages.moved import as_made
from stacks.stages.rows import row
from stacks.stages.stacks import BACKEND, BASE, DATA, EDGE, FRONTEND, LOGS_EDGE, named_by, stacks_of
from stacks.suppressions.metadata import suppressed
from stacks.template.emit import yaml_text
from stacks.template.references import Node, found_in, in_order, missing_outputs, open_references
from stacks.template.rendered import Rendered
from stacks.template.split import split
from stacks.template.wired import wired

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere import Template

    from stacks.app import App, Ci, Pipelines, Stage
    from stacks.extension.hooks import Extend


_TEMPLATES = {
    BASE: ("stacks.base", "template"),
    DATA: ("stacks.data", "template"),
    BACKEND: ("stacks.backend", "template"),
    EDGE: ("stacks.frontend", "edge_template"),
    FRONTEND: ("stacks.frontend", "template"),
    LOGS_EDGE: ("stacks.parts.frontend.access_log", "template"),
}
"""Stack → the module and the function that make its template."""


def render(app: App, stage: Stage, *, extend: Mapping[str, Sequence[Extend]] | None = None) -> tuple[Rendered, ...]:
    """The stacks of a stage in the order they are deployed.

    ``extend`` (stack → functions) changes templates after the hooks that the stage names itself.

    Raises:
        DescriptionError: for an ``App`` built in Python that breaks a rule of descriptions, with every problem.
        StacksError: when a reference meets nothing, or stacks read from each other in a circle.
    """
    if not stage.app_name:
        stage = replace(stage, app_name=app.name)
    judge(app, stage)
    if extend:
        from stacks.extension.hooks import with_extensions  # noqa: PLC0415 - few scripts add some

        app = with_extensions(app, extend)
        stage = app.stages[stage.name]
    rendered = _stacks(app, stage)
    if stage.base.pipelines:
        return _with_pipelines(rendered, app, stage, stage.base.pipelines)
    return _with_ci(rendered, app, stage, stage.base.ci) if stage.base.ci else rendered


def _stacks(app: App, stage: Stage) -> tuple[Rendered, ...]:
    """The stacks, base without pipelines."""
    stage = as_made(stage)
    nodes: list[Node] = []
    problems: list[Problem] = []
    for stack, plain in _plain(app, stage):
        # Reasons why a finding is intended are about templates made here.
        foreign = stack in stage.stacks or (stage.backend.template and stack == BACKEND)
        nodes.append(_node(stack, plain if foreign else suppressed(plain), stage))
        problems += open_references(stack, nodes[-1].template, nodes[-1].found)
    problems += missing_outputs(nodes)
    if problems:
        raise StacksError.of(tuple(problems))
    if stage.stacks:
        from stacks.template.exports import with_imports  # noqa: PLC0415 - few have stacks of their own

        nodes = with_imports(nodes, {stack: own.parameters for stack, own in stage.stacks.items()})
    return tuple(_rendered(node, nodes, app, stage) for node in wired(in_order(nodes)))


def _node(stack: str, template: Mapping[str, Any], stage: Stage) -> Node:
    return Node(
        stack=stack,
        name=naming.stack_name(stage, stack),
        region=naming.region_of(stack, stage),
        published=naming.published_prefix(stage, stack),
        tags=naming.tags(stage, stack),
        template=template,
        found=found_in(template),
        named=tuple(naming.stack_name(stage, other) for other in named_by(stack, stage)),
    )


def _with_pipelines(
    rendered: tuple[Rendered, ...], app: App, stage: Stage, pipelines: Pipelines
) -> tuple[Rendered, ...]:
    """Base again, with what deploys the other stacks: their roles are derived from their templates.

    Before it comes what pipelines need in other regions; the stages that they go on to are rendered as well.
    """
    from stacks import base  # noqa: PLC0415
    from stacks.pipelines.resources import with_pipelines  # noqa: PLC0415 - brings the registry, which few stages need

    deployed = [(one, _plainly(rendered if one.name == stage.name else _stacks(app, one))) for one in row(app, stage)]
    return _again(with_pipelines(base.template(app, stage), pipelines, deployed), rendered, app, stage)


def _with_ci(rendered: tuple[Rendered, ...], app: App, stage: Stage, ci: Ci) -> tuple[Rendered, ...]:
    """Base again, with the roles of the stage's CI service."""
    from stacks import base  # noqa: PLC0415
    from stacks.ci.roles import add_ci  # noqa: PLC0415 - brings the registry, which few stages need

    template = base.template(app, stage)
    add_ci(template, stage, ci, _plainly(rendered))
    return _again({BASE: template}, rendered, app, stage)


def _again(
    templates: Mapping[str, Template], rendered: Sequence[Rendered], app: App, stage: Stage
) -> tuple[Rendered, ...]:
    """The rendered stacks with base, and what comes before it, from other templates."""
    nodes = []
    for stack, made in templates.items():
        data = _extended(_data(made, stack, app, stage), stack, stage)
        nodes.append(_node(stack, suppressed(data), stage))
    problems = [problem for node in nodes for problem in open_references(node.stack, node.template, node.found)]
    problems += missing_outputs(nodes)
    if problems:
        raise StacksError.of(tuple(problems))
    others = [one for one in rendered if one.stack != BASE]
    ready = wired(nodes, [one.template for one in others])
    return (*(_rendered(node, nodes, app, stage) for node in ready), *others)


def _plainly(rendered: Sequence[Rendered]) -> list[Rendered]:
    """The stacks but base, as CloudFormation sees them after their transforms."""
    others = [one for one in rendered if one.stack != BASE]
    if any("Transform" in one.template for one in others):
        from stacks.foreign.sam import without_sam  # noqa: PLC0415 - few have a template from elsewhere

        return list(without_sam(others))
    return others


def _plain(app: App, stage: Stage) -> Iterator[tuple[str, dict[str, Any]]]:
    """The templates as plain data, with what the description adds; a large backend spread over several."""
    for stack in stacks_of(stage):
        data = _extended(_generated(stack, app, stage), stack, stage)
        if stack == BACKEND and stage.backend.stacks > 1 and not stage.backend.template:
            yield from split(data, stack, naming.stack_name(stage, stack), stage.backend.stacks).items()
        else:
            yield stack, data


def _extended(data: dict[str, Any], stack: str, stage: Stage) -> dict[str, Any]:
    """The template with the resources and overrides that the description has for it."""
    if not is_extended(stack, stage):
        return data
    from stacks.extension.apply import completed  # noqa: PLC0415 - few descriptions add something

    return completed(data, stack, stage)


def _generated(stack: str, app: App, stage: Stage) -> dict[str, Any]:
    """The template of a stack as plain data, after its hooks."""
    if stack in stage.stacks:
        from stacks.extension.own_stacks import own_template  # noqa: PLC0415 - few have stacks of their own

        return own_template(stack, stage.stacks[stack], app, stage)
    if stack == BACKEND and isinstance(stage.backend.template, Mapping):
        from stacks.foreign import backend  # noqa: PLC0415 - few have a template from elsewhere

        return backend.template(stage.backend.template, app, stage)
    return _data(_template(stack, app, stage), stack, app, stage)


def _data(template: Template, stack: str, app: App, stage: Stage) -> dict[str, Any]:
    if stack in stage.extend:
        from stacks.extension.hooks import apply_hooks  # noqa: PLC0415 - few have hooks

        return apply_hooks(template, stack, app, stage)
    data: dict[str, Any] = template.to_dict()
    return data


def _template(stack: str, app: App, stage: Stage) -> Template:
    # Each stack's module brings its part of troposphere; an application without users never loads cognito.
    module, function = _TEMPLATES[stack]
    made: Template = getattr(import_module(module), function)(app, stage)
    return made


def _rendered(node: Node, nodes: Sequence[Node], app: App, stage: Stage) -> Rendered:
    stacks = {other.name: other.stack for other in nodes}
    return Rendered(
        stack=node.stack,
        name=node.name,
        region=node.region,
        template=node.template,
        body=yaml_text(dict(node.template)),
        parameters=_parameters(node.stack, app, stage),
        needs=tuple(sorted({stacks[name] for name in node.needs & stacks.keys()})),
    )


def _parameters(stack: str, app: App, stage: Stage) -> dict[str, str]:
    """The parameter values that the description gives as plain text, and what the folder of a built site holds."""
    if stack == FRONTEND and stage.frontend.site and app.root:
        from stacks.publishing.routes import routes_of  # noqa: PLC0415 - reads the folders

        return routes_of(stage, Path(app.root))
    given = stage.stacks[stack].parameters if stack in stage.stacks else stage.backend.parameters
    texts = {name: text for name, text in given.items() if isinstance(text, str)}
    return texts if stack == BACKEND or stack in stage.stacks else {}


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
