"""What is seen of changed files, and what of a plan is done again for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from stacks import load
from stacks.commands.reloading import remaining, watched
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.errors import PackagingError
from stacks.local.watch import differences, refuse_syntax_errors, snapshot
from stacks.template.rendered import Rendered

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.deploy.plan import Plan

ENVIRONMENT = (".env", ".env.dev", ".env.local", ".env.dev.local")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with code in it, and what tools leave there."""
    for name in ("app.py", "templates/a.html", "__pycache__/app.pyc", "node_modules/x/y.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1 + 1")
    return tmp_path


def test_files_that_change_come_and_go_are_seen(folder: Path) -> None:
    before = snapshot([folder])
    (folder / "templates/a.html").write_text("longer than before")
    (folder / "new.py").touch()
    (folder / "app.py").unlink()
    names = [os.path.relpath(path, folder) for path in differences(before, snapshot([folder]))]
    assert names == ["app.py", "new.py", "templates/a.html"]


def test_the_same_size_at_another_date_is_a_change(folder: Path) -> None:
    before = snapshot([folder])
    os.utime(folder / "app.py", ns=(1, 1))
    assert differences(before, snapshot([folder])) == (str(folder / "app.py"),)


def test_what_tools_make_is_not_looked_at(folder: Path) -> None:
    assert {os.path.relpath(path, folder) for path in snapshot([folder])} == {"app.py", "templates/a.html"}


def test_a_single_file_one_that_does_not_exist_and_a_link_in_a_circle_can_be_watched(folder: Path) -> None:
    (folder / "templates/up").symlink_to(folder)
    (folder / "broken").symlink_to(folder / "nowhere")
    assert snapshot([folder / "app.py", folder / ".env"]).keys() == {str(folder / "app.py")}
    assert str(folder / "app.py") in snapshot([folder])
    assert str(folder / "templates/a.html") in snapshot([folder])


def test_every_file_that_is_no_python_is_reported_with_its_line(folder: Path) -> None:
    (folder / "app.py").write_text("one = 1\ndef (\n")
    (folder / "zero.py").write_bytes(b"a = '\0'")
    with pytest.raises(PackagingError) as caught:
        refuse_syntax_errors([str(folder / name) for name in ("app.py", "zero.py", "gone.py", "templates/a.html")])
    assert [problem.where for problem in caught.value.problems] == [f"{folder}/app.py:2", f"{folder}/zero.py:1"]


