"""Rendered stacks → findings that neither cfn-lint nor another scanner makes. Pure: plain data in, values out.

What a rule is made of is here; ``run`` has the ``RULES`` of the project and ``check``, which runs them. Rules of your
own (``rule``) are given to it or ``stacks.cli.main(rules=[…])``. The local AWS checks what AWS refuses (``refused``)
in a process that has the standard library alone, so nothing else is imported here.
"""

from __future__ import annotations

from stacks.checks.rule import Hit, JudgedStack, Resource, Rule, Stacks, Template, rule

__all__ = ["Hit", "JudgedStack", "Resource", "Rule", "Stacks", "Template", "rule"]
