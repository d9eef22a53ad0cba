"""The report of an acceptance run: steps, outcomes and leftovers, for people and for programs."""

from __future__ import annotations

import json

from tools.acceptance.report import Leftover, Report, Result, as_json, as_markdown
from tools.acceptance.steps import STEPS

_PASSED = Result(step="publish", promises=("what is rendered deploys",), outcome="passed", detail="files", seconds=2.4)
_FAILED = Result(step="the site answers", promises=("what is rendered deploys",), outcome="failed", detail="/: a | b")


def _report(*results: Result, leftovers: tuple[Leftover, ...] = ()) -> Report:
    return Report(
        date="2026-11-29T06:00Z",
        local=True,
        region="eu-west-1",
        version="1",
        commit="06cd0cb",
        results=results,
        leftovers=leftovers,
    )


def test_a_report_counts_its_outcomes() -> None:
    assert "1 passed, 1 failed, 0 skipped." in as_markdown(_report(_PASSED, _FAILED)).splitlines()


def test_a_step_is_a_row_whose_cells_stay_apart() -> None:
    rows = as_markdown(_report(_FAILED)).splitlines()
    assert "| the site answers | what is rendered deploys | failed | /: a \\| b | 0 |" in rows


def test_leftovers_are_listed_with_their_price() -> None:
    left = (Leftover(resource="AWS::KMS::Key abc", monthly=1.0), Leftover(resource="stack x", monthly=None))
    rows = as_markdown(_report(leftovers=left)).splitlines()
    assert rows[-2:] == ["* AWS::KMS::Key abc (1.00 USD a month)", "* stack x (price unknown)"]


def test_nothing_left_is_stated() -> None:
    assert as_markdown(_report(_PASSED)).rstrip().endswith("Nothing.")


def test_a_report_failed_when_a_step_did() -> None:
    assert (_report(_PASSED).failed, _report(_PASSED, _FAILED).failed) == (False, True)


def test_programs_read_the_same() -> None:
    assert json.loads(as_json(_report(_PASSED)))["results"][0]["outcome"] == "passed"


def test_the_last_step_removes_everything() -> None:
    assert STEPS[-1].name == "destroy"
