"""What ``python build.py`` costs compared with a bare troposphere script that writes the same templates.

    python benchmarks/render.py [--runs 9] [--sizes 1 10 100 400]
    python benchmarks/render.py --runs 5 --sizes 100 400 2000
    python benchmarks/render.py --against ../before     # another checkout, in the same run

Both run as cold processes in turn, so that a machine that gets slower slows both; CPU time (user and system) of the
whole process, median of the ratios pair by pair, and the largest memory of each. "edited" is a run right after a value
of the description changed, "same" one of which nothing changed since the last. ``--help`` is held
against an empty Python process. Below the rows is the line through "same" by least squares: what a function costs,
and how far the sizes are from that line.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from itertools import count, product
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
RUN = "import sys; sys.path.insert(0, sys.argv[1]); {}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100, 400])
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="measure that checkout of the library, too")
    arguments = parser.parse_args()
    checkouts = [checkout.resolve() for checkout in (arguments.against, ROOT) if checkout]
    print("functions  floor ms  edited x  same x  memory x  floor with to_yaml x  checkout")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        rows: dict[int, float] = {}
        for size, (number, checkout) in product(arguments.sizes, enumerate(checkouts)):
            rows[size] = _row(size, arguments.runs, Path(folder) / f"{number}-{size}", checkout)
    if len(rows) > 2:
        print(_line(rows))
    empty = [sys.executable, "-c", "pass"]
    ratios, _, _ = _paired([sys.executable, str(ROOT / "build.py"), "--help"], empty, arguments.runs)
    print(f"--help against an empty Python process: {statistics.median(ratios):.2f} x")


def _line(spent: dict[int, float]) -> str:
    slope, start = statistics.linear_regression([*spent], [*spent.values()])
    off = max(abs(result / (start + slope * size) - 1) for size, result in spent.items())
    return f"same: {start:.0f} ms and {slope:.2f} ms for each function; no size is over {off:.0%} from that line"


def _row(size: int, runs: int, project: Path, checkout: Path) -> float:
    """Print a size's ratios of a checkout of the library; return the milliseconds of "same"."""
    # In a process of its own: a child's memory is never told as less than its parent's.
    subprocess.run([sys.executable, "-m", "benchmarks.project", str(size), str(project)], cwd=ROOT, check=True)
    floor = _bare(project, size, "json")
    command = [sys.executable, str(checkout / "build.py"), "--out", "out"]
    _cpu(command, project)
    known, memory, bare = _paired(command, floor, runs, project)
    edited, _, _ = _paired(command, floor, runs, project, before=partial(_edit, project / "app.yaml", count(1)))
    yaml, _, _ = _paired(_bare(project, size, "yaml"), floor, 3, project)
    median = statistics.median
    ratios = f"{median(edited):>8.2f}  {median(known):>6.2f}  {memory:>8.2f}  {median(yaml):>8.2f}"
    print(f"{size:>9}  {median(bare):>8.0f}  {ratios}  {checkout.name}", flush=True)
    return median(ratio * other for ratio, other in zip(known, bare, strict=True))


def _edit(description: Path, numbers: Iterator[int]) -> None:
    """Give every resource another tag."""
    text = json.loads(description.read_text())
    description.write_text(json.dumps({**text, "tags": {"edit": str(next(numbers))}}, indent=1))


def _bare(project: Path, size: int, form: str) -> list[str]:
    call = f"import bare; from pathlib import Path; bare.main({size}, Path('bare_out'), {form!r})"
    return [sys.executable, "-c", RUN.format(call), str(project)]


def _paired(
    entry: list[str], other: list[str], runs: int, folder: Path = ROOT, before: object = None
) -> tuple[list[float], float, list[float]]:
    """Ratios of CPU time, the ratio of memory, and the other's milliseconds."""
    ratios, others, memory = [], [], (0.0, 0.0)
    for _ in range(runs):
        if callable(before):
            before()
        usage, other_usage = _cpu(entry, folder), _cpu(other, folder)
        ratios.append(usage[0] / other_usage[0])
        others.append(other_usage[0])
        memory = (max(memory[0], usage[1]), max(memory[1], other_usage[1]))
    return ratios, memory[0] / memory[1], others


def _cpu(command: list[str], folder: Path) -> tuple[float, float]:
    """Milliseconds of CPU time and megabytes of memory of one process."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen(command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"failed: {' '.join(command)}")
    return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
