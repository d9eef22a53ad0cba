"""No deploy role can do what is written in ``attacks``, even where its denials were forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.roles.attacks import ATTACKS, Attack
from tests.roles.simulator import allowed, without_denials

if TYPE_CHECKING:
    from tests.roles.conftest import Role

STACKS = ("data", "backend", "frontend", "frontend-edge", "frontend-logs-edge")


def _ids(attack: Attack) -> str:
    return attack.title.replace(" ", "-")


def test_each_role_meets_over_a_hundred_attacks() -> None:
    assert min(sum(attack.owner != stack for attack in ATTACKS) for stack in STACKS) >= 100


@pytest.mark.parametrize("attack", ATTACKS, ids=_ids)
def test_an_attack_is_denied_to_every_role(attack: Attack, roles: dict[tuple[str, str], Role]) -> None:
    dev = {stack: roles["dev", stack] for stack in STACKS}
    allowing = {stack for stack, role in dev.items() if allowed(role.documents, attack.by(role.rendered.name))}
    assert allowing == {attack.owner} - {""}


@pytest.mark.parametrize("stack", STACKS)
def test_attacks_are_denied_without_the_denials_too(stack: str, roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", stack]
    policies = without_denials(role.documents)
    titles = [
        attack.title for attack in ATTACKS if attack.owner != stack and allowed(policies, attack.by(role.rendered.name))
    ]
    assert titles == (["change a function whose name only looks like ours"] if stack == "backend" else [])
