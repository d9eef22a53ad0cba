"""Where stages of a project were deployed before: what this machine noted, and names that its git history has.

CloudFormation itself is the record of a stage's stacks, but under another account or name it is not found by looking;
see ``stacks.deploy.elsewhere``.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from typing import TYPE_CHECKING

from stacks.deploy.elsewhere import EarlierPlace
from stacks.files import cache_folder, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.app import Stage

_NAME = re.compile(rb"^name:[ \t]*[\"']?([a-z][a-z0-9-]*)", re.MULTILINE)
_MOST = 20
"""Versions of a description that are looked at."""


def noted(file: Path, stage: Stage, *, local: bool) -> tuple[EarlierPlace, ...]:
    """The places where the stage of a description was or may have been deployed before, the likeliest first."""
    try:
        before = EarlierPlace(**json.loads(_record(file, stage, local=local).read_bytes()))
    except (OSError, ValueError, TypeError):
        known = []
    else:
        known = [before]
    names = [name for name in dict.fromkeys(_names(file)) if name != stage.app_name]
    return (*known, *(EarlierPlace(app=name, account="", region=stage.region) for name in names))


def note(file: Path, stage: Stage, account: str, *, local: bool) -> None:
    """Note where a stage is deployed now."""
    place = {"app": stage.app_name, "account": account, "region": stage.region}
    write_atomically(_record(file, stage, local=local), json.dumps(place).encode())


def _record(file: Path, stage: Stage, *, local: bool) -> Path:
    project = hashlib.sha256(bytes(file.resolve())).hexdigest()
    return cache_folder("deployed", project) / f"{stage.name}{'.local' if local else ''}.json"


def _names(file: Path) -> Iterator[str]:
    """The names of the application in earlier versions of the description, the newest first; none without git.

    By git's plumbing, which runs nothing that a repository configures.
    """
    listed = _git(file, "rev-list", f"--max-count={_MOST}", "HEAD", "--", file.name).split()
    for commit in listed:
        if match := _NAME.search(_git(file, "cat-file", "blob", f"{commit.decode()}:./{file.name}")):
            yield match[1].decode()


def _git(file: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", *words], cwd=file.resolve().parent, capture_output=True, check=False)  # noqa: S607
    except OSError:
        return b""
    return done.stdout if done.returncode == 0 else b""
