"""Builds install uv by its hash, and then from the project's lock; the commands run here, with a uv that only notes."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from stacks.commands.doctor import lock_check
from stacks.pipelines.installing import HASHES, UV, installing, lock_in
from tests.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PINNED = "flask==3.0 --hash=sha256:00\n"
OWN = "pip install --quiet --no-deps --no-build-isolation --editable ."


def run(folder: Path) -> tuple[list[str], str]:
    """What the default commands call uv with, and say, in a project."""
    uv = folder / "bin/uv"
    uv.parent.mkdir()
    uv.write_text(f'#!/bin/sh\necho "$@" >> {folder}/called\n')
    uv.chmod(0o755)
    *_, install = installing(())
    words = ["/bin/sh", "-ec", install]
    path = f"{uv.parent}:/usr/bin:/bin"
    done = subprocess.run(words, cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=True)
    return (folder / "called").read_text().splitlines(), done.stderr


@pytest.mark.parametrize(
    ("files", "lock", "called"),
    [
        ({"uv.lock": ""}, "uv.lock", ["sync --quiet --locked --inexact --all-extras --all-groups"]),
        (
            {"uv.lock": "", "requirements.txt": PINNED},
            "uv.lock",
            ["sync --quiet --locked --inexact --all-extras --all-groups"],
        ),
        ({"pylock.toml": ""}, "pylock.toml", ["pip install --quiet --requirement pylock.toml"]),
        (
            {"requirements.txt": PINNED},
            "requirements.txt",
            ["pip install --quiet --require-hashes --requirement requirements.txt"],
        ),
        (
            {"requirements.txt": PINNED, "requirements-dev.txt": PINNED},
            "requirements-dev.txt",
            ["pip install --quiet --require-hashes --requirement requirements-dev.txt"],
        ),
        (
            {"requirements.txt": PINNED, "requirements/dev.txt": PINNED, "pyproject.toml": "[build-system]\n"},
            "requirements/dev.txt",
            ["pip install --quiet --require-hashes --requirement requirements/dev.txt", OWN],
        ),
        (
            {"pylock.toml": "", "pyproject.toml": "[build-system]"},
            "pylock.toml",
            ["pip install --quiet --requirement pylock.toml", OWN],
        ),
        (
            {"requirements.txt": "flask\n", "pyproject.toml": "[project]\n"},
            None,
            ["pip install --quiet --editable .[dev]"],
        ),
    ],
)
def test_a_build_installs_from_the_lock(
    tmp_path: Path, files: dict[str, str], lock: str | None, called: list[str]
) -> None:
    (tmp_path / "requirements").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert lock_in(tmp_path) == lock
    assert lock_check(tmp_path).state == ("ok" if lock else "note")
    did, output = run(tmp_path)
    assert did == called
    assert ("this build installs what the index has today" in output) is (lock is None)


def test_uv_is_the_one_of_this_librarys_own_lock() -> None:
    lock = (ROOT / "requirements/dev.txt").read_text()
    match = re.search(r"^uv==(\S+) (.*?)^\S", lock, re.MULTILINE | re.DOTALL)
    assert match
    assert match[1] == UV
    assert set(HASHES) <= set(re.findall(r"sha256:(\w+)", match[2]))
    assert sum("--require-hashes" in line for line in installing(["true"])) == 1


def test_a_project_says_how_it_is_installed() -> None:
    assert installing(["uv pip install -r needed.txt"])[-1] == "uv pip install -r needed.txt"
