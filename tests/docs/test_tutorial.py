"""docs/tutorial.md, followed word by word: each file written, each command run, in a new folder, on the local AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stacks.local.emulator import local_aws
from tests.docs.pages import blocks
from tests.running import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.emulator
ANSWERS = {"destroy": ["--yes"], "deploy": ["--yes"]}
"""What a person types at the question of a command."""
SKIPPED = (["pip"],)


def follow(folder: Path, aws: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Do what each block says; each command line with what it printed."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {
        **own,
        **aws,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    for block in blocks(ROOT / "docs" / "tutorial.md"):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        for words in block.commands() if block.language == "console" else ():
            if words[0] == "cd":
                folder /= words[1]
            elif words[:1] not in SKIPPED:
                typed = [*words, *ANSWERS.get(words[1], [])]
                done = subprocess.run(typed, cwd=folder, env=environment, capture_output=True, text=True, check=False)
                assert done.returncode in {0, 3}, f"{words}: {done.stdout}{done.stderr}"
                yield " ".join(words), done.stdout


def test_every_step_works(tmp_path: Path) -> None:
    outputs: dict[str, list[str]] = {}
    with local_aws(region="eu-west-1", account="000000000000", home=tmp_path / "aws") as emulator:
        key, secret = emulator.credentials
        aws = {
            "AWS_ENDPOINT_URL": emulator.endpoint_url,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
        }
        for command, printed in follow(tmp_path, aws):
            outputs.setdefault(command, []).append(printed)
            if command == "stacks outputs --stage dev":
                assert visits(emulator.edge) == [1, 2]
    assert "Site " in outputs["stacks local --detach"][0]
    assert "passed" in outputs["python -m pytest -q tests"][0]
    assert "SiteUrl" in outputs["stacks outputs --stage dev"][0]
    assert "no changes" in outputs["stacks diff --stage dev"][0]
    assert "deleted" in outputs["stacks destroy --stage dev --unprotect --empty-buckets"][0]


def visits(port: int) -> list[int]:
    """What two visits of the deployed application are counted as."""
    address = f"http://127.0.0.1:{port}/api/visits/home"
    answers: list[Callable[[], bytes]] = [urllib.request.urlopen(address).read for _ in range(2)]
    return [json.loads(read())["visits"] for read in answers]
