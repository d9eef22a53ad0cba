"""Rules, and what AWS refuses of a description → what ``lint --rules`` prints, and the page of the docs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import ismethod
from typing import TYPE_CHECKING, Literal

from stacks.description.refused import REFUSALS
from stacks.text_table import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stacks.checks.rule import Grade, Rule

_TITLES: dict[Grade, str] = {
    "refused": "Refused by AWS",
    "advice": "Advice",
}
_HEADER = "| rule | of | what it asks for, and why | fix | source |\n|---|---|---|---|---|"
_INTRODUCTION = """# Rules

`python build.py lint` checks the templates with cfn-lint and with the rules below, which know what cfn-lint does not.
This page is generated: `python build.py lint --rules --format markdown > docs/rules.md`.

* **Refused**: AWS is known not to take it. In a template it always fails `lint` and `deploy` (exit code 1), and
  therefore pipelines, in templates of other frameworks and in your own resources too; it cannot be suppressed. The
  local AWS refuses such a template from any client. Errors of cfn-lint count as refused. A description is refused when
  it is read (exit code 2), before there is a template; the message ends with the id, as in
  `Use 128 to 10240. [FN-MEMORY-RANGE]`. `python build.py explain FN-MEMORY-RANGE` prints one rule.
* **Advice**: AWS takes it, and it is a risk; or AWS refuses it only of accounts whose quota has not been raised, and
  where its own documents disagree. It fails no deploy, and `lint` unless the template's `Metadata` says why it stays;
  in a template of another framework, where nobody can write that, it is reported and does not fail.

Where a value depends on a parameter without a default, on an imported value or on another stack, a rule does not judge
it. Your own rules are functions, see `stacks/checks/rule.py`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEntry:
    """A line of the book. Texts carry no closing full stop."""

    id: str
    grade: Grade
    of: Literal["template", "description"]
    """Where it is found: in rendered templates (and in descriptions that name its id), or in descriptions alone."""
    asks: str
    """What it asks for, in one sentence; empty where ``why`` says it."""
    why: str
    fix: str
    source: str


def entries(rules: Iterable[Rule]) -> tuple[BookEntry, ...]:
    """The book: the given rules, and what AWS refuses of descriptions; what is refused first, then by id."""
    of_templates = (
        BookEntry(
            id=rule.id,
            grade=rule.grade,
            of="template",
            asks=_first_line(rule),
            why=rule.why,
            fix=rule.fix,
            source=rule.source,
        )
        for rule in rules
    )
    of_descriptions = (
        BookEntry(
            id=refusal.id,
            grade="refused",
            of="description",
            asks="",
            why=refusal.why,
            fix=refusal.fix,
            source=refusal.source,
        )
        for refusal in REFUSALS
    )
    return tuple(sorted((*of_templates, *of_descriptions), key=lambda entry: (entry.grade != "refused", entry.id)))


def _first_line(rule: Rule) -> str:
    of_table = ismethod(rule.find)  # why says it all
    return "" if of_table else (rule.find.__doc__ or "").strip().partition("\n")[0]


def rule_table(book: Sequence[BookEntry]) -> str:
    """The book as an aligned table, and how many rules it has."""
    rows = [(entry.id, entry.grade, entry.of, entry.why) for entry in book]
    refused = [entry for entry in book if entry.grade == "refused"]
    early = sum(entry.of == "description" for entry in refused)
    counts = f"{len(book)} rules: {len(refused)} of what AWS refuses ({early} of these in descriptions alone), "
    return f"{table(rows, ('rule', 'grade', 'of', 'why'))}\n\n{counts}{len(book) - len(refused)} of advice"


def rule_page(book: Sequence[BookEntry]) -> str:
    """The page of the documentation: every rule with what it asks for, why, and what to do."""
    parts = [_INTRODUCTION]
    for grade, title in _TITLES.items():
        results = [entry for entry in book if entry.grade == grade]
        parts.append(f"## {title} ({len(results)})\n\n{_HEADER}")
        parts += [
            f"| `{entry.id}` | {entry.of} | {_cell(_sentences(entry))} | {_cell(entry.fix)}. | {_link(entry.source)} |"
            for entry in results
        ]
        parts.append("")
    return "\n".join(parts)


def _link(source: str) -> str:
    of = "AWS" if "docs.aws.amazon.com" in source else "report" if "github.com" in source else "source"
    return f"[{of}]({source})"


def _sentences(entry: BookEntry) -> str:
    why = f"{entry.why[0].upper()}{entry.why[1:]}."
    return f"{entry.asks} {why}".strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("``", "`")
