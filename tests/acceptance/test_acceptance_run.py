"""The acceptance run against the local AWS, from nothing to nothing."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tools.acceptance.__main__ import main
from tools.acceptance.proof import rows
from tools.acceptance.session import ROOT
from tools.acceptance.steps import ONLY_ON_AWS, STEPS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.emulator
def test_every_step_passes_on_the_local_aws_but_those_it_cannot_do(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "acceptance.md"
    table = tmp_path / "ARCHITECTURE.md"
    shutil.copy(ROOT / "ARCHITECTURE.md", table)
    before = rows(table.read_text(encoding="utf-8"))
    assert main(["--local", "--report", str(file), "--table", str(table)]) == 0
    report = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    outcomes = {result["step"]: result["outcome"] for result in report["results"]}
    assert [step for step, outcome in outcomes.items() if outcome != "passed"] == [
        "the site is private",
        "a name that is taken",
        "a stack policy refuses a replacement",
        "pipelines run",
        "buckets are taken back",
        "the trail is written",
    ]
    after = rows(table.read_text(encoding="utf-8"))
    assert [row[2] for row in after] == [row[2] for row in before]  # only a run on AWS proves anything there
    seen = {row[0] for row in after if row[3].startswith(report["date"][:10])}
    assert seen == {promise for step in STEPS for promise in step.promises} - ONLY_ON_AWS
    (left,) = [leftover["resource"] for leftover in report["leftovers"]]  # API Gateway's role serves the whole account
    assert left.startswith("AWS::IAM::Role notes-dev-base-ApiGatewayLogRole")
