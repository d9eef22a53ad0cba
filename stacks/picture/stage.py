"""A stage and its rendered stacks → the picture of the whole: the way of requests from left to right. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.kinds.users import USERS
from stacks.parts.frontend.behaviors import has_api, is_at_root
from stacks.picture.picture import Arrow, Box, Picture
from stacks.stages.kinds import described, in_use, kinds_in, label_of, linked, singular, started_by, used
from stacks.stages.stacks import stack_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.app import Function, Stage
    from stacks.template.rendered import Rendered

VISITOR, CDN, API = "visitor", "cdn", "api"
_EDGE, _COMPUTE, _DATA = "frontend", "backend", "data"
_VISITOR_COLUMN, _EDGE_COLUMN, _API_COLUMN, _FUNCTION_COLUMN, _DATA_COLUMN = range(5)


def picture_of(stage: Stage, rendered: Sequence[Rendered]) -> Picture:
    """The whole stage: who calls what, what starts what, where data is; base and the stacks' order below it."""
    boxes = [*_edge(stage), *_backend(stage), *_boxes_of_kinds(_DATA, stage), *_own(stage, rendered)]
    known = {box.id for box in boxes}
    arrows = [*_requests(stage), *_uses(stage), *_events(stage), *_between_things(stage)]
    return Picture(
        title=f"{stage.app_name} · {stage.name}",
        subtitle=f"{stage.region} · {len(rendered)} stacks",
        boxes=tuple(boxes),
        arrows=tuple(arrow for arrow in arrows if {arrow.source, arrow.target} <= known),
        footer=tuple(_footer(stage, rendered)),
    )


def function_id(name: str) -> str:
    """The id of a function's box."""
    return f"function {name}"


def _edge(stage: Stage) -> Iterator[Box]:
    frontend = stage.frontend
    yield Box(id=VISITOR, title="Visitors", note="browsers and clients", tone="outside", column=_VISITOR_COLUMN)
    if not frontend.is_described:
        return
    name = frontend.domain.name if frontend.domain else "a cloudfront.net address"
    yield Box(id=CDN, title="CloudFront", note=name, panel=_EDGE, tone="frontend", column=_EDGE_COLUMN)
    if frontend.waf:
        note = "existing web ACL" if frontend.waf.existing else f"{len(frontend.waf.groups)} rule groups, rate limit"
        yield Box(id="waf", title="WAF", note=note, panel=_EDGE, tone="frontend", column=_EDGE_COLUMN)
    paths = ", ".join(_bucket_paths(stage))
    if paths:
        yield Box(id="site", title="S3 bucket", note=paths, panel=_EDGE, tone="frontend", column=_EDGE_COLUMN)
    for host in dict.fromkeys(target for target in frontend.paths.values() if target != "api"):
        yield Box(id=f"host {host}", title=host, note="another origin", tone="outside", column=_API_COLUMN)


def _backend(stage: Stage) -> Iterator[Box]:
    functions = stage.backend.functions
    if any(function.all_routes for function in functions.values()) or stage.backend.template:
        kind = "REST API" if stage.backend.api.type == "rest" else "HTTP API"
        count = sum(len(function.all_routes) for function in functions.values())
        note = f"{kind}, {count} routes" if count else f"{kind} of the template"
        yield Box(id=API, title="API Gateway", note=note, panel=_COMPUTE, tone="backend", column=_API_COLUMN)
    if any(function.events.schedules for function in functions.values()):
        yield Box(
            id="schedule", title="EventBridge", note="schedules", panel=_COMPUTE, tone="backend", column=_API_COLUMN
        )
    for name, function in functions.items():
        yield Box(
            id=function_id(name),
            title=name,
            note=_routes(function) if function.all_routes else f"Lambda, {function.memory} MB",
            panel=_COMPUTE,
            tone="backend",
            column=_FUNCTION_COLUMN,
        )
    yield from _boxes_of_kinds(_COMPUTE, stage)


def _boxes_of_kinds(section: str, stage: Stage) -> Iterator[Box]:
    for kind in (kind for kind in kinds_in(stage, section) if kind.title):
        for name in in_use(kind, stage):
            box_id, tone = label_of(kind, name), kind.section
            yield Box(id=box_id, title=name, note=kind.title, panel=section, tone=tone, column=_DATA_COLUMN)


