"""Rendered stacks → findings that neither cfn-lint nor another scanner makes. Pure: plain data in, values out.

``RULES`` come with the project; more are functions of your own (``rule``), handed to ``check`` or to
``stacks.cli.main(rules=[…])``. What runs them is imported when it is first asked for: the local AWS checks what AWS
refuses (``refused``) in a process that has the standard library alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.checks.rule import Hit, Resource, Rule, Stacks, Target, Template, rule

if TYPE_CHECKING:
    from stacks.checks.run import RULES, Finding, check, refuse_refused, suppressed

__all__ = [
    "RULES",
    "Finding",
    "Hit",
    "Resource",
    "Rule",
    "Stacks",
    "Target",
    "Template",
    "check",
    "refuse_refused",
    "rule",
    "suppressed",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'stacks.checks' has no attribute {name!r}")
    from stacks.checks import run  # noqa: PLC0415

    return getattr(run, name)
