"""Which framework a configuration is of, and what reads it. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, Protocol

from stacks.errors import UsageError
from stacks.migrating import chalice, sam, serverless_reader, zappa

if TYPE_CHECKING:
    from stacks.migrating.located import Map
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Service
    from stacks.migrating.tree import Folder
    from stacks.migrating.variables import VariableSources

Framework = Literal["serverless", "sam", "zappa", "chalice"]
NAMES: dict[Framework, str] = {
    "serverless": "the Serverless Framework",
    "sam": "SAM",
    "zappa": "Zappa",
    "chalice": "Chalice",
}


class FrameworkReader(Protocol):
    """What reads the configurations of one framework."""

    def stages(self, config: Map, around: VariableSources, obstacles: Obstacles) -> list[str]:
        """The stages that a configuration names; at least one."""

    def service(self, config: Map, around: VariableSources, folder: Folder, obstacles: Obstacles) -> Service:
        """The service in one of these stages."""


def reader_of(file: str, config: Map) -> tuple[Framework, FrameworkReader]:
    """The framework, and its reader.

    Raises:
        UsageError: when the configuration is of none, or of plain CloudFormation.
    """
    if "service" in config and "provider" in config:
        return "serverless", serverless_reader
    if sam.is_sam_file(config):
        return "sam", sam
    if chalice.is_chalice(config):
        return "chalice", chalice
    if zappa.is_zappa_settings(config):
        return "zappa", zappa
    name = PurePosixPath(file).name
    if "Resources" in config:
        fix = "Use it as it is: 'backend: {template: FILE}', or under 'stacks' (docs/templates.md, docs/extending.md)"
        raise UsageError(name, "is a template of plain CloudFormation", fix)
    fix = "Name serverless.yml, template.yaml of SAM, zappa_settings.json or .chalice/config.json"
    raise UsageError(name, "is not a configuration that is known here", fix)
