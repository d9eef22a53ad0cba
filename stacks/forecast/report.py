"""Changes of stacks → what a person, a pull request or a program reads. Pure; prints nothing.

The order is that of care: what is destructive, what is security-relevant, the rest.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from stacks.errors import counted
from stacks.prices.difference import more
from stacks.prices.list_prices import PRICES_OF
from stacks.printable import printable_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.forecast.change import Change, PropertyChange, StackChanges
    from stacks.json_types import JsonDict

NO_CHANGES, CHANGES, DESTRUCTIVE = 0, 3, 4
"""Exit codes of ``diff``."""

_KINDS = {"Outputs": "output", "Parameters": "parameter", "Files": "file"}
_ACCEPTED = "cdk_nag."
"""Where a template's metadata lists findings of scanners that are accepted (``stacks.suppressions``)."""
_WIDEST = 100
_MOST_FILES = 20
"""Files of a stack that are listed one by one."""
_SIGNS = {"add": "+", "remove": "-", "change": "~"}
_DONE = {"add": "added", "remove": "removed", "change": "changed"}


class ReportLine(NamedTuple):
    """A line, and how it sounds."""

    text: str
    tone: Literal["title", "plain", "quiet", "good", "warn", "bad"]


def exit_code(all_changes: Sequence[StackChanges]) -> int:
    """0 for no changes, 3 for changes, 4 when one is destructive."""
    if any(change.destructive for changes in all_changes for change in changes.changes):
        return DESTRUCTIVE
    return CHANGES if any(changes.changes for changes in all_changes) else NO_CHANGES


def report_lines(all_changes: Sequence[StackChanges]) -> Iterator[ReportLine]:
    """The lines for a terminal."""
    for entry in all_changes:
        if entry.changes:
            yield ReportLine(f"{entry.stack}: {entry.name}", "title")
        for title, changes in _groups(entry.changes):
            yield ReportLine(f"  {title}", "bad" if title == "destructive" else "quiet")
            shown_, hidden = _first_files(changes)
            for change in shown_:
                yield from _change_lines(change)
            if hidden:
                yield ReportLine(f"    … and {counted(hidden, 'more file')}", "quiet")
    yield ReportLine(summary(all_changes), "title" if any(item.changes for item in all_changes) else "good")
    if costs := cost_summary(all_changes):
        yield ReportLine(costs, "plain")
        yield from (ReportLine(f"  {line}", "quiet") for line in _cost_lines(all_changes))


def markdown(all_changes: Sequence[StackChanges]) -> str:
    """The same for a pull request."""
    lines = [f"**{summary(all_changes)}**"]
    for entry in all_changes:
        if entry.changes:
            lines += ["", f"### {_code(entry.name)}"]
        for title, changes in _groups(entry.changes):
            lines += ["", f"**{title.capitalize()}**", ""]
            shown_, hidden = _first_files(changes)
            for change in shown_:
                lines.append(
                    f"- `{_sign(change)}` **{printable_line(change.name)}** {_code(_kind(change))}: {what(change)}"
                )
                lines += [f"  - {note}" for note in _notes(change)]
                lines += [
                    f"  - {_code(item.path)} {_markdown_values(item)}{_effect(item)}" for item in _for_people(change)
                ]
            lines += [f"- … and {counted(hidden, 'more file')}"] if hidden else []
    if costs := cost_summary(all_changes):
        lines += ["", f"**{costs}**", "", *(f"- {_code(line)}" for line in _cost_lines(all_changes))]
    return "\n".join(lines)


def as_data(all_changes: Sequence[StackChanges]) -> list[JsonDict]:
    """The same for a program, ready for ``json.dumps``."""
    return [
        {
            "stack": changes.stack,
            "name": changes.name,
            "changes": [{**asdict(change), "destructive": change.destructive} for change in changes.changes],
            "costs": [{**asdict(cost), "more": cost.more} for cost in changes.costs],
        }
        for changes in all_changes
    ]


def cost_summary(all_changes: Sequence[StackChanges]) -> str:
    """One line with what the changes cost a month while nothing happens; empty when no price changes."""
    every = [cost for changes in all_changes for cost in changes.costs]
    if not every:
        return ""
    unknown = sum(cost.more is None for cost in every)
    rest = f", and {counted(unknown, 'resource')} without a price here" if unknown else ""
    return f"Costs without traffic: {more(every):+,.2f} USD a month{rest} (list prices of {PRICES_OF})"


def _cost_lines(all_changes: Sequence[StackChanges]) -> Iterator[str]:
    for changes in all_changes:
        for cost in changes.costs:
            amount = "unknown" if cost.more is None else f"{cost.more:+,.2f}"
            yield f"{amount:>9}  {changes.stack}.{printable_line(cost.logical_id)}: {printable_line(cost.what)}"


