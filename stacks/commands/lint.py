"""``lint``: cfn-lint, and our own rules, over what would be rendered now."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.checks import RULES, check
from stacks.checks import Finding as Broken
from stacks.commands.common import described, stages
from stacks.files import cache_folder
from stacks.foreign.sam import without_sam
from stacks.linting import Finding, lint
from stacks.rendering import render
from stacks.stages.stacks import BACKEND

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.app import Stage


def run(arguments: Namespace) -> int:
    """Lint the stages; what cfn-lint and rules find fails, but less than errors in a template from elsewhere."""
    app = described(arguments)
    found: list[tuple[Stage, Finding | Broken]] = []
    count = 0
    for stage in stages(app, arguments.stage):
        rendered = without_sam(render(app, stage))
        count += len(rendered)
        both: list[Finding | Broken] = [
            *lint(rendered, cache_folder("lint")),
            *check(rendered, (*RULES, *arguments.rules)),
        ]
        found += [(stage, one) for one in both]
    fails = [one.fails and not _is_only_told(one, stage) for stage, one in found]
    if arguments.format == "json":
        made = [
            {"stage": stage.name, **asdict(one), "fails": bad} for (stage, one), bad in zip(found, fails, strict=True)
        ]
        print(json.dumps(made, indent=2))
    else:
        for stage, one in found:
            print(Path(stage.name) / str(one))
        failing, told = sum(fails), sum(one.fails for _, one in found) - sum(fails)
        more = f", and {told} to know of in a template from elsewhere" if told else ""
        print(f"{count} templates, {failing or 'no'} finding{'' if failing == 1 else 's'}{more}")
    return 1 if any(fails) else 0


def _is_only_told(finding: Finding | Broken, stage: Stage) -> bool:
    """Whether a finding stops nothing: who takes a template from elsewhere cannot write reasons into it."""
    mild = finding.rule in {rule.id for rule in RULES} if isinstance(finding, Broken) else finding.rule.startswith("W")
    return mild and finding.stack == BACKEND and stage.backend.template is not None
