"""Protects stacks with data by CloudFormation's own means: termination protection, and a stack policy.

The policy denies replacing and removing each retained resource with data, to everyone who updates the stack: this
deployer, the console, a pipeline. A change set cannot bring a temporary policy (API reference, ExecuteChangeSet: "You
can't specify a temporary stack policy that overrides the current policy"), so the deployer sets a weaker policy while
it executes what the user agreed to, and the full one afterwards. AWS is called only where something differs. A policy
that was set by hand is replaced by the next deploy.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stacks.errors import DeployError
from stacks.forecast.stateful import KEPT, stateful_types
from stacks.progress import Guarded, Unguarded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from stacks.cloud import ChangeSet, Cloud, StackState
    from stacks.json_types import JsonDict, JsonObject, TemplateData
    from stacks.progress import Watch

MOST = 16_384
"""Bytes of a stack policy (API reference, SetStackPolicy)."""


def kept(template: TemplateData) -> tuple[str, ...]:
    """The logical ids of a template's retained resources with data."""
    bodies: JsonObject = template.get("Resources", {})
    results = (name for name, body in bodies.items() if body.get("DeletionPolicy") in KEPT)
    return tuple(sorted(name for name in results if bodies[name]["Type"] in stateful_types()))


def stack_policy(template: TemplateData, let_go: Collection[str] = ()) -> str:
    """The stack policy that protects what a template retains, except for the logical ids in ``let_go``.

    Where the ids do not fit into a policy (``MOST`` bytes), their types are protected instead, and any ``let_go``
    lifts the protection of all.
    """
    names = [name for name in kept(template) if name not in let_go]
    text = _document([{"Resource": [f"LogicalResourceId/{name}" for name in names]}] if names else [])
    if len(text.encode()) <= MOST:
        return text
    types = sorted({template["Resources"][name]["Type"] for name in names})
    condition = {"Resource": "*", "Condition": {"StringEquals": {"ResourceType": types}}}
    return _document([] if let_go else [condition])


def guard(stack: str, state: StackState, template: TemplateData, cloud: Cloud, watch: Watch) -> None:
    """Protect a deployed stack, if its ``template`` retains resources with data."""
    names = kept(template)
    if not names:
        return
    wanted = stack_policy(template)
    fresh = not state.protected or _differs(cloud.stack_policy(state), wanted)
    if not state.protected:
        cloud.protect(state, on=True)
    if fresh:
        cloud.set_stack_policy(state, wanted)
        watch(Guarded(stack=stack, kept=names))


def report_unguarded(stack: str, state: StackState, template: TemplateData, watch: Watch) -> None:
    """Report a stack that ``guard`` would protect, for a caller without the right to do so."""
    if (names := kept(template)) and not state.protected:
        watch(Unguarded(stack=stack, kept=names))


@contextmanager
def let_through(change_set: ChangeSet, cloud: Cloud) -> Iterator[None]:
    """While the change set is executed, allow in the stack policy what it replaces and removes.

    After a failure or Ctrl-C the former policy is set again, unless CloudFormation is still changing the stack. After
    success ``guard`` sets the new one.
    """
    held = (change for change in change_set.changes if change.type in stateful_types())
    going = {change.logical_id for change in held if change.action == "remove" or change.replacement != "never"}
    state = cloud.stack(change_set.stack, change_set.region) if going and not change_set.creates else None
    before = cloud.stack_policy(state) if state else None
    if state is None or before is None:
        yield
        return
    wanted = stack_policy(cloud.template(state.name, state.region), going)
    if _differs(before, wanted):
        cloud.set_stack_policy(state, wanted)
    try:
        yield
    except (DeployError, KeyboardInterrupt):
        with suppress(DeployError):
            now = cloud.stack(state.name, state.region)
            if now and not now.in_progress:
                cloud.set_stack_policy(now, before)
        raise


def _differs(entry: str | None, other: str) -> bool:
    return entry is None or json.loads(entry) != json.loads(other)


def _document(denied: list[JsonDict]) -> str:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": ["Update:Replace", "Update:Delete"]}
    return json.dumps({"Statement": [allow, *({**deny, **entry} for entry in denied)]})
