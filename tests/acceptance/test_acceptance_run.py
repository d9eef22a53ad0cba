"""The acceptance run against the local AWS, from nothing to nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tools.acceptance.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.emulator
def test_every_step_passes_on_the_local_aws_but_those_it_cannot_do(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "acceptance.md"
    assert main(["--local", "--report", str(file)]) == 0
    report = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    outcomes = {result["step"]: result["outcome"] for result in report["results"]}
    assert [step for step, outcome in outcomes.items() if outcome != "passed"] == ["pipelines run"]
    (left,) = [one["resource"] for one in report["leftovers"]]  # API Gateway's role serves the whole account
    assert left.startswith("AWS::IAM::Role notes-dev-base-ApiGatewayLogRole")
