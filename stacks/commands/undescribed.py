"""Stacks that left the description, as commands report and delete them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stacks.commands.asking import agreed
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import destroy_lines, foresee, needed, refuse_unasked
from stacks.deploy.undescribed import together, undescribed
from stacks.errors import DeployError, counted

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import Stage
    from stacks.cloud import Cloud
    from stacks.deploy.stored_data import DataCloud
    from stacks.progress import Watch
    from stacks.template.rendered import Rendered


def seen_undescribed(stage: Stage, rendered: Sequence[Rendered], target: Cloud) -> tuple[Rendered, ...]:
    """See ``stacks.deploy.undescribed``; where stacks cannot be listed, a note on standard error says so."""
    try:
        return undescribed(stage, rendered, target)
    except DeployError as error:
        why = "; ".join(f"{problem.where}: {problem.what}" for problem in error.problems)
        print(f"{why}. Stacks that the description no longer has are not looked for.", file=sys.stderr)
        return ()


def note(stack: Rendered) -> str:
    """One line about a stack that left the description."""
    resources = counted(len(stack.template.get("Resources", {})), "resource")
    what = f"is deployed with {resources}, and no longer described"
    return f"{stack.stack}: {stack.name} ({stack.region}) {what}. 'deploy --prune' deletes it, after a question"


def chosen_to_prune(
    arguments: Namespace, stage: Stage, others: Sequence[Rendered], target: DataCloud
) -> Sequence[Rendered]:
    """Report the stacks that left the description; with ``--prune`` return those to delete, once that is agreed to.

    Raises ``DeployError`` when deleting them would lose more than ``--prune`` may: see ``destroy``.
    """
    if not others:
        return ()
    plan = foresee(others, target)
    print("No longer described:")
    if not arguments.prune:
        print("\n".join(f"  {note(other)}" for other in others))
        return ()
    print("\n".join(f"  {line}" for line in destroy_lines(plan, delete_data=False, stage=stage.name)))
    refuse_unasked(plan, target, unprotect=False, empty_buckets=False)
    return others if agreed(arguments, "Delete these stacks after the deployment?") else ()


def prune(going: Sequence[Rendered], rendered: Sequence[Rendered], target: DataCloud, watch: Watch) -> None:
    """Delete stacks that left the description, the last first. Raises ``DeployError`` for one that is still read."""
    if going:
        needed(together(rendered, going), going, target)
        destroy(foresee(going, target), target, watch)
