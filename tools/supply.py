"""``python -m tools.supply``: what this project is made of, known vulnerabilities of that, and versions it works with.

    sbom        write a CycloneDX bill of materials for each lock file into .build/sbom/
    audit       look every locked version up in the advisory databases (needs the network)
    versions    run the quick tests with the lowest and with the newest versions that pyproject.toml allows, and the
                newest on every Python from 3.11 to 3.14 of this machine; paths after it choose the tests

The lock files come from ``tools.lock``. The two programs are run by uv in environments of their own, at fixed versions.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import uv

from tools.lock import LOCKS, ROOT

OUT = ROOT / ".build"
SBOM, AUDIT = "cyclonedx-bom==7.5.0", "pip-audit==2.10.1"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_QUICK = ("-m", "not emulator and not browser", "-q")


def run_uv(*words: str) -> int:
    """Run uv in the project's folder; its exit code."""
    return subprocess.run([uv.find_uv_bin(), *words], cwd=ROOT, check=False).returncode


def sbom() -> int:
    """Write ``.build/sbom/<lock>.json`` for each lock; 0 when all are written."""
    folder = OUT / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    worst = 0
    for lock in LOCKS:
        file = folder / f"{Path(lock).with_suffix('').as_posix().replace('/', '-')}.json"
        words = ("cyclonedx-py", "requirements", lock, "--output-reproducible", "--of", "JSON", "-o", str(file))
        worst = max(worst, run_uv("tool", "run", "--quiet", "--from", SBOM, *words))
    return worst


def audit() -> int:
    """0 when no locked version, of Python or of npm, has a known vulnerability."""
    worst = 0
    for lock in LOCKS:
        words = ("--require-hashes", "--disable-pip", "--strict", "-r", lock)
        worst = max(worst, run_uv("tool", "run", "--quiet", AUDIT, *words))
    npm = subprocess.run(["npm", "audit", "--package-lock-only"], cwd=ROOT / "tools/scan", check=False)  # noqa: S607
    return max(worst, npm.returncode)


def pythons() -> dict[str, str]:
    """Version → interpreter of each supported Python that is on this machine; uv downloads none."""
    result = {}
    for version in PYTHONS:
        words = [uv.find_uv_bin(), "python", "find", "--no-project", "--no-python-downloads", version]
        asked = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
        if asked.returncode == 0:
            result[version] = asked.stdout.strip()
    return result


def versions(*tests: str) -> int:
    """0 when the quick tests (or ``tests``) pass with both ends of what pyproject.toml allows, on each Python."""
    there = pythons()
    missing = ", ".join(version for version in PYTHONS if version not in there)
    print(f"Not on this machine, so not tested: {missing or 'none'}", flush=True)  # noqa: T201
    lowest = min(there, default=PYTHONS[0], key=PYTHONS.index)
    cases = [("lowest-direct", lowest), *(("highest", version) for version in there)]
    return max((_tested(resolution, version, there[version], tests) for resolution, version in cases), default=1)


def _tested(resolution: str, version: str, interpreter: str, tests: tuple[str, ...]) -> int:
    """0 when the tests pass on a Python with the versions of a resolution."""
    home = OUT / "versions" / f"{resolution}-{version}"
    python = str(home / "bin" / "python")
    install = ("pip", "install", "--quiet", "--python", python, "--resolution", resolution, "--upgrade")
    code = (
        run_uv("venv", "--quiet", "--clear", "--python", interpreter, str(home))
        or run_uv(*install, "--editable", ".[dev]")
        or subprocess.run([python, "-m", "pytest", *_QUICK, *tests], cwd=ROOT, check=False).returncode
    )
    print(f"Python {version}, {resolution}: {'failed' if code else 'passed'}", flush=True)  # noqa: T201
    return code


COMMANDS = {"sbom": sbom, "audit": audit, "versions": versions}


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:  # noqa: PLR2004 - the program and a word
        raise SystemExit(__doc__)
    raise SystemExit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
