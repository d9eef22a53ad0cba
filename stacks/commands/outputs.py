"""``outputs``: the outputs of a stage's deployed stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described, stage
from stacks.deploy.execute import outputs
from stacks.errors import DeployError
from stacks.rendering import render
from stacks.reporting import answer
from stacks.ui import outputs_table

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Print the outputs of the deployed stacks."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    result = outputs(render(app, chosen), cloud(chosen, endpoint(arguments)))
    if not result:
        raise DeployError(f"{app.name} {chosen.name}", "is not deployed", "Deploy it: 'deploy --stage …'")
    answer(result, lambda: outputs_table(result))
    return 0
