"""Templates → what checkov, cfn-lint and cdk-nag find in them. The edge: programs are installed and run here only.

Each scanner lives in the user's cache folder, away from the project's own environment, and is installed on first use
from the lock files in this folder: checkov and parliament by pip (``requirements.txt``), cdk-nag by npm
(``package-lock.json``). cfn-lint is the project's own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent
ROLES = "deploy roles"
"""The file that parliament's findings are in: the same roles for each stage, so that each is reported once."""
_LINT_CODES = (0, 2, 4, 6, 8, 10, 12, 14)  # bits for errors, warnings and information found
CHECKOV = ("--framework", "cloudformation", "secrets", "--skip-download", "--output", "json", "--compact", "--quiet")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Match:
    """A finding of a scanner: in which file (``dev/data``), on which resource, by which rule."""

    file: str
    resource: str
    rule: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.resource}: {self.rule} {self.what}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scanner looked at, and what it found."""

    checked: int
    matches: frozenset[Match]
    packs: Mapping[str, int] = field(default_factory=dict)
    """What each of the scanner's packs looked at."""


class ScanError(Exception):
    """A scanner cannot be installed or run."""


def _run(command: Sequence[str | Path], *, ok: tuple[int, ...] = (0,), text: str = "", **env: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, input=text, env={**os.environ, **env})
    if done.returncode not in ok:
        raise ScanError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def checkov_program(home: Path) -> Path:
    """checkov, in a virtual environment of its own."""
    program = home / "venv" / "bin" / "checkov"
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    note = home / "venv" / "installed.txt"
    if not note.is_file() or note.read_text(encoding="utf-8") != wanted:
        _run([sys.executable, "-m", "venv", home / "venv"])
        pip: list[str | Path] = [
            home / "venv" / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        _run([*pip, "--require-hashes", "--requirement", HERE / "requirements.txt"])
        note.write_text(wanted, encoding="utf-8")
    return program


def cloudsplaining(program: Path, policies: Mapping[str, Mapping[str, Any]]) -> Scan:
    """What cloudsplaining, which came with ``program``, finds in the policies of each file."""
    output = _run([program.parent / "python", HERE / "escalation.py"], text=json.dumps(policies))
    results = frozenset(Match(file=file, resource=name, rule=what) for file, name, what in json.loads(output))
    return Scan(checked=sum(len(policy) for policy in policies.values()), matches=results)


def parliament(program: Path, policies: Mapping[str, Mapping[str, Any]]) -> Scan:
    """What parliament, installed next to ``program``, finds in the policies: issue by issue, for each action once."""
    output = _run([program.parent / "python", "-W", "ignore", HERE / "policy_lint.py"], text=json.dumps(policies))
    results = frozenset(Match(file=ROLES, resource=action, rule=issue) for _, _, issue, action in json.loads(output))
    return Scan(checked=sum(len(policy) for policy in policies.values()), matches=results)


def nag_modules(home: Path) -> Path:
    """The node modules of cdk-nag."""
    folder = home / "node"
    wanted = (HERE / "package-lock.json").read_bytes()
    if not (folder / "installed.json").is_file() or (folder / "installed.json").read_bytes() != wanted:
        if shutil.which("npm") is None:
            raise ScanError("npm does not exist: cdk-nag needs node 20 or newer")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / "package.json", folder / "package.json")
        (folder / "package-lock.json").write_bytes(wanted)
        _run(["npm", "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"])
        (folder / "installed.json").write_bytes(wanted)
    return folder / "node_modules"


def checkov(program: Path, folder: Path) -> Scan:
    """Every template under ``folder`` (``dev/data.json``), and whether a secret is written in one."""
    output = json.loads(_run([program, "--directory", folder, *CHECKOV], ok=(0, 1)))
    checked, matches = 0, set()
    for report in output if isinstance(output, list) else [output]:
        results = report.get("results", {})
        checked += sum(report.get("summary", {}).get(name, 0) for name in ("passed", "failed", "skipped"))
        matches |= {_of_checkov(check) for check in results.get("failed_checks", ())}
    return Scan(checked=checked, matches=frozenset(matches))


def _of_checkov(entry: dict[str, Any]) -> Match:
    file = entry["file_path"].lstrip("/").removesuffix(".json")
    resource = entry["resource"].rpartition(".")[2]
    return Match(file=file, resource=resource, rule=entry["check_id"], what=entry["check_name"])


def cfn_lint(folder: Path, regions: dict[str, str]) -> Scan:
    """Every template, informational rules included; ``regions`` says where each is deployed."""
    results = set()
    for file, region in regions.items():
        place = folder / f"{file}.json"
        command = ["-c", "I", "--regions", region, "-f", "json", "--", str(place)]
        output = _run([Path(sys.executable).with_name("cfn-lint"), *command], ok=_LINT_CODES)
        for load in json.loads(output):
            way = load["Location"]["Path"] or ["", "template"]
            resource = str(way[1]) if len(way) > 1 else "template"
            results.add(Match(file=file, resource=resource, rule=load["Rule"]["Id"], what=load["Message"]))
    return Scan(checked=len(regions), matches=frozenset(results))


def nag(modules: Path, templates: dict[str, dict[str, Any]]) -> Scan:
    """Five packs of cdk-nag over templates without references to other stacks."""
    stacks = [{"stack": file, "template": template} for file, template in templates.items()]
    output = _run(["node", HERE / "nag.cjs"], text=json.dumps(stacks), NODE_PATH=str(modules), NODE_NO_WARNINGS="1")
    answer = json.loads(output)
    results = {
        Match(file=finding["stack"], resource=finding["id"], rule=finding["rule"], what=finding["what"])
        for finding in answer["findings"]
    }
    packs = {"AwsSolutions": 0} | answer["checked"]
    return Scan(checked=sum(packs.values()), matches=frozenset(results), packs=packs)
