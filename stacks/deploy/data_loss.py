"""Refuses a plan that would lose data, unless the user has named each resource that may go.

Twice: before anything is changed, each rendered stack is compared with its deployed template; then each change set is
compared with that forecast, and what CloudFormation shows beyond it is refused, or has to be confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import DeployError, Problem, UsageError
from stacks.forecast.report import shown, what
from stacks.forecast.stateful import stateful_types

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from stacks.cloud import ChangeSet
    from stacks.deploy.apply import Confirm
    from stacks.forecast.change import Change, StackChanges

_OPTION = "--allow-replacement"


def unneeded(all_changes: Sequence[StackChanges], allowed: Collection[str]) -> list[str]:
    """The names in ``allowed`` of resources that are neither replaced nor removed."""
    return sorted(set(allowed) - _going(all_changes))


def refuse_unnamed(all_changes: Sequence[StackChanges], allowed: Collection[str], *, option: str = _OPTION) -> None:
    """Refuse a forecast with destructive changes that are not in ``allowed`` (logical ids, given by ``option``).

    Raises:
        UsageError: for a name of a resource that is neither replaced nor removed.
        DeployError: for each destructive change that is not named, and each update that AWS would refuse.
    """
    if unknown := unneeded(all_changes, allowed):
        going = sorted(_going(all_changes))
        known = f"These are: {', '.join(going)}" if going else "Nothing is: leave it out"
        raise UsageError(f"{option} {unknown[0]}", "is not replaced or removed by this deployment", known)
    changes = [(entry, change) for entry in all_changes for change in entry.changes]
    problems = [_impossible(entry, change, why) for entry, change in changes for why in change.refused]
    possible = [(entry, change) for entry, change in changes if not change.refused]
    unnamed = [(entry, change) for entry, change in possible if change.destructive and change.name not in allowed]
    problems += [_problem(entry, change, option) for entry, change in unnamed]
    if problems:
        raise DeployError.of(tuple(problems))


def second_look(all_changes: Sequence[StackChanges], allowed: Collection[str], ask: Callable[[str], bool]) -> Confirm:
    """A confirmation of change sets: does one contain a change of stored data that the forecast did not show?

    What CloudFormation will certainly replace or remove is refused; for what it may replace, ``ask`` is called.
    """
    messages = {
        (changes.name, change.name) for changes in all_changes for change in changes.changes if change.destructive
    }

    def confirm(change_set: ChangeSet) -> bool:
        doubtful = []
        for change in change_set.changes:
            known = (change_set.stack, change.logical_id) in messages or change.logical_id in allowed
            if known or change.type not in stateful_types():
                continue
            if change.action == "remove" or change.replacement == "always":
                raise _unforeseen(change_set.stack, change.logical_id, change.type)
            if change.replacement == "maybe":
                doubtful.append(change.logical_id)
        return not doubtful or ask(f"CloudFormation may replace {', '.join(doubtful)}, which hold data. Go on?")

    return confirm


def _going(all_changes: Sequence[StackChanges]) -> set[str]:
    changes = (change for entry in all_changes for change in entry.changes if change.section == "Resources")
    return {change.name for change in changes if _goes(change)}


def _goes(change: Change) -> bool:
    return change.action == "remove" or change.replacement != "never"


def _impossible(stack: StackChanges, change: Change, why: str) -> Problem:
    what_ = f"AWS would refuse this update of {change.type}, {why}"
    return Problem(where=f"{stack.name}.{change.name}", what=what_, fix=_way_out(change))


def _problem(stack: StackChanges, change: Change, option: str) -> Problem:
    causes = "; ".join(_causes(change))
    notes = "".join(f"; {note}" for note in change.notes)
    output = (
        f"{change.type} would be {what(change)}" if change.replacement != "maybe" else f"{change.type} {what(change)}"
    )
    return Problem(
        where=f"{stack.name}.{change.name}",
        what=f"{output}{f', since {causes}' if causes else ''}{notes}",
        fix=f"{_way_out(change)}, or pass {option} {change.name}",
    )


def _causes(change: Change) -> Iterator[str]:
    for entry in change.properties:
        if entry.replacement != "never":
            yield entry.because or f"{entry.path} changes ({shown(entry.old)} -> {shown(entry.new)})"


def _way_out(change: Change) -> str:
    if any(note.startswith("looks renamed") for note in change.notes):
        return "Keep the old name in the description, or say under 'moved' what was renamed"
    if change.action == "remove":
        return "Put it back into the description"
    if change.loss == "none":
        return "Take the change back in the description"
    return "Take the change back; or describe a second one under another name, copy the data, then remove this one"


def _unforeseen(stack: str, name: str, kind: str) -> DeployError:
    what_ = f"{kind} would be replaced or removed, says CloudFormation; the comparison of templates did not show it"
    return DeployError(f"{stack}.{name}", what_, f"Look at it with 'diff'; to accept it, pass {_OPTION} {name}")
