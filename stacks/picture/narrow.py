"""Parts of a picture: a function with all it touches, the way of a request, one stack's resources. Pure."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from stacks.errors import UsageError, nearest
from stacks.model.texts import split_route
from stacks.parts.frontend.behaviors import STATIC_PATH, has_api, is_at_root
from stacks.picture.picture import Arrow, Box, BoxTone, Picture
from stacks.picture.stage import API, CDN, VISITOR, function_id
from stacks.stages.stacks import section_of
from stacks.template.references import read_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.app import Stage
    from stacks.template.rendered import Rendered

_MOST_COLUMNS = 9


def function_picture(picture: Picture, stage: Stage, name: str) -> Picture:
    """One function: what calls it, what starts it, what it uses.

    Raises:
        UsageError: when the stage has no such function.
    """
    if name not in stage.backend.functions:
        raise UsageError(
            f"--function {name}", "is not a function of this stage", nearest(name, stage.backend.functions)
        )
    own = function_id(name)
    touching = {own}
    for arrow in picture.arrows:
        if own in {arrow.source, arrow.target}:
            touching |= {arrow.source, arrow.target}
    if API in touching or VISITOR in touching:
        touching |= {VISITOR, CDN}
    kept = picture.only(touching, f"{picture.title} · {name}", stage.backend.functions[name].entry_file)
    arrows = tuple(arrow for arrow in kept.arrows if own in {arrow.source, arrow.target} or arrow.target in {CDN, API})
    return Picture(title=kept.title, subtitle=kept.subtitle, boxes=kept.boxes, arrows=arrows)


def request_picture(picture: Picture, stage: Stage, request: str) -> Picture:
    """The way of a request, as ``GET /api/notes`` or a path alone, through everything that handles it.

    Raises:
        UsageError: for what is neither, and when nothing answers it.
    """
    method, path = _request(request)
    site = stage.frontend.is_described
    target = _origin(stage, path) if site else "api"
    way = [VISITOR, *([CDN, "waf"] if site else [])]
    if target == "api":
        name = _function(stage, method, path)
        if name is None:
            raise UsageError(f"--request {request!r}", "no function has a route for it", "'stacks routes' lists paths")
        way += [API, function_id(name)]
        way += [arrow.target for arrow in picture.arrows if arrow.source == function_id(name)]
    else:
        way.append(target)
    subtitle = f"{method} {path}"
    kept = picture.only(way, f"{picture.title} · the way of a request", subtitle)
    inner = {function_id(function) for function in stage.backend.functions}
    arrows = tuple(
        arrow for arrow in kept.arrows if not arrow.quiet and (arrow.source not in inner or arrow.source in way)
    )
    return Picture(title=kept.title, subtitle=subtitle, boxes=kept.boxes, arrows=arrows)


def _request(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"(?:([A-Z]+) )?(/[^\s?#]*)(?:[?#]\S*)?", text)
    if match is None:
        raise UsageError(
            f"--request {text!r}", "is not a request", "Write a path, or method and path: 'GET /api/notes'"
        )
    return match[1] or "GET", match[2]


def _origin(stage: Stage, path: str) -> str:
    """The id of the box that CloudFront asks for a path, or ``api``; behaviours are tried in their order."""
    for pattern, target in stage.frontend.paths.items():
        if fnmatchcase(path, pattern):
            return "api" if target == "api" else f"host {target}"
    if stage.frontend.static and path.startswith(f"{STATIC_PATH}/"):
        return "site"
    if any(site.path != "/" and f"{path}/".startswith(site.prefix) for site in stage.frontend.site):
        return "site"
    if is_at_root(stage):
        return "api" if has_api(stage) and path.startswith("/api/") else "site"
    return "api"


def _function(stage: Stage, method: str, path: str) -> str | None:
    """The function whose route is the most specific for a request: more literal parts first, a greedy one last."""
    fitting = [
        (route, name)
        for name, function in stage.backend.functions.items()
        for route in function.all_routes
        if split_route(route)[0] in {method, "ANY"} and re.fullmatch(_pattern(split_route(route)[1]), path)
    ]
    ranked = sorted(fitting, key=lambda pair: ("+}" in pair[0], pair[0].count("{"), pair[0].startswith("ANY")))
    return ranked[0][1] if ranked else None


def _pattern(route: str) -> str:
    parts = re.split(r"(\{[^}]+\})", route)
    words = {True: ".+", False: "[^/]+"}
    return "".join(words[part.endswith("+}")] if part.startswith("{") else re.escape(part) for part in parts)


def stack_picture(rendered: Rendered) -> Picture:
    """One stack: every resource, and which refers to which."""
    resources: Mapping[str, Mapping[str, object]] = rendered.template.get("Resources", {})
    reads = {name: _reads(name, body, resources) for name, body in resources.items()}
    ranks = _ranks(reads)
    section = section_of(rendered.stack)
    tone: BoxTone = "own" if section == "stacks" else section
    boxes = [
        Box(
            id=name,
            title=name,
            note=str(body.get("Type", "")).removeprefix("AWS::").replace("::", " "),
            panel=rendered.stack,
            tone=tone,
            column=ranks[name],
        )
        for name, body in resources.items()
    ]
    arrows = [Arrow(source=name, target=other) for name, others in reads.items() for other in sorted(others)]
    return Picture(
        title=rendered.name,
        subtitle=f"{rendered.region} · {len(boxes)} resources · arrows point to what a resource refers to",
        boxes=tuple(boxes),
        arrows=tuple(arrows),
        footer=(f"reads {', '.join(rendered.needs)}",) if rendered.needs else (),
    )


def _reads(name: str, body: Mapping[str, object], resources: Mapping[str, object]) -> set[str]:
    return (read_by(body).keys() & resources.keys()) - {name}


def _ranks(reads: Mapping[str, set[str]]) -> dict[str, int]:
    """The column of each resource: what refers to others is left of them; at most nine columns."""
    try:
        order = list(TopologicalSorter(reads).static_order())
    except CycleError:
        return dict.fromkeys(reads, 0)
    height: dict[str, int] = {}
    for name in order:
        height[name] = max((height[other] + 1 for other in reads[name]), default=0)
    most = min(max(height.values(), default=0), _MOST_COLUMNS - 1)
    return {name: most - min(height[name], most) for name in reads}
