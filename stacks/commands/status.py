"""``status``: all stacks of a stage at a glance, and what is behind the description. Reads only."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described, root, stage
from stacks.commands.undescribed import seen_undescribed
from stacks.deploy.execute import check_account, deployed_artifact_bucket
from stacks.deploy.status import leftover, stack_statuses
from stacks.deploy.sync import drifted
from stacks.release import built_parameters
from stacks.rendering import render
from stacks.reporting import answer
from stacks.text_table import table

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.deploy.status import StackStatus


def run(arguments: Namespace) -> int:
    """Print the state of each stack."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    packaged = built_parameters(root(arguments), chosen)
    target = cloud(chosen, endpoint(arguments))
    check_account(target, chosen.account)
    account = target.account()
    found = [stack_statuses(one, packaged.get(one.stack, {}), target, account) for one in rendered]
    changed = drifted(chosen, rendered, deployed_artifact_bucket(rendered, target), target)
    found = [replace(one, synced=tuple(each.physical_id for each in changed.get(one.name, ()))) for one in found]
    found += [leftover(one, target) for one in seen_undescribed(chosen, rendered, target)]
    heads = ("stack", "region", "status", "last change", "description", "drift")
    rows = [{**asdict(one), "behind": one.behind} for one in found]
    answer(rows, lambda: table([_row(one) for one in found], heads))
    return 0


def _row(one: StackStatus) -> tuple[str, ...]:
    drift = one.drift.lower().replace("_", " ")
    return one.name, one.region, one.status or "-", one.changed or "-", one.behind, drift or "-"
