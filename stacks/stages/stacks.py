"""A stage → its stacks, as values: what each is, where it is deployed and by whom, how its template is made. Pure.

Only this module derives anything from the key of a stack; all others read the fields of a ``Stack``.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

from stacks import naming
from stacks.kinds import KINDS
from stacks.naming import EDGE_REGION
from stacks.stages.kinds import has_things, started_by, used
from stacks.values import positional_value, value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.json_types import JsonDict, JsonObject
    from stacks.model.extension import OwnStack
    from stacks.model.given_template import GivenTemplate

BASE, DATA, BACKEND, FRONTEND = "base", "data", "backend", "frontend"
EDGE, LOGS_EDGE = "frontend-edge", "frontend-logs-edge"
"""What CloudFront asks to have in us-east-1, where the stage is elsewhere."""
GENERATED = (BASE, DATA, BACKEND, EDGE, FRONTEND, LOGS_EDGE)
"""The stacks that a description can give; a stage has those that something is in."""

Section = Literal["base", "data", "backend", "frontend", "stacks"]
"""The section of the description that a stack comes from."""
Publishes = Literal["code", "files"]
"""What is put into buckets for a stack: the code of functions before it is deployed, or the files of a site after."""
_PART = re.compile(r"backend-(\d+)")
_COPY = re.compile(r"artifacts-(.+)")
_RESERVED = re.compile(r"backend-.*|artifacts-.*")


@positional_value
class Built:
    """How a template is made: by a function of this library, from a stage."""

    module: str
    function: str = "template"


@positional_value
class Supplied:
    """How a template is made: from what a user gives, by a module of this library (``Maker``)."""

    module: str
    source: str | JsonObject | None = None
    """The template: its file relative to the project's folder, or itself; None where a Python file makes it."""

    @property
    def maker(self) -> Maker:
        """The module; imported late, since few descriptions give templates."""
        return cast("Maker", import_module(self.module))


class Maker(Protocol):
    """What a module does that makes templates from what users give."""

    def read(self, root: Path, file: str) -> JsonDict:
        """The content of a template file under ``root``. Raises ``DescriptionError`` for what is not a template."""

    def attached(self, key: str, body: JsonDict, stage: Stage) -> Stage:
        """The stage with the template of a stack, and with what follows from it."""

    def problems(self, key: str, stage: Stage, root: Path) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """What is wrong with the template and the files that it names: place in the description, what, fix."""

    def template(self, key: str, app: App, stage: Stage) -> JsonDict:
        """The template as it is deployed, references to other stacks unresolved. Raises ``StacksError``."""


@value
class Stack:
    """A CloudFormation stack of a stage.

    >>> from stacks import App, Stage
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1")})
    >>> [(stack.key, stack.name, stack.deployed_by) for stack in stacks_of(app.stages["dev"])]
    [('base', 'shop-dev-base', 'person')]
    """

    key: str
    """``data``: what it is called in this project."""
    name: str
    """``notes-dev-data``: what it is called in CloudFormation."""
    region: str
    section: Section
    origin: Built | Supplied | None
    """How its template is made; None for a stack that the description no longer has."""
    part_of: str
    """The stack that it is a part of: ``backend`` of ``backend-2``, ``base`` of the copies of its bucket.

    Pipelines, IAM paths and the tag ``stack`` are those of that stack.
    """
    deployed_by: Literal["person", "pipeline"] = "person"
    """``pipeline`` for what pipelines or a CI service of the stage deploy."""
    publishes: tuple[Publishes, ...] = ()
    parts: int = 1
    """How many stacks its functions are spread over."""
    template: GivenTemplate | None = None
    """The template of a user or another framework, once loading has read it."""
    parameters: JsonObject = field(default_factory=dict)
    """What the description gives for parameters of its template: texts, or CloudFormation that makes them."""
    names_of: tuple[str, ...] = ()
    """The stacks whose resources it uses by names that we choose, so that its template reads no output of theirs."""

    @property
    def holds_section(self) -> bool:
        """Whether resources, outputs and overrides of its section go into it."""
        return self.key == self.section

    @property
    def is_platform(self) -> bool:
        """Whether it holds what pipelines run on: base, and its buckets in other regions. Only people deploy it."""
        return self.section == BASE

    @property
    def is_generated(self) -> bool:
        """Whether this library makes its template."""
        return isinstance(self.origin, Built)

    def part(self, number: int) -> Stack:
        """One of the stacks that its functions are spread over, counted from 1."""
        return replace(self, key=f"{self.key}-{number}", name=f"{self.name}-{number}", parts=1, parameters={})


def stacks_of(stage: Stage) -> tuple[Stack, ...]:
    """The stacks of a stage, each after those whose outputs it may read; a stack with nothing in it is not made.

    The parts of a large backend and the copies of artifact buckets follow from templates (``part``, ``copy_in``).
    """
    data, backend, frontend = stage.data, stage.backend, stage.frontend
    elsewhere = frontend.is_described and stage.region != EDGE_REGION
    own_acl = frontend.waf is not None and frontend.waf.existing is None
    own_certificate = frontend.domain is not None and frontend.domain.certificate is None
    watched_certificate = frontend.domain is not None and stage.alarms is not None
    present = {
        BASE: True,
        DATA: data.resources or has_things(stage, DATA),
        BACKEND: backend.template or backend.resources or has_things(stage, BACKEND),
        EDGE: elsewhere and (own_acl or own_certificate or watched_certificate),
        FRONTEND: frontend.is_described,
        LOGS_EDGE: elsewhere and frontend.access_log == "v2",
    }
    generated = (_generated(key, stage) for key in GENERATED if present[key])
    return (*generated, *(_own(key, own, stage) for key, own in stage.stacks.items()))


