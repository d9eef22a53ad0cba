"""``lint``: cfn-lint, and our own rules, over what would be rendered now."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.checks import RULES, check
from stacks.checks import Finding as Broken
from stacks.commands.common import described, root, stages
from stacks.foreign.backend import STACK as BACKEND
from stacks.foreign.sam import without_sam
from stacks.linting import Finding, lint
from stacks.rendering import render

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.app import Stage


def run(arguments: Namespace) -> int:
    """Lint the stages; what cfn-lint and rules find fails, but less than errors in a template from elsewhere."""
    app = described(arguments)
    kept = root(arguments) / ".build" / "lint"
    found: dict[str, list[Finding | Broken]] = {}
    count = told = 0
    for stage in stages(app, arguments.stage):
        rendered = without_sam(render(app, stage))
        count += len(rendered)
        found[stage.name] = [*lint(rendered, kept), *check(rendered, (*RULES, *arguments.rules))]
        told += sum(_is_only_told(finding, stage) for finding in found[stage.name])
    failing = sum(finding.fails for findings in found.values() for finding in findings) - told
    if arguments.format == "json":
        print(json.dumps([{"stage": stage, **asdict(one)} for stage, some in found.items() for one in some], indent=2))
    else:
        for stage_name, findings in found.items():
            for finding in findings:
                print(Path(stage_name) / str(finding))
        more = f", and {told} to know of in a template from elsewhere" if told else ""
        print(f"{count} templates, {failing or 'no'} finding{'' if failing == 1 else 's'}{more}")
    return 1 if failing else 0


def _is_only_told(finding: Finding | Broken, stage: Stage) -> bool:
    """Whether a finding stops nothing: who takes a template from elsewhere cannot write reasons into it."""
    mild = finding.rule in {rule.id for rule in RULES} if isinstance(finding, Broken) else finding.rule.startswith("W")
    return mild and finding.stack == BACKEND and stage.backend.template is not None
