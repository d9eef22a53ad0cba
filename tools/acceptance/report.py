"""Results of an acceptance run → a dated report, as Markdown and as JSON. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one step."""

    step: str
    promises: Sequence[str]
    """The rows of ARCHITECTURE.md's table that need the step."""
    outcome: Outcome
    detail: str = ""
    """Why it failed or was skipped, or what was seen."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A resource that is still there after everything was removed."""

    resource: str
    monthly: float | None
    """USD a month while it is not used; None when that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An acceptance run as a whole."""

    date: str
    """ISO 8601, in UTC."""
    local: bool
    """Whether it was the local AWS."""
    region: str
    version: str
    commit: str
    """Of the project: ``06cd0cb``, with ``+`` when files were changed since."""
    results: Sequence[Result]
    leftovers: Sequence[Leftover]

    @property
    def target(self) -> str:
        """Where it ran, for people."""
        return "the local AWS" if self.local else f"AWS, {self.region}"

    @property
    def failed(self) -> bool:
        """Whether a step failed."""
        return any(result.outcome == "failed" for result in self.results)


def as_json(report: Report) -> str:
    """The report for programs, with a closing newline."""
    return json.dumps({**asdict(report), "target": report.target}, indent=2) + "\n"


def as_markdown(report: Report) -> str:
    """The report for people: a table of steps, and what is left."""
    counts = {
        kind: sum(result.outcome == kind for result in report.results) for kind in ("passed", "failed", "skipped")
    }
    lines = [
        "# Acceptance run",
        "",
        f"{report.date} · {report.target} · serverless-stacks {report.version}, commit {report.commit}",
        "",
        f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped.",
        "",
        "| step | promises | outcome | seen | s |",
        "|---|---|---|---|---|",
        *(_row(result) for result in report.results),
        "",
        "## Left over",
        "",
        *(bullet(leftover) for leftover in report.leftovers),
        *([] if report.leftovers else ["Nothing."]),
        "",
    ]
    return "\n".join(lines)


def _row(result: Result) -> str:
    detail = result.detail.replace("|", "\\|").replace("\n", " ")
    return f"| {result.step} | {'; '.join(result.promises)} | {result.outcome} | {detail} | {result.seconds:.0f} |"


def bullet(leftover: Leftover) -> str:
    """A line of a list: what is left, and what it costs."""
    price = "price unknown" if leftover.monthly is None else f"{leftover.monthly:.2f} USD a month"
    return f"* {leftover.resource} ({price})"
