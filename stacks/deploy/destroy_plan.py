"""What taking stacks down would do, as data: which resources go, which buckets must be emptied, what stays and costs.

Reads the *deployed* templates: what they protect is kept. Nothing is changed here; ``destroy`` carries a plan out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stacks.deploy.adoption import RETAINED
from stacks.deploy.failures import busy, protected
from stacks.deploy.identity import StackPlace, identifier, importable, keys
from stacks.deploy.readers import outputs_of, refuse_gone
from stacks.deploy.stored_data import DELETABLE, contents, cost, monthly
from stacks.errors import DeployError, Problem
from stacks.forecast.stateful import stateful_types
from stacks.prices.list_prices import PRICES_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from stacks.cloud import StackResource, StackState
    from stacks.deploy.stored_data import DataCloud, StoredData
    from stacks.template.rendered import Rendered

_BUCKET = "AWS::S3::Bucket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A resource with what it holds; ``named`` says that the template gives it its name."""

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
        return tuple(one for one in self.kept if one.resource.type in DELETABLE)


def foresee(rendered: Sequence[Rendered], cloud: DataCloud) -> tuple[Going, ...]:
    """What taking ``rendered`` (in dependency order) down would do, the last stack first."""
    account = cloud.account()
    return tuple(_going(one, cloud.stack(one.name, one.region), cloud, account) for one in reversed(rendered))


def refuse_unasked(plan: Sequence[Going], cloud: DataCloud, *, unprotect: bool, empty_buckets: bool) -> None:
    """Let a plan pass when all that is lost by it was asked for.

    Raises ``DeployError`` for each stack that something is at work on, that is protected from termination, or whose
    buckets would have to be emptied.
    """
    problems = [problem for one in plan if one.state for problem in _refusals(one.state, cloud, unprotect=unprotect)]
    if not empty_buckets:
        problems += [_full(going, bucket) for going in plan for bucket in going.buckets]
    if problems:
        raise DeployError.of(tuple(problems))


def needed(rendered: Sequence[Rendered], going: Sequence[Rendered], cloud: DataCloud) -> None:
    """Raise ``DeployError`` for each stack that goes although a deployed one, which stays, reads from it."""
    staying = [one for one in rendered if one not in going]
    refuse_gone(outputs_of(going, cloud), staying, cloud)


def _refusals(state: StackState, cloud: DataCloud, *, unprotect: bool) -> tuple[Problem, ...]:
    if state.protected and not unprotect:
        return protected(state).problems
    if state.status.endswith("_IN_PROGRESS") and state.status != "REVIEW_IN_PROGRESS":
        return busy(state, cloud).problems
    return ()


def _full(going: Going, one: Held) -> Problem:
    what = f"bucket {one.resource.physical_id} goes with its stack and holds {contents(_BUCKET, one.stored)}"
    return Problem(where=f"{going.name}.{one.resource.logical_id}", what=what, fix="Pass --empty-buckets to lose them")


def _going(one: Rendered, state: StackState | None, cloud: DataCloud, account: str) -> Going:
    place = StackPlace(account=account, region=one.region, stack=one.name)
    going = Going(stack=one.stack, name=one.name, region=one.region, state=state)
    left = _held(cloud.leftovers(one.name, one.region), one.template["Resources"], cloud, place)
    if state is None or state.status == "REVIEW_IN_PROGRESS":
        return replace(going, kept=left)
    bodies = cloud.template(one.name, one.region).get("Resources", {})
    resources = cloud.resources(one.name, one.region)
    stays = tuple(each for each in resources if bodies.get(each.logical_id, {}).get("DeletionPolicy") in RETAINED)
    goes = tuple(each for each in resources if each not in stays)
    buckets = _held([each for each in goes if each.type == _BUCKET], bodies, cloud, place)
    now = {each.physical_id for each in resources}
    older = [each for each in left if each.resource.physical_id not in now]
    full = tuple(each for each in buckets if each.stored.items)
    return replace(going, deleted=goes, buckets=full, kept=(*_held(stays, bodies, cloud, place), *older))


def _held(
    resources: Sequence[StackResource], bodies: Mapping[str, Any], cloud: DataCloud, place: StackPlace
) -> tuple[Held, ...]:
    found = []
    for resource in resources:
        stored = cloud.stored(resource, place.region)
        if stored is not None:
            body = bodies.get(resource.logical_id)
            named = body is not None and body["Type"] == resource.type and identifier(body, place) is not None
            found.append(Held(resource=resource, stored=stored, named=named))
    return tuple(found)


def destroy_lines(plan: Sequence[Going], *, delete_data: bool, stage: str) -> Iterator[str]:
    """The lines that say what would happen, in order."""
    for going in plan:
        if going.state is None and not going.kept:
            yield f"{going.stack}: {going.name} does not exist"
            continue
        yield f"{going.stack}: {going.name} ({going.region}): {_end(going)}"
        yield from (f"  - empties {_named(bucket)}" for bucket in going.buckets)
        for one in going.kept:
            if delete_data and one in going.data:
                yield f"  - deletes for good {_named(one)}"
            else:
                yield f"  = keeps {_named(one)}{_later(one, going, stage)}"
    if not delete_data and any(going.data for going in plan):
        yield _total(plan)


def _end(going: Going) -> str:
    if going.state is None:
        return "is gone already"
    count = len(going.deleted)
    what = "1 resource is deleted" if count == 1 else f"{count} resources are deleted"
    return f"{what}; its termination protection is switched off" if going.state.protected else what


def _named(one: Held) -> str:
    inside = contents(one.resource.type, one.stored)
    return f"{one.resource.logical_id} {one.resource.physical_id}{f': {inside}' if inside else ''}"


def _later(one: Held, going: Going, stage: str) -> str:
    """What keeping it costs, and what the next deploy does with it; nothing for resources without data."""
    if one.resource.type not in stateful_types():
        return ""
    price = cost(monthly(one.resource.type, one.stored), more=one.stored.more)
    if one.named:
        return f"; {price}; the next deploy takes it back"
    identity = keys(one.resource.type)
    if not importable(one.resource.type) or len(identity) != 1:
        return f"; {price}; the next deploy makes another one"
    command = f"'import {going.stack} {one.resource.logical_id}={one.resource.physical_id} --stage {stage}'"
    return f"; {price}; the next deploy makes another one, unless {command} comes first"


def _total(plan: Sequence[Going]) -> str:
    prices = [monthly(one.resource.type, one.stored) for going in plan for one in going.kept]
    known = sum(price for price in prices if price is not None)
    return f"What is kept costs {cost(known)}, by its size now and prices of {PRICES_OF}; '--delete-data' deletes it."
