"""CloudFront Functions of the site, each with the program of its kind of behaviours (``edge_program``).

They are attached to behaviours, never to the whole distribution: custom error pages there would turn the API's own
403 and 404 into pages of the application with status 200.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Parameter, Sub, cloudfront

from stacks import naming
from stacks.parts.frontend.edge_program import ROUTES, EdgeKind, code
from stacks.parts.policies import tagged
from stacks.stages.stacks import FRONTEND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage

_TITLES: dict[EdgeKind, str] = {"site": "SiteRouter", "static": "StaticGuard", "api": "ApiViewer"}
_COMMENTS: dict[EdgeKind, str] = {
    "site": "Routes of the application",
    "static": "Requests for static files",
    "api": "Requests for the API",
}


def function_title(kind: EdgeKind, stage: Stage) -> str | None:
    """The logical id of the function at behaviours of a kind, ``None`` where none is needed."""
    frontend = stage.frontend
    needed = {
        "site": bool(frontend.site),
        "static": frontend.maintenance or bool(frontend.basic_auth or (frontend.domain and frontend.domain.www)),
        "api": True,
    }
    return _TITLES[kind] if needed[kind] else None


def edge_functions(kinds: tuple[EdgeKind, ...], stage: Stage) -> Iterator[cloudfront.Function]:
    """The functions for the kinds of behaviours that the distribution has."""
    for kind in kinds:
        title = function_title(kind, stage)
        if title:
            yield cloudfront.Function(
                title,
                Name=f"{naming.prefix(stage)}-{'site-router' if kind == 'site' else f'{kind}-viewer'}",
                AutoPublish=True,
                FunctionCode=Sub(code(kind, stage, f"${{{ROUTES}}}")) if kind == "site" else code(kind, stage),
                FunctionConfig=cloudfront.FunctionConfig(Comment=_COMMENTS[kind], Runtime="cloudfront-js-2.0"),
                Tags=tagged(stage, FRONTEND),
            )


def routes_parameter() -> Parameter:
    """The parameter of the site's function; without a value, paths are routed by the description alone."""
    text = "What the published folders hold that their paths do not show, as JSON"
    return Parameter(ROUTES, Type="String", Default="{}", Description=text)
