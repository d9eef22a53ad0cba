"""Findings and suppressions → what is left, what is intended, what is stale. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.scan.scanners import Match, Scan

SHORTEST_REASON = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A suppression that a template carries; without ``resources`` the whole template is meant."""

    file: str
    rule: str
    reason: str
    resources: tuple[str, ...] = ()

    def covers(self, result: Match) -> bool:
        """Whether it is this finding that is meant; ``IAM5`` is any pack's, whatever it says in brackets."""
        name = re.sub(r"\[.*", "", result.rule)
        return (
            result.file == self.file
            and (name == self.rule or name.endswith(f"-{self.rule}"))
            and (not self.resources or result.resource in self.resources)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a scanner's findings come to."""

    left: tuple[Match, ...]
    meant: int
    stale: tuple[str, ...]


def judged(results: frozenset[Match], meant: list[Meant]) -> Verdict:
    """Compare the findings of a scanner that read no suppressions with the suppressions."""
    covered = {result for result in results if any(accepted.covers(result) for accepted in meant)}
    return Verdict(left=tuple(sorted(results - covered)), meant=len(covered), stale=tuple(_stale(results, meant)))


def _stale(results: frozenset[Match], meant: list[Meant]) -> Iterator[str]:
    for entry in meant:
        hit = {finding.resource for finding in results if entry.covers(finding)}
        unused = set(entry.resources) - hit if entry.resources else set() if hit else {"anything"}
        if unused:
            yield f"{entry.file}: {entry.rule} is suppressed on {', '.join(sorted(unused))}, where nothing is found"
        if len(entry.reason) < SHORTEST_REASON:
            yield f"{entry.file}: {entry.rule} is suppressed without a reason of {SHORTEST_REASON} characters"


def of_owners(scan: Scan, owners: Mapping[str, Mapping[str, str]], *, routes: bool) -> Scan:
    """Findings on resources that stand for parts of an API's body as findings on the API, or on its ``routes``."""

    def owner(entry: Match) -> str:
        name = owners[entry.file].get(entry.resource, entry.resource)
        return name if routes else name.partition(" ")[0]

    return replace(scan, matches=frozenset(replace(entry, resource=owner(entry)) for entry in scan.matches))


def of_checkov(file: str, template: Mapping[str, Any]) -> Iterator[Meant]:
    """What a template suppresses for checkov, resource by resource."""
    for name, body in template["Resources"].items():
        for skip in body.get("Metadata", {}).get("checkov", {}).get("skip", ()):
            yield Meant(file=file, rule=skip["id"], reason=skip["comment"], resources=(name,))


def of_nag(file: str, template: Mapping[str, Any]) -> Iterator[Meant]:
    """What a template suppresses for cdk-nag."""
    for suppress in template.get("Metadata", {}).get("cdk_nag", {}).get("rules_to_suppress", ()):
        yield Meant(
            file=file, rule=suppress["id"], reason=suppress["reason"], resources=tuple(suppress.get("resources", ()))
        )


def of_cfn_lint(file: str, template: Mapping[str, Any]) -> Iterator[Meant]:
    """What a template suppresses for cfn-lint."""
    section = template.get("Metadata", {}).get("cfn-lint", {})
    for rule in section.get("config", {}).get("ignore_checks", ()):
        yield Meant(file=file, rule=rule, reason=section.get("reason", ""))


def bare(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template without any metadata: what a scanner finds in it is all that it finds."""
    resources = {
        name: {key: value for key, value in body.items() if key != "Metadata"}
        for name, body in template["Resources"].items()
    }
    return {**{key: value for key, value in template.items() if key != "Metadata"}, "Resources": resources}
