"""``python -m tools.supply``: what this project is made of, known vulnerabilities of that, and versions it works with.

    sbom        write a CycloneDX bill of materials for each lock file into .build/sbom/
    audit       look every locked version up in the advisory databases (needs the network)
    versions    run the quick tests with the lowest and with the newest versions that pyproject.toml allows

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
RESOLUTIONS = ("lowest-direct", "highest")
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


def versions() -> int:
    """0 when the quick tests pass with both ends of what pyproject.toml allows."""
    worst = 0
    for resolution in RESOLUTIONS:
        home = OUT / "versions" / resolution
        python = str(home / "bin" / "python")
        install = ("pip", "install", "--quiet", "--python", python, "--resolution", resolution, "--upgrade")
        worst = max(
            worst,
            run_uv("venv", "--quiet", "--clear", "--python", sys.executable, str(home))
            or run_uv(*install, "--editable", ".[dev]")
            or subprocess.run([python, "-m", "pytest", *_QUICK], cwd=ROOT, check=False).returncode,
        )
    return worst


COMMANDS = {"sbom": sbom, "audit": audit, "versions": versions}


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:  # noqa: PLR2004 - the program and one word
        raise SystemExit(__doc__)
    raise SystemExit(COMMANDS[sys.argv[1]]())
