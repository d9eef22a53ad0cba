"""``diff``: what a deployment would change, against what is deployed, a git revision, or between two folders."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, cognito, endpoint
from stacks.commands.common import described, root, stage, stages
from stacks.commands.planning import planned
from stacks.commands.undescribed import note, seen_undescribed
from stacks.deploy.execute import check_account, deployed_artifact_bucket
from stacks.deploy.foresee import foresee_plan, foresee_publication
from stacks.deploy.plan import DeployStack
from stacks.deploy.preview import exact
from stacks.errors import UsageError
from stacks.forecast import compare
from stacks.forecast.change import StackChanges
from stacks.forecast.folders import Kept, at_revision, in_folder
from stacks.forecast.report import as_data, exit_code, markdown, report_lines
from stacks.prices.difference import difference
from stacks.printable import printable
from stacks.release.built import built_parameters
from stacks.release.publication import publication
from stacks.rendering import render
from stacks.reporting import answer
from stacks.template.rendered import refuse_unknown
from stacks.transforms.sam import translated
from stacks.ui import console, is_interactive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.app import Stage

_FOLDER = "templates_out"
_STYLES = {"title": "bold", "plain": "", "quiet": "dim", "good": "green", "warn": "yellow", "bad": "bold red"}


def run(arguments: Namespace) -> int:
    """Print the changes; 0 for none, 3 for some, 4 for destructive ones."""
    if arguments.between:
        all_changes = _between(arguments)
    elif arguments.against:
        all_changes = _against(arguments)
    else:
        all_changes = _deployed(arguments)
    _print(all_changes, arguments.format)
    return exit_code(all_changes)


def _deployed(arguments: Namespace) -> tuple[StackChanges, ...]:
    """Everything that ``deploy`` would change with these arguments: stacks, code, static files."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    rendered = render(app, chosen)
    refuse_unknown(arguments.stacks, [rendered_stack.stack for rendered_stack in rendered])
    publish = publication(chosen, root(arguments), cognito_endpoint=cognito(endpoint(arguments)))
    plan = planned(arguments, chosen, rendered, publish, _note).plan
    target = cloud(chosen, endpoint(arguments))
    check_account(target, chosen.account)
    all_changes = {changes.stack: changes for changes in foresee_plan(plan, target)}
    files = foresee_publication(plan, tuple(all_changes.values()), target)
    bucket = deployed_artifact_bucket(plan.stacks, target)
    for step in plan.steps if arguments.change_set else ():
        if isinstance(step, DeployStack):
            known = all_changes[step.stack]
            all_changes[step.stack], problems = exact(step.rendered, known, step.parameters, target, bucket)
            for problem in problems:
                _note(f"{problem.where}: {problem.what}; reported is how the templates differ")
    for stack in () if arguments.stacks else seen_undescribed(chosen, rendered, target):
        _note(note(stack))
    if not arguments.stacks:
        _note_commands(chosen)
    return (*all_changes.values(), *files)


def _note(text: str) -> None:
    """Standard output is the report's."""
    print(text, file=sys.stderr)


def _note_commands(chosen: Stage) -> None:
    for name, function in chosen.backend.functions.items():
        if function.after_deploy:
            _note(f"After the deployment, {name} runs: {'; '.join(function.after_deploy)}")


def _against(arguments: Namespace) -> tuple[StackChanges, ...]:
    app = described(arguments)
    new = {
        f"{stage.name}/{stack.stack}": Kept(
            dict(stack.template),
            {**stack.parameters, **built_parameters(root(arguments), stage).get(stack.stack, {})},
        )
        for stage in stages(app, arguments.stage)
        for stack in render(app, stage)
    }
    old = at_revision(root(arguments), arguments.against, _FOLDER)
    return tuple(_compared(_of_stage(old, arguments.stage), new, arguments.stacks))


def _between(arguments: Namespace) -> tuple[StackChanges, ...]:
    old, new = (_of_stage(in_folder(folder), arguments.stage) for folder in arguments.between)
    if not old and not new:
        raise UsageError(f"--stage {arguments.stage}", "is in neither folder", "Leave it out, or name a folder in them")
    return tuple(_compared(old, new, arguments.stacks))


def _of_stage(result: Mapping[str, Kept], stage: str | None) -> dict[str, Kept]:
    return {key: kept for key, kept in result.items() if stage is None or key.startswith(f"{stage}/")}


def _compared(old: Mapping[str, Kept], new: Mapping[str, Kept], stacks: Sequence[str]) -> Iterator[StackChanges]:
    keys = sorted(old.keys() | new.keys())
    refuse_unknown(stacks, sorted({key.rpartition("/")[2] for key in keys}))
    nothing = Kept({}, {})
    for key in keys:
        if not stacks or key.rpartition("/")[2] in stacks:
            before, after = _seen(old.get(key, nothing), key), _seen(new.get(key, nothing), key)
            changes = compare(before.template or None, after.template or None, before.parameters, after.parameters)
            costs = difference(before.template or None, after.template or None)
            yield StackChanges(stack=key, name=f"{key}.yaml", changes=changes, costs=costs)


def _seen(kept: Kept, key: str) -> Kept:
    """The template as SAM's transform leaves it; both sides are seen in one region, which makes no difference."""
    if "Transform" not in kept.template:
        return kept
    result = translated(kept.template, parameters=kept.parameters, region="us-east-1", where=key)
    return Kept(dict(result), kept.parameters)


def _print(all_changes: Sequence[StackChanges], form: str) -> None:
    if form == "json":
        answer(as_data(all_changes), str)
    elif form == "markdown":
        print(markdown(all_changes))
    else:
        _print_text(all_changes)


def _print_text(all_changes: Sequence[StackChanges]) -> None:
    if not is_interactive(sys.stdout, os.environ):
        print("\n".join(line.text for line in report_lines(all_changes)))
        return
    terminal = console(sys.stdout)
    for line in report_lines(all_changes):
        terminal.print(printable(line.text), style=_STYLES[line.tone])