def test_the_files_that_a_description_names_are_watched_with_it(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text("name: t\nstages: {dev: {region: eu-west-1}}\nbackend: {template: made/t.json}\n")
    (tmp_path / "made").mkdir()
    (tmp_path / "made/t.json").write_text('{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}')
    paths = watched(file, load(file).stages["dev"])
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == ["app.yaml", "made/t.json", *ENVIRONMENT]


def test_code_and_published_folders_are_watched(root: Path) -> None:
    app = load(root / "app.yaml")
    paths = {path.relative_to(root).as_posix() for path in watched(root / "app.yaml", app.stages["dev"])}
    assert paths == {"app.yaml", *ENVIRONMENT, "lambda_src/web", "lambda_src/api", "site"}


def test_of_the_projects_root_only_what_is_packaged_is_watched(folder: Path) -> None:
    file = folder / "app.yaml"
    functions = "functions: {web: {wsgi: app.py:app, public: true, only: [app.py, templates]}}"
    file.write_text(f"name: t\nstages: {{dev: {{region: eu-west-1}}}}\nbackend: {{{functions}}}\n")
    (folder / "requirements.txt").write_text("flask\n")
    paths = {path.relative_to(folder).as_posix() for path in watched(file, load(file).stages["dev"])}
    assert paths == {"app.yaml", *ENVIRONMENT, "app.py", "templates", "requirements.txt"}


def project(name: str, *needs: str, source: str = "") -> str:
    """A project file whose one dependency is taken from ``source``."""
    sources = f"[tool.uv.sources]\n{needs[0]} = {{{source}}}\n" if source else ""
    return f"[project]\nname = '{name}'\nversion = '1'\ndependencies = {[*needs]}\n{sources}"


WHEEL = "lib/x-1-py3-none-any.whl"
POETRY = "[[package]]\nname = 'lib'\n[package.source]\ntype = 'directory'\nurl = '../lib'\n"
SHARED: dict[str, tuple[dict[str, str], set[str]]] = {
    "a folder of a requirements file": (
        {"api/requirements.txt": "./../lib\n-r more.txt\n", "api/more.txt": ""},
        {"lib"},
    ),
    "an editable folder": ({"api/requirements.txt": "-e ../lib\n"}, {"lib"}),
    "a source that has a source of its own": (
        {
            "api/pyproject.toml": project("api", "lib", source="path = '../lib'"),
            "lib/pyproject.toml": project("lib", "core", source="path = '../core', editable = true"),
            "core/pyproject.toml": project("core"),
            "core/core.py": "",
        },
        {"lib", "core"},
    ),
    "a member of a workspace with a lock": (
        {
            "pyproject.toml": "[tool.uv.workspace]\nmembers = ['api', 'lib']\n",
            "uv.lock": "[[package]]\nname = 'lib'\nsource = { editable = 'lib' }\n",
            "api/pyproject.toml": project("api", "lib", source="workspace = true"),
        },
        {"lib", "uv.lock", "pyproject.toml"},
    ),
    "a lock of Poetry with a folder": ({"api/pyproject.toml": project("api"), "api/poetry.lock": POETRY}, {"lib"}),
    "a wheel": ({"api/requirements.txt": f"../{WHEEL}\n", WHEEL: ""}, {WHEEL}),
}


@pytest.mark.parametrize("case", SHARED)
def test_what_dependencies_are_built_from_is_watched(tmp_path: Path, case: str) -> None:
    files, expected = SHARED[case]
    shared = {"api/app.py": "", "lib/lib.py": "", "lib/pyproject.toml": project("lib")}
    for name, text in {**shared, **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    function = "{handler: api/app.py:run, routes: [GET /x], public: true}"
    file = tmp_path / "app.yaml"
    file.write_text(f"name: t\nstages: {{dev: {{region: eu-west-1}}}}\nbackend: {{functions: {{web: {function}}}}}\n")
    paths = {path.resolve().relative_to(tmp_path).as_posix() for path in watched(file, load(file).stages["dev"])}
    assert paths == {"app.yaml", *ENVIRONMENT, "api", *expected}


def planned(folder: Path, *, key: str = "code/web/1.zip", body: str = "one") -> Plan:
    named: dict[str, dict[str, Any]] = {
        name: {"Parameters": {"Key": {}}} if name == "backend" else {} for name in ("base", "backend")
    }
    stacks = [
        Rendered(
            stack=name, name=f"t-{name}", region="eu-west-1", template=template, body=body, parameters={}, needs=()
        )
        for name, template in named.items()
    ]
    return make_plan(stacks, code=[PackagedCode(stack="backend", parameter="Key", key=key, path=folder / "app.py")])


def test_other_code_is_uploaded_and_deployed_alone(folder: Path) -> None:
    steps = remaining(planned(folder, key="code/web/2.zip"), planned(folder))
    assert [(type(step).__name__, step.stack) for step in steps] == [
        ("UploadArtifact", "backend"),
        ("DeployStack", "backend"),
    ]


def test_nothing_is_left_of_a_plan_that_was_done(folder: Path) -> None:
    assert remaining(planned(folder), planned(folder)) == ()


def test_another_template_or_a_failure_before_means_the_whole_plan(folder: Path) -> None:
    plan = planned(folder, body="two")
    assert remaining(plan, planned(folder)) == plan.steps
    assert remaining(plan, None) == plan.steps
