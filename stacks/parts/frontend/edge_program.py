"""The program of the CloudFront Functions: ``edge_function.js``, with other constants for each kind of behaviour.

``edge_sites.js`` continues it at the behaviours of sites, ``edge_lock.js`` where a stage has basic auth. What the
published folders hold enters by the parameter ``SiteRoutes``, as code does: templates do not change with a build.
Without troposphere, since publishing reads it, too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stacks.parts.frontend.endings import ENDINGS
from stacks.parts.frontend.headers import edge_headers
from stacks.parts.frontend.maintenance import PAGE

if TYPE_CHECKING:
    from stacks.app import Stage

MOST_BYTES = 10_240
"""Of a function's code: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""
MOST_OF_A_PARAMETER = 4_096
"""Bytes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
ROUTES = "SiteRoutes"
"""The parameter with what the published folders hold, as ``stacks.publishing.routing`` writes it."""
EdgeKind = Literal["site", "static", "api"]


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
    files = ("edge_function.js", *(name for name, is_needed in more.items() if is_needed))
    text = "\n".join(_program(name) for name in files)
    for name, value in constants.items():
        text = text.replace(f"__{name}__", json.dumps(value))
    return text.replace("__PUBLISHED__", published)


def _program(name: str) -> str:
    """A file without its comments, which would count as code."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return re.sub(r"(?m)^// .*\n|[ \t]+// .*$", "", text)
