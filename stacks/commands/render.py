"""``render``: templates and parameter files under ``templates_out/``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from stacks.commands.common import described, root, stages
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.limits import within_limits
from stacks.parts.base.prices import standing_costs
from stacks.release import packaged_parameters
from stacks.rendering import Written, render, write
from stacks.tables import table

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Render the stages, write what changed, say what there is."""
    app = described(arguments)
    chosen = [(stage, render(app, stage)) for stage in stages(app, arguments.stage)]
    for warning in within_limits([one for _, rendered in chosen for one in rendered]):
        print(warning, file=sys.stderr)
    for stage, _ in chosen:
        for cost in standing_costs(stage):
            print(cost, file=sys.stderr)
    secrets = secrets_of(arguments.app, app)
    for stage, rendered in chosen:
        keep_secret(secrets, rendered=rendered, parameters=packaged_parameters(root(arguments), stage))
    written: list[Written] = []
    for stage, rendered in chosen:
        written += write(stage.name, rendered, arguments.out, packaged_parameters(root(arguments), stage))
    if arguments.format == "json":
        print(json.dumps([asdict(one) for one in written], indent=2))
    else:
        print(_told(written))
    return 0


def _told(written: list[Written]) -> str:
    headers = ("stage", "stack", "resources", "bytes", "file")
    rows = [(one.stage, one.stack, str(one.resources), str(one.bytes), one.file) for one in written]
    changed = sum(one.changed for one in written)
    return f"{table(rows, headers, right=(2, 3))}\n{len(written)} templates, {changed or 'none'} changed"
