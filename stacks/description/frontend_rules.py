"""The frontend of one stage → what does not agree with the rest of the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.model.frontend import Frontend
from stacks.model.texts import split_route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath

_TWICE = "CDN-TARGET"
_TAKEN = {"/static": "static files", "/api": "the API"}


def frontend_problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Everything that does not agree in the frontend of ``stage``, which is described at ``at``."""
    yield from _split(stage, (*at, "frontend", "serve"))
    yield from _collect(stage, (*at, "frontend"))
    yield from _nothing_to_serve(stage, (*at, "frontend"))
    if not stage.frontend.is_described:
        return
    yield from _paths(stage, (*at, "frontend", "site"))
    yield from _described_paths(stage, (*at, "frontend", "paths"))
    yield from _hidden_routes(stage, (*at, "backend", "functions"))
    yield from _way_around(stage, (*at, "frontend", "waf"))
    yield from _plan(stage, (*at, "frontend", "plan"))
    yield from _only_allowed(stage, (*at, "frontend", "waf", "allow_only"))
    yield from _error_pages(stage, (*at, "frontend", "errors"))
    yield from _unasked(stage, (*at, "frontend", "basic_auth"))


def _nothing_to_serve(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Options of a distribution that would have nothing behind it, and others that none would read."""
    frontend = stage.frontend
    fix = "Describe 'site' or 'static', or a function with 'routes'"
    if frontend.is_described and not frontend.has_files and not frontend.paths and not _has_api(stage):
        yield at, "there are no files and no API to serve", fix
    default = Frontend()
    if not frontend.is_described:
        for name in ("csp", "errors", "plan", "price_class"):
            if getattr(frontend, name) != getattr(default, name):
                yield (*at, name), "has no effect: the stage has no distribution", f"{fix} and 'cdn: true'"
        if frontend.access_log == "legacy":
            yield (*at, "access_log"), "has no effect: the stage has no distribution", f"{fix} and 'cdn: true'"


def _split(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Pages from the API, static files from the CDN: both must be there, and no application that needs one origin."""
    if stage.frontend.serve == "one-origin":
        return
    if stage.frontend.site:
        yield at, "a single-page application and its API need one origin", "Use 'one-origin', or leave 'site' out"
    elif not stage.frontend.static:
        yield at, "there are no static files for the CDN", "Add 'static', or leave 'serve' out"
    elif not any(function.application for function in stage.backend.functions.values()):
        yield at, "no web application makes pages", "Add a function with 'wsgi' or 'asgi', or leave 'serve' out"


def _collect(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Only a web application has static files to collect, and they need a folder."""
    name = stage.frontend.collect
    if name is None:
        return
    function = stage.backend.functions.get(name)
    if function is None or not function.application:
        what = f"there is no web application {name!r}"
        yield (*at, "collect"), what, "Name a function with 'wsgi' or 'asgi'"
    if not stage.frontend.static:
        yield (*at, "collect"), "there is no folder to collect into", "Set 'static' to Django's STATIC_ROOT"


def _paths(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Two behaviours cannot have one path."""
    paths = [site.path for site in stage.frontend.site]
    for number, path in enumerate(paths):
        taken = next((item for item in _TAKEN if f"{path}/".startswith(f"{item}/")), None)
        if stage.frontend.static and taken:
            yield (*at, number, "path"), f"{path} is taken by {_TAKEN[taken]}", "Move the site", _TWICE
        if path in paths[:number]:
            what = f"another site has the path {path}"
            yield (*at, number, "path"), what, "Give each site a path of its own", _TWICE


def _described_paths(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Described paths together with those that the site, its static files and the API have by themselves."""
    sites, functions = stage.frontend.site, stage.backend.functions.values()
    has_api = stage.frontend.serve == "one-origin" and any(function.all_routes for function in functions)
    own = ["/static/*"] if stage.frontend.static else []
    own += [path for site in sites if site.path != "/" for path in (site.path, f"{site.path}/*")]
    own += ["/api/*"] if has_api and any(site.path == "/" for site in sites) else []
    paths = stage.frontend.paths
    for path, target in paths.items():
        if path in own:
            yield (*at, path), f"{path} has a behaviour already", "Choose another path", _TWICE
        if target == "api" and not has_api:
            yield (*at, path), "leads to the API, and CloudFront has none behind it", "Add a function with routes"


def _hidden_routes(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """A site at ``/`` leaves the API what is under /api."""
    own = stage.frontend.paths
    if all(site.path != "/" for site in stage.frontend.site):
        return
    for name, function in stage.backend.functions.items():
        for route in function.routes:
            path = split_route(route)[1]
            named = any(target == "api" and path.startswith(item.rstrip("*")) for item, target in own.items())
            if not path.startswith(("/api/", "/{")) and not named:
                what = f"{path} is not under /api, and the site at / answers it"
                yield (*at, name, "routes"), what, "Move the route under /api, or the site to another path"


def _way_around(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """HTTP APIs take no web ACL, so requests can bypass what is in front of them."""
    waf, functions = stage.frontend.waf, stage.backend.functions.values()
    if (
        waf
        and not waf.direct_api
        and stage.backend.api.type == "http"
        and any(function.all_routes for function in functions)
    ):
        what = "an HTTP API can be called around the web ACL, as it cannot have one itself"
        yield at, what, "Use 'api: {type: rest}', or accept it with 'direct_api: true' here, or set 'waf: false'"


def _plan(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """A flat-rate plan without the web ACL that each subscription has.

    https://docs.aws.amazon.com/pricingplanmanager/latest/APIReference/API_CreateSubscription.html
    """
    if stage.frontend.plan and not stage.frontend.waf:
        yield at, "includes a web ACL, and AWS takes no subscription without one", "Leave 'waf: false' out"


def _only_allowed(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Networks that are let in alone, and an API or a second list that lets in others."""
    waf = stage.frontend.waf
    if waf is None or not waf.allow_only:
        return
    if waf.direct_api and _has_api(stage):
        yield at, "the API's own address stays open to every network", "Leave 'direct_api' out"
    if waf.existing:
        yield at, "is not put into a web ACL that already exists", "Leave 'existing' or 'allow_only' out"


def _has_api(stage: Stage) -> bool:
    """Whether there is an API, one from a template of another framework among them."""
    return any(function.all_routes for function in stage.backend.functions.values()) or "ApiId" in stage.backend.outputs


def _error_pages(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Pages that CloudFront can read from the bucket, and no API whose errors they would replace."""
    errors = stage.frontend.errors
    if errors and stage.frontend.serve == "one-origin" and _has_api(stage):
        what = "CloudFront has error pages for a whole distribution only: the API's own errors would become these pages"
        yield at, what, "Let the application write its error pages, or set 'serve: split'"
    static = ["/static/"] if stage.frontend.static else []
    served = (*static, *(site.prefix for site in stage.frontend.site))
    for code, page in errors.items():
        if not page.startswith(served):
            yield (*at, code), f"{page} is not in the bucket", f"Put the page under {' or '.join(served)}"


def _unasked(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """The API's own address knows nothing of the password that the edge asks for."""
    waf = stage.frontend.waf
    is_gated = waf is not None and not waf.direct_api and stage.backend.api.type == "rest"
    if stage.frontend.basic_auth is None or not _has_api(stage):
        return
    if stage.frontend.serve == "split":
        yield at, "pages come from the API itself, which does not ask for the password", "Set 'serve: one-origin'"
    elif not is_gated:
        what = "the API's own address is open to everyone, without the password"
        yield at, what, "Leave 'waf' on, without 'direct_api', and use 'api: {type: rest}'"
