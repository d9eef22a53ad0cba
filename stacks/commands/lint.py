"""``lint``: cfn-lint, and our own rules, over what would be rendered now; ``--rules`` lists the rules."""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stacks.checks.book import entries, rule_page, rule_table
from stacks.checks.run import RULES, check
from stacks.checks.run import BrokenRule as Broken
from stacks.commands.common import described, root, stages
from stacks.commands.policy_notes import note_blocked
from stacks.description.finding import parted
from stacks.errors import UsageError, counted
from stacks.files import text_of
from stacks.intrinsics.reading import parse
from stacks.linting import LintFinding, lint
from stacks.rendering import render
from stacks.reporting import answer
from stacks.stages.stacks import BACKEND, stack_at
from stacks.transforms.sam import without_sam

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import Stage

ShownGrade = Literal["refused", "advice", "note"]
"""Refused by AWS: always fails. Advice: fails but in a template from elsewhere. Note: for information."""


def run(arguments: Namespace) -> int:
    """Lint the stages. Exit code 1 for what AWS refuses, and for advice on templates that are made here."""
    rules = (*RULES, *arguments.rules)
    if arguments.list_rules:
        book, page = entries(rules), arguments.format == "markdown"
        answer([asdict(entry) for entry in book], lambda: rule_page(book).rstrip("\n") if page else rule_table(book))
        return 0
    if arguments.format == "markdown":
        raise UsageError("--format markdown", "is for the list of rules", "Add --rules, or use text or json")
    app = described(arguments)
    results: list[tuple[Stage, LintFinding | Broken]] = []
    count = 0
    for stage in stages(app, arguments.stage):
        rendered = without_sam(render(app, stage))
        count += len(rendered)
        both: list[LintFinding | Broken] = [*lint(rendered), *check(rendered, rules)]
        results += [(stage, finding) for finding in both]
        note_blocked(stage, root(arguments), partial(print, file=sys.stderr))
    grades = [_grade(finding) for _, finding in results]
    fails = [_fails(finding, grade, stage) for (stage, finding), grade in zip(results, grades, strict=True)]
    places = _places(arguments.app, results)
    matches = [
        {"stage": stage.name, **asdict(finding), "grade": grade, "fails": bad, "described": place}
        for (stage, finding), grade, bad, place in zip(results, grades, fails, places, strict=True)
    ]
    lines = [
        f"{place}: " * bool(place)
        + f"{Path(stage.name) / str(finding)}{' [refused by AWS]' if grade == 'refused' else ''}"
        for (stage, finding), grade, place in zip(results, grades, places, strict=True)
    ]
    answer(matches, lambda: "\n".join([*lines, _summary(count, grades, failing=any(fails))]))
    return 1 if any(fails) else 0


def _places(file: Path, results: Sequence[tuple[Stage, LintFinding | Broken]]) -> list[str | None]:
    """For each finding, the line of the description that says the value (``app.yaml:12``), if one does."""
    if not results:
        return []
    from stacks.description.origins import written  # noqa: PLC0415 - only for findings

    tree, places = parse(text_of(file), file.name), list[str | None]()
    for stage, finding in results:
        steps = parted(finding.path)
        inside = ("Properties", *steps) if isinstance(finding, Broken) else steps[2:]
        line = written(tree, stage.name, finding.stack, finding.logical_id, inside)
        places.append(f"{file.name}:{line}" if line else None)
    return places


def _grade(finding: LintFinding | Broken) -> ShownGrade:
    if isinstance(finding, Broken):
        return finding.grade
    match finding.level:
        case "error":
            return "refused"
        case "warning":
            return "advice"
        case "informational":
            return "note"


def _fails(finding: LintFinding | Broken, grade: ShownGrade, stage: Stage) -> bool:
    """Advice on a template from elsewhere fails nothing: nobody can write reasons into it; users' own rules do."""
    if grade != "advice":
        return grade == "refused"
    is_own_rule = not isinstance(finding, Broken) or finding.rule in {rule.id for rule in RULES}
    stack = stack_at(finding.stack, stage)
    return not (is_own_rule and stack.section == BACKEND and not stack.is_generated)


def _summary(templates: int, grades: Sequence[ShownGrade], *, failing: bool) -> str:
    """``2 templates: 12 findings (3 refused by AWS, 9 advice)``."""
    refused, advice = grades.count("refused"), grades.count("advice")
    number = refused + advice
    what = counted(number, "finding") if number else "no findings"
    named = [f"{refused} refused by AWS" if refused else "", f"{advice} advice" if advice else ""]
    kinds = f" ({', '.join(part for part in named if part)})" if number else ""
    mild = "; advice on a template from elsewhere does not fail" if advice and not failing else ""
    return f"{counted(templates, 'template')}: {what}{kinds}{mild}"
