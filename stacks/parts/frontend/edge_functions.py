"""CloudFront Functions of the site: one program, ``edge_function.js``, with other constants for each kind of behaviour.

``edge_lock.js`` is its second half where a stage has basic auth.

They stand at behaviours, never at the whole distribution: custom error pages there would turn the API's own 403 and
404 into pages of the application with status 200.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from troposphere import cloudfront

from stacks import naming
from stacks.parts.frontend.headers import edge_headers
from stacks.parts.frontend.maintenance import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage

Kind = Literal["site", "static", "api"]
_TITLES: dict[Kind, str] = {"site": "SiteRouter", "static": "StaticGuard", "api": "ApiViewer"}
_COMMENTS: dict[Kind, str] = {
    "site": "Routes of the application",
    "static": "Requests for static files",
    "api": "Requests for the API",
}


def function_title(kind: Kind, stage: Stage) -> str | None:
    """The logical id of the function at behaviours of a kind, ``None`` where none is needed."""
    frontend = stage.frontend
    needed = {
        "site": frontend.site is not None,
        "static": frontend.maintenance or bool(frontend.basic_auth or (frontend.domain and frontend.domain.www)),
        "api": True,
    }
    return _TITLES[kind] if needed[kind] else None


def edge_functions(kinds: tuple[Kind, ...], app: App, stage: Stage) -> Iterator[cloudfront.Function]:
    """The functions for the kinds of behaviours that the distribution has."""
    for kind in kinds:
        title = function_title(kind, stage)
        if title:
            yield cloudfront.Function(
                title,
                Name=f"{naming.prefix(app, stage)}-{'site-router' if kind == 'site' else f'{kind}-viewer'}",
                AutoPublish=True,
                FunctionCode=code(kind, stage),
                FunctionConfig=cloudfront.FunctionConfig(Comment=_COMMENTS[kind], Runtime="cloudfront-js-2.0"),
            )


def code(kind: Kind, stage: Stage) -> str:
    """The program of a kind of behaviours."""
    frontend = stage.frontend
    is_own_answer = frontend.maintenance or frontend.basic_auth or (frontend.domain and frontend.domain.www)
    constants = {
        "ROUTES": f"{frontend.site.path.rstrip('/')}/" if frontend.site and kind == "site" else "",
        "NAME": frontend.domain.name if frontend.domain and frontend.domain.www else "",
        "TELL_HOST": kind == "api",
        "CLOSED": PAGE if frontend.maintenance else "",
        "HEADERS": edge_headers(stage) if is_own_answer else {},
        "LOCK": frontend.basic_auth.lock if frontend.basic_auth else "",
    }
    files = ("edge_function.js", "edge_lock.js") if frontend.basic_auth else ("edge_function.js",)
    text = "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in files)
    for name, value in constants.items():
        text = text.replace(f"__{name}__", json.dumps(value))
    return text
