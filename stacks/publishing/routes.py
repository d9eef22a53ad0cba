"""A stage and its folders → the value of the parameter ``SiteRoutes``. Reads the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.parts.frontend.edge_program import ROUTES, described_forms, routes_room
from stacks.publishing.sites import SiteFiles, published
from stacks.publishing.survey import survey

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import Stage
    from stacks.publishing.routing import Routing


def site_folders(stage: Stage, root: Path) -> tuple[SiteFiles, ...]:
    """The folders of the stage's sites."""
    return tuple(
        SiteFiles(prefix=site.prefix[1:], folder=root / site.folder, fallback=True, form=site.form)
        for site in stage.frontend.site
    )


def routing_of(stage: Stage, root: Path) -> Routing | None:
    """What the router has to know of the folders; ``None`` while one of them is not built."""
    sites = [published(site) for site in site_folders(stage, root)]
    known = [site for site in sites if site is not None]
    if len(known) < len(sites):
        return None
    return survey(known, described=described_forms(stage), room=routes_room(stage))


def routes_of(stage: Stage, root: Path) -> dict[str, str]:
    """The parameter with its value; none while a folder is not built, so that the deployed one stays."""
    routing = routing_of(stage, root)
    return {} if routing is None else {ROUTES: routing.text}
