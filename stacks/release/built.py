"""The parameters that built code and built sites give, for ``render``, which neither packages nor publishes.

The keys of packaged code are in a small file of the user's cache, which ``package`` writes.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from stacks.files import cache_folder, write_atomically
from stacks.json_types import mapping

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import Stage
    from stacks.template.rendered import Parameters


def built_parameters(root: Path, stage: Stage) -> Parameters:
    """The parameters that what is built gives: keys of the last ``package``, and the routes of built sites."""
    try:
        loads = json.loads(_record(root, stage).read_bytes())
    except (OSError, ValueError):
        loads = {}
    packaged = mapping(loads)
    sites = stage.frontend.site
    if not sites or not all((root / site.folder).is_dir() for site in sites):
        return packaged
    from stacks.publishing.routes import routes_of  # noqa: PLC0415 - reads the folders

    frontend = {**packaged.get("frontend", {}), **routes_of(stage, root)}
    return {**packaged, "frontend": frontend} if frontend else packaged


def keep_parameters(root: Path, stage: Stage, parameters: Parameters) -> None:
    """Remember the parameters of packaged code for ``render``."""
    write_atomically(_record(root, stage), json.dumps(parameters, indent=2, sort_keys=True).encode())


def _record(root: Path, stage: Stage) -> Path:
    project = hashlib.sha256(bytes(root.resolve())).hexdigest()
    return cache_folder("packaged", project) / f"{stage.name}.json"
