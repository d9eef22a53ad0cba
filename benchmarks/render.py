"""What ``python build.py`` costs beside a bare troposphere script that writes the same templates.

    python benchmarks/render.py [--runs 9] [--sizes 1 10 100 400]

Both run as cold processes in turn, so that a machine that gets slower slows both; CPU time (user and system) of the
whole process, median of the ratios pair by pair, and the largest memory of each. "edited" is a run right after the
description changed (it is validated), "same" one after (the description is known to be good). ``--help`` is held
against an empty Python process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUN = "import sys; sys.path.insert(0, sys.argv[1]); {}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100, 400])
    arguments = parser.parse_args()
    print("functions  floor ms  edited x  same x  memory x  floor with to_yaml x")
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            print(_row(size, arguments.runs, Path(folder) / str(size)), flush=True)
    empty = [sys.executable, "-c", "pass"]
    ratios, _, _ = _paired([sys.executable, str(ROOT / "build.py"), "--help"], empty, arguments.runs)
    print(f"--help against an empty Python process: {statistics.median(ratios):.2f} x")


def _row(size: int, runs: int, project: Path) -> str:
    # In a process of its own: a child's memory is never told as less than its parent's.
    subprocess.run([sys.executable, "-m", "benchmarks.project", str(size), str(project)], cwd=ROOT, check=True)
    floor = _bare(project, size, "json")
    ours = [sys.executable, str(ROOT / "build.py"), "--out", "out"]
    _cpu(ours, project)
    known, memory, bare = _paired(ours, floor, runs, project)
    forget = (project / ".build/description.pickle").unlink
    edited, _, _ = _paired(ours, floor, runs, project, before=forget)
    yaml, _, _ = _paired(_bare(project, size, "yaml"), floor, 3, project)
    median = statistics.median
    ratios = f"{median(edited):>8.2f}  {median(known):>6.2f}  {memory:>8.2f}  {median(yaml):>8.2f}"
    return f"{size:>9}  {median(bare):>8.0f}  {ratios}"


def _bare(project: Path, size: int, form: str) -> list[str]:
    call = f"import bare; from pathlib import Path; bare.main({size}, Path('bare_out'), {form!r})"
    return [sys.executable, "-c", RUN.format(call), str(project)]


def _paired(
    one: list[str], other: list[str], runs: int, folder: Path = ROOT, before: object = None
) -> tuple[list[float], float, list[float]]:
    """Ratios of CPU time, the ratio of memory, and the other's milliseconds."""
    ratios, others, memory = [], [], (0.0, 0.0)
    for _ in range(runs):
        if callable(before):
            before()
        mine, theirs = _cpu(one, folder), _cpu(other, folder)
        ratios.append(mine[0] / theirs[0])
        others.append(theirs[0])
        memory = (max(memory[0], mine[1]), max(memory[1], theirs[1]))
    return ratios, memory[0] / memory[1], others


def _cpu(command: list[str], folder: Path) -> tuple[float, float]:
    """Milliseconds of CPU time and megabytes of memory of one process."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen(command, cwd=folder, env=variables, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"failed: {' '.join(command)}")
    return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
