"""App → rendered stacks: plain data, canonical YAML, in the order of their references. Pure.

stacks of a stage → troposphere templates → plain data → references closed → YAML
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from stacks import naming
from stacks.errors import Problem, StacksError
from stacks.loading import judged
from stacks.stages.extended import is_extended
from stacks.stages.moved import with_first_names
from stacks.stages.rows import row
from stacks.stages.stacks import BASE, Built, Supplied, stack_at, stacks_of
from stacks.suppressions.metadata import suppressed
from stacks.template.emit import yaml_text
from stacks.template.references import Node, in_order, missing_outputs, names_in, open_references
from stacks.template.rendered import Rendered
from stacks.template.split import reading_parts, split
from stacks.template.wired import wired

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from troposphere import Template

    from stacks.app import App, Ci, Pipelines, Stage
    from stacks.extension.hooks import Extend
    from stacks.json_types import JsonDict, TemplateData
    from stacks.stages.stacks import Stack


def render(app: App, stage: Stage, *, extend: Mapping[str, Sequence[Extend]] | None = None) -> tuple[Rendered, ...]:
    """The stacks of a stage in the order they are deployed.

    ``extend`` (stack → functions) changes templates after the hooks that the stage names itself.

    Raises:
        DescriptionError: for an ``App`` built in Python that breaks a rule of descriptions, with every problem.
        StacksError: when a reference meets nothing, or stacks read from each other in a circle.

    >>> from stacks import App, Stage
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1")})
    >>> [stack.name for stack in render(app, app.stages["dev"])]
    ['shop-dev-base']
    """
    app, stage = judged(app, stage)
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
    stage = with_first_names(stage)
    nodes: list[Node] = []
    problems: list[Problem] = []
    for stack, plain in _plain(app, stage):
        # Reasons why a finding is intended are about templates made here.
        nodes.append(_node(stack, suppressed(plain) if stack.is_generated else plain, stage))
        problems += open_references(stack.key, nodes[-1].template, nodes[-1].names)
    problems += missing_outputs(nodes)
    if problems:
        raise StacksError.of(tuple(problems))
    if stage.stacks:
        from stacks.template.exports import with_imports  # noqa: PLC0415 - few have stacks of their own

        nodes = with_imports(nodes, {stack.key: stack.parameters for stack in stacks_of(stage)})
    return tuple(_rendered(node, nodes, stage) for node in wired(in_order(nodes), shared=_shared(stage)))


def _node(stack: Stack, template: TemplateData, stage: Stage) -> Node:
    return Node(
        stack=stack.key,
        name=stack.name,
        region=stack.region,
        published=naming.published_prefix(stage, stack.key),
        tags=naming.tags(stage, stack.key),
        template=template,
        names=names_in(template),
        named=tuple(naming.stack_name(stage, other) for other in stack.names_of),
    )


def _with_pipelines(
    rendered: tuple[Rendered, ...], app: App, stage: Stage, pipelines: Pipelines
) -> tuple[Rendered, ...]:
    """Base again, with what deploys the other stacks: their roles are derived from their templates.

    Before it comes what pipelines need in other regions; the stages that they go on to are rendered as well.
    """
    from stacks import base  # noqa: PLC0415
    from stacks.pipelines.resources import with_pipelines  # noqa: PLC0415 - brings the registry, which few stages need

    deployed = [
        (entry, _plainly(rendered if entry.name == stage.name else _stacks(app, entry))) for entry in row(app, stage)
    ]
    return _again(with_pipelines(base.template(stage), pipelines, deployed), rendered, app, stage)


def _with_ci(rendered: tuple[Rendered, ...], app: App, stage: Stage, ci: Ci) -> tuple[Rendered, ...]:
    """Base again, with the roles of the stage's CI service."""
    from stacks import base  # noqa: PLC0415
    from stacks.ci.roles import add_ci  # noqa: PLC0415 - brings the registry, which few stages need

    template = base.template(stage)
    example = app.previews.get(ci.previews or "")
    preview = (example, _with_base(_stacks(app, example))) if example else None
    add_ci(template, stage, ci, _plainly(rendered), preview)
    return _again({BASE: template}, rendered, app, stage)


