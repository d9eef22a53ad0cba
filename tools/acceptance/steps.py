"""The steps of an acceptance run, in their order, and the promises that each proves.

A step returns what it saw, raises ``StepFailed`` when that is not what it expects, and ``StepSkipped`` with the reason
when it cannot be done here. Later steps run even after one failed, unless nothing is deployed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.acceptance import changing, deploying, ending, guarding

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.acceptance.session import Session

DEPLOYS = "each stack deploys by any client, in its order"
FROM_NOTHING = "a stage is removed, and nothing that costs money is left"
ROUTES = "a removed route is gone; a renamed path parameter deploys"
MOVED = "a moved value reaches what reads it in the next deploy"
TAKEN_BACK = "retained tables and log groups are taken back"
BUCKETS = "retained buckets and keys are taken back"
POLICIES = "stack policies guard data"
ROLLBACK = "a failed update rolls back, and the stack stays usable"
NAMES = "names that are taken are found before anything is created"
RIGHTS = "derived deploy roles suffice, and nothing more"
PIPELINES = "pipelines deploy on push, across accounts and regions"
TRAIL = "the trail and the flow logs are written, encrypted, locked"
INDEXES = "tables take indexes one after the other"
FUNCTIONS = "functions answer at the API, at URLs and behind own domains"
SITE = "the site is private, with headers and its own error pages"
WAF = "web ACLs let through whom they should"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that is done and looked at."""

    name: str
    promises: tuple[str, ...]
    """Rows of ARCHITECTURE.md's table that need this step."""
    run: Callable[[Session], str]
    needed: bool = False
    """Whether the steps after it make no sense when it fails."""


ONLY_ON_AWS = frozenset({RIGHTS, PIPELINES, TRAIL, POLICIES, NAMES, BUCKETS, SITE, WAF})
"""Promises of which the local AWS shows nothing, whatever passes there: it enforces no roles, has no web ACL …"""

STEPS = (
    Step(name="render and lint", promises=(DEPLOYS,), run=deploying.lint, needed=True),
    Step(name="package", promises=(DEPLOYS,), run=deploying.package, needed=True),
    Step(name="roles with the derived rights", promises=(RIGHTS,), run=deploying.roles, needed=True),
    Step(
        name="every stack by the AWS CLI, with its role", promises=(DEPLOYS, RIGHTS), run=deploying.by_cli, needed=True
    ),
    Step(name="publish", promises=(DEPLOYS,), run=deploying.publish),
    Step(name="the site answers", promises=(DEPLOYS, FUNCTIONS, SITE, WAF), run=deploying.site),
    Step(name="the site is private", promises=(SITE,), run=guarding.private_site),
    Step(name="our deployer takes over", promises=(DEPLOYS,), run=deploying.unchanged),
    Step(name="code changes", promises=(FUNCTIONS,), run=changing.code),
    Step(name="a removed route is gone", promises=(ROUTES,), run=changing.route_removed),
    Step(name="a path parameter is renamed", promises=(ROUTES,), run=changing.route_renamed),
    Step(name="a table gets an index", promises=(INDEXES,), run=changing.index),
    Step(name="a moved output reaches its reader", promises=(MOVED,), run=changing.moved_output),
    Step(name="an option of the web ACL changes", promises=(WAF,), run=changing.waf),
    Step(name="a function gets an alias", promises=(FUNCTIONS,), run=changing.alias),
    Step(name="a failed update rolls back", promises=(ROLLBACK,), run=changing.rollback),
    Step(name="a name that is taken", promises=(NAMES,), run=guarding.taken_name),
    Step(name="a stack policy refuses a replacement", promises=(POLICIES,), run=guarding.stack_policy),
    Step(name="pipelines run", promises=(PIPELINES,), run=guarding.pipelines),
    Step(name="what destroy keeps is taken back", promises=(TAKEN_BACK,), run=ending.taken_back),
    Step(name="buckets are taken back", promises=(BUCKETS,), run=ending.buckets_back),
    Step(name="drift", promises=(TAKEN_BACK, BUCKETS), run=ending.drift),
    Step(name="the trail is written", promises=(TRAIL,), run=guarding.trail),
    Step(name="destroy", promises=(FROM_NOTHING,), run=ending.destroy),
)
"""A regular stage comes first, then one change of each kind, then the end of it all."""
