"""``deploy``: code, stacks in the order of their references, static files, and where the site is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.checks.run import refuse_refused
from stacks.ci.names import deploy_role_arn, preview_role_arn
from stacks.commands.asking import agreed
from stacks.commands.aws import cloud, cognito, connected, endpoint, lock_of
from stacks.commands.checking import check_handlers
from stacks.commands.common import described, root, stage
from stacks.commands.local_places import application_at, note_application
from stacks.commands.places import note, noted
from stacks.commands.planning import planned
from stacks.commands.policy_notes import note_blocked
from stacks.commands.run import run_after_deploy
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.commands.secrets import refuse_unset
from stacks.commands.signals import interruptible
from stacks.commands.undescribed import chosen_to_prune, prune, seen_undescribed
from stacks.deploy import sync
from stacks.deploy.apply import interrupted_between
from stacks.deploy.collisions import refuse_collisions
from stacks.deploy.data_loss import refuse_unnamed, second_look
from stacks.deploy.elsewhere import refuse_elsewhere, refuse_moved
from stacks.deploy.execute import How, check_account, deploy
from stacks.deploy.foresee import foresee_plan
from stacks.deploy.plan import DeployStack
from stacks.deploy.resume import continue_rollbacks
from stacks.description.origins import located
from stacks.errors import DeployError, PackagingError, UsageError
from stacks.limits import code_budget, within, within_limits
from stacks.linting import refuse_failing
from stacks.parts.base.prices import standing_costs
from stacks.progress import NothingChanged, StackFinished, Unguarded
from stacks.release.built import keep_parameters
from stacks.release.publication import publication
from stacks.rendering import render
from stacks.reporting import done
from stacks.stages.rows import is_chosen
from stacks.stages.stacks import BACKEND, stack_at
from stacks.transforms.sam import without_sam
from stacks.ui import Screen, addresses, outputs_table
from stacks.wiring import ARTIFACT_BUCKET

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from stacks.app import Stage
    from stacks.aws.stored_data import BotoData
    from stacks.checks.leaks import KnownSecret
    from stacks.commands.planning import Planned
    from stacks.deploy.plan import Plan
    from stacks.forecast.change import StackChanges
    from stacks.progress import Progress
    from stacks.template.rendered import Rendered


def run(arguments: Namespace) -> int:
    """Deploy a stage, or some of its stacks; what would lose data is refused unless it is named."""
    _refuse_pairs(arguments)
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    if arguments.deploy_roles:
        arguments.stacks = with_deploy_roles(chosen, rendered, arguments.stacks)
    refuse_refused(without_sam(rendered))
    for warning in within_limits(without_sam(rendered)):
        print(warning)
    if (chosen.base.pipelines or chosen.base.ci) and (
        not arguments.stacks or ARTIFACT_BUCKET.stack in arguments.stacks
    ):
        refuse_failing(without_sam(rendered))
    secrets = secrets_of(arguments.app, app)
    publish = publication(chosen, root(arguments), cognito_endpoint=cognito(endpoint(arguments)))
    keep_secret(secrets, rendered=rendered, publish=publish)
    ready = planned(arguments, chosen, rendered, publish, print)
    _check_code(arguments, chosen, rendered, ready, secrets)
    plan = ready.plan
    target = cloud(chosen, endpoint(arguments))
    check_account(target, chosen.account)
    local = endpoint(arguments).is_here
    if not arguments.anew:
        refuse_elsewhere(chosen, target)
        refuse_moved(chosen, noted(arguments.app, chosen, local=local), target)
    if ready.artifacts:
        refuse_unset(chosen, endpoint(arguments))
    if arguments.continue_rollback:
        _continue(arguments, chosen, plan.stacks)
    foreseen = foresee_plan(plan, target)
    refuse_unnamed(foreseen, arguments.allow_replacement)
    _refuse_collisions(arguments, chosen, plan, foreseen)
    going_out = [step.rendered for step in plan.steps if isinstance(step, DeployStack)]
    print("".join(f"{cost}\n" for cost in standing_costs(chosen, going_out)), end="")
    going = () if arguments.stacks else _leaving(arguments, chosen, ready.rendered)
    result = _deployed(arguments, chosen, plan, foreseen, going)
    note(arguments.app, chosen, target.account(), local=local)
    _correct_synced(arguments, chosen, plan, result)
    _after(arguments, chosen)
    done(stage=chosen.name, outputs=result)
    print(f"{outputs_table(result)}\n\n{_places(arguments, result)}".rstrip())
    return 0


def _places(arguments: Namespace, result: Mapping[str, Mapping[str, str]]) -> str:
    """Where the application answers: outputs name it as on AWS, and the local AWS is on this machine."""
    if not (emulator := endpoint(arguments).emulator):
        return addresses(result)
    if not arguments.stacks:
        note_application(emulator, result)
    return application_at(emulator)


def _refuse_pairs(arguments: Namespace) -> None:
    """Refuse options that do not go together."""
    if arguments.skip and not arguments.continue_rollback:
        raise UsageError("--skip", "says what a rollback leaves out", "Add --continue-rollback")
    if arguments.prune and arguments.deploy_roles:
        raise UsageError("--prune", "deletes stacks, which the roles of a CI service may not", "Let a person prune")
    if arguments.prune and arguments.stacks:
        raise UsageError("--prune", "deletes stacks that are no longer described, and stacks are named", "Name none")


def _correct_synced(arguments: Namespace, chosen: Stage, plan: Plan, result: Mapping[str, Mapping[str, str]]) -> None:
    """Give functions that were synced the code that they were just deployed with."""
    bucket = result.get(ARTIFACT_BUCKET.stack, {}).get(ARTIFACT_BUCKET.name)
    has_functions = any(stack_at(step.stack, chosen).section == BACKEND for step in plan.steps)
    if not bucket or not has_functions:
        return
    from stacks.aws.functions import BotoFunctions  # noqa: PLC0415 - brings boto3

    if arguments.deploy_roles:  # whose holder may not change functions
        for name in sync.noted(bucket, cloud(chosen, endpoint(arguments))):
            print(f"{name}: may have code of 'sync'. A person's 'deploy backend' puts the deployed code back")
        return
    for name in sync.correct(chosen, plan.stacks, bucket, connected(BotoFunctions, chosen, endpoint(arguments))):
        print(f"{name}: the code of 'sync' was replaced by the deployed code")


def _after(arguments: Namespace, chosen: Stage) -> None:
    if any(function.after_deploy for function in chosen.backend.functions.values()):
        run_after_deploy(chosen, endpoint(arguments), arguments.stacks)


def _check_code(
    arguments: Namespace, chosen: Stage, rendered: Sequence[Rendered], ready: Planned, secrets: Sequence[KnownSecret]
) -> None:
    """Refuse code with secrets in it, and handlers that Lambda could not call; warn of limits."""
    if not ready.artifacts:
        return
    keep_secret(secrets, artifacts=ready.artifacts)
    if arguments.check:
        _check_handlers(arguments, chosen, rendered)
    for warning in within(code_budget(ready.artifacts)):
        print(warning)
    note_blocked(chosen, root(arguments), print)
    if not endpoint(arguments).emulator:  # whose code is for this machine
        keep_parameters(root(arguments), chosen, ready.parameters)


def _deployed(
    arguments: Namespace,
    chosen: Stage,
    plan: Plan,
    foreseen: Sequence[StackChanges],
    going: Sequence[Rendered],
) -> dict[str, dict[str, str]]:
    target = _data(arguments, chosen)
    with (
        interruptible(),
        lock_of(target, take_over=arguments.take_over) as lock,
        Screen(mixed=_mixed(arguments, plan)) as screen,
    ):

        def ask(question: str) -> bool:
            screen.pause()
            return agreed(arguments, question)

        confirm = second_look(foreseen, arguments.allow_replacement, ask)
        roles = _roles(arguments, chosen, plan, target)
        how = How(lock=lock, parallel=arguments.parallel, express=arguments.express, roles=roles)
        done: list[str] = []

        def watch(fact: Progress) -> None:
            if isinstance(fact, StackFinished | NothingChanged):
                done.append(fact.stack)
            if isinstance(fact, Unguarded) and chosen.bounded_by:
                return  # nobody is to protect a preview
            screen.show(fact)

        try:
            result = deploy(plan, target, watch, account=chosen.account, confirm=confirm, how=how)
            prune(going, plan.stacks, target, watch)
        except KeyboardInterrupt:
            steps = dict.fromkeys(step.stack for step in plan.steps)
            raise interrupted_between(done, [stack for stack in steps if stack not in done]) from None
        except DeployError as error:
            error.problems = located(error.problems, plan.stacks, chosen.name, arguments.app)
            raise
        return result


def with_deploy_roles(chosen: Stage, rendered: Sequence[Rendered], named: Sequence[str]) -> list[str]:
    """The stacks that have a deploy role, or those named of them.

    Raises:
        UsageError: the stage has none, or a named stack.
    """
    known = [stack.stack for stack in rendered if chosen.bounded_by or is_chosen(stack.stack, chosen)]
    if not known:
        what = f"stage {chosen.name} has no deploy roles"
        raise UsageError("--deploy-roles", what, "Describe 'base.ci' or 'base.pipelines', and deploy base")
    unknown = [name for name in named if name not in known]
    if unknown:
        what = f"{', '.join(unknown)} has no deploy role" if len(unknown) == 1 else f"{', '.join(unknown)} have none"
        raise UsageError("--deploy-roles", what, f"Name some of {', '.join(known)}, or none")
    return list(named) or known


def _roles(arguments: Namespace, chosen: Stage, plan: Plan, target: BotoData) -> dict[str, str]:
    """Stack → ARN of its deploy role, where CloudFormation is to work with these."""
    if not arguments.deploy_roles:
        return {}
    role_of = preview_role_arn if chosen.bounded_by else deploy_role_arn
    account, stacks = target.account(), [step.rendered for step in plan.steps if isinstance(step, DeployStack)]
    return {stack.stack: role_of(stack, chosen, account) for stack in stacks}


def _leaving(arguments: Namespace, chosen: Stage, rendered: Sequence[Rendered]) -> Sequence[Rendered]:
    """The stacks that are no longer described and are to be deleted."""
    target = _data(arguments, chosen)
    return chosen_to_prune(arguments, chosen, seen_undescribed(chosen, rendered, target), target)


def _data(arguments: Namespace, chosen: Stage) -> BotoData:
    from stacks.aws.stored_data import BotoData  # noqa: PLC0415 - brings boto3

    return connected(BotoData, chosen, endpoint(arguments))


def _check_handlers(arguments: Namespace, chosen: Stage, rendered: Sequence[Rendered]) -> None:
    """Refuse code that Lambda could not import or call, before anything is deployed."""
    try:
        check_handlers(arguments, chosen, rendered, print)
    except PackagingError as error:
        fixes = (replace(problem, fix=f"{problem.fix}, or pass --no-check") for problem in error.problems)
        raise PackagingError.of(tuple(fixes)) from None


def _mixed(arguments: Namespace, plan: Plan) -> tuple[str, ...]:
    return tuple(stack.stack for stack in plan.stacks) if arguments.parallel else ()


def _refuse_collisions(arguments: Namespace, chosen: Stage, plan: Plan, foreseen: Sequence[StackChanges]) -> None:
    from stacks.aws.cloud_control import BotoLookup  # noqa: PLC0415 - brings boto3

    if arguments.deploy_roles:
        return  # reading every type needs rights of its own; CloudFormation's early validation reports taken names
    looking = connected(BotoLookup, chosen, endpoint(arguments))
    if blind := refuse_collisions(plan, foreseen, looking, chosen.name):
        print(blind)


def _continue(arguments: Namespace, chosen: Stage, rendered: Sequence[Rendered]) -> None:
    from stacks.aws.resume import BotoRollback  # noqa: PLC0415 - brings boto3

    target = connected(BotoRollback, chosen, endpoint(arguments))
    with Screen() as screen:
        continue_rollbacks(rendered, arguments.skip, target, screen.show)