def _own(stage: Stage, rendered: Sequence[Rendered]) -> Iterator[Box]:
    """The user's own stacks, and own resources in the generated ones."""
    for rendered_stack in rendered:
        if stack_at(rendered_stack.stack, stage).section != "stacks":
            continue
        note = f"{len(rendered_stack.template.get('Resources', {}))} resources"
        yield Box(
            id=f"stack {rendered_stack.stack}",
            title=rendered_stack.stack,
            note=note,
            panel="own stacks",
            column=_DATA_COLUMN,
        )
    for stack, section in (("data", stage.data), ("backend", stage.backend), ("frontend", stage.frontend)):
        for name, body in getattr(section, "resources", {}).items():
            kind = str(body.get("Type", "") if isinstance(body, dict) else getattr(body, "body", {}).get("Type", ""))
            title, note = name, kind.removeprefix("AWS::").replace("::", " ")
            yield Box(id=f"{stack} {name}", title=title, note=note, panel="own resources", column=_DATA_COLUMN)


def _requests(stage: Stage) -> Iterator[Arrow]:
    frontend = stage.frontend
    if frontend.is_described:
        yield Arrow(source=VISITOR, target=CDN, label="HTTPS")
        yield Arrow(source=CDN, target="waf")
        if frontend.has_files:
            yield Arrow(source=CDN, target="site")
        if has_api(stage):
            also = [path for path, target in frontend.paths.items() if target == "api"]
            label = ", ".join(["/api/*", *also]) if is_at_root(stage) else "everything else"
            yield Arrow(source=CDN, target=API, label=label)
        for path, target in frontend.paths.items():
            yield Arrow(source=CDN, target=f"host {target}", label=path)
    else:
        yield Arrow(source=VISITOR, target=API, label="HTTPS")
    for name, function in stage.backend.functions.items():
        if function.all_routes:
            yield Arrow(source=API, target=function_id(name))
        if function.url:
            yield Arrow(source=VISITOR, target=function_id(name), label=f"its own URL ({function.url.auth})")


def _bucket_paths(stage: Stage) -> Iterator[str]:
    for site in stage.frontend.site:
        yield f"{site.prefix}*"
    if stage.frontend.static:
        yield "/static/*"


def _routes(function: Function) -> str:
    access = f" ({function.authorizer})" if function.authorizer else ""
    routes = [all_route for all_route in function.all_routes if all_route != "ANY /"] or list(function.all_routes)
    if "ANY /{proxy+}" in routes:
        return f"all paths{access}"
    return f"{routes[0]}{f' +{len(routes) - 1}' if len(routes) > 1 else ''}{access}"


def _uses(stage: Stage) -> Iterator[Arrow]:
    for name, function in stage.backend.functions.items():
        source = function_id(name)
        for target, verb in _things_used(function, stage):
            yield Arrow(source=source, target=target, label=verb)
        if function.authorizer == USERS.name and not function.users:
            yield Arrow(source=source, target=USERS.name, quiet=True)


def _events(stage: Stage) -> Iterator[Arrow]:
    for name, function in stage.backend.functions.items():
        target, events = function_id(name), function.events
        for schedule in events.schedules:
            label = f"{schedule.at} {schedule.zone}" if schedule.zone else schedule.at
            yield Arrow(source="schedule", target=target, label=label, quiet=True)
        for other in _things_starting(function, stage):
            yield Arrow(source=other, target=target, label="events", quiet=True)


def _things_used(function: Function, stage: Stage) -> Iterator[tuple[str, str]]:
    for kind in kinds_in(stage):
        yield from ((label_of(kind, name), access) for name, access in used(kind, function).items())


def _things_starting(function: Function, stage: Stage) -> Iterator[str]:
    for kind in kinds_in(stage):
        yield from (label_of(kind, name) for name in started_by(kind, function))


def _between_things(stage: Stage) -> Iterator[Arrow]:
    """What things of kinds name in their own fields: a topic the queues that it delivers to."""
    for kind in kinds_in(stage):
        for name, resource in described(kind, stage).items():
            for group, other in linked(kind, resource):
                yield Arrow(source=label_of(kind, name), target=f"{singular(group)} {other}", quiet=True)


def _footer(stage: Stage, rendered: Sequence[Rendered]) -> Iterator[str]:
    parts = [
        "audit trail" if stage.base.trail else "",
        "network and flow logs" if stage.base.vpc else "",
        "artifact and log buckets",
        "permissions boundary",
        "alarms" if stage.base.alarms else "",
        "budget" if stage.base.budget else "",
        "pipelines" if stage.base.pipelines else "",
    ]
    yield f"base: {', '.join(filter(None, parts))}"
    yield "Deployed in this order:"
    known = {naming.stack_name(stage, rendered_stack.stack): rendered_stack.stack for rendered_stack in rendered}
    for stack in rendered:
        region = "" if stack.region == stage.region else f" in {stack.region}"
        needs = ", ".join(known.get(name, name) for name in stack.needs)
        yield f"  {stack.stack}{region}{f', reads {needs}' if needs else ''}"