def summary(all_changes: Sequence[StackChanges]) -> str:
    """One line that counts."""
    every = [change for changes in all_changes for change in changes.changes]
    if not every:
        return f"{_stacks(all_changes)}: no changes"
    counts = [f"{number} {_DONE[action]}" for action in _SIGNS if (number := sum(c.action == action for c in every))]
    marks = {
        "destructive": sum(change.destructive for change in every),
        "security-relevant": sum(change.security for change in every),
    }
    counts += [f"{number} {mark}" for mark, number in marks.items() if number]
    return f"{_stacks(all_changes)}: {', '.join(counts)}"


def _stacks(all_changes: Sequence[StackChanges]) -> str:
    """How many stacks were compared: changes of the files that one publishes are an entry of their own."""
    return counted(len({changes.stack.removesuffix(" files") for changes in all_changes}), "stack")


def what(change: Change) -> str:
    """What happens, and what becomes of the data."""
    replaced = {"never": _DONE[change.action], "maybe": "may be replaced", "always": "replaced"}[change.replacement]
    where_from = "" if change.action == "remove" else ", and a new one starts empty"
    data = {
        "none": "",
        "kept": f"; what it holds stays in AWS outside of the stack{where_from}",
        "lost": "; WHAT IT HOLDS IS LOST",
    }
    return replaced + data[change.loss]


def shown(value: Any) -> str:
    """A value in one line: a plain word as it is, else compact JSON, cut when it is long."""
    plain = isinstance(value, str) and value.isprintable() and value.strip() == value != ""
    line = value if plain else json.dumps(value, default=str, separators=(", ", ": "))
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def _groups(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    groups: dict[str, list[Change]] = {"destructive": [], "security-relevant": [], "other": []}
    for change in changes:
        kind = "destructive" if change.destructive else "security-relevant" if change.security else "other"
        groups[kind].append(change)
    yield from ((title, some) for title, some in groups.items() if some)


def _first_files(changes: Sequence[Change]) -> tuple[list[Change], int]:
    """Changes without files beyond the first few, and how many those are; a program gets all of them."""
    files = [change for change in changes if change.section == "Files"]
    hidden = files[_MOST_FILES:]
    return [change for change in changes if change not in hidden], len(hidden)


def _change_lines(change: Change) -> Iterator[ReportLine]:
    tone: Literal["bad", "warn", "plain"] = (
        "bad" if change.destructive else "warn" if change.replacement != "never" else "plain"
    )
    yield ReportLine(f"    {_sign(change)} {printable_line(change.name)}  {_kind(change)}: {what(change)}", tone)
    yield from (ReportLine(f"        ! {note}", "warn") for note in _notes(change))
    for entry in _for_people(change):
        yield ReportLine(
            f"        {printable_line(entry.path) or '(whole)'}: {_values(entry)}{_effect(entry)}", "plain"
        )


def _for_people(change: Change) -> Iterator[PropertyChange]:
    """The properties that a person is shown: accepted findings of scanners are a note, programs get each."""
    return (item for item in change.properties if not item.path.startswith(_ACCEPTED))


def _notes(change: Change) -> list[str]:
    notes = [*(f"AWS refuses it: {why}" for why in change.refused), *change.notes]
    if any(item.path.startswith(_ACCEPTED) for item in change.properties):
        notes.append("other findings of scanners are accepted, each with its reason; no resource changes by that")
    return [printable_line(note) for note in notes]


def _sign(change: Change) -> str:
    return "-/+" if change.replacement != "never" else _SIGNS[change.action]


def _kind(change: Change) -> str:
    return printable_line(change.type) or _KINDS.get(change.section, "template")


def _values(change: PropertyChange) -> str:
    match change.action:
        case "added":
            return f"+ {shown(change.new)}"
        case "removed":
            return f"- {shown(change.old)}"
        case "reordered":
            return f"order {shown(change.old)} -> {shown(change.new)}"
        case _:
            return f"{shown(change.old)} -> {shown(change.new)}" if change.old != change.new else shown(change.new)


def _markdown_values(change: PropertyChange) -> str:
    match change.action:
        case "added":
            return f"added: {_code(shown(change.new))}"
        case "removed":
            return f"removed: {_code(shown(change.old))}"
        case _:
            return (
                f"{_code(shown(change.old))} → {_code(shown(change.new))}"
                if change.old != change.new
                else _code(shown(change.new))
            )


def _effect(change: PropertyChange) -> str:
    words = {
        "replaces": change.replacement == "always",
        "may replace": change.replacement == "maybe",
        "some interruption": change.interrupts,
        printable_line(change.because): bool(change.because),
        "security": change.security,
    }
    output = ", ".join(label for label, holds in words.items() if holds)
    return f"  ({output})" if output else ""


def _code(text: str) -> str:
    return f"`{printable_line(text).replace('`', chr(39)) or ' '}`"
