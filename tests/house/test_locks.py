"""Lock files: exact versions with hashes, for everything that this project installs."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from tools.lock import LOCKS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

_ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)[^\n]*(?P<hashes>(?:\n    --hash=sha256:[0-9a-f]{64}[ \\]*)*)",
    re.MULTILINE,
)


def _locked(lock: str) -> dict[str, str]:
    """Each package of a lock file, and its version."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {entry["name"].lower(): entry["version"] for entry in _ENTRY.finditer(text)}


def _inputs(source: Path) -> list[Requirement]:
    """The direct dependencies that a lock file is compiled from."""
    if source.name == "pyproject.toml":
        project = tomllib.loads(source.read_text(encoding="utf-8"))["project"]
        return [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]
    lines = source.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_file_is_a_version_with_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = [*_ENTRY.finditer(text)]
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert [line for line in lines if not _ENTRY.match(line)] == []
    assert len(lines) == len(entries) > 0
    assert [entry["name"] for entry in entries if not entry["hashes"]] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_holds_what_its_input_asks_for(lock: str) -> None:
    locked = _locked(lock)
    wanted = {requirement.name.lower(): requirement for requirement in _inputs(ROOT / LOCKS[lock][0])}
    assert {*wanted} - {*locked} == set()
    assert [name for name, want in wanted.items() if not want.specifier.contains(locked[name])] == []


@pytest.mark.parametrize("lock", [*LOCKS, "tools/scan/package-lock.json"])
def test_a_lock_file_names_no_package_index(lock: str) -> None:
    assert "://" not in re.sub(r'"(funding|url|homepage)": "[^"]*"', "", (ROOT / lock).read_text(encoding="utf-8"))


def test_the_scanners_of_npm_are_locked_by_hash() -> None:
    locked = json.loads((ROOT / "tools/scan/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [
        name for name, entry in locked.items() if name and not entry.get("inBundle") and "integrity" not in entry
    ] == []
