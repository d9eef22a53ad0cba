"""What a stage says under ``moved`` → what is wrong with it. Pure; ``consistency`` gathers the problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import nearest
from stacks.model.moved import group_and_name
from stacks.stages.kinds import things_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath


def moved_problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Every entry that does not lead from something that is gone to something that is described, one to one."""
    taken: dict[str, str] = {}
    for old, new in stage.moved.items():
        where: KeyPath = (*at, "moved", old)
        other = taken.setdefault(new, old)
        if other != old:
            yield where, f"{new} was moved from {other} already", "Keep the one that was deployed"
        else:
            yield from _entry(stage, old, new, where)


def _entry(stage: Stage, old: str, new: str, where: KeyPath) -> Iterator[Finding]:
    group, name = group_and_name(old)
    if group_and_name(new)[0] != group:
        yield where, f"becomes {new}, which is of another kind", f"Name one of {group}"
        return
    described = things_of(group, stage)
    if name in described:
        yield where, f"{old} is still described", "Rename it, or drop this entry"
    elif new in stage.moved and new != old:
        last = stage.moved[new]
        yield where, f"is moved on from {new} to {last}", f"Write it in one step: '{old}: {last}'"
    elif group_and_name(new)[1] not in described:
        yield where, f"there is no {new}", nearest(group_and_name(new)[1], described)
    elif group == "backend.secrets" and described[group_and_name(new)[1]].kind != "generated":
        what = "is not a generated secret, and its value can be given again"
        yield where, what, f"Drop this entry, and run 'secrets set {group_and_name(new)[1]}'"
