"""Which framework a configuration is of, and what reads it. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, Protocol

from stacks.errors import UsageError
from stacks.migrating import serverless_reader

if TYPE_CHECKING:
    from stacks.migrating.located import Map
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Service
    from stacks.migrating.tree import Folder
    from stacks.migrating.variables import Surroundings

Kind = Literal["serverless", "sam", "zappa", "chalice"]
NAMES: dict[Kind, str] = {
    "serverless": "the Serverless Framework",
    "sam": "SAM",
    "zappa": "Zappa",
    "chalice": "Chalice",
}


class Source(Protocol):
    """What reads the configurations of one framework."""

    def stages(self, config: Map, around: Surroundings, obstacles: Obstacles) -> list[str]:
        """The stages that a configuration names; at least one."""

    def service(self, config: Map, around: Surroundings, folder: Folder, obstacles: Obstacles) -> Service:
        """The service in one of these stages."""


def reader_of(file: str, config: Map) -> tuple[Kind, Source]:
    """The framework, and its reader.

    Raises:
        UsageError: when the configuration is of none, or of plain CloudFormation.
    """
    if "service" in config and "provider" in config:
        return "serverless", serverless_reader
    name = PurePosixPath(file).name
    fix = "Name serverless.yml, template.yaml of SAM, zappa_settings.json or .chalice/config.json"
    raise UsageError(name, "is not a configuration that is known here", fix)
