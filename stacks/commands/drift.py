"""``drift``: what was changed in AWS since the stacks were deployed. CloudFormation looks; nothing is changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described, stage
from stacks.deploy.drift import detectable, drift_lines
from stacks.deploy.execute import check_account
from stacks.forecast.report import CHANGES, NO_CHANGES, printable_line
from stacks.rendering import render
from stacks.reporting import answer
from stacks.template.rendered import named

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Print the drift of each stack; 0 for none, 3 for some, as ``diff``."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    asked = named(render(app, chosen), arguments.stacks)
    target = cloud(chosen, endpoint(arguments))
    check_account(target, chosen.account)
    states = [detectable(one, target) for one in asked]
    found = [(state, target.drift(state)) for state in states]
    answer(
        {state.name: [asdict(one) for one in drifted] for state, drifted in found},
        lambda: "\n".join(printable_line(line) for state, drifted in found for line in drift_lines(state, drifted)),
    )
    return CHANGES if any(drifted for _, drifted in found) else NO_CHANGES
