"""A configuration of another framework → app.yaml, what goes with it, and every obstacle. Pure: texts in, texts out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stacks.errors import Problem, UsageError
from stacks.migrating.assembly import StageSections, assembled
from stacks.migrating.description import factored, written
from stacks.migrating.judged import Criteria, Trouble, accepted
from stacks.migrating.kinds import Framework, reader_of
from stacks.migrating.located import Map, Place, read
from stacks.migrating.names import slug, unique
from stacks.migrating.obstacles import Obstacle, Obstacles
from stacks.migrating.roles import take_roles
from stacks.migrating.tree import Folder
from stacks.migrating.variables import VariableSources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from stacks.app import App
    from stacks.json_types import JsonObject

_LONGEST_APP, _LONGEST_STAGE, _LONGEST_BOTH = 20, 10, 25
_MOST_STAGES = 6
SCHEMA = "app.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What a configuration becomes."""

    kind: Framework
    text: str
    """The text of app.yaml."""
    app: App | None
    """The application that it describes; None when nothing acceptable is left."""
    obstacles: tuple[Obstacle, ...]
    environment: Mapping[str, str]
    """Variables that app.yaml takes from .env → what they are when not set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationInput:
    """What is migrated: the file, and what it may refer to."""

    file: str
    """The configuration's path, as people name it."""
    text: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """The process environment and ``.env``."""
    include: Callable[[str], str | None] = lambda _: None
    """The text of another file, by its path from the configuration's folder."""
    folder: Folder = field(default_factory=Folder)
    render: Callable[[App], Iterable[Trouble | Problem]] = lambda _: ()
    """What is wrong with the stacks of the application."""
    region: str = "us-east-1"
    """Where stages are whose configuration names no region."""
    name: str = "app"
    """What the application is called when the configuration does not say."""
    schema: bool = True
    """Whether app.schema.json is next to app.yaml."""


def migrated(inputs: MigrationInput) -> Migration:
    """The migration of a configuration.

    Raises:
        UnreadableError: when the file is not valid YAML, JSON or TOML, or too large.
        UsageError: when it is of no framework that is known, or of a form that only its framework reads.
    """
    config = read(inputs.text, inputs.file)
    if not isinstance(config, Map):
        raise UsageError(inputs.file, "holds no settings", "Name the configuration of another framework")
    kind, source = reader_of(inputs.file, config)
    obstacles = Obstacles()
    around = VariableSources(environment=inputs.environment, file=inputs.include, region=inputs.region)
    stages = source.stages(config, around, obstacles)
    needed: dict[str, str] = {}
    described: dict[str, StageSections] = {}
    waiting, seen, taken = list(stages), set[str](), set[str]()
    name = ""
    while waiting and len(described) < _MOST_STAGES:
        raw = waiting.pop(0)
        if raw in seen:
            continue
        seen.add(raw)
        here = VariableSources(stage=raw, environment=inputs.environment, file=inputs.include, region=inputs.region)
        service = source.service(config, here, inputs.folder, obstacles)
        service.stage = raw
        take_roles(service, obstacles)
        name = name or _app_name(service.name or inputs.name, service.place, obstacles)
        stage = _stage_name(raw, name, taken, service.place, obstacles)
        sections = assembled(service, obstacles, name, stage)
        sections.data = {"region": service.region, **sections.data}
        described[stage] = sections
        needed |= {key: value for key, value in service.needed.items() if key not in needed}
        waiting += sorted(_real_stages(here.stages) - seen)
    return _judged(inputs, kind, name, described, needed, obstacles)


def _judged(  # noqa: PLR0913, PLR0917 - what was described, and what it needs
    inputs: MigrationInput,
    kind: Framework,
    name: str,
    described: Mapping[str, StageSections],
    needed: dict[str, str],
    obstacles: Obstacles,
) -> Migration:
    places: dict[tuple[Any, ...], Place] = {}
    for sections in described.values():
        places = {**sections.places, **places}
    tree = {"name": name, **factored({stage: sections.data for stage, sections in described.items()})}
    default = Place(inputs.file)

    def place(path: tuple[Any, ...]) -> Place:
        inner = path[2:] if path[:1] == ("stages",) else path
        while inner and inner not in places:
            inner = inner[:-1]
        return places.get(inner, default)

    def write(description: JsonObject) -> str:
        return written(description, _comments(inputs))

    known = {**needed, **inputs.environment}
    description, app = accepted(tree, Criteria(write, place, known, inputs.render), obstacles)
    text = write(description)
    used = {key: value for key, value in needed.items() if f"${{env:{key}}}" in text}
    for key in sorted(used):
        if key not in inputs.environment:
            obstacles.changed(default, f"${{env:{key}}}", "is not set here", f"Write '{key}=…' into .env")
    return Migration(kind=kind, text=text, app=app, obstacles=tuple(obstacles), environment=used)


def _comments(inputs: MigrationInput) -> Iterator[str]:
    if inputs.schema:
        yield f"yaml-language-server: $schema={SCHEMA}"
    yield f"Migrated from {inputs.file}. MIGRATION.md lists what is left to do."


def _app_name(text: str, place: Place, obstacles: Obstacles) -> str:
    cleaned = re.sub(r"^(?:(?:aws|ssm|sthree|amzn-s3-demo)-?)+", "", slug(text, 200))
    name = slug(cleaned, _LONGEST_APP) or "app"
    if name != text.lower():
        fix = "Choose another before the first deployment: names of resources begin with it"
        obstacles.changed(place, "service", f"{text} is called {name} here", fix)
    return name


def _stage_name(raw: str, app: str, taken: set[str], place: Place, obstacles: Obstacles) -> str:
    longest = min(_LONGEST_STAGE, _LONGEST_BOTH - len(app))
    short = {"development": "dev", "production": "prod", "testing": "test"}.get(raw.lower(), raw)
    short = re.sub(r"[^A-Za-z0-9]", "", short)  # the stage of a REST API is named like ours, without hyphens
    name = unique(short.lower(), taken, "dev", longest)
    if name != raw:
        fix = "Choose another before the first deployment: names of resources hold it"
        obstacles.changed(place, f"stage {raw}", f"is called {name}", fix)
    return name


_NO_STAGES = {"default", "common", "all", "other", "base", "global", "shared", "region", "regions", "name", "stage"}


def _real_stages(stages: set[str]) -> set[str]:
    return {stage for stage in stages if stage.lower() not in _NO_STAGES}
