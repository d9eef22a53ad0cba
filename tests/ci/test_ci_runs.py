"""The workflow, step by step on the local AWS: a plan before and after, deployments in order, and what is refused.

Steps that only a service has (checkout, Python, credentials) are left out, and so is ``Install``: the project has the
environment of these tests.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks.local.emulator import local_aws
from stacks.pipelines.shell import clean_environment
from tests.running import REGION, Running, copied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.emulator
_BASH = shutil.which("bash") or "bash"
ACTIVATE = f"export PATH={Path(sys.executable).parent}:$PATH\n"
SERVICES = {"github": ".github/workflows/deploy.yml", "gitlab": ".gitlab-ci.yml"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example with GitHub, a test, and a local AWS that a person deployed base to."""
    project = copied(tmp_path_factory.mktemp("ci") / "project")
    file = project.folder / "app.yaml"
    description = yaml.safe_load(file.read_text())
    del description["stages"]["prod"]
    dev = description["stages"]["dev"]
    ci = {"github": "someone/notes", "tests": "python -c 'pass'", "previews": "pr-*"}
    dev |= {"base": {"trail": "existing", "vpc": False, "ci": ci}}
    description["stages"]["pr-*"] = {"from": "dev"}
    file.write_text(yaml.safe_dump(description))
    activate = project.folder / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(ACTIVATE)
    with local_aws(region=REGION, account="000000000000", home=project.home) as emulator:
        running = Running(project=project, emulator=emulator)
        running.command("deploy", "base", "--yes")
        yield running


@pytest.fixture(scope="module")
def jobs(account: Running) -> dict[str, Any]:
    """The jobs of the workflow that ``ci github`` writes."""
    file = account.project.folder / SERVICES["github"]
    account.project.build("ci", "github", "--output", str(file))
    result: dict[str, Any] = yaml.safe_load(file.read_text())["jobs"]
    return result


@pytest.fixture
def step(account: Running, tmp_path: Path) -> Callable[[dict[str, Any]], subprocess.CompletedProcess[str]]:
    """Run one step as GitHub's runner does: a new shell that ends at the first mistake."""
    aws = {
        "AWS_ENDPOINT_URL": account.emulator.endpoint_url,
        "AWS_ACCESS_KEY_ID": account.emulator.key,
        "AWS_SECRET_ACCESS_KEY": account.emulator.secret,
        "AWS_DEFAULT_REGION": REGION,
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "NUMBER": "7",
    }
    environment = clean_environment(tmp_path, os.environ, aws)

    def run(build_step: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", build_step["run"]],
            cwd=account.project.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def named(jobs: dict[str, Any], job: str, name: str) -> dict[str, Any]:
    return next(entry for entry in jobs[job]["steps"] if entry.get("name") == name)


def test_the_workflow_plans_deploys_and_refuses(
    account: Running, jobs: dict[str, Any], step: Callable[..., Any], tmp_path: Path
) -> None:
    def done(job: str, name: str) -> str:
        finished = step(named(jobs, job, name))
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return str(finished.stdout)

    done("test", "Test")

    planned = done("plan", "Plan dev")
    assert "## dev" in planned
    assert "notes-dev-data" in planned
    assert "NotesTable" in planned
    done("plan", "Hand on the plan")
    assert "NotesTable" in (tmp_path / "output").read_text()

    done("build", "Package")
    digest = (tmp_path / "output").read_text().rpartition("sha256=")[2].strip()
    assert hashlib.sha256((account.project.folder / ".build" / "release.tar").read_bytes()).hexdigest() == digest
    deployed = done("deploy-dev", "Deploy dev")
    assert "packaged" not in deployed
    assert "notes-dev-base grants what is needed" in deployed
    assert "not protected from deletion and replacement, NotesTable" in deployed
    assert "base: notes-dev-base" not in deployed
    formation = account.client("cloudformation")
    states = {stack["StackName"]: stack for stack in formation.describe_stacks()["Stacks"]}
    assert states["notes-dev-data"]["StackStatus"] == "CREATE_COMPLETE"
    assert account.visitor().ask("/").status == 200

    again = done("plan", "Plan dev")
    assert "NotesTable" not in again

    file = account.project.folder / "app.yaml"
    before = file.read_text()
    file.write_text(before.replace("partition_key: owner", "partition_key: somebody"))
    lost = done("plan", "Plan dev")
    assert "NotesTable" in lost
    refused = step(named(jobs, "deploy-dev", "Deploy dev"))
    assert refused.returncode == 1
    assert "NotesTable" in refused.stderr
    tables = account.client("dynamodb")
    assert tables.describe_table(TableName="notes-dev-notes")["Table"]["KeySchema"][0]["AttributeName"] == "owner"

    described = yaml.safe_load(before)
    described["backend"]["functions"]["web"]["provisioned_concurrency"] = 1
    file.write_text(yaml.safe_dump(described))
    missing = step(named(jobs, "deploy-dev", "Deploy dev"))
    assert missing.returncode == 1
    assert "deploy base first: backend now needs" in missing.stderr
    file.write_text(before)


def test_a_preview_is_deployed_for_a_pull_request_and_deleted_when_it_is_closed(
    account: Running, jobs: dict[str, Any], step: Callable[..., Any], tmp_path: Path
) -> None:
    formation = account.client("cloudformation")

    def deployed() -> set[str]:
        return {stack["StackName"] for stack in formation.describe_stacks()["Stacks"] if "-pr-7-" in stack["StackName"]}

    result = step(named(jobs, "preview", "Deploy the preview"))
    assert result.returncode == 0, result.stdout + result.stderr
    assert {"notes-pr-7-base", "notes-pr-7-data", "notes-pr-7-backend", "notes-pr-7-frontend"} <= deployed()
    assert "not protected" not in result.stdout
    assert step(named(jobs, "preview", "Hand on the address")).returncode == 0
    assert (tmp_path / "output").read_text().startswith("url=https://")
    tables = account.client("dynamodb")
    assert "notes-pr-7-notes" in tables.list_tables()["TableNames"]

    ended = step(named(jobs, "preview-end", "Delete the preview"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert deployed() == set()
    assert "notes-pr-7-notes" not in tables.list_tables()["TableNames"]
    buckets = [bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]]
    assert not [name for name in buckets if name.startswith("notes-pr-7-")]
