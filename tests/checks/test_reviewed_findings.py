"""Where each rule finds what is broken, and what it says there, as it was reviewed: a line for each broken template.

``python -m tests.checks.test_reviewed_findings`` writes what changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from stacks import render
from stacks.checks import Template
from stacks.checks.refused import ADVICE as REFUSED_OF_MOST
from stacks.checks.refused import RULES as REFUSED
from stacks.checks.run import RULES, check
from stacks.loading import validated
from tests.checks import test_more_weaknesses, test_opened, test_weaknesses
from tests.checks.agreement_cases import ADVICE, CASES
from tests.checks.breaking import Copy
from tests.checks.refused_cases import CASES as OTHERS
from tests.checks.test_broken_controls import WIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks import Rendered
    from stacks.checks.run import BrokenRule

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("reviewed_findings.txt")
BY_ID = {rule.id: rule for rule in RULES}
PUT: list[tuple[str, str, str, Any]] = [
    *test_weaknesses.PUT,
    *test_more_weaknesses.PUT,
    *test_opened.PUT,
]
ADD: list[tuple[str, str, dict[str, Any]]] = [*test_weaknesses.ADD, *test_more_weaknesses.ADD, *test_opened.ADD]


def _shown(case: str, findings: Iterable[BrokenRule]) -> Iterator[str]:
    yield f"# {case}"
    yield from (
        f"{finding.rule} {finding.stack}.{finding.logical_id}.{finding.path}: {finding.what}" for finding in findings
    )


def _of_templates() -> Iterator[str]:
    for case in (*CASES, *OTHERS, *ADVICE):
        target = Template(stack="s", region=case.region, template={**case.more, "Resources": case.resources})
        yield from _shown(f"{case.rule or 'taken'}: {case.name}", check([target], (*REFUSED, *REFUSED_OF_MOST)))


def _of_changes(rendered: tuple[Rendered, ...]) -> Iterator[str]:
    for number, (rule, place, path, value) in enumerate(PUT):
        broken = Copy(rendered)
        broken.put(place, path, value)
        yield from _shown(f"{number} {rule}: {place}.{path}", broken.findings(BY_ID[rule]))


def _of_additions(rendered: tuple[Rendered, ...]) -> Iterator[str]:
    for number, (rule, kind, properties) in enumerate(ADD):
        broken = Copy(rendered)
        broken.add("backend.Extra", kind, **properties)
        yield from _shown(f"{number} {rule}: {kind}", broken.findings(BY_ID[rule]))


def written() -> str:
    """The file as it is now."""
    data = yaml.safe_load((ROOT / "app.yaml").read_text(encoding="utf-8"))
    app = validated({**data, "stages": {"dev": WIDE}})
    wide = render(app, app.stages["dev"])
    lines = (*_of_templates(), *_of_changes(wide), *_of_additions(wide))
    return "\n".join([*lines, ""])


def test_findings_are_what_was_reviewed() -> None:
    assert written().splitlines() == FILE.read_text(encoding="utf-8").splitlines()


def test_each_broken_template_is_found_by_its_rule() -> None:
    for case in FILE.read_text(encoding="utf-8").removeprefix("# ").split("\n# "):
        title, *findings = case.splitlines()
        rule = title.partition(":")[0].rpartition(" ")[2]
        rules = {finding.partition(" ")[0] for finding in findings}
        assert rules == set() if rule == "taken" else rule in rules, title


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
