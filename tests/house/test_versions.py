"""``make versions``: which combinations of dependencies and Pythons it runs, and what it says of them."""

from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement

from tools.lock import ROOT
from tools.versions import ALL, PYTHONS, main, summary, usual, without_python


def test_without_names_the_lowest_run_on_the_oldest_python_and_the_newest_on_each() -> None:
    assert [*map(str, usual(["3.13", "3.12"]))] == ["lowest-3.12", "newest-3.12", "newest-3.13"]


def test_pythons_that_are_missing_are_named_with_a_way_out() -> None:
    chosen = [ALL["newest-3.14"], ALL["lowest-3.12"], ALL["newest-3.13"]]
    assert without_python(chosen, ["3.13"]).startswith("Python 3.12, 3.14: not on this machine. Install it")
    assert not without_python(chosen, PYTHONS)


def test_an_unknown_combination_is_a_mistake_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["newest-2.7"])
    assert ended.value.code == 2
    assert "newest-2.7: unknown. Use lowest-3.11, " in capsys.readouterr().err


def test_the_summary_has_a_line_for_each_and_repeats_what_did_not_pass() -> None:
    results = {"lowest-3.11": "passed: 2 passed", "newest-3.12": "failed: 1 failed", "newest-3.13": "not run"}
    assert summary(results).splitlines() == [
        "lowest-3.11  passed: 2 passed",
        "newest-3.12  failed: 1 failed",
        "newest-3.13  not run",
        'Repeat: make versions COMBINATIONS="newest-3.12 newest-3.13"',
    ]


def test_every_direct_dependency_has_a_lower_bound_and_the_oldest_python_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]
    assert [requirement.name for requirement in wanted if ">=" not in str(requirement.specifier)] == []
    assert project["requires-python"] == f">={PYTHONS[0]}"