def stack_at(key: str, stage: Stage) -> Stack:
    """The stack that is deployed for ``key``, whether or not the description has it (any more)."""
    if key in stage.stacks:
        return _own(key, stage.stacks[key], stage)
    if key in GENERATED:
        return _generated(key, stage)
    if part := _PART.fullmatch(key):
        return _generated(BACKEND, stage).part(int(part[1]))
    if copy := _COPY.fullmatch(key):
        return copy_in(copy[1], stage)
    name = naming.stack_name(stage, key)
    return Stack(key=key, name=name, region=stage.region, section="stacks", origin=None, part_of=key)


def copy_key(region: str) -> str:
    """What the stack is called that has the copies of artifacts in a region."""
    return f"artifacts-{region}"


def copy_in(region: str, stage: Stage) -> Stack:
    """The stack with the bucket and the key that the pipelines of a stage need in another region."""
    key = copy_key(region)
    origin = Built("stacks.pipelines.resources", "with_pipelines")
    return Stack(
        key=key, name=naming.stack_name(stage, key), region=region, section="base", origin=origin, part_of=BASE
    )


def section_of(key: str) -> Section:
    """The section of the description that a stack comes from, by its key alone; ``stacks`` for those of users."""
    if _COPY.fullmatch(key):
        return "base"
    kind = BACKEND if _PART.fullmatch(key) else key
    return _TEMPLATES[kind][0] if kind in _TEMPLATES else "stacks"


def rank(key: str) -> float:
    """The place of a stack in the order of deployment, by its key alone; stacks of users come last."""
    if _COPY.fullmatch(key):
        return 0.5  # after base, before what uses them
    kind = BACKEND if _PART.fullmatch(key) else key
    return GENERATED.index(kind) if kind in GENERATED else len(GENERATED)


def is_reserved(key: str) -> bool:
    """Whether a stack of this library may have a key, so that no stack of a user can."""
    return key in GENERATED or _RESERVED.fullmatch(key) is not None


def _generated(key: str, stage: Stage) -> Stack:
    section, origin, at_the_edge = _TEMPLATES[key]
    stack = Stack(
        key=key,
        name=naming.stack_name(stage, key),
        region=EDGE_REGION if at_the_edge else stage.region,
        section=section,
        origin=origin,
        part_of=key,
        deployed_by=_deployer(key, stage),
        publishes=_publishes(key, stage),
        names_of=_names_of(key, stage),
    )
    if key != BACKEND:
        return stack
    backend = stage.backend
    if backend.template:
        foreign = Supplied("stacks.foreign.backend", backend.template)
        template = stage.templates.get(BACKEND)
        return replace(stack, origin=foreign, template=template, parameters=backend.parameters)
    return replace(stack, parts=backend.stacks, parameters=backend.parameters)


_TEMPLATES: dict[str, tuple[Section, Built, bool]] = {
    BASE: ("base", Built("stacks.base"), False),
    DATA: ("data", Built("stacks.data"), False),
    BACKEND: ("backend", Built("stacks.backend"), False),
    EDGE: ("frontend", Built("stacks.frontend", "edge_template"), True),
    FRONTEND: ("frontend", Built("stacks.frontend"), False),
    LOGS_EDGE: ("frontend", Built("stacks.parts.frontend.access_log"), True),
}
"""Generated stack → its section, what makes its template, and whether it is in us-east-1 wherever the stage is."""


def _own(key: str, own: OwnStack, stage: Stage) -> Stack:
    return Stack(
        key=key,
        name=naming.stack_name(stage, key),
        region=own.region or stage.region,
        section="stacks",
        origin=Supplied("stacks.extension.own_stacks", own.template),
        part_of=key,
        deployed_by=_deployer(key, stage),
        publishes=_publishes(key, stage),
        template=stage.templates.get(key),
        parameters=own.parameters,
    )


def _deployer(key: str, stage: Stage) -> Literal["person", "pipeline"]:
    """Base has the rights of all others, so a person deploys it; so do people with own stacks that are not named."""
    deploys = stage.base.pipelines or stage.base.ci
    if deploys is None or key == BASE:
        return "person"
    chosen = key in deploys.stacks if deploys.stacks else key not in stage.stacks
    return "pipeline" if chosen else "person"


def _publishes(key: str, stage: Stage) -> tuple[Publishes, ...]:
    if key == FRONTEND and stage.frontend.has_files:
        return ("files",)
    template = stage.templates.get(key)
    has_code = (template and template.files) or (key == BACKEND and stage.backend.functions)
    return ("code",) if has_code else ()


def _names_of(key: str, stage: Stage) -> tuple[str, ...]:
    """Base has the boundary and the buckets for code and logs, data the tables and the files of functions."""
    data = stage.data
    if key in {BASE, EDGE, LOGS_EDGE}:
        return ()
    if key == DATA:
        return (BASE,) if data.buckets or (data.users and data.users.credentials) else ()
    functions = stage.backend.functions.values()
    kinds = [kind for kind in KINDS if kind.section == DATA]
    stored = any(used(kind, function) or started_by(kind, function) for function in functions for kind in kinds)
    return (BASE, DATA) if stored and key == BACKEND else (BASE,)
