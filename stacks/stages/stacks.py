"""A stage → the stacks it has, in the order they are deployed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.naming import EDGE_REGION
from stacks.stages.kinds import has_things

if TYPE_CHECKING:
    from stacks.app import Stage

BASE, DATA, BACKEND, FRONTEND = "base", "data", "backend", "frontend"
EDGE, LOGS_EDGE = "frontend-edge", "frontend-logs-edge"
"""What CloudFront asks to have in us-east-1, where the stage is elsewhere."""


GENERATED = (BASE, DATA, BACKEND, EDGE, FRONTEND, LOGS_EDGE)
"""The stacks that a description can give; a stage has those that something is in."""


def named_by(stack: str, stage: Stage) -> tuple[str, ...]:
    """The stacks whose resources a stack uses by names that we choose, so that nothing in its template is read there.

    Base has the boundary and the buckets for code and logs, data the tables and the files of functions.
    """
    data = stage.data
    if stack in {BASE, EDGE, LOGS_EDGE} or stack in stage.stacks or stack.startswith("artifacts-"):
        return ()
    if stack == DATA:
        return (BASE,) if data.buckets or (data.users and data.users.credentials) else ()
    functions = stage.backend.functions.values()
    stored = any(one.tables or one.buckets or one.users or one.events.tables or one.events.buckets for one in functions)
    return (BASE, DATA) if stored and stack.partition("-")[0] == BACKEND else (BASE,)


def stacks_of(stage: Stage) -> tuple[str, ...]:
    """The stacks of a stage, each after those whose outputs it may read; a stack with nothing in it is not made."""
    data, backend, frontend = stage.data, stage.backend, stage.frontend
    site = frontend.is_there
    elsewhere = site and stage.region != EDGE_REGION
    own_acl = frontend.waf is not None and frontend.waf.existing is None
    own_certificate = frontend.domain is not None and frontend.domain.certificate is None
    there = {
        BASE: True,
        DATA: data.tables or data.users or data.resources or has_things(stage, DATA),
        BACKEND: backend.functions or backend.template or backend.resources or has_things(stage, BACKEND),
        EDGE: elsewhere and (own_acl or own_certificate),
        FRONTEND: site,
        LOGS_EDGE: elsewhere and frontend.access_log == "v2",
    }
    return (*(stack for stack, content in there.items() if content), *stage.stacks)
