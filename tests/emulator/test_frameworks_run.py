"""What other frameworks packaged answers behind the site, on the local AWS, by the command that people use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.foreign.frameworks import BACKENDS, project
from tests.running import ROOT, Project, Visitor, local_run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.emulator


@pytest.mark.parametrize("framework", BACKENDS)
def test_the_site_and_the_api_of_a_framework_are_one_origin(tmp_path: Path, framework: str) -> None:
    project(tmp_path, framework)
    (tmp_path / "build.py").write_bytes((ROOT / "build.py").read_bytes())
    with local_run(Project(folder=tmp_path)) as running:
        visitor = Visitor(port=running.emulator.edge)
        assert visitor.ask("/hello/ann").json() == {"hello": "ann"}
        assert "<h1>site</h1>" in visitor.ask("/app/").text
        assert "START" in running.command("logs")


def test_a_nested_stack_is_deployed_with_its_own_code(tmp_path: Path) -> None:
    project(tmp_path, "serverless", template="out/top.json", outputs={"ApiId": "Inner.Outputs.HttpApiId"})
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "serverless.json"}}
    (tmp_path / "out/top.json").write_text(json.dumps({"Resources": {"Inner": inner}}))
    (tmp_path / "build.py").write_bytes((ROOT / "build.py").read_bytes())
    with local_run(Project(folder=tmp_path)) as running:
        assert Visitor(port=running.emulator.edge).ask("/v2").json() == {"hello": None}
        assert "InnerWebLambdaFunction" in running.command("logs")
