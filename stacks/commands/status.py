"""``status``: all stacks of a stage at a glance, and what is behind the description. Reads only."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stacks import naming
from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described, root, stage
from stacks.commands.undescribed import seen_undescribed
from stacks.deploy.execute import check_account, deployed_artifact_bucket
from stacks.deploy.status import leftover, stack_statuses
from stacks.deploy.sync import drifted
from stacks.printable import printable
from stacks.release.built import built_parameters
from stacks.rendering import render
from stacks.reporting import answer, is_wanted
from stacks.text_table import table
from stacks.ui import console, is_interactive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.deploy.status import StackStatus

_HEADS = ("stack", "region", "status", "last change", "description", "drift")


def run(arguments: Namespace) -> int:
    """Print the state of each stack."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    here = endpoint(arguments)
    packaged = {} if here.emulator else built_parameters(root(arguments), chosen)  # code for the local AWS is its own
    target = cloud(chosen, here)
    check_account(target, chosen.account)
    account = target.account()
    statuses = [stack_statuses(stack, packaged.get(stack.stack, {}), target, account) for stack in rendered]
    changed = drifted(chosen, rendered, deployed_artifact_bucket(rendered, target), target)
    statuses = [
        replace(entry, synced=tuple(resource.physical_id for resource in changed.get(entry.name, ())))
        for entry in statuses
    ]
    statuses += [leftover(stack, target) for stack in seen_undescribed(chosen, rendered, target)]
    rows = [{**asdict(entry), "behind": entry.behind} for entry in statuses]
    if is_wanted() or not is_interactive(sys.stdout, os.environ):
        answer(rows, lambda: table([_row(entry) for entry in statuses], _HEADS))
    else:
        _show(statuses, naming.stack_name(chosen, ""), datetime.now(UTC))
    return 0


def _row(entry: StackStatus) -> tuple[str, ...]:
    return entry.name, entry.region, entry.status or "-", entry.changed or "-", entry.behind, _drift(entry) or "-"


def _drift(entry: StackStatus) -> str:
    return entry.drift.lower().replace("_", " ")


def _show(statuses: Sequence[StackStatus], prefix: str, now: datetime) -> None:
    """The table for a person: fits 80 columns, with a sign and a colour for each state."""
    from rich import box  # noqa: PLC0415 - only a person needs it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title_justify="left", header_style="dim")
    for head in ("", "stack", "region", "status", "changed", "description"):
        shown.add_column(head)
    for entry in statuses:
        sign, style = verdict(entry)
        drift = f", {_drift(entry)}" if entry.drift == "DRIFTED" else ""
        cells = (entry.name.removeprefix(prefix), entry.region, entry.status or "-", age(entry.changed, now))
        shown.add_row(
            Text(sign, style), *(Text(printable(cell)) for cell in cells), Text(printable(entry.behind + drift), style)
        )
    console(sys.stdout).print(shown, soft_wrap=False)


def verdict(entry: StackStatus) -> tuple[str, str]:
    """The sign and the colour of a stack: as described, behind, at work, or failed."""
    failed = "FAILED" in entry.status or ("ROLLBACK" in entry.status and entry.status != "UPDATE_ROLLBACK_COMPLETE")
    if failed or entry.destructive or entry.drift == "DRIFTED":
        return "✗", "red"
    if entry.status.endswith("_IN_PROGRESS"):
        return "…", "cyan"
    if not entry.status:
        return "·", "dim"
    return ("✓", "green") if entry.described and not entry.changes and not entry.synced else ("~", "yellow")


def age(changed: str, now: datetime) -> str:
    """How long ago a time in ISO 8601 was, in its largest unit: ``3 h ago``."""
    if not changed:
        return "-"
    seconds = max(0, int((now - datetime.fromisoformat(changed)).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"
