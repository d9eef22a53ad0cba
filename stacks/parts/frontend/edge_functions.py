"""CloudFront Functions of the site: one program, ``edge_function.js``, with other constants for each kind of behaviour.

``edge_sites.js`` continues it at the behaviours of sites, ``edge_lock.js`` where a stage has basic auth. What the
published folders hold enters by the parameter ``SiteRoutes``, as code does: templates do not change with a build.

They are attached to behaviours, never to the whole distribution: custom error pages there would turn the API's own
403 and 404 into pages of the application with status 200.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from troposphere import Parameter, Sub, cloudfront

from stacks import naming
from stacks.parts.frontend.endings import ENDINGS
from stacks.parts.frontend.headers import edge_headers
from stacks.parts.frontend.maintenance import PAGE
from stacks.parts.policies import tagged
from stacks.stages.stacks import FRONTEND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage

MOST_BYTES = 10_240
"""Of a function's code: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""
MOST_OF_A_PARAMETER = 4_096
"""Bytes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
ROUTES = "SiteRoutes"
"""The parameter with what the published folders hold, as ``stacks.publishing.routing`` writes it."""
EdgeKind = Literal["site", "static", "api"]
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


def routes_room(stage: Stage) -> int:
    """Bytes that the value of ``SiteRoutes`` may have."""
    return min(MOST_OF_A_PARAMETER, MOST_BYTES - len(code("site", stage, "").encode()))


def described_forms(stage: Stage) -> dict[str, str]:
    """Prefix of each site (``/app/``) → how its pages are addressed as long as its folder is not known."""
    return {site.prefix: site.form or "index.html" for site in stage.frontend.site}


def code(kind: EdgeKind, stage: Stage, published: str = "{}") -> str:
    """The program of a kind of behaviours; ``published`` is the value of ``SiteRoutes``."""
    frontend = stage.frontend
    is_site = kind == "site"
    is_own_answer = is_site or frontend.maintenance or frontend.basic_auth or (frontend.domain and frontend.domain.www)
    constants = {
        "ROUTED": is_site,
        "NAME": frontend.domain.name if frontend.domain and frontend.domain.www else "",
        "TELL_HOST": kind == "api",
        "CLOSED": PAGE if frontend.maintenance else "",
        "HEADERS": edge_headers(stage) if is_own_answer else {},
        "LOCK": frontend.basic_auth.lock if frontend.basic_auth else "",
        "SITES": described_forms(stage),
        "ENDINGS": " ".join(sorted(ENDINGS)),
    }
    more = {"edge_sites.js": is_site, "edge_lock.js": frontend.basic_auth is not None}
    files = ("edge_function.js", *(name for name, there in more.items() if there))
    text = "\n".join(_program(name) for name in files)
    for name, value in constants.items():
        text = text.replace(f"__{name}__", json.dumps(value))
    return text.replace("__PUBLISHED__", published)


def _program(name: str) -> str:
    """A file without its comments, which would count as code."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return re.sub(r"(?m)^// .*\n|[ \t]+// .*$", "", text)
