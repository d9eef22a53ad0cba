"""``deploy``: code, stacks in the order of their references, static files, and where the site is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.commands.aws import agreed, cloud
from stacks.commands.common import described, root, stage
from stacks.deploy.execute import deploy
from stacks.deploy.plan import Code, make_plan
from stacks.packaging import package
from stacks.release import bundles, code_of, code_parameters, keep_parameters, publication
from stacks.rendering import render
from stacks.ui import Screen, outputs_table

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.deploy.cloud import Change, ChangeSet

# What loses data when it is replaced or removed; the deployer of changes known in advance will read the registry.
_STATEFUL = {
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
}


def run(arguments: Namespace) -> int:
    """Deploy a stage, or some of its stacks; what would lose data is asked for first."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    code: tuple[Code, ...] = ()
    if not arguments.stacks or "backend" in arguments.stacks:
        artifacts = package(
            bundles(chosen, root(arguments)), root=root(arguments), out=root(arguments) / ".build", say=print
        )
        keep_parameters(root(arguments), chosen, {"backend": code_parameters(chosen, artifacts)})
        code = code_of(chosen, artifacts)
    plan = make_plan(rendered, code=code, publish=publication(chosen, root(arguments)), only=arguments.stacks)
    with Screen() as screen:

        def confirm(change_set: ChangeSet) -> bool:
            losing = [change for change in change_set.changes if loses_data(change)]
            if not losing:
                return True
            screen.pause()
            return agreed(
                arguments, f"{', '.join(one.logical_id for one in losing)} would be replaced or removed. Go on?"
            )

        target = cloud(chosen, arguments.endpoint_url)
        found = deploy(plan, target, screen.show, account=chosen.account, confirm=confirm)
    print(outputs_table(found))
    return 0


def loses_data(change: Change) -> bool:
    """Whether a change takes away a resource that holds data."""
    return change.type in _STATEFUL and (change.action == "Remove" or change.replacement != "no")
