"""Refuses to deploy a stage a second time by accident, after its region, account or name was changed.

When the stage has no base stack in its own region, every other region of the partition is asked for one. CloudFormation
itself is the record of where a stage is, so it does not matter who deployed it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks import naming
from stacks.deploy.undescribed import is_of
from stacks.errors import DeployError, Problem
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.app import Stage
    from stacks.cloud import Cloud

ANOTHER = "--anew"
_AT_ONCE = 8
"""Regions that are asked at the same time; one that is far takes half a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPlace:
    """Where a stage was deployed before: name of the application, account (empty if unknown), region."""

    app: str
    account: str
    region: str


def refuse_moved(stage: Stage, places: Sequence[EarlierPlace], cloud: Cloud) -> None:
    """Raise ``DeployError`` for a stage that is deployed under another name, or was deployed to another account.

    ``places`` are where it was before. Nothing is asked if the stage exists where it is described.
    """
    if not places or cloud.stack(naming.stack_name(stage, BASE), stage.region):
        return
    account = cloud.account()
    problems = [problem for place in places if (problem := _moved(stage, place, account, cloud))]
    if problems:
        raise DeployError.of(tuple(dict.fromkeys(problems)))


def _moved(stage: Stage, place: EarlierPlace, account: str, cloud: Cloud) -> Problem | None:
    if place.account and place.account != account:
        return Problem(
            where=f"stages.{stage.name}.account",
            what=f"the stage was deployed to account {place.account} from this machine, and this is account {account};"
            f" the stacks {place.app}-{stage.name}-… would stay there with their data, and cost what they cost",
            fix=f"Use credentials of {place.account}, destroy the stage there first, or add {ANOTHER} for a second one",
        )
    if place.app == stage.app_name:
        return None
    prefix = f"{place.app}-{stage.name}-"
    base = f"{prefix}{BASE}"
    state = cloud.stack(base, place.region)
    if state is None or state.is_empty or not is_of(cloud.template(base, place.region), place.app, stage.name):
        return None
    stacks = ", ".join(stack.name for stack in cloud.stacks(prefix, place.region))
    return Problem(
        where="name",
        what=f"stage {stage.name} is deployed as {place.app} in {place.region}, not as {stage.app_name};"
        f" these stacks would stay there with their data, and cost what they cost: {stacks}",
        fix=f"Name the application {place.app} again, destroy the stage first, or add {ANOTHER} for a second one",
    )


def elsewhere(stage: Stage, cloud: Cloud) -> tuple[str, ...]:
    """The other regions where a stage is deployed; empty, without asking, if it is deployed in its own.

    Regions that do not answer are skipped: the account has not enabled them, or the credentials have no right there.
    """
    name = naming.stack_name(stage, BASE)
    if cloud.stack(name, stage.region):
        return ()
    others = [region for region in cloud.regions() if region != stage.region]

    def has_stacks(region: str) -> bool:
        try:
            state = cloud.stack(name, region)
            return bool(
                state and not state.is_empty and is_of(cloud.template(name, region), stage.app_name, stage.name)
            )
        except DeployError:
            return False

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return tuple(item for item, deployed in zip(others, threads.map(has_stacks, others), strict=True) if deployed)


def refuse_elsewhere(stage: Stage, cloud: Cloud) -> None:
    """Raise ``DeployError`` for each other region in which a stage is deployed, with what would stay there."""
    if problems := tuple(_problem(stage, region, cloud) for region in elsewhere(stage, cloud)):
        raise DeployError.of(problems)


def _problem(stage: Stage, region: str, cloud: Cloud) -> Problem:
    try:
        states = cloud.stacks(f"{naming.prefix(stage)}-", region)
    except DeployError:  # listing needs a permission of its own
        states = ()
    stacks = ", ".join(state.name for state in states) or naming.stack_name(stage, BASE)
    return Problem(
        where=f"stages.{stage.name}.region",
        what=f"the stage is deployed in {region}, not in {stage.region}; these stacks would stay there with their data,"
        f" and cost what they cost: {stacks}",
        fix=f"Set the region to {region} again, destroy the stage there first, or add {ANOTHER} for a second one",
    )
