"""The environment variables that a function is given, by name: what its description, its API and its site bring.

``stacks.backend`` gives them their values; a test holds both together. A variable of a function's own must have another
name, or it would silently replace one of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.kinds import KINDS
from stacks.stages.kinds import used, variable
from stacks.stages.serving import is_behind_gate, is_split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Function, Stage


def given_variables(function: Function, stage: Stage) -> dict[str, str]:
    """Variable → what it holds, as a message names it: ``{"NOTES_TABLE": "the name of table 'notes'"}``."""
    return dict(_built_in(function, stage))


def _built_in(function: Function, stage: Stage) -> Iterator[tuple[str, str]]:
    yield "STAGE", "the name of the stage"
    if function.wsgi:
        yield "WSGI_APP", "the application"
        if function.all_routes:
            yield from _of_the_edge(stage)
    if function.application and function.all_routes:
        if function.tokens.use:
            yield "TOKEN_USE", "the kind of token of 'auth'"
        if function.tokens.clients:
            yield "TOKEN_CLIENTS", "the clients of 'auth'"
    cors = stage.backend.api.cors
    if function.all_routes and cors:
        yield "CORS_ORIGINS", "the origins of 'api.cors'"
        if cors.credentials:
            yield "CORS_CREDENTIALS", "the credentials of 'api.cors'"
    yield from _used(function)


def _of_the_edge(stage: Stage) -> Iterator[tuple[str, str]]:
    if is_split(stage):
        yield "CDN_DOMAIN", "the domain of the static files"
        return
    yield "STRIP_STAGE_PATH", "whether links carry the API's stage"
    if stage.frontend.domain or is_behind_gate(stage):
        yield "SITE_HOSTS", "the hosts of the site"


def _used(function: Function) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for name in used(kind, function):
            resource = f"the {kind.singular}" if kind.single else f"{kind.singular} {name!r}"
            yield variable(kind, name), f"{kind.variable[1]} of {resource}"
