"""After a local deploy: does the site answer with the application's own words?

The emulator answers 200 for a function without code and for hosts it does not know, so a status proves
nothing. Files are compared with what was published; functions must not answer with the emulator's stand-in.
A stage in maintenance must answer with its page, and one with basic auth is shown its password.
"""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from functools import partial
from typing import TYPE_CHECKING

from stacks.errors import LocalError, Problem
from stacks.files import bytes_of
from stacks.local.pages import notes_of_pages
from stacks.model.texts import split_route
from stacks.parts.frontend.behaviors import STATIC_PATH, has_api
from stacks.parts.frontend.maintenance import PAGE
from stacks.publishing.sites import built_folder, first_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stacks.app import Function, Stage

    Ask = Callable[[str], tuple[int, bytes]]
    """Path → status and body."""

_STAND_IN = b"Mock response - no code deployed"
_SECONDS = 30
_SHOWN = 200
_MOST = 10
"""Routes asked for: a large backend answers for the rest."""


def smoke_test(stage: Stage, root: Path, site_url: str, *, fix: str, say: Callable[[str], None]) -> None:
    """Ask for one page of each kind; ``site_url``, without a closing slash, is the API's for a stage without a site.

    Raises:
        LocalError: with every answer that is not the application's, and the ``fix`` for each.
    """
    problems: list[Problem] = []
    for path, problem in _answers(stage, root, partial(_get, site_url, _shown(stage))):
        if problem:
            problems.append(Problem(where=path, what=problem, fix=fix))
        else:
            say(f"  {path}  ok")
    if problems:
        raise LocalError.of(tuple(problems))
    if stage.frontend.is_described and not stage.frontend.maintenance:
        for note in notes_of_pages(stage, site_url, _pages(stage), _shown(stage)):
            say(f"  {note}")


def _pages(stage: Stage) -> list[str]:
    """The paths whose pages are opened."""
    functions = [
        function for function in stage.backend.functions.values() if function.application and not function.authorizer
    ]
    readable = [path for function in functions for path in _readable(function, stage)]
    return list(dict.fromkeys([*(site.prefix for site in stage.frontend.site), *readable[:_MOST]]))


def _answers(stage: Stage, root: Path, ask: Ask) -> Iterator[tuple[str, str | None]]:
    static = stage.frontend.static
    if stage.frontend.maintenance:
        yield "/", None if ask("/") == (503, PAGE.encode()) else "is not the page of a stage in maintenance"
        return
    for site in stage.frontend.site:
        yield site.prefix, _same_file(ask, site.prefix, first_page(built_folder(root / site.folder)))
    files = sorted((root / static).rglob("*.css")) if static else []
    if static and files:
        path = f"{STATIC_PATH}/{files[0].relative_to(root / static).as_posix()}"
        yield path, _same_file(ask, path, files[0])
    functions = stage.backend.functions.values()
    readable = [(path, function) for function in functions for path in _readable(function, stage)]
    for path, function in readable[:_MOST]:
        yield path, _answered(ask, path, function)


def _readable(function: Function, stage: Stage) -> Iterator[str]:
    """The function's paths that can be requested unchanged and that the site passes on to the API."""
    if not has_api(stage):
        return
    at_root = any(site.path == "/" for site in stage.frontend.site)
    for route in function.all_routes:
        method, path = split_route(route)
        if method in {"GET", "ANY"} and "{" not in path and (not at_root or path.startswith("/api/")):
            yield path


def _same_file(ask: Ask, path: str, file: Path) -> str | None:
    status, body = ask(path)
    if status != 200:  # noqa: PLR2004 - OK
        return f"answers {status}"
    return None if body == bytes_of(file) else f"is not {file}"


def _answered(ask: Ask, path: str, function: Function) -> str | None:
    status, body = ask(path)
    if function.authorizer:
        refused = status in {401, 403}  # Unauthorized; Forbidden, which IAM says
        return None if refused else f"answers {status} without a token, not 401"
    if status >= 500:  # noqa: PLR2004 - server errors
        return f"answers {status}: {' '.join(body.decode(errors='replace').split())[:_SHOWN]}"
    return "answers without the function's code" if _STAND_IN in body else None


def _shown(stage: Stage) -> dict[str, str]:
    """What a browser sends whose user knows the stage's password."""
    auth = stage.frontend.basic_auth
    if not auth:
        return {}
    return {"Authorization": f"Basic {base64.b64encode(f'{auth.user}:{auth.password}'.encode()).decode()}"}


def _get(site_url: str, headers: dict[str, str], path: str) -> tuple[int, bytes]:
    request = urllib.request.Request(site_url + path, headers=headers)  # noqa: S310 - http on this machine
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 599, str(error).encode()