def _again(
    templates: Mapping[str, Template], rendered: Sequence[Rendered], app: App, stage: Stage
) -> tuple[Rendered, ...]:
    """The rendered stacks with base, and what comes before it, from other templates."""
    nodes = []
    for key, template in templates.items():
        stack = stack_at(key, stage)
        data = _extended(_data(template, stack, app, stage), stack, stage)
        nodes.append(_node(stack, suppressed(data), stage))
    problems = [problem for node in nodes for problem in open_references(node.stack, node.template, node.names)]
    problems += missing_outputs(nodes)
    if problems:
        raise StacksError.of(tuple(problems))
    others = [rendered_stack for rendered_stack in rendered if rendered_stack.stack != BASE]
    ready = wired(nodes, [other.template for other in others], _shared(stage))
    return (*(_rendered(node, nodes, stage) for node in ready), *others)


def _shared(stage: Stage) -> tuple[str, ...]:
    """The names by which other applications read what the stage publishes."""
    if not stage.base.shared:
        return ()
    from stacks.parts.base.shared import shared_names  # noqa: PLC0415 - for platforms

    return shared_names(stage)


def _with_base(rendered: Sequence[Rendered]) -> list[Rendered]:
    """All stacks of a preview, which nobody deploys by hand."""
    return [*(stack for stack in rendered if stack.stack == BASE), *_plainly(rendered)]


def _plainly(rendered: Sequence[Rendered]) -> list[Rendered]:
    """The stacks but base, as CloudFormation sees them after their transforms."""
    others = [stack for stack in rendered if stack.stack != BASE]
    if any("Transform" in other.template for other in others):
        from stacks.transforms.sam import without_sam  # noqa: PLC0415 - few have a template from elsewhere

        return list(without_sam(others))
    return others


def _plain(app: App, stage: Stage) -> Iterator[tuple[Stack, JsonDict]]:
    """The templates as plain data, with what the description adds; a large backend spread over several."""
    moved: dict[str, str] = {}
    previous = ""
    for stack in stacks_of(stage):
        data = _extended(_generated(stack, app, stage), stack, stage)
        if stack.parts == 1:
            yield stack, reading_parts(data, previous, moved) if moved else data
            continue
        previous = stack.name
        for number, template in split(data, stack.name, stack.parts).items():
            part = stack.part(number) if number else stack
            moved |= dict.fromkeys(template.get("Outputs", {}), part.name) if number else {}
            yield part, template


def _extended(data: JsonDict, stack: Stack, stage: Stage) -> JsonDict:
    """The template with the resources and overrides that the description has for it."""
    if not is_extended(stack, stage):
        return data
    from stacks.extension.apply import completed  # noqa: PLC0415 - few descriptions add something

    return completed(data, stack, stage)


def _generated(stack: Stack, app: App, stage: Stage) -> JsonDict:
    """The template of a stack as plain data, after its hooks."""
    match stack.origin:
        case Built(module, function):
            # Each stack's module brings its part of troposphere; an application without users never loads cognito.
            return _data(getattr(import_module(module), function)(stage), stack, app, stage)
        case Supplied() as origin:
            return origin.maker.template(stack.key, app, stage)
        case None:
            raise ValueError(f"nothing makes the template of {stack.key}")


def _data(template: Template, stack: Stack, app: App, stage: Stage) -> JsonDict:
    if stack.key in stage.extend:
        from stacks.extension.hooks import apply_hooks  # noqa: PLC0415 - few have hooks

        return apply_hooks(template, stack.key, app, stage)
    data: JsonDict = template.to_dict()
    return data


def _rendered(node: Node, nodes: Sequence[Node], stage: Stage) -> Rendered:
    stacks = {other.name: other.stack for other in nodes}
    return Rendered(
        stack=node.stack,
        name=node.name,
        region=node.region,
        template=node.template,
        body=yaml_text(dict(node.template)),
        parameters=_parameters(node.stack, stage),
        needs=tuple(sorted({stacks[name] for name in node.needs & stacks.keys()})),
    )


def _parameters(stack: str, stage: Stage) -> dict[str, str]:
    """The parameter values that the description gives as plain text."""
    return {name: text for name, text in stack_at(stack, stage).parameters.items() if isinstance(text, str)}
