"""What deleting stacks would do, as data: what is deleted, which buckets must be emptied first, what stays and costs.

Reads the *deployed* templates, whose DeletionPolicy counts. Changes nothing: ``destroy`` carries a plan out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stacks.deploy.failures import busy, protected
from stacks.deploy.identity import StackPlace, identifier, importable, keys
from stacks.deploy.readers import outputs_of, refuse_gone
from stacks.deploy.stored_data import contents, cost, monthly
from stacks.errors import DeployError, Problem
from stacks.forecast.stateful import RETAINED, stateful_types
from stacks.prices.list_prices import PRICES_OF
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.cloud import StackResource, StackState
    from stacks.deploy.stored_data import DataCloud, StoredData
    from stacks.json_types import JsonObject
    from stacks.template.rendered import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A resource with what it stores; ``named`` if the template gives it its name."""

    resource: StackResource
    stored: StoredData
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """A stack to delete; ``state`` is None when it is deleted already and only retained resources are left."""

    stack: str
    name: str
    region: str
    state: StackState | None
    deleted: tuple[StackResource, ...] = ()
    buckets: tuple[Held, ...] = ()
    """Those of ``deleted`` that hold objects: they must be emptied first."""
    kept: tuple[Held, ...] = ()

    @property
    def data(self) -> tuple[Held, ...]:
        """Those of ``kept`` that ``delete_data`` deletes."""
        return tuple(entry for entry in self.kept if known(entry.resource.type).erasure)


def foresee(rendered: Sequence[Rendered], cloud: DataCloud) -> tuple[Going, ...]:
    """What deleting ``rendered`` (in dependency order) would do, the last stack first."""
    account = cloud.account()
    return tuple(_going(stack, cloud.stack(stack.name, stack.region), cloud, account) for stack in reversed(rendered))


def refuse_unasked(plan: Sequence[Going], cloud: DataCloud, *, unprotect: bool, empty_buckets: bool) -> None:
    """Refuse a plan that needs a permission of the user that was not given.

    Raises:
        DeployError: for each stack that another operation is changing, that has termination protection (without
            ``unprotect``), or whose buckets would have to be emptied (without ``empty_buckets``).
    """
    problems = [
        problem for entry in plan if entry.state for problem in _refusals(entry.state, cloud, unprotect=unprotect)
    ]
    if not empty_buckets:
        problems += [_full(going, bucket) for going in plan for bucket in going.buckets]
    if problems:
        raise DeployError.of(tuple(problems))


def needed(rendered: Sequence[Rendered], going: Sequence[Rendered], cloud: DataCloud) -> None:
    """Raise ``DeployError`` for each stack in ``going`` from which a deployed stack reads that stays."""
    staying = [stack for stack in rendered if stack not in going]
    refuse_gone(outputs_of(going, cloud), staying, cloud)


def _refusals(state: StackState, cloud: DataCloud, *, unprotect: bool) -> tuple[Problem, ...]:
    if state.protected and not unprotect:
        return protected(state).problems
    if state.in_progress:
        return busy(state, cloud).problems
    return ()


def _full(going: Going, entry: Held) -> Problem:
    inside = contents(entry.resource.type, entry.stored)
    what = f"bucket {entry.resource.physical_id} goes with its stack and holds {inside}"
    return Problem(
        where=f"{going.name}.{entry.resource.logical_id}", what=what, fix="Pass --empty-buckets to lose them"
    )


def _going(stack: Rendered, state: StackState | None, cloud: DataCloud, account: str) -> Going:
    place = StackPlace(account=account, region=stack.region, stack=stack.name)
    going = Going(stack=stack.stack, name=stack.name, region=stack.region, state=state)
    left = _held(cloud.leftovers(stack.name, stack.region), stack.template["Resources"], cloud, place)
    if state is None or not state.is_created:
        return replace(going, kept=left)
    bodies = cloud.template(stack.name, stack.region).get("Resources", {})
    resources = cloud.resources(stack.name, stack.region)
    stays = tuple(
        resource for resource in resources if bodies.get(resource.logical_id, {}).get("DeletionPolicy") in RETAINED
    )
    goes = tuple(resource for resource in resources if resource not in stays)
    buckets = _held([resource for resource in goes if known(resource.type).emptied], bodies, cloud, place)
    now = {resource.physical_id for resource in resources}
    older = [resource for resource in left if resource.resource.physical_id not in now]
    full = tuple(resource for resource in buckets if resource.stored.items)
    return replace(going, deleted=goes, buckets=full, kept=(*_held(stays, bodies, cloud, place), *older))


def _held(
    resources: Sequence[StackResource], bodies: JsonObject, cloud: DataCloud, place: StackPlace
) -> tuple[Held, ...]:
    results = []
    for resource in resources:
        stored = cloud.stored(resource, place.region)
        if stored is not None:
            body = bodies.get(resource.logical_id)
            named = body is not None and body["Type"] == resource.type and identifier(body, place) is not None
            results.append(Held(resource=resource, stored=stored, named=named))
    return tuple(results)


def destroy_lines(plan: Sequence[Going], *, delete_data: bool, stage: str) -> Iterator[str]:
    """The lines that say what would happen, in order."""
    for going in plan:
        if going.state is None and not going.kept:
            yield f"{going.stack}: {going.name} does not exist"
            continue
        yield f"{going.stack}: {going.name} ({going.region}): {_end(going)}"
        yield from (f"  - empties {_named(bucket)}" for bucket in going.buckets)
        for entry in going.kept:
            if delete_data and entry in going.data:
                yield f"  - deletes for good {_named(entry)}"
            else:
                yield f"  = keeps {_named(entry)}{_later(entry, going, stage)}"
    if not delete_data and any(going.data for going in plan):
        yield _total(plan)


def _end(going: Going) -> str:
    if going.state is None:
        return "is gone already"
    count = len(going.deleted)
    what = "1 resource is deleted" if count == 1 else f"{count} resources are deleted"
    return f"{what}; its termination protection is switched off" if going.state.protected else what


def _named(entry: Held) -> str:
    inside = contents(entry.resource.type, entry.stored)
    return f"{entry.resource.logical_id} {entry.resource.physical_id}{f': {inside}' if inside else ''}"


def _later(entry: Held, going: Going, stage: str) -> str:
    """What keeping a resource costs, and what the next deploy does with it; empty for resources without data."""
    if entry.resource.type not in stateful_types():
        return ""
    price = cost(monthly(entry.resource.type, entry.stored), more=entry.stored.more)
    if entry.named:
        return f"; {price}; the next deploy takes it back"
    identity = keys(entry.resource.type)
    if not importable(entry.resource.type) or len(identity) != 1:
        return f"; {price}; the next deploy makes another one"
    command = f"'import {going.stack} {entry.resource.logical_id}={entry.resource.physical_id} --stage {stage}'"
    return f"; {price}; the next deploy makes another one, unless {command} comes first"


def _total(plan: Sequence[Going]) -> str:
    prices = [monthly(entry.resource.type, entry.stored) for going in plan for entry in going.kept]
    known = sum(price for price in prices if price is not None)
    return f"What is kept costs {cost(known)}, by its size now and prices of {PRICES_OF}; '--delete-data' deletes it."
