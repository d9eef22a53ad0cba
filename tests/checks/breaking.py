"""The rendered example, to be broken: a copy of its stacks whose resources can be changed and added to."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from stacks.checks import Template, callers, firewall, opened, outgoing, reach, web, written
from stacks.checks.run import RULES, BrokenRule, check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks import Rendered
    from stacks.checks import Rule

GONE = object()
"""What a property is set to that is to be removed."""


_GRADES = {rule.id: rule.grade for rule in RULES}


INVARIANTS = {
    rule.id for several in (reach, callers, firewall, opened, outgoing, web, written) for rule in several.RULES
}


def of_rule(findings: Sequence[BrokenRule], rule: str) -> list[BrokenRule]:
    """The findings that a broken thing of ``rule`` is judged by: advice alone, or what is refused by that rule.

    What one rule advises against may be refused by another, AWS refuses some things for several reasons, and the
    invariants over the whole stage see many weaknesses that a rule of their own sees as well.
    """
    if _GRADES[rule] == "refused":
        return [finding for finding in findings if finding.rule == rule]
    return [finding for finding in findings if finding.grade == "advice" and finding.rule not in INVARIANTS - {rule}]


class Copy:
    """A copy of the stacks of a stage; ``dev`` has its frontend-edge stack, ``prod`` is all in us-east-1."""

    def __init__(self, rendered: Sequence[Rendered]) -> None:
        self.stacks = {
            stack.stack: Template(stack=stack.stack, region=stack.region, template=deepcopy(dict(stack.template)))
            for stack in rendered
        }

    def resource(self, place: str) -> dict[str, Any]:
        """``data.NotesTable`` → its body."""
        stack, _, name = place.partition(".")
        body: dict[str, Any] = self.stacks[stack].template["Resources"][name]
        return body

    def put(self, place: str, path: str, value: Any) -> None:
        """Set a property, as ``put("data.NotesTable", "KeySchema[0].KeyType", "RANGE")``."""
        *way, last = [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path)]
        node: Any = self.resource(place)["Properties"]
        for part in way:
            node = node[part] if isinstance(part, int) else node.setdefault(part, {})
        if value is GONE:
            del node[last]
        else:
            node[last] = value

    def add(self, place: str, kind: str, **properties: Any) -> None:
        """Add a resource, as ``add("backend.Nightly", "AWS::Events::Rule", ScheduleExpression=…)``."""
        stack, _, name = place.partition(".")
        self.stacks[stack].template["Resources"][name] = {
            "Type": kind,
            "Properties": properties,
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        }

    def skip(self, stack: str, rule: str) -> dict[str, Any]:
        """The suppression of a rule in a stack's metadata, to be changed."""
        skips: list[dict[str, Any]] = self.stacks[stack].template["Metadata"]["stacks"]["skip"]
        return next(skip for skip in skips if skip["id"] == rule)

    def unskip(self, rule: str) -> None:
        """Take the suppressions of a rule away."""
        for template in self.stacks.values():
            skips = template.template.get("Metadata", {}).get("stacks", {}).get("skip", [])
            skips[:] = [skip for skip in skips if skip["id"] != rule]

    def findings(self, *rules: Rule) -> tuple[BrokenRule, ...]:
        """What the rules, or those of the project, find in it."""
        return check(self.stacks.values(), rules) if rules else check(self.stacks.values())
