"""``import``: bring existing resources into a stack, so that the next deploy changes these and makes no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.checks.run import refuse_refused
from stacks.commands.asking import agreed
from stacks.commands.aws import connected, endpoint
from stacks.commands.common import described, root, stage
from stacks.deploy.execute import check_account, deployed_artifact_bucket
from stacks.deploy.importing import ImportRequest, bring_in
from stacks.errors import UsageError
from stacks.release.built import built_parameters
from stacks.rendering import render
from stacks.reporting import done
from stacks.template.rendered import named
from stacks.ui import Screen

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.cloud import ChangeSet


def run(arguments: Namespace) -> int:
    """Show what would be imported, ask, and import it."""
    from stacks.aws.importing import BotoImporting  # noqa: PLC0415 - brings boto3

    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    refuse_refused(rendered)
    (stack,), asked = named(rendered, [arguments.stack]), _asked(arguments.resources)
    parameters = {**built_parameters(root(arguments), chosen).get(stack.stack, {}), **stack.parameters}
    target = connected(BotoImporting, chosen, endpoint(arguments))
    check_account(target, chosen.account)
    bucket = deployed_artifact_bucket(rendered, target)
    wanted = ImportRequest(rendered=stack, parameters=parameters, asked=asked, bucket=bucket)
    with Screen() as screen:

        def ask(_: ChangeSet) -> bool:
            screen.pause()
            return agreed(arguments, "Import?")

        imported = bring_in(wanted, target, screen.show, ask)
    done(imported=imported)
    print(f"'deploy {stack.stack}' brings the rest of the stack." if imported else "Nothing was imported.")
    return 0 if imported else 1


def _asked(words: Sequence[str]) -> dict[str, str]:
    """``NotesTable`` and ``UserPool=eu-west-1_a`` to logical id → identifier."""
    result: dict[str, str] = {}
    for argument in words:
        name, sign, text = argument.partition("=")
        if name in result:
            raise UsageError(argument, f"{name} is named twice", "Name it once")
        if not name or (sign and not text):
            raise UsageError(argument, "is not a resource to import", "Write LOGICAL_ID or LOGICAL_ID=IDENTIFIER")
        result[name] = text
    return result
