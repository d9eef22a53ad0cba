"""``drift``: what was changed in AWS since the stacks were deployed. CloudFormation looks; nothing is changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described, stage
from stacks.deploy.drift import detectable, drift_lines
from stacks.deploy.execute import check_account, deployed_artifact_bucket
from stacks.deploy.sync import drifted
from stacks.forecast.report import CHANGES, NO_CHANGES
from stacks.printable import printable_line
from stacks.rendering import render
from stacks.reporting import answer
from stacks.template.rendered import named

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Print the drift of each stack; 0 for none, 3 for some, as ``diff``."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    asked = named(rendered, arguments.stacks)
    target = cloud(chosen, endpoint(arguments))
    check_account(target, chosen.account)
    states = [detectable(stack, target) for stack in asked]
    synced = drifted(chosen, asked, deployed_artifact_bucket(rendered, target), target)
    results = [(state, (*target.drift(state), *synced.get(state.name, ()))) for state in states]
    answer(
        {state.name: [asdict(drift) for drift in some] for state, some in results},
        lambda: "\n".join(printable_line(line) for state, some in results for line in drift_lines(state, some)),
    )
    return CHANGES if any(some for _, some in results) else NO_CHANGES
