"""``deploy --packaged``: what ``package`` wrote is deployed as it is, or nothing is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.commands.packaged import packaged
from stacks.commands.template_files import write
from stacks.errors import DeployError
from stacks.loading import validated
from stacks.packaging import package
from stacks.release.code import bundles, code_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stacks.app import Stage
    from stacks.packaging import Artifact
    from stacks.template.rendered import Parameters, Rendered


class Project:
    """A project with one function, packaged and rendered."""

    def __init__(self, root: Path) -> None:
        self.root, self.out = root, root / "templates_out"
        (root / "code").mkdir()
        (root / "code" / "handler.py").write_text("def handler(event, context):\n    return {}\n")
        self.stage, self.rendered = self.described(memory=256)
        self.artifacts = package(bundles(self.stage, root), root=root, out=root / ".build", say=lambda _: None)
        self.parameters = code_parameters(self.stage, self.rendered, self.artifacts)
        list(write(self.stage.name, self.rendered, self.out, self.parameters))

    @staticmethod
    def described(memory: int) -> tuple[Stage, Sequence[Rendered]]:
        function: dict[str, Any] = {"handler": "code/handler.py:handler", "memory": memory}
        stages = {"dev": {"region": "eu-west-1"}}
        app = validated({"name": "notes", "stages": stages, "backend": {"functions": {"job": function}}})
        return app.stages["dev"], render(app, app.stages["dev"])

    def read(self, rendered: Sequence[Rendered] | None = None) -> tuple[tuple[Artifact, ...], Parameters]:
        return packaged(self.stage, rendered or self.rendered, self.root, self.out)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_code_and_parameters_are_those_of_package(project: Project) -> None:
    assert project.read() == (project.artifacts, project.parameters)


def test_sources_that_changed_since_are_not_packaged_again(project: Project) -> None:
    (project.root / "code" / "handler.py").write_text("raise SystemExit\n")
    assert project.read()[0] == project.artifacts


def test_a_template_that_renders_to_something_else_is_refused(project: Project) -> None:
    with pytest.raises(DeployError, match=r"backend\.yaml: is not what the description renders now\. Run 'package'"):
        project.read(project.described(memory=512)[1])


def test_code_that_is_not_what_its_key_says_is_refused(project: Project) -> None:
    path = project.artifacts[0].path
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DeployError, match="has another SHA-256 than its name"):
        project.read()
    path.unlink()
    with pytest.raises(DeployError, match="the packaged code was not found"):
        project.read()


@pytest.mark.parametrize("text", ["", "[]", '{"Parameters": []}', '{"Parameters": {}}', "{"])
def test_a_parameter_file_that_names_no_code_is_refused(project: Project, text: str) -> None:
    (project.out / "dev" / "backend.parameters.json").write_text(text)
    with pytest.raises(DeployError, match="code: no parameter file names its code"):
        project.read()


def test_a_parameter_file_with_another_value_is_refused(project: Project) -> None:
    file = project.out / "dev" / "backend.parameters.json"
    values = json.loads(file.read_text())
    values["Parameters"]["Other"] = "x"
    file.write_text(json.dumps(values))
    with pytest.raises(DeployError, match=r"backend\.parameters\.json: is not what"):
        project.read()
