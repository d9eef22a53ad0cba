"""What a deployment would create → which of it exists already outside of the stack, and what to do about it.

CloudFormation would fail on the first such name and roll back, once for each name. Here all are looked up beforehand,
by reading alone. Resources that the deployer imports by itself (``adoption``) are no collisions.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stacks.cloud import Cloud
from stacks.deploy.adoption import takes_back
from stacks.deploy.identity import StackPlace, identifier, importable
from stacks.deploy.plan import DeployStack
from stacks.errors import DeployError, Problem
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.deploy.identity import Identifier
    from stacks.deploy.plan import Plan
    from stacks.forecast.change import Change, StackChanges


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A resource of a template whose identifier is known before it exists."""

    logical_id: str
    type: str
    identifier: Identifier

    @property
    def text(self) -> str:
        """The identifier as Cloud Control writes it: ``notes-dev-notes``, or values with ``|`` between them."""
        return "|".join(self.identifier.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The result of a look-up: ``existing`` exist; ``unseen`` is type → why it could not be looked up."""

    existing: tuple[Named, ...]
    unseen: Mapping[str, str]


class LookupCloud(Cloud, Protocol):
    """An AWS account in which resources can be looked up by name. Only reads."""

    def look_up(self, wanted: Sequence[Named], region: str) -> Sight:
        """Look up each resource. A type that cannot be read is no failure; it is in ``unseen``."""

    def owner(self, physical_id: str, region: str) -> str | None:
        """Return the name of the stack that holds a resource."""


def refuse_collisions(plan: Plan, foreseen: Sequence[StackChanges], cloud: LookupCloud, stage: str) -> str:
    """Refuse a plan that would create what exists already.

    Returns a line with the types that could not be looked up, empty if there are none.

    Raises:
        DeployError: with every collision, and how to import what exists.
    """
    problems: list[Problem] = []
    unseen: dict[str, str] = {}
    account = cloud.account()
    added = {changes.name: {change.name for change in changes.changes if _is_new(change)} for changes in foreseen}
    for step in plan.steps:
        if isinstance(step, DeployStack):
            place = StackPlace(account=account, region=step.rendered.region, stack=step.rendered.name)
            wanted = tuple(_wanted(step, added.get(step.rendered.name, set()), place, cloud))
            seen = cloud.look_up(wanted, place.region)
            unseen |= seen.unseen
            problems += [_problem(entry, step, cloud, stage) for entry in seen.existing]
    if problems:
        raise DeployError.of(tuple(problems))
    blind = ", ".join(f"{kind} ({why})" for kind, why in sorted(unseen.items()))
    return f"Whether these exist already could not be seen: {blind}" if blind else ""


def _is_new(change: Change) -> bool:
    return change.section == "Resources" and change.action == "add"


def _wanted(step: DeployStack, added: set[str], place: StackPlace, cloud: Cloud) -> Iterator[Named]:
    state = cloud.stack(place.stack, place.region) if added else None
    creates = state is None or state.is_empty
    for name, body in step.rendered.template["Resources"].items():
        known = identifier(body, place) if name in added and "Condition" not in body else None
        if known and not (creates and takes_back(body, place)):
            yield Named(logical_id=name, type=body["Type"], identifier=known)


def _problem(entry: Named, step: DeployStack, cloud: LookupCloud, stage: str) -> Problem:
    region = step.rendered.region
    owner = None
    with suppress(DeployError):  # without permission to ask, the collision is reported anyway
        owner = cloud.owner(list(entry.identifier.values())[-1], region)
    if entry.type == "AWS::IAM::OIDCProvider" and step.stack == BASE:
        fix = "An account has one for each issuer: write 'provider: existing' under 'base.ci'"
    elif owner:
        fix = f"Take it out of {owner} first, or give it another name"
    elif importable(entry.type):
        fix = f"Bring it in with 'import {step.stack} {entry.logical_id} --stage {stage}', or delete or rename it"
    else:
        fix = "Delete it, or give it another name"
    where = f"{step.rendered.name}.{entry.logical_id}"
    what = f"{entry.type} {entry.text} exists already, {f'in stack {owner}' if owner else 'in no stack'}"
    return Problem(where=where, what=what, fix=fix)
