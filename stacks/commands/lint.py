"""``lint``: cfn-lint, and our own rules, over what would be rendered now."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.checks import RULES, check
from stacks.checks import Finding as Broken
from stacks.commands.common import described, root, stages
from stacks.foreign.sam import without_sam
from stacks.linting import Finding, lint
from stacks.rendering import render

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Lint the stages; errors, warnings and every finding of a rule of ours or the user's fail."""
    app = described(arguments)
    kept = root(arguments) / ".build" / "lint"
    found: dict[str, list[Finding | Broken]] = {}
    count = 0
    for stage in stages(app, arguments.stage):
        rendered = without_sam(render(app, stage))
        count += len(rendered)
        found[stage.name] = [*lint(rendered, kept), *check(rendered, (*RULES, *arguments.rules))]
    failing = sum(finding.fails for findings in found.values() for finding in findings)
    if arguments.format == "json":
        print(json.dumps([{"stage": stage, **asdict(one)} for stage, some in found.items() for one in some], indent=2))
    else:
        for stage_name, findings in found.items():
            for finding in findings:
                print(Path(stage_name) / str(finding))
        print(f"{count} templates, {failing or 'no'} finding{'' if failing == 1 else 's'}")
    return 1 if failing else 0
