"""``render``: templates and parameter files under ``templates_out/``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from stacks.commands.common import described, out, root, stages
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.commands.template_files import Written, unknown_files, write
from stacks.commands.unchanged import rendered as rendered_stacks
from stacks.limits import LimitUse, budget, too_large, within
from stacks.parts.base.prices import standing_costs
from stacks.release.built import built_parameters
from stacks.reporting import answer
from stacks.text_table import table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence


def run(arguments: Namespace) -> int:
    """Render the stages, write what changed, say what there is."""
    app = described(arguments)
    chosen = [(stage, rendered_stacks(app, stage, arguments.app)) for stage in stages(app, arguments.stage)]
    stacks = [stack for _, rendered in chosen for stack in rendered]
    uses = {stack.name: budget(stack) for stack in stacks}
    for warning in (*within([use for some in uses.values() for use in some]), *too_large(stacks)):
        print(warning, file=sys.stderr)
    for stage, rendered in chosen:
        for cost in standing_costs(stage, rendered):
            print(cost, file=sys.stderr)
    secrets = secrets_of(arguments.app, app)
    for stage, rendered in chosen:
        keep_secret(secrets, rendered=rendered, parameters=built_parameters(root(arguments), stage))
    written: list[Written] = []
    for stage, rendered in chosen:
        written += write(stage.name, rendered, out(arguments), built_parameters(root(arguments), stage))
        for file in unknown_files(stage.name, rendered, out(arguments)):
            print(
                f"{file}: no stack of the stage, and not written here. Delete it if nothing needs it", file=sys.stderr
            )
    limits = {name: [_limit(use) for use in some] for name, some in uses.items()}
    answer([{**asdict(entry), "limits": limits[entry.name]} for entry in written], lambda: _text(written, uses))
    return 0


def _text(written: list[Written], uses: Mapping[str, Sequence[LimitUse]]) -> str:
    headers = ("stage", "stack", "resources", "bytes", "closest limit", "file")
    rows = [
        (entry.stage, entry.stack, str(entry.resources), str(entry.bytes), _nearest(entry, uses), entry.file)
        for entry in written
    ]
    changed = sum(entry.changed for entry in written)
    return f"{table(rows, headers, right=(2, 3))}\n{len(written)} templates, {changed or 'none'} changed"


def _nearest(entry: Written, uses: Mapping[str, Sequence[LimitUse]]) -> str:
    nearest = max(uses[entry.name], key=lambda use: use.share)
    return f"{nearest.amount} {nearest.where.removeprefix(entry.name).removeprefix('.')}".rstrip()


def _limit(use: LimitUse) -> dict[str, str | int]:
    return {"where": use.where, "what": use.what, "used": use.used, "allowed": use.allowed}
