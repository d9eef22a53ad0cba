"""Python functions that change a generated template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from troposphere import Template, sns

from stacks import load, render
from stacks.errors import StacksError
from stacks.extension.modules import function_of

if TYPE_CHECKING:
    from pathlib import Path

    from stacks import App, Stage
    from tests.extension.conftest import Project

_EXTEND = "extend: {backend: infra/alarms.py:add}\n"
_ADD = """\
from troposphere import sns


def add(template, app, stage):
    template.add_resource(sns.Topic("Alerts", DisplayName=f"{app.name} {stage.name}"))
"""


def test_a_hook_changes_the_template_of_its_stack(project: Project) -> None:
    rendered = project(_EXTEND, {"infra/alarms.py": _ADD})
    topic = rendered["backend"].template["Resources"]["Alerts"]
    assert topic["Properties"] == {"DisplayName": "shop dev"}


def test_a_hook_imports_modules_of_the_project(project: Project) -> None:
    files = {
        "infra/alarms.py": "from infra.words import WORD\nfrom troposphere import sns\n\n\n"
        "def add(template, app, stage):\n    template.add_resource(sns.Topic(WORD))\n",
        "infra/words.py": 'WORD = "Alerts"\n',
    }
    assert "Alerts" in project(_EXTEND, files)["backend"].template["Resources"]


def test_functions_are_passed_to_render_as_well(project: Project, tmp_path: Path) -> None:
    project()

    def add(template: Template, app: App, stage: Stage) -> None:
        template.add_resource(sns.Topic("Alerts", DisplayName=f"{app.name} {stage.name}"))

    app = load(tmp_path / "app.yaml")
    rendered = {
        rendered_stack.stack: rendered_stack
        for rendered_stack in render(app, app.stages["dev"], extend={"backend": [add]})
    }
    assert "Alerts" in rendered["backend"].template["Resources"]


def test_a_function_that_is_passed_to_render_is_blamed_with_its_file(project: Project, tmp_path: Path) -> None:
    project()
    app = load(tmp_path / "app.yaml")

    def add(template: Template, _app: App, _stage: Stage) -> None:
        template.outputs.clear()

    with pytest.raises(StacksError, match=r"^extend\.base: .*test_hooks\.py removes the outputs? "):
        render(app, app.stages["dev"], extend={"base": [add]})


def test_a_hook_keeps_outputs(project: Project) -> None:
    code = "def add(template, app, stage):\n    template.outputs.clear()\n"
    with pytest.raises(StacksError, match=r"^extend\.base: infra/a\.py removes the outputs? ApplicationBoundaryArn"):
        project("extend: {base: infra/a.py:add}\n", {"infra/a.py": code})


def test_the_same_project_renders_to_the_same_bytes(project: Project) -> None:
    first = project(_EXTEND, {"infra/alarms.py": _ADD})
    second = project(_EXTEND, {"infra/alarms.py": _ADD})
    assert {stack: rendered_stack.body for stack, rendered_stack in first.items()} == {
        stack: rendered_stack.body for stack, rendered_stack in second.items()
    }


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def ad(template, app, stage): ...\n", "infra/alarms.py has no function 'add'. Did you mean 'ad'?"),
        (
            "def add(template, app, stage):\n    return 1\n",
            "infra/alarms.py:add returned int. Change the template in place and return nothing.",
        ),
        (
            "def add(template, app, stage):\n    x = 1\n    raise ValueError('no pool')\n",
            "extend.backend: infra/alarms.py:3: ValueError: no pool. Correct the Python code there.",
        ),
        (
            (
                "from troposphere import sns\n\n\ndef add(template, app, stage):\n"
                "    template.add_resource(sns.Topic('A', Nam='x'))\n"
            ),
            (
                "extend.backend: infra/alarms.py:5: AttributeError: AWS::SNS::Topic object does not support "
                "attribute Nam. Correct the Python code there."
            ),
        ),
        (
            (
                "from troposphere import sns\n\n\ndef add(template, app, stage):\n"
                "    template.add_resource(sns.Subscription('A'))\n"
            ),
            "extend.backend: infra/alarms.py: ValueError: Resource Endpoint required in type",
        ),
        ("def add(:\n", "extend.backend: infra/alarms.py:1: SyntaxError"),
        ("import nowhere_to_be_found\n", "infra/alarms.py:1: ModuleNotFoundError"),
        (
            (
                "from troposphere import sns\n\n\ndef add(template, app, stage):\n"
                "    for n in range(500):\n        template.add_resource(sns.Topic(f'T{n}'))\n"
            ),
            "extend.backend: infra/alarms.py leaves 5",
        ),
        (
            "def add(template, app, stage):\n    del template.resources['JobsQueue']\n",
            "infra/alarms.py removes JobsQueue, which Resources.JobsQueuePolicy refers to",
        ),
    ],
)
def test_a_mistake_in_a_hook_is_reported_in_its_file(project: Project, code: str, message: str) -> None:
    with pytest.raises(StacksError) as caught:
        project(_EXTEND, {"infra/alarms.py": code})
    assert message in str(caught.value)


def test_a_missing_file_is_reported_with_its_line(project: Project) -> None:
    with pytest.raises(StacksError, match=r"^app.yaml:14: extend.backend: there is no file infra/alarms.py"):
        project(_EXTEND)


def test_a_stack_that_does_not_exist_is_reported_with_its_line(project: Project) -> None:
    with pytest.raises(StacksError, match=r"^app.yaml:14: extend.backnd: there is no stack 'backnd'. Did you mean"):
        project("extend: {backnd: infra/alarms.py:add}\n", {"infra/alarms.py": _ADD})


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("none.py", "there is no file none.py. Create it, or correct the path."),
        ("../outside.py", "../outside.py leads out of the project. Name a file inside the project's folder."),
        ("notes.txt", "notes.txt cannot be imported. Name a Python file."),
    ],
)
def test_a_hook_of_an_app_built_in_python_is_looked_for_when_it_is_called(
    file: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "outside.py").write_text(_ADD, encoding="utf-8")
    (tmp_path / "project/notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(StacksError) as caught:
        function_of(str(tmp_path / "project"), file, "add", "extend.backend")
    assert str(caught.value) == f"extend.backend: {message}"


def test_a_file_outside_of_the_project_is_refused(project: Project) -> None:
    with pytest.raises(StacksError, match="does not name a Python function inside the project"):
        project("extend: {backend: ../alarms.py:add}\n")


def test_a_link_out_of_the_project_is_refused(
    project: Project, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "alarms.py"
    outside.write_text(_ADD, encoding="utf-8")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "alarms.py").symlink_to(outside)
    with pytest.raises(StacksError, match="is a symbolic link out of the project"):
        project(_EXTEND)


def test_a_file_that_leads_out_of_the_project_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "alarms.py").write_text(_ADD, encoding="utf-8")
    (tmp_path / "project").mkdir()
    with pytest.raises(StacksError) as caught:
        function_of(str(tmp_path / "project"), "../alarms.py", "add", "extend.backend")
    fix = "Name a file inside the project's folder."
    assert str(caught.value) == f"extend.backend: ../alarms.py leads out of the project. {fix}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "template.resources.pop('JobsQueue')",
            r"extend\.backend: infra/h\.py removes JobsQueue, which Resources\.\w+",
        ),
        ("template.add_resource(sns.Topic('JobsQueue'))", r"extend\.backend: infra/h\.py:5: has JobsQueue twice"),
    ],
)
def test_a_hook_that_breaks_the_template_is_blamed(project: Project, line: str, message: str) -> None:
    code = f"from troposphere import sns\n\n\ndef add(template, app, stage):\n    {line}\n"
    with pytest.raises(StacksError, match=message):
        project("extend: {backend: infra/h.py:add}\n", {"infra/h.py": code})


def test_a_hook_may_remove_what_nothing_refers_to(project: Project) -> None:
    code = "def add(template, app, stage):\n    template.resources.pop('WorkerFromJobsQueue')\n"
    rendered = project("extend: {backend: infra/h.py:add}\n", {"infra/h.py": code})
    assert "WorkerFromJobsQueue" not in rendered["backend"].template["Resources"]


def test_a_circle_through_an_own_stack_is_reported_at_that_stack(project: Project) -> None:
    own = (
        "Parameters: {P: {Type: String}}\nResources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref P}}}\n"
    )
    more = (
        "  resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt own.X}}}\n"
        "  outputs: {Y: !GetAtt T.TopicName}\n"
        "stacks: {own: {template: infra/own.yaml, parameters: {P: !GetAtt backend.Y}}}\n"
    )
    with pytest.raises(StacksError, match=r"stacks\.own: read from each other in a circle"):
        project(more, {"infra/own.yaml": f"{own}Outputs: {{X: {{Value: !Ref T}}}}\n"})
