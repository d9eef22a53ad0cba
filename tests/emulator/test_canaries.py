"""A canary in every place where people keep secrets: through a stage's whole life it is in nothing written or printed.

Looked at is all that commands print, every file they make, and what AWS holds afterwards: objects with their versions,
templates, parameters, outputs and events of stacks, settings of functions.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from stacks.checks.leaks import KnownSecret, leaks_of_file, spellings
from tests.running import REGION, ROOT, command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running import Running

pytestmark = pytest.mark.emulator
BIRDS = {name: f"kanarienvogel/{name}+1" for name in ("dotenv", "given", "parameter", "index")}
EDITS = {
    "    session-key: true\n": "    session-key: true\n    stripe-key: given\n    push-key: parameter\n",
    "      secrets: [session-key]\n": "      secrets: [session-key, stripe-key, push-key]\n",
    "\nbackend:\n": "\nmoved: {data.tables.diary: data.tables.notes}\nbackend:\n  shared_requirements: shared.txt\n",
}


@pytest.fixture
def printed(own_account: Running) -> list[str]:
    """What each command prints, of a project with canaries."""
    folder = own_account.project.folder
    text = (folder / "app.yaml").read_text()
    for old, new in EDITS.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / "app.yaml").write_text(text)
    (folder / "shared.txt").write_text("flask==3.1.3\n")
    (folder / ".env").write_text(f"DB_PASSWORD={BIRDS['dotenv']}\n")
    return []


def keep(running: Running, name: str, value: str) -> str:
    """``secrets set``, the value in a pipe."""
    words = command("secrets", "set", name, *running.target)
    own = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=running.project.folder, env=own, input=value, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def output_of(running: Running, *words: str, **variables: str) -> str:
    done = running.project.run(*words, *running.target, **variables)
    return f"{words}\n{done.stdout}{done.stderr}"


def files(folder: Path) -> dict[str, bytes]:
    """Every file that commands made; the state of the local AWS is AWS's."""
    paths = [
        path for path in folder.rglob("*") if path.is_file() and path.name != ".env" and ".local" not in path.parts
    ]
    return {str(path): path.read_bytes() for path in paths}


def objects(running: Running) -> Iterator[tuple[str, bytes]]:
    """Every version of every object."""
    for region in (REGION, "us-east-1"):
        s3 = running.client("s3", region)
        for bucket in (entry["Name"] for entry in s3.list_buckets()["Buckets"]):
            for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
                response = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
                yield f"s3://{bucket}/{version['Key']}", response["Body"].read()


def stacks(running: Running) -> Iterator[tuple[str, Any]]:
    for region in (REGION, "us-east-1"):
        formation = running.client("cloudformation", region)
        for stack in formation.describe_stacks()["Stacks"]:
            name = stack["StackName"]
            yield name, stack
            yield f"{name} template", formation.get_template(StackName=name)["TemplateBody"]
            yield f"{name} events", formation.describe_stack_events(StackName=name)["StackEvents"]
    functions = running.client("lambda").list_functions()["Functions"]
    yield "functions", functions


def test_through_a_stages_whole_life_no_canary_is_written_or_printed(own_account: Running, printed: list[str]) -> None:
    running, folder = own_account, own_account.project.folder
    index = f"http://me:{BIRDS['index']}@127.0.0.1:9/simple"
    asked = running.project.run("package", UV_DEFAULT_INDEX=index, UV_CACHE_DIR=str(folder / ".local/uv"))
    assert "127.0.0.1:9" in asked.stderr
    printed += [asked.stdout + asked.stderr]
    printed += [keep(running, "stripe-key", BIRDS["given"]), keep(running, "push-key", BIRDS["parameter"])]
    printed += [output_of(running, "deploy", "--yes", *more) for more in ((), ("--parallel",), ("--express",))]
    assert "nothing to change" in printed[-1]
    verbs = (("diff",), ("status",), ("drift",), ("outputs",), ("secrets", "list"), ("lint",), ("import", "data"))
    printed += [output_of(running, *verb) for verb in verbs]
    broken = (folder / "app.yaml").read_text()
    (folder / "app.yaml").write_text(broken.replace("region: eu-west-1", "region: '${env:DB_PASSWORD}'"))
    printed += [output_of(running, verb) for verb in ("render", "deploy", "diff")]
    (folder / "app.yaml").write_text(broken)
    held = {"printed": "\n".join(printed).encode(), **files(folder), **dict(objects(running))}
    held |= {name: json.dumps(value, default=str).encode() for name, value in stacks(running)}
    printed += [output_of(running, "destroy", "--yes", "--unprotect", "--empty-buckets", "--delete-data")]
    held["destroyed"] = printed[-1].encode()
    canaries = [KnownSecret(name=name, likely=True, forms=spellings(value)) for name, value in BIRDS.items()]
    assert [str(problem) for name, content in held.items() for problem in leaks_of_file(name, content, canaries)] == []
    assert "deploying.json" in str(held.keys()), "the lock was looked at, too"
    assert "(DB_PASSWORD)" in held["printed"].decode(), "what is masked shows its name"
