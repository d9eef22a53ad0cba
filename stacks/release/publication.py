"""The static files of a stage, and the configuration that its single-page applications read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import wiring
from stacks.packaging.collecting import collect
from stacks.parts.frontend.edge_program import ROUTES, described_forms
from stacks.parts.frontend.error_pages import pages_of_errors
from stacks.parts.frontend.headers import sources
from stacks.parts.frontend.patterns import behaviors_of
from stacks.publishing.reach import Reach
from stacks.publishing.routes import routing_of, site_folders
from stacks.publishing.sites import SiteFiles
from stacks.publishing.step import JsonFile, Publish
from stacks.release.code import requirements_of
from stacks.stages.code import code_of

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import Site, Stage
    from stacks.wiring import Output


def publication(stage: Stage, root: Path, *, cognito_endpoint: str | None = None) -> Publish | None:
    """The static files of a stage and the configuration its single-page application reads; None without a frontend.

    ``cognito_endpoint`` replaces AWS's own in the configuration.
    """
    _collect(stage, root)
    routing = routing_of(stage, root)
    folders = list(site_folders(stage, root))
    if stage.frontend.static:
        folders.insert(0, SiteFiles(prefix="static/", folder=root / stage.frontend.static, fallback=False))
    if not folders:
        return None
    return Publish(
        stack="frontend",
        bucket=wiring.SITE_BUCKET,
        distribution=wiring.DISTRIBUTION,
        folders=tuple(folders),
        generated=tuple(_configuration(site, stage, cognito_endpoint) for site in stage.frontend.site),
        policy={} if stage.frontend.csp.report_only else sources(stage),
        errors={code: page.removeprefix("/") for code, page in stage.frontend.errors.items()},
        missing=pages_of_errors(stage).get("404", "").removeprefix("/") or None,
        reach=Reach(behaviors=behaviors_of(stage), sites=described_forms(stage)),
        routing=routing,
        parameters={ROUTES: routing.text} if routing and stage.frontend.site else {},
    )


def _collect(stage: Stage, root: Path) -> None:
    """Static files of a Django project, before anything looks at them."""
    if not stage.frontend.collect or not stage.frontend.static:
        return
    code = code_of(stage.backend.functions[stage.frontend.collect])
    file = requirements_of(root, code)
    collect(root / code.folder, root / file if file else None, root / stage.frontend.static)


def _configuration(site: Site, stage: Stage, cognito_endpoint: str | None) -> JsonFile:
    """``config.json``: one build of the application serves all stages."""
    values: list[tuple[str, str | Output]] = [("stage", stage.name), ("region", stage.region), ("api", "/api")]
    if stage.data.users:
        values += [
            ("userPoolId", wiring.USER_POOL),
            ("userPoolClientId", wiring.USER_POOL_CLIENT),
            ("cognitoEndpoint", cognito_endpoint or f"https://cognito-idp.{stage.region}.amazonaws.com/"),
        ]
        if stage.data.users.credentials:
            values.append(("identityPoolId", wiring.IDENTITY_POOL))
    return JsonFile(key=f"{site.prefix[1:]}config.json", values=tuple(values))
