"""What an acceptance run proves, written into ARCHITECTURE.md's table of promises."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.acceptance.proof import HEADER, filled, rows
from tools.acceptance.report import Report, Result
from tools.acceptance.steps import ONLY_ON_AWS, STEPS

if TYPE_CHECKING:
    from tools.acceptance.report import Outcome

PAGE = (Path(__file__).parents[2] / "ARCHITECTURE.md").read_text(encoding="utf-8")
EMPTY = "\n".join(
    [
        "Text | with bars | stays.",
        f"| {' | '.join(HEADER)} |",
        "|---|---|---|---|---|",
        "| a stack deploys | schema | never | never | much |",
        "| web ACLs let through whom they should | schema | never | never | WAF |",
        "",
    ]
)
WAF = "web ACLs let through whom they should"


def _report(*outcomes: tuple[str, Outcome, str], local: bool = False) -> Report:
    results = [
        Result(step=step, promises=tuple(promises.split("; ")), outcome=outcome) for step, outcome, promises in outcomes
    ]
    return Report(
        date="2026-11-29T06:00Z",
        local=local,
        region="eu-west-1",
        version="1",
        commit="06cd0cb",
        results=results,
        leftovers=(),
    )


def _columns(text: str) -> dict[str, tuple[str, str]]:
    return {row[0]: (row[2], row[3]) for row in rows(text)}


def test_a_run_on_aws_writes_date_region_and_commit() -> None:
    text = filled(EMPTY, _report(("one", "passed", "a stack deploys"), ("two", "passed", WAF)))
    assert _columns(text) == {
        "a stack deploys": ("2026-11-29, eu-west-1, 06cd0cb", "never"),
        WAF: ("2026-11-29, eu-west-1, 06cd0cb", "never"),
    }


def test_a_local_run_fills_its_own_column_and_claims_nothing_that_only_aws_shows() -> None:
    text = filled(EMPTY, _report(("one", "passed", "a stack deploys"), ("two", "passed", WAF), local=True))
    assert _columns(text) == {"a stack deploys": ("never", "2026-11-29, 06cd0cb"), WAF: ("never", "never")}


def test_a_promise_fails_with_any_of_its_steps() -> None:
    text = filled(EMPTY, _report(("one", "passed", "a stack deploys"), ("two", "failed", "a stack deploys")))
    assert _columns(text)["a stack deploys"][0] == "**failed** 2026-11-29, eu-west-1, 06cd0cb: two"


def test_a_skipped_step_proves_nothing_and_takes_nothing_back() -> None:
    before = filled(EMPTY, _report(("one", "passed", "a stack deploys")))
    again = _report(("one", "passed", "a stack deploys"), ("two", "skipped", "a stack deploys"))
    assert filled(before, again) == before
    assert filled(EMPTY, again) == EMPTY


def test_nothing_but_the_cells_changes() -> None:
    text = filled(EMPTY, _report(("one", "passed", "a stack deploys")))
    changed = [
        (item, other) for item, other in zip(EMPTY.splitlines(), text.splitlines(), strict=True) if item != other
    ]
    assert [old for old, _ in changed] == ["| a stack deploys | schema | never | never | much |"]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_proves_rows_of_the_table(step: object) -> None:
    known = {row[0] for row in rows(PAGE)}
    assert set(getattr(step, "promises", ())) <= known


def test_what_only_aws_shows_is_not_claimed_for_the_local_aws() -> None:
    columns = _columns(PAGE)
    assert {promise: columns[promise][1] for promise in ONLY_ON_AWS} == dict.fromkeys(ONLY_ON_AWS, "never")
