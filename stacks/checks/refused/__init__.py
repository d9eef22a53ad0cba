"""The book of refusals: what AWS is known to refuse and no schema says, by kind.

Each is a rule with the grade ``refused``: it always fails ``lint`` and ``deploy``, and the local AWS refuses the
template. Needs the standard library alone, since it also runs inside the local AWS. What is refused of a *change* is
in ``changes``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.checks.refused import (
    agreement,
    apis,
    cdn,
    delivery,
    functions,
    keys,
    lists,
    managed,
    names,
    networks,
    policies,
    ranges,
    references,
    storage,
    templates,
    users,
    web_acls,
)

if TYPE_CHECKING:
    from stacks.checks.rule import Rule

_ALL: tuple[Rule, ...] = (
    *templates.RULES,
    *references.RULES,
    *ranges.RULES,
    *names.RULES,
    *lists.RULES,
    *agreement.RULES,
    *apis.RULES,
    *functions.RULES,
    *cdn.RULES,
    *web_acls.RULES,
    *users.RULES,
    *storage.RULES,
    *policies.RULES,
    *managed.RULES,
    *keys.RULES,
    *networks.RULES,
    *delivery.RULES,
)

RULES = tuple(rule for rule in _ALL if rule.grade == "refused")
"""What AWS refuses of a template."""

ADVICE = tuple(rule for rule in _ALL if rule.grade == "advice")
"""What AWS refuses of most accounts: default quotas that it raises on request; and where its documents disagree."""
