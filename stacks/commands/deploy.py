"""``deploy``: code, stacks in the order of their references, static files, and where the site is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.commands.aws import agreed, cloud, endpoint, is_here
from stacks.commands.common import described, root, stage
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.deploy.execute import check_account, deploy
from stacks.deploy.plan import Code, make_plan
from stacks.deploy.resume import continue_rollbacks
from stacks.errors import UsageError
from stacks.forecast.guard import foresee_plan, refuse_unnamed, second_look
from stacks.limits import within_limits
from stacks.packaging import package
from stacks.release import bundles, code_of, code_parameters, keep_parameters, publication
from stacks.rendering import render
from stacks.ui import Screen, addresses, outputs_table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import Stage
    from stacks.rendering import Rendered


def run(arguments: Namespace) -> int:
    """Deploy a stage, or some of its stacks; what would lose data is refused unless it is named."""
    if arguments.skip and not arguments.continue_rollback:
        raise UsageError("--skip", "says what a rollback leaves out", "Say --continue-rollback, too")
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    within_limits(rendered)
    secrets, publish = secrets_of(arguments.app, app), publication(chosen, root(arguments))
    keep_secret(secrets, rendered=rendered, publish=publish)
    code: tuple[Code, ...] = ()
    if not arguments.stacks or any(name.startswith("backend") for name in arguments.stacks):
        artifacts = package(
            bundles(chosen, root(arguments)), root=root(arguments), out=root(arguments) / ".build", say=print
        )
        keep_secret(secrets, artifacts=artifacts)
        parameters = code_parameters(chosen, rendered, artifacts)
        keep_parameters(root(arguments), chosen, parameters)
        code = code_of(parameters, artifacts)
    plan = make_plan(rendered, code=code, publish=publish, only=arguments.stacks)
    target = cloud(chosen, arguments.endpoint_url)
    check_account(target, chosen.account)
    if arguments.continue_rollback:
        _continue(arguments, chosen, plan.stacks)
    foreseen = foresee_plan(plan, target)
    refuse_unnamed(foreseen, arguments.allow_replacement)
    with Screen() as screen:

        def ask(question: str) -> bool:
            screen.pause()
            return agreed(arguments, question)

        confirm = second_look(foreseen, arguments.allow_replacement, ask)
        found = deploy(plan, target, screen.show, account=chosen.account, confirm=confirm)
    print(f"{outputs_table(found)}\n\n{addresses(found)}".rstrip())
    return 0


def _continue(arguments: Namespace, chosen: Stage, rendered: Sequence[Rendered]) -> None:
    from stacks.deploy.aws_resume import BotoRollback  # noqa: PLC0415 - brings boto3

    url = endpoint(arguments.endpoint_url)
    target = BotoRollback(chosen.region, endpoint_url=url, credentials=("test", "test") if is_here(url) else None)
    with Screen() as screen:
        continue_rollbacks(rendered, arguments.skip, target, screen.show)
