"""What a stage describes of each kind → what does not agree with the rest. Pure; ``consistency`` gathers the problems.

That functions name things which exist is checked for all kinds in ``backend_rules``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from stacks.errors import nearest
from stacks.kinds import KINDS
from stacks.stages.kinds import at_path, described, kinds_in, place_of, referred, singular, things_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath


class Rules(Protocol):
    """The module ``rules`` of a kind that has one."""

    def problems(self, stage: Stage, at: KeyPath) -> Iterator[Finding]:
        """What is wrong with the things of the kind, which are described at ``at``, and with those that use them."""


def kind_problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """References of things to others that are not described, and what each kind's own rules find."""
    for kind in kinds_in(stage):
        for name, resource in described(kind, stage).items():
            for field, group, names in referred(kind, resource):
                known = things_of(group, stage)
                for other in names:
                    if other not in known:
                        by_name = isinstance(at_path(resource, field), Mapping)
                        where = (*at, *place_of(kind, name), *field.split("."), *((other,) if by_name else ()))
                        yield where, f"there is no {singular(group)} {other!r}", nearest(other, known)
    for kind in KINDS:
        if "rules" in kind.parts:
            rules = cast("Rules", import_module(kind.module("rules")))
            yield from rules.problems(stage, (*at, *kind.group.split(".")))
