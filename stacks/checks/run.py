"""Rendered stacks and rules → findings. Pure.

A finding that is intended is listed in the template's own metadata, with the reason why it stays::

    Metadata:
      stacks:
        skip:
          - {id: USERS-SIGN-UP, resources: [UserPool], reason: "the application is open to everyone by design"}

``resources`` names logical ids, or routes of an API (``Api GET /notes``); without it the whole template is meant. A
suppression that suppresses nothing, or says in fewer than 20 characters why, is a finding itself. What AWS refuses
cannot be suppressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.checks import (
    callers,
    compute,
    edge,
    expected_builds,
    expected_data,
    expected_edge,
    expected_services,
    firewall,
    opened,
    outgoing,
    platform,
    reach,
    refused,
    related,
    rights,
    storage,
    users,
    web,
    written,
)
from stacks.checks.refused.resolve import resolved
from stacks.checks.rule import Grade, Hit, JudgedStack, Rule, Stacks
from stacks.checks.values import text, texts
from stacks.errors import CheckError, Problem, UsageError
from stacks.json_types import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.json_types import JsonObject

RULES: tuple[Rule, ...] = (
    *refused.RULES,
    *refused.ADVICE,
    *rights.RULES,
    *reach.RULES,
    *callers.RULES,
    *firewall.RULES,
    *opened.RULES,
    *outgoing.RULES,
    *web.RULES,
    *written.RULES,
    *edge.RULES,
    *compute.RULES,
    *users.RULES,
    *platform.RULES,
    *storage.RULES,
    *expected_data.RULES,
    *expected_services.RULES,
    *expected_edge.RULES,
    *expected_builds.RULES,
    *related.RULES,
)
"""The rules that come with the project."""

SHORTEST_REASON = 20
"""Characters that a suppression's reason has at least."""

_SKIPS = "Metadata.stacks.skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A rule that does not hold somewhere: where, what, why and how to correct it."""

    stack: str
    logical_id: str
    path: str
    rule: str
    what: str
    why: str
    fix: str
    source: str
    grade: Grade = "advice"
    part: str = ""
    """A route of the resource, where suppressions name that: ``GET /notes``."""

    @property
    def names(self) -> frozenset[str]:
        """What suppressions may call the place."""
        return frozenset({self.logical_id, f"{self.logical_id} {self.part}"} if self.part else {self.logical_id})

    @property
    def fails(self) -> bool:
        """Always: intended findings are suppressed."""
        return True

    def __str__(self) -> str:
        place = f"{self.stack}: {self.logical_id}: {self.path}"
        return f"{place}: {self.rule} {self.what}: {self.why}. {self.fix}."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Skip:
    stack: str
    rule: str
    on: tuple[str, ...]
    reason: str
    place: str

    def covers(self, finding: BrokenRule) -> bool:
        """Whether it is this finding that is intended."""
        if (self.stack, self.rule) != (finding.stack, finding.rule) or finding.grade == "refused":
            return False
        return not self.on or not finding.names.isdisjoint(self.on)


def check(targets: Iterable[JudgedStack], rules: Iterable[Rule] = RULES) -> tuple[BrokenRule, ...]:
    """What is wrong with the stacks of one stage, in the order of stacks and resources; suppressions are honoured.

    Raises:
        UsageError: when two rules have the same id.
    """
    stacks, known = Stacks(targets), tuple(rules)
    findings = list(_broken_rules(stacks, known))
    skips = [skip for target in stacks.targets for skip in _skips(target)]
    left = [finding for finding in findings if not any(skip.covers(finding) for skip in skips)]
    return (*left, *_bad_skips(skips, findings, known))


def refuse_refused(targets: Iterable[JudgedStack]) -> None:
    """Let stacks pass that AWS is not known to refuse.

    Raises:
        CheckError: with one problem for each finding of the grade ``refused``.
    """
    findings = _broken_rules(Stacks(targets), refused.RULES)
    problems = tuple(
        Problem(
            where=f"{finding.stack}: {finding.logical_id}: {finding.path}",
            what=f"{finding.rule} {finding.what}: {finding.why}",
            fix=f"{finding.fix} ({finding.source})",
        )
        for finding in findings
    )
    if problems:
        raise CheckError.of(problems)


def suppressed(targets: Iterable[JudgedStack]) -> tuple[tuple[BrokenRule, str], ...]:
    """The findings that are intended, each with its reason."""
    stacks = Stacks(targets)
    skips = [skip for target in stacks.targets for skip in _skips(target)]
    findings = list(_broken_rules(stacks, RULES))
    return tuple((finding, skip.reason) for finding in findings for skip in skips if skip.covers(finding))


def _broken_rules(stacks: Stacks, rules: tuple[Rule, ...]) -> Iterator[BrokenRule]:
    names = [rule.id for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"rule {name}", "is defined twice", "Give each rule a unique id")
    order = {target.stack: index for index, target in enumerate(stacks.targets)}
    known = Stacks(map(resolved, stacks.targets))
    findings = [_finding(rule, hit) for rule in rules for hit in rule(known if rule.grade == "refused" else stacks)]
    yield from sorted(
        findings, key=lambda finding: (order.get(finding.stack, 0), finding.logical_id, finding.path, finding.rule)
    )


def _finding(rule: Rule, hit: Hit) -> BrokenRule:
    return BrokenRule(
        stack=hit.stack,
        logical_id=hit.logical_id,
        path=hit.path,
        rule=rule.id,
        what=hit.what,
        why=rule.why,
        fix=rule.fix,
        source=rule.source,
        part=hit.part,
        grade=rule.grade,
    )


def _skips(target: JudgedStack) -> Iterator[_Skip]:
    metadata: JsonObject = mapping(target.template.get("Metadata"))
    for index, entry in enumerate(map(mapping, items(mapping(metadata.get("stacks")).get("skip")))):
        yield _Skip(
            stack=target.stack,
            rule=text(entry.get("id")) or "",
            on=tuple(texts(entry.get("resources"))),
            reason=text(entry.get("reason")) or "",
            place=f"{_SKIPS}[{index}]",
        )


def _bad_skips(skips: list[_Skip], findings: list[BrokenRule], rules: tuple[Rule, ...]) -> Iterator[BrokenRule]:
    """Suppressions without a reason, of no rule, or of nothing: for each resource they name."""
    known = {rule.id: rule for rule in rules}
    for skip in skips:
        if skip.rule in known and known[skip.rule].grade == "refused":
            what = f"suppresses {skip.rule}, which AWS refuses"
            yield _about(skip, "SKIP-REFUSED", what, "Remove it, and correct what is refused")
            continue
        covered = {name for finding in findings if skip.covers(finding) for name in finding.names}
        if len(skip.reason) < SHORTEST_REASON:
            what = f"says in {len(skip.reason)} characters why, {SHORTEST_REASON} are needed"
            yield _about(skip, "SKIP-REASON", what, "Give the reason why the finding is accepted")
        if skip.rule in known and (not covered or set(skip.on) - covered):
            what = (
                f"suppresses {skip.rule} on {', '.join(sorted(set(skip.on) - covered)) or 'nothing'}, not found there"
            )
            yield _about(skip, "SKIP-STALE", what, "Remove it")


def _about(skip: _Skip, rule: str, what: str, fix: str) -> BrokenRule:
    return BrokenRule(
        stack=skip.stack,
        logical_id="template",
        path=skip.place,
        rule=rule,
        what=what,
        why="a suppression without a reason hides the next mistake",
        fix=fix,
        source="stacks/checks/run.py",
    )
