"""``python -m tools.supply``: what this project is made of, and known vulnerabilities of that.

    sbom        write a CycloneDX bill of materials for each lock file into .build/sbom/
    audit       look every locked version up in the advisory databases (needs the network)

The lock files come from ``tools.lock``. The two programs are run by uv in environments of their own, at fixed versions.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import uv

from tools.lock import LOCKS, ROOT

OUT = ROOT / ".build"
SBOM, AUDIT = "cyclonedx-bom==7.5.0", "pip-audit==2.10.1"


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


COMMANDS = {"sbom": sbom, "audit": audit}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tools.supply")
    parser.add_argument("command", choices=COMMANDS)
    raise SystemExit(COMMANDS[parser.parse_args().command]())
