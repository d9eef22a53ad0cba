"""``destroy``: report what deleting a stage's stacks would do, ask, and do it; data goes only when that is requested.

Of a preview stage nothing is kept. With ``--region`` it deletes what is deployed there of a stage that the description
no longer has, or has elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.app import Stage
from stacks.commands.asking import typed
from stacks.commands.aws import connected, endpoint, lock_of
from stacks.commands.common import described, stage
from stacks.commands.signals import interruptible
from stacks.commands.undescribed import seen_undescribed
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import destroy_lines, foresee, needed, refuse_unasked
from stacks.deploy.execute import check_account, deployed_artifact_bucket
from stacks.deploy.undescribed import abandoned, together
from stacks.errors import DeployError, UsageError
from stacks.rendering import render
from stacks.reporting import done
from stacks.template.rendered import named
from stacks.ui import Screen

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import App
    from stacks.aws.stored_data import BotoData
    from stacks.template.rendered import Rendered


def run(arguments: Namespace) -> int:
    """Print the plan, ask for the stage's name, then delete."""
    from stacks.aws.stored_data import BotoData  # noqa: PLC0415 - brings boto3

    app = described(arguments)
    chosen = stage_to_destroy(app, arguments)
    _refuse_protected(chosen)
    target = connected(BotoData, chosen, endpoint(arguments))
    check_account(target, chosen.account)
    rendered = _deployed_of(app, chosen, target)
    if chosen.preview_of:
        print(f"{chosen.name} is a preview of {chosen.preview_of}: its data and files are deleted with it.")
        arguments.delete_data = arguments.empty_buckets = arguments.unprotect = True
    going = named(rendered, arguments.stacks)
    needed(rendered, going, target)
    plan = foresee(going, target)
    print("\n".join(destroy_lines(plan, delete_data=arguments.delete_data, stage=chosen.name)))
    if not any(entry.state or (arguments.delete_data and entry.data) for entry in plan):
        print("Nothing is to be deleted.")
        done(stage=chosen.name, deleted=False)
        return 0
    refuse_unasked(plan, target, unprotect=arguments.unprotect, empty_buckets=arguments.empty_buckets)
    question = f"This cannot be undone. Type the stage's name, {chosen.name}, to go on:"
    if not typed(arguments, question, chosen.name):
        print("Nothing was deleted.")
        return 1
    with interruptible(), lock_of(target, take_over=arguments.take_over) as lock, Screen() as screen:
        if bucket := deployed_artifact_bucket(rendered, target):
            lock.take(bucket, rendered)
        destroy(plan, target, screen.show, delete_data=arguments.delete_data)
    done(stage=chosen.name, deleted=True)
    return 0


def stage_to_destroy(app: App, arguments: Namespace) -> Stage:
    """The stage to destroy: a described one, or with ``--region`` one that is deployed without being described there.

    Raises:
        UsageError: when the stage is unknown and no region is given, or a region without a stage.
    """
    region, name = arguments.region, arguments.stage
    if region is None:
        if name is not None and name not in app.stages:
            fix = "Add --region REGION to destroy a stage that was removed from the description"
            raise UsageError(f"--stage {name}", "is not described", f"{fix}, or name one of {', '.join(app.stages)}")
        return stage(app, name)
    if name is None:
        raise UsageError("--region", "needs the name of a stage", "Add --stage NAME")
    if name in app.stages:
        return replace(app.stages[name], region=region)
    return Stage(name=name, app_name=app.name, region=region)


def _deployed_of(app: App, chosen: Stage, target: BotoData) -> Sequence[Rendered]:
    """The stacks of a stage in dependency order: as described, with those that left the description."""
    described_stage = app.stages.get(chosen.name)
    if described_stage is not None and described_stage.region == chosen.region:
        rendered = render(app, chosen)
        return together(rendered, seen_undescribed(chosen, rendered, target))
    rendered = render(app, described_stage) if described_stage else ()
    stacks = abandoned(chosen, rendered, target)
    if not stacks:
        where = f"--stage {chosen.name} --region {chosen.region}"
        fix = "Check the name and the region: the CloudFormation console lists the stacks of each region"
        raise DeployError(where, f"no stack of {chosen.app_name}-{chosen.name} is deployed there or in us-east-1", fix)
    return stacks


def _refuse_protected(chosen: Stage) -> None:
    if chosen.protected:
        fix = f"To destroy it, first remove 'protected: true' from stages.{chosen.name}"
        raise UsageError(f"stages.{chosen.name}", "is protected and is not destroyed", fix)
