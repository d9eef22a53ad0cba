"""The rendered example and the schema are committed, and are what the code makes now."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from stacks import render
from stacks.description.schema import json_schema

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App

FIX = "run 'python build.py' and look at the difference"


def test_the_committed_templates_are_fresh(root: Path, example: App) -> None:
    result = {
        f"{stage.name}/{stack.stack}.yaml": stack.body
        for stage in example.stages.values()
        for stack in render(example, stage)
    }
    folder = root / "templates_out"
    committed = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in folder.glob("*/*.yaml")
    }
    assert sorted(committed) == sorted(result), FIX
    stale = [name for name, body in result.items() if committed[name] != body]
    assert stale == [], FIX


def test_the_committed_schema_is_fresh(root: Path) -> None:
    committed = json.loads((root / "stacks/app.schema.json").read_text(encoding="utf-8"))
    assert committed == json_schema(), "run 'python build.py schema > stacks/app.schema.json'"


def test_the_example_names_its_schema(root: Path) -> None:
    first = (root / "app.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=stacks/app.schema.json"


def test_bytes_do_not_depend_on_path_hash_seed_umask_or_time_zone(root: Path, tmp_path: Path) -> None:
    copies = []
    for name, seed, umask, zone in (("one", "1", 0o022, "UTC"), ("a folder/two", "2", 0o077, "Asia/Tokyo")):
        copy = tmp_path / name
        copy.mkdir(parents=True)
        for part in ("lambda_src", "stacks"):
            shutil.copytree(root / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("app.yaml", "build.py"):
            shutil.copy(root / part, copy / part)
        env = {"PYTHONHASHSEED": seed, "TZ": zone, "PATH": os.environ["PATH"]}
        command = [sys.executable, "build.py"]
        subprocess.run(command, cwd=copy, env=env, umask=umask, check=True, stdout=subprocess.DEVNULL)
        files = sorted((copy / "templates_out").rglob("*.*"))
        copies.append({file.name: file.read_bytes() for file in files})
    assert copies[0] == copies[1]
    assert len(copies[0]) >= 10
