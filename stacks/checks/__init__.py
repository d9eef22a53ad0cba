"""Rendered stacks → findings that neither cfn-lint nor another scanner makes. Pure: plain data in, values out.

``RULES`` come with the project; more are functions of one's own (``rule``), handed to ``check`` or to
``stacks.cli.main(rules=[…])``.
"""

from __future__ import annotations

from stacks.checks.rule import Hit, Resource, Rule, Stacks, Target, Template, rule
from stacks.checks.run import RULES, Finding, check, suppressed

__all__ = ["RULES", "Finding", "Hit", "Resource", "Rule", "Stacks", "Target", "Template", "check", "rule", "suppressed"]
