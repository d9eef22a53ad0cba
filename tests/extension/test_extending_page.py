"""The example of docs/extending.md: short, rendered, deployed to the local AWS with everything else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from stacks.local.emulator import running
from tests.running import Project, Running

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = re.compile(r"```(?:yaml|python)\n# (\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture
def files(root: Path) -> dict[str, str]:
    """The example's files by path."""
    return dict(_BLOCK.findall((root / "docs" / "extending.md").read_text(encoding="utf-8")))


def test_the_example_has_at_most_forty_lines(files: dict[str, str]) -> None:
    lines = [line for text in files.values() for line in text.splitlines() if line.strip()]
    assert (sorted(files), len(lines) <= 40) == (["app.yaml", "infra/alarms.py", "infra/reports.py"], True)


@pytest.mark.emulator
def test_the_example_is_deployed_to_the_local_aws(tmp_path: Path, files: dict[str, str]) -> None:
    worker = {"src/worker.py": "def work(event, context):\n    return None\n"}
    script = {"build.py": "from stacks.cli import main\n\nraise SystemExit(main())\n"}
    for name, text in {**files, **worker, **script}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    project = Project(folder=tmp_path)
    assert "sns:Subscribe" in project.build("permissions", "reports")
    project.build("local", "--detach")
    try:
        emulator = running(project.home)
        assert emulator is not None
        client = Running(project=project, emulator=emulator).client("cloudformation")
        (resource,) = client.describe_stack_resources(StackName="shop-dev-reports")["StackResources"]
        alarms = client.describe_stack_resource(StackName="shop-dev-backend", LogicalResourceId="OldJobs")
        assert resource["ResourceType"] == "AWS::SNS::Subscription"
        assert alarms["StackResourceDetail"]["ResourceStatus"] == "CREATE_COMPLETE"
    finally:
        project.build("local", "stop")
