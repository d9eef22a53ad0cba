"""``destroy``: say what deleting a stage's stacks would do, ask, and do it; data only goes when that is said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stacks.commands.aws import connected, lock_of
from stacks.commands.common import described, stage
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee, needed, refuse_unasked, told
from stacks.deploy.execute import check_account, outputs
from stacks.errors import UsageError
from stacks.rendering import render
from stacks.ui import Screen
from stacks.wiring import ARTIFACT_BUCKET

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import Stage
    from stacks.template.rendered import Rendered


def run(arguments: Namespace) -> int:
    """Print the plan, ask for the stage's name, then delete."""
    from stacks.aws.stored_data import BotoData  # noqa: PLC0415 - brings boto3

    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    going = _asked(rendered, arguments.stacks)
    _refuse_protected(chosen)
    target = connected(BotoData, chosen, arguments.endpoint_url)
    check_account(target, chosen.account)
    needed(rendered, going, target)
    plan = foresee(going, target)
    print("\n".join(told(plan, delete_data=arguments.delete_data, stage=chosen.name)))
    if not any(one.state or (arguments.delete_data and one.data) for one in plan):
        print("Nothing is to be deleted.")
        return 0
    refuse_unasked(plan, target, unprotect=arguments.unprotect, empty_buckets=arguments.empty_buckets)
    if not confirmed(arguments, chosen.name):
        print("Nothing was deleted.")
        return 1
    with lock_of(target, take_over=arguments.take_over) as lock, Screen() as screen:
        if bucket := outputs(rendered, target).get(ARTIFACT_BUCKET.stack, {}).get(ARTIFACT_BUCKET.name):
            lock.take(bucket)
        destroy(plan, target, screen.show, delete_data=arguments.delete_data)
    return 0


def _asked(rendered: Sequence[Rendered], names: Sequence[str]) -> list[Rendered]:
    known = [one.stack for one in rendered]
    if unknown := sorted(set(names) - set(known)):
        raise UsageError(", ".join(unknown), "there is no such stack", f"Name one of {', '.join(known)}")
    return [one for one in rendered if not names or one.stack in names]


def _refuse_protected(chosen: Stage) -> None:
    if chosen.protected:
        fix = f"If it really shall go, take 'protected: true' out of stages.{chosen.name} first"
        raise UsageError(f"stages.{chosen.name}", "is protected and is not destroyed", fix)


def confirmed(arguments: Namespace, name: str) -> bool:
    """Ask for the stage's name: a "y" is typed too easily.

    Raises:
        UsageError: when nobody is there to answer.
    """
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("destroy", "asks before it goes on, and there is no terminal", "Add --yes to agree")
    return input(f"This cannot be undone. Type the stage's name, {name}, to go on: ").strip() == name
