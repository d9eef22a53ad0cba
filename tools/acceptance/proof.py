"""A report and the text of ARCHITECTURE.md → the text with what the run proved in the table of promises. Pure.

Each kind of run fills its own column: what passed on the local AWS never counts as proven on AWS. A promise is proven
when every step that it needs passed; a step that was skipped proves nothing and takes nothing back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.acceptance.steps import ONLY_ON_AWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.acceptance.report import Report

HEADER = ("promise", "proof", "proven on AWS", "seen on the local AWS", "what is left")
_AWS, _LOCAL = HEADER.index("proven on AWS"), HEADER.index("seen on the local AWS")


def filled(text: str, report: Report) -> str:
    """``text`` with the cells of this run's column filled for each promise that it proved or broke."""
    known = dict(cells(report))
    column = _LOCAL if report.local else _AWS
    return "".join(_row(line, known, column) for line in text.splitlines(keepends=True))


def cells(report: Report) -> Iterator[tuple[str, str]]:
    """Each promise that the run says something about, and its cell."""
    place = "" if report.local else f"{report.region}, "
    when = f"{report.date.partition('T')[0]}, {place}{report.commit}"
    for promise in dict.fromkeys(promise for result in report.results for promise in result.promises):
        if report.local and promise in ONLY_ON_AWS:
            continue
        needed = [result for result in report.results if promise in result.promises]
        if failed := [result.step for result in needed if result.outcome == "failed"]:
            yield promise, f"**failed** {when}: {', '.join(failed)}"
        elif all(result.outcome == "passed" for result in needed):
            yield promise, when


def rows(text: str) -> tuple[tuple[str, ...], ...]:
    """The table of promises, without its header."""
    results = (_cells(line) for line in text.splitlines() if line.startswith("| "))
    table = [row for row in results if len(row) == len(HEADER)]
    return tuple(table[table.index(HEADER) + 1 :])


def _row(line: str, known: dict[str, str], column: int) -> str:
    row = _cells(line)
    if len(row) != len(HEADER) or row[0] not in known:
        return line
    return f"| {' | '.join((*row[:column], known[row[0]], *row[column + 1 :]))} |\n"


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split(" | "))
