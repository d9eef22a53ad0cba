"""``destroy``: say what deleting a stage's stacks would do, ask, and do it; data only goes when that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.commands.asking import typed
from stacks.commands.aws import connected, endpoint, lock_of
from stacks.commands.common import described, stage
from stacks.commands.signals import interruptible
from stacks.commands.undescribed import seen_undescribed
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee, needed, refuse_unasked, told
from stacks.deploy.execute import artifact_bucket, check_account
from stacks.deploy.undescribed import together
from stacks.errors import UsageError
from stacks.rendering import render
from stacks.template.rendered import named
from stacks.ui import Screen

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.app import Stage


def run(arguments: Namespace) -> int:
    """Print the plan, ask for the stage's name, then delete."""
    from stacks.aws.stored_data import BotoData  # noqa: PLC0415 - brings boto3

    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    _refuse_protected(chosen)
    target = connected(BotoData, chosen, endpoint(arguments))
    check_account(target, chosen.account)
    rendered = together(rendered, seen_undescribed(app, chosen, rendered, target))
    going = named(rendered, arguments.stacks)
    needed(rendered, going, target)
    plan = foresee(going, target)
    print("\n".join(told(plan, delete_data=arguments.delete_data, stage=chosen.name)))
    if not any(one.state or (arguments.delete_data and one.data) for one in plan):
        print("Nothing is to be deleted.")
        return 0
    refuse_unasked(plan, target, unprotect=arguments.unprotect, empty_buckets=arguments.empty_buckets)
    question = f"This cannot be undone. Type the stage's name, {chosen.name}, to go on:"
    if not typed(arguments, question, chosen.name):
        print("Nothing was deleted.")
        return 1
    with interruptible(), lock_of(target, take_over=arguments.take_over) as lock, Screen() as screen:
        if bucket := artifact_bucket(rendered, target):
            lock.take(bucket)
        destroy(plan, target, screen.show, delete_data=arguments.delete_data)
    return 0


def _refuse_protected(chosen: Stage) -> None:
    if chosen.protected:
        fix = f"If it really shall go, take 'protected: true' out of stages.{chosen.name} first"
        raise UsageError(f"stages.{chosen.name}", "is protected and is not destroyed", fix)
