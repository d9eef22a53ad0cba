"""Rendered templates and packaged code deployed by the AWS CLI alone, one stack after the other.

The CLI on PyPI is version 1, which takes parameters as ``Key=Value`` only; version 2 reads the parameter file as it
is (``--parameter-overrides file://…``). The code is packaged for Lambda, not for this machine; it is plain Python but
for one optional speed-up, so the emulator runs it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.emulator.accounts import UserPool, sign_in

if TYPE_CHECKING:
    from tests.running import Running

pytestmark = pytest.mark.emulator
STACKS = ["base", "data", "frontend-edge", "backend", "frontend", "frontend-logs-edge"]


def aws(account: Running, *words: str, region: str = "eu-west-1") -> str:
    """What the AWS CLI prints; the test fails when it does."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(account.project.home),
        "AWS_ACCESS_KEY_ID": account.emulator.key,
        "AWS_SECRET_ACCESS_KEY": account.emulator.secret,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": account.emulator.endpoint_url,
    }
    program = str(Path(sys.executable).parent / "aws")
    done = subprocess.run(
        [sys.executable, program, *words],
        cwd=account.project.folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def deploy(account: Running, stack: str, **more: str) -> str:
    folder = account.project.folder / "templates_out/dev"
    values = {**json.loads((folder / f"{stack}.parameters.json").read_text())["Parameters"], **more}
    overrides = ["--parameter-overrides", *(f"{name}={value}" for name, value in values.items())] if values else []
    return aws(
        account, "cloudformation", "deploy",
        "--template-file", f"templates_out/dev/{stack}.yaml", "--stack-name", f"notes-dev-{stack}",
        "--capabilities", "CAPABILITY_NAMED_IAM", *overrides,
        region="us-east-1" if stack.endswith("-edge") else "eu-west-1",
    )  # fmt: skip


@pytest.fixture(scope="module")
def outputs(account: Running) -> dict[str, str]:
    """What the CLI printed for each stack."""
    account.project.build("render")
    account.project.build("package", "--stage", "dev")
    result = {}
    for stack in STACKS:
        if stack == "backend":
            bucket = account.outputs()["base"]["ArtifactBucketName"]
            aws(account, "s3", "cp", "--recursive", ".build/code", f"s3://{bucket}/code")
        result[stack] = deploy(account, stack)
    return result


@pytest.mark.parametrize("stack", STACKS)
def test_each_stack_is_deployed(outputs: dict[str, str], stack: str) -> None:
    assert f"Successfully created/updated stack - notes-dev-{stack}" in outputs[stack]


@pytest.mark.usefixtures("outputs")
def test_the_pages_answer(account: Running) -> None:
    assert "What is on your mind?" in account.visitor().ask("/").text


@pytest.mark.usefixtures("outputs")
def test_the_api_answers_to_whom_it_knows(account: Running) -> None:
    data = account.outputs()["data"]
    endpoint = account.emulator.endpoint_url
    users = UserPool(endpoint=endpoint, pool=data["UserPoolId"], client=data["UserPoolClientId"])
    token = sign_in(users, "ada@example.com")
    visitor = account.visitor()
    assert visitor.ask("/api/notes").status == 401
    assert visitor.ask("/api/notes", "POST", b'{"text": "by hand"}', Authorization=token).status == 201
    notes = visitor.ask("/api/notes", Authorization=token).json()["notes"]
    assert [note["text"] for note in notes] == ["by hand"]


@pytest.mark.usefixtures("outputs")
def test_our_own_deployer_finds_nothing_left_to_change(account: Running) -> None:
    assert account.command("deploy", "base", "data", "frontend-edge", "--yes").count("nothing to change") == 3
