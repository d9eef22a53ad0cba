"""The Serverless Framework as a source: its stages, and its service in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.migrating.located import Map
from stacks.migrating.obstacles import Obstacles
from stacks.migrating.serverless import first_stage, service_of

if TYPE_CHECKING:
    from stacks.migrating.service import Service
    from stacks.migrating.tree import Folder
    from stacks.migrating.variables import VariableSources


def stages(config: Map, around: VariableSources, obstacles: Obstacles) -> list[str]:
    """The stage that is deployed to when none is named, and those with parameters of their own."""
    del obstacles
    first = first_stage(config, around, Obstacles())
    others = [
        key
        for section in ("params", "stages")
        for key in (config[section] if isinstance(config.get(section), Map) else ())
        if key != "default"
    ]
    return list(dict.fromkeys([first, *others]))


def service(config: Map, around: VariableSources, folder: Folder, obstacles: Obstacles) -> Service:
    """The service in the stage ``around.stage``."""
    return service_of(config, around, folder, obstacles)
