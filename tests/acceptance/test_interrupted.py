"""A killed acceptance run removes what it made, and says what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tools.acceptance.session import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.emulator
MOMENTS = {
    signal.SIGTERM: "passed   package",  # while the roles are made
    signal.SIGINT: "passed   roles with the derived rights",  # while stacks are made by the AWS CLI
    signal.SIGHUP: "passed   render and lint",  # while code is packaged
}


@pytest.mark.parametrize("number", MOMENTS, ids=lambda number: number.name)
def test_a_killed_run_removes_what_it_created(number: signal.Signals, tmp_path: Path) -> None:
    table = tmp_path / "ARCHITECTURE.md"
    table.write_text("untouched")
    words = ["--local", "--report", str(tmp_path / "report.md"), "--table", str(table)]
    run = subprocess.Popen(
        [sys.executable, "-m", "tools.acceptance", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout
    for line in run.stdout:
        if line.startswith(MOMENTS[number]):
            break
    os.killpg(run.pid, number) if number == signal.SIGINT else run.send_signal(number)  # Ctrl-C reaches the whole group
    _, output = run.communicate(timeout=300)
    assert run.returncode == 130, output
    lines = output.splitlines()
    assert lines[0].startswith("Interrupted: removing what was created.")
    assert lines[-1] == "Interrupted; no report was written."
    left = [line for line in lines[1:-1] if not line.startswith("* AWS::IAM::Role notes-dev-base-ApiGatewayLogRole")]
    assert left in (["Nothing is left over."], ["Left over: 1"])
    assert "Traceback" not in output
    assert table.read_text() == "untouched"
    assert not (tmp_path / "report.md").exists()
