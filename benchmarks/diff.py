"""What comparing two templates of 500 resources costs, beyond starting Python and reading them.

    python benchmarks/diff.py [--runs 9]

CPU time of ``compare``, median over fresh processes (nothing is cached: the registry's schemas are read anew), for
templates that are equal, that differ in one property, in every resource, and in every logical id. The resources are
the example's own (``templates_out/dev``), over and over.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from stacks.forecast import compare
from stacks.forecast.reading import read_template

ROOT = Path(__file__).parents[1]
RESOURCES = 500
CASES = ("equal", "one", "every", "renamed")


def main() -> None:
    """Measure each case in processes of its own, and print milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--case", choices=CASES, help="measure one case in this process")
    arguments = parser.parse_args()
    if arguments.case:
        print(measured(arguments.case))
        return
    print(f"{'case':<6}  CPU ms (median of {arguments.runs})")
    for case in CASES:
        print(f"{case:<6}  {statistics.median(_in_a_process(case) for _ in range(arguments.runs)):.0f}", flush=True)


def _in_a_process(case: str) -> float:
    command = [sys.executable, __file__, "--case", case]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(case: str) -> float:
    """Milliseconds of CPU time of one comparison."""
    old = _template()
    new = _edited(copy.deepcopy(old), case)
    start = time.process_time()
    changes = compare(old, new)
    spent = time.process_time() - start
    if bool(changes) == (case == "equal"):
        raise SystemExit(f"{case}: {len(changes)} changes")
    return spent * 1000


def _template() -> dict[str, Any]:
    files = sorted((ROOT / "templates_out" / "dev").glob("*.yaml"))
    bodies = [body for file in files for body in read_template(file.read_text(), str(file))["Resources"].values()]
    return {"Resources": {f"R{index}": copy.deepcopy(bodies[index % len(bodies)]) for index in range(RESOURCES)}}


def _edited(template: dict[str, Any], case: str) -> dict[str, Any]:
    resources = template["Resources"]
    if case == "renamed":
        return {"Resources": {f"{name}New": body for name, body in resources.items()}}
    edited = {"equal": 0, "one": 1, "every": RESOURCES}[case]
    for body in list(resources.values())[:edited]:
        properties = body.setdefault("Properties", {})
        properties.update({name: "edited" for name, value in properties.items() if isinstance(value, str)})
        properties["Tags"] = [{"Key": "edited", "Value": "yes"}]
    return template


if __name__ == "__main__":
    main()
