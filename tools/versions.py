"""``python -m tools.versions``: run the tests with the lowest and the newest dependencies that pyproject.toml allows.

A combination is ``lowest`` or ``newest``, and a Python: ``lowest-3.11``. Without arguments: the lowest on the oldest
supported Python of this machine, and the newest on every one. Each combination has a virtual environment of its own in
``.build/versions/``, created each time; uv installs into it, and downloads no Python.

Exit code: 0 when all passed, 1 when one did not, 2 for the command line.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import uv

from tools.lock import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
"""Our word for what is installed → uv's."""
QUICK = ("-m", "not emulator and not browser")
_PYTEST = ("-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
_UNREACHABLE = ("error sending request", "Failed to fetch", "network was disabled")


class Combination(NamedTuple):
    """Which dependencies on which Python."""

    resolution: str
    python: str

    def __str__(self) -> str:
        """As the command line says it: ``lowest-3.11``."""
        return f"{self.resolution}-{self.python}"


ALL = {str(value): value for value in (Combination(end, python) for end in RESOLUTIONS for python in PYTHONS)}


class UnreachableError(Exception):
    """There is no package index: no combination can be installed."""


def usual(available: Iterable[str]) -> list[Combination]:
    """What runs without arguments on a machine with these Pythons, oldest Python first."""
    pythons = sorted(available, key=PYTHONS.index)
    return [*(Combination("lowest", python) for python in pythons[:1]), *(Combination("newest", at) for at in pythons)]


def without_python(chosen: Iterable[Combination], pythons: Iterable[str]) -> str:
    """What is missing for these combinations, and what to do about it; empty when nothing is."""
    missing = sorted({combination.python for combination in chosen} - set(pythons), key=PYTHONS.index)
    if not missing:
        return ""
    return (
        f"Python {', '.join(missing)}: not on this machine. Install it ('uv python install'; with pyenv, list it in "
        "PYENV_VERSION), or name other combinations."
    )


def summary(results: Mapping[str, str]) -> str:
    """A line for each combination, and the command that repeats those that did not pass."""
    width = max(map(len, results))
    lines = [f"{name:{width}}  {result}" for name, result in results.items()]
    red = " ".join(name for name, result in results.items() if not result.startswith("passed"))
    return "\n".join([*lines, *([f'Repeat: make versions COMBINATIONS="{red}"'] if red else [])])


def interpreters() -> dict[str, str]:
    """Version → interpreter of each supported Python of this machine."""
    result = {}
    for version in PYTHONS:
        words = [uv.find_uv_bin(), "python", "find", "--no-project", "--no-python-downloads", version]
        asked = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
        if asked.returncode == 0:
            result[version] = asked.stdout.strip()
    return result


def installed(combination: Combination, interpreter: str) -> tuple[str, str]:
    """The interpreter of a new virtual environment with the dependencies; what uv said if that failed.

    Raises:
        UnreachableError: there is no package index.
    """
    home = ROOT / ".build" / "versions" / str(combination)
    python = str(home / "bin" / "python")
    install = ("pip", "install", "--quiet", "--python", python, "--upgrade", "--editable", ".[dev]")
    for words in (
        ("venv", "--quiet", "--clear", "--python", interpreter, str(home)),
        (*install, "--resolution", RESOLUTIONS[combination.resolution]),
    ):
        done = subprocess.run([uv.find_uv_bin(), *words], cwd=ROOT, check=False, capture_output=True, text=True)
        if any(words in done.stderr for words in _UNREACHABLE):
            raise UnreachableError
        if done.returncode:
            return python, done.stderr.strip()
    return python, ""


def tested(python: str, tests: Sequence[str]) -> str:
    """Run pytest, printing what it prints; ``passed`` or ``failed``, with its last line."""
    last = ""
    with subprocess.Popen([python, *_PYTEST, *tests], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
    return f"{'failed' if process.returncode else 'passed'}: {last.strip('= ')}"


def run(chosen: Sequence[Combination], pythons: Mapping[str, str], tests: Sequence[str]) -> dict[str, str]:
    """Install and test each combination; its result in words."""
    results = dict.fromkeys(map(str, chosen), "not run")
    for number, combination in enumerate(chosen, 1):
        print(f"\n{combination} ({number} of {len(chosen)}): installing, then testing", flush=True)
        try:
            python, problem = installed(combination, pythons[combination.python])
        except UnreachableError:
            print("versions: the package index cannot be reached. Connect to the network and repeat.", file=sys.stderr)
            break
        print(problem, end="\n" if problem else "", file=sys.stderr)
        results[str(combination)] = "failed: the dependencies cannot be installed" if problem else tested(python, tests)
    return results


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="make versions", description=(__doc__ or "").partition(": ")[2])
    parser.add_argument("combinations", nargs="*", metavar="COMBINATION", help=", ".join(ALL))
    parser.add_argument("--tests", nargs="+", default=QUICK, help="paths, instead of all that start no emulator")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.combinations if name not in ALL]
    if unknown:
        parser.error(f"{', '.join(unknown)}: unknown. Use {', '.join(ALL)}.")
    pythons = interpreters()
    chosen = [ALL[name] for name in options.combinations] or usual(pythons)
    if problem := without_python(chosen, pythons):
        parser.error(problem)
    results = run(chosen, pythons, options.tests)
    print(f"\n{summary(results)}")
    return int(not all(result.startswith("passed") for result in results.values()))


if __name__ == "__main__":
    os.environ.pop("VIRTUAL_ENV", None)
    raise SystemExit(main(sys.argv[1:]))
