"""What packaging a Flask application costs, compared with the two usual ways, and what bytecode saves at a cold start.

    python benchmarks/packaging.py [--runs 5]

Cold: nothing of the project is kept; wheels are in uv's and pip's caches and compiled files in ours, as on a
developer's second day. First: our cache is empty too. Warm: nothing changed. Every round runs all ways one after the
other, so that a busy machine slows them alike; the ratio is the median of the rounds' own ratios. Target is this
machine's Python, which is what ``pip install -t`` packages for.

    ours          stacks.packaging, in a fresh process
    ours, first   the same, where no project has compiled these packages yet
    ours, plain   the same without compiling bytecode, which the other ways do not do
    uv            uv pip install --target, zipped by Python's zipfile, stored as ours
    uv, compiled  the same with --compile-bytecode, which is what ours does beyond it
    pip           pip install --target, zipped the same way
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import uv

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[1]
REQUIREMENTS = "flask==3.1.3\nserverless-wsgi==3.1.0\nboto3==1.44.5\n"
PACKAGE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from stacks.packaging import Bundle, Target, host_target, package
target = host_target()
if sys.argv[2] == "plain":
    module = sys.modules["stacks.packaging.package"]
    module.compiler = lambda target: None
    module.compiled = lambda entries, target, into, at: []
bundle = Bundle(name="web", source="web", requirements="web/requirements.txt", wsgi=True)
artifact = package([bundle], root=Path(), out=Path(sys.argv[2]), target=target, say=lambda text: None)[0]
print(artifact.path)
"""
ZIP = """
import sys, zipfile
from pathlib import Path
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_STORED) as zipped:
    for folder in ("web", sys.argv[1]):
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                zipped.write(path, path.relative_to(folder))
"""
IMPORT = """
import os, sys, time
from importlib import import_module
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    import_module(name)
start = time.process_time()
import app
print(time.process_time() - start)
"""
USED = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
import app
print(*(name for name in sys.modules if name.partition(".")[0] in sys.stdlib_module_names and name not in before))
"""
APP = "import boto3\nfrom flask import Flask\nimport serverless_wsgi\napp = Flask(__name__)\n"


def main() -> None:
    """Run the rounds and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        os.environ["STACKS_CACHE_DIR"] = str(project / "cache")
        (project / "web").mkdir()
        (project / "web/app.py").write_text(APP)
        (project / "web/requirements.txt").write_text(REQUIREMENTS)
        _report_packaging(project, runs)
        _report_import(project, runs)


def _report_packaging(project: Path, runs: int) -> None:
    ways: dict[str, Callable[[], object]] = {
        "python": lambda: _run(project, sys.executable, "-c", "pass"),
        "ours, first": lambda: _own(project, "first"),
        "ours": lambda: _own(project, "ours"),
        "ours, plain": lambda: _own(project, "plain"),
        "uv": lambda: _uv(project, "uv"),
        "uv, compiled": lambda: _uv(project, "uv-compiled", "--compile-bytecode"),
        "pip": lambda: _pip(project),
        "warm": lambda: _run(project, sys.executable, "-c", PACKAGE, str(ROOT), "ours"),  # after "ours"
    }
    rounds = []
    for _ in range(runs + 1):
        for result in ("cache", "first", "ours", "plain", "uv", "uv-compiled", "pip"):
            shutil.rmtree(project / result, ignore_errors=True)
        rounds.append({name: _seconds(way) for name, way in ways.items()})
    rounds.pop(0)  # the first fills the caches of uv and pip
    print(f"seconds, median of {runs} rounds{'wall':>10}{'CPU':>8}")
    for name in ways:
        wall, cpu = (statistics.median(entry[name][kind] for entry in rounds) for kind in (0, 1))
        print(f"  {name:<24} {wall:12.3f} {cpu:7.3f}")
    for name, other in (("ours", "uv"), ("ours, first", "uv, compiled"), ("ours, plain", "uv"), ("ours", "pip")):
        wall, cpu = (statistics.median(entry[name][kind] / entry[other][kind] for entry in rounds) for kind in (0, 1))
        print(f"  {f'{name} / {other}':<26} {wall:10.2f} {cpu:7.2f}")
    wall, cpu = (statistics.median(entry["warm"][kind] - entry["python"][kind] for entry in rounds) for kind in (0, 1))
    print(f"  {'warm above empty Python':<26} {wall:10.3f} {cpu:7.3f}")


def _own(project: Path, out: str) -> None:
    _run(project, sys.executable, "-c", PACKAGE, str(ROOT), out)


def _uv(project: Path, into: str, *more: str) -> None:
    install = ["pip", "install", "--quiet", "--python", sys.executable]
    _run(project, uv.find_uv_bin(), *install, *more, "--target", into, "-r", "web/requirements.txt")
    _run(project, sys.executable, "-c", ZIP, into, f"{into}.zip")


def _pip(project: Path) -> None:
    environment = project / "pip-environment"
    if not environment.exists():
        _run(project, uv.find_uv_bin(), "venv", "--quiet", "--seed", "--python", sys.executable, str(environment))
    install = ["-m", "pip", "install", "--quiet", "--no-compile", "--target", "pip", "-r", "web/requirements.txt"]
    _run(project, str(environment / "bin/python"), *install)
    _run(project, sys.executable, "-c", ZIP, "pip", "pip.zip")


def _report_import(project: Path, runs: int) -> None:
    """The first import from the unpacked zip, on a disk that cannot be written, as on Lambda."""
    path = _run(project, sys.executable, "-c", PACKAGE, str(ROOT), "ours").strip()
    with zipfile.ZipFile(project / path) as zipped:
        zipped.extractall(project / "fresh")
    shutil.copytree(project / "fresh", project / "stale")
    for file in (project / "stale").rglob("*.pyc"):
        file.unlink()
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(project / "stale")], check=False)
    for file in (project / "stale").rglob("*.py"):
        file.touch()  # the dates of a zip: what was compiled next to them before is stale
    print("import of Flask, boto3 and serverless-wsgi")
    _report_ratio(project, runs, ())
    used = _run(project, sys.executable, "-B", "-I", "-S", "-c", USED, "fresh").split()
    print("the same with the standard library imported before, which has its bytecode in both:")
    _report_ratio(project, runs, used)


def _report_ratio(project: Path, runs: int, before: Sequence[str]) -> None:
    result: dict[str, list[float]] = {"fresh": [], "stale": []}
    for _ in range(runs):
        for name, times in result.items():
            times.append(float(_run(project, sys.executable, "-B", "-I", "-S", "-c", IMPORT, name, *before)))
    ratio = statistics.median(stale / fresh for fresh, stale in zip(*result.values(), strict=True))
    fresh, stale = (statistics.median(times) for times in result.values())
    print(f"  {fresh:.3f} s of CPU with bytecode, {stale:.3f} s with stale bytecode: {ratio:.1f} times")


def _seconds(way: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU, children included."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    way()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def _run(project: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    main()
