"""Rules → what ``lint --rules`` prints, and the page of the documentation. Pure."""

from __future__ import annotations

from inspect import ismethod
from typing import TYPE_CHECKING

from stacks.text_table import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stacks.checks.rule import Grade, Rule

_TITLES: dict[Grade, str] = {
    "refused": "Refused by AWS",
    "advice": "Advice",
}
_INTRODUCTION = """# Rules

`python build.py lint` checks the templates with cfn-lint and with the rules below, which know what cfn-lint does not.
This page is generated: `python build.py lint --rules --format markdown > docs/rules.md`.

* **Refused**: AWS is known not to take the template. It always fails `lint` and `deploy` (exit code 1), and therefore
  pipelines, in templates of other frameworks and in your own resources too; it cannot be suppressed. The local AWS
  refuses such a template from any client. Errors of cfn-lint count as refused.
* **Advice**: AWS takes it, and it is a risk. It fails `lint` unless the template's `Metadata` says why it stays; in a
  template of another framework, where nobody can write that, it is reported and does not fail.

Where a value depends on a parameter without a default, on an imported value or on another stack, a rule does not judge
it. Your own rules are functions, see `stacks/checks/rule.py`.
"""


def of_grade(rules: Iterable[Rule], grade: Grade) -> tuple[Rule, ...]:
    """The rules of a grade, by their ids."""
    return tuple(sorted((one for one in rules if one.grade == grade), key=lambda one: one.id))


def first_line(rule: Rule) -> str:
    """What the rule asks for, in one sentence."""
    of_table = ismethod(rule.find)  # why says it all
    return "" if of_table else (rule.find.__doc__ or "").strip().partition("\n")[0]


def rule_table(rules: Sequence[Rule]) -> str:
    """The rules as an aligned table, what AWS refuses first, and how many there are."""
    ordered = [*of_grade(rules, "refused"), *of_grade(rules, "advice")]
    rows = [(one.id, one.grade, one.why) for one in ordered]
    counts = f"{len(rules)} rules: {len(of_grade(rules, 'refused'))} of what AWS refuses, "
    return f"{table(rows, ('rule', 'grade', 'why'))}\n\n{counts}{len(of_grade(rules, 'advice'))} of advice"


def rule_page(rules: Sequence[Rule]) -> str:
    """The page of the documentation: every rule with what it asks for, why, and what to do."""
    parts = [_INTRODUCTION]
    for grade, title in _TITLES.items():
        found = of_grade(rules, grade)
        parts.append(
            f"## {title} ({len(found)})\n\n| rule | what it asks for, and why | fix | source |\n|---|---|---|---|"
        )
        parts += [
            f"| `{one.id}` | {_cell(_sentences(one))} | {_cell(one.fix)}. | [AWS]({one.source}) |" for one in found
        ]
        parts.append("")
    return "\n".join(parts)


def _sentences(rule: Rule) -> str:
    why = f"{rule.why[0].upper()}{rule.why[1:]}."
    return f"{first_line(rule)} {why}".strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("``", "`")
