"""Folders that dependencies name: built, digested, and never a link to this machine in a zip."""

from __future__ import annotations

import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
import uv

from stacks.errors import PackagingError
from stacks.packaging import Bundle, package

if TYPE_CHECKING:
    from conftest import Project  # type: ignore[import-not-found]

    from stacks.packaging import Artifact

BACKEND = """\
import os, pathlib, tomllib, zipfile

TAG = "py3-none-any"

def build_wheel(folder, config_settings=None, metadata_directory=None):
    assert "CANARY" not in os.environ
    project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
    name = project["name"].replace("-", "_")
    info = f"{name}-{project['version']}.dist-info"
    needs = "".join(f"Requires-Dist: {need}\\n" for need in project.get("dependencies", []))
    file = f"{name}-{project['version']}-{TAG}.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / file, "w") as wheel:
        for path in sorted(pathlib.Path(name).rglob("*.py")):
            wheel.write(path, path.as_posix())
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {project['name']}\\nVersion: 1\\n{needs}")
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: {TAG}\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return file
"""


@pytest.fixture(autouse=True)
def offline(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """No index; a variable that no build may see; one package in a folder of wheels."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(project.wheels))
    monkeypatch.setenv("CANARY", "secret")
    project.wheel("tiny", "1.0", {"tiny.py": "y = 1\n"})


def library(project: Project, folder: str, name: str, *needs: str, more: str = "") -> None:
    """A project with one module and a build backend of its own, which needs no index."""
    text = f"""
{more}
[project]
name = "{name}"
version = "1"
requires-python = ">=3.11"
dependencies = {list(needs)}
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
    project.write(f"{folder}/pyproject.toml", text)
    project.write(f"{folder}/backend.py", BACKEND)
    project.write(f"{folder}/{name.replace('-', '_')}/__init__.py", "x = 1\n")


def packaged(project: Project, requirements: str) -> Artifact:
    bundle = Bundle(name="web", source="src", requirements=requirements, only=("app.py",))
    return package([bundle], root=project.root, out=project.root / ".build", say=project.messages.append)[0]


def names(artifact: Artifact) -> set[str]:
    """What is in a zip; nothing of it may name this machine."""
    with zipfile.ZipFile(artifact.path) as zipped:
        results = zipped.namelist()
        assert not [name for name in results if name.endswith((".pth", ".egg-link", "direct_url.json"))]
        assert str(artifact.path.parents[3]).encode() not in b"".join(zipped.read(name) for name in results)
        return set(results)


LINES = ["-e ./lib", "--editable=./lib", "./lib", "my-lib @ ./lib", "./lib ; python_version >= '3.8'", "-r more/in.txt"]


@pytest.mark.parametrize("line", LINES)
def test_a_folder_of_a_requirements_file_is_built(project: Project, line: str) -> None:
    library(project, "src/lib", "my-lib", "tiny")
    project.write("src/more/in.txt", "./lib\n")
    project.write("src/requirements.txt", f"{line}\n")
    assert {"my_lib/__init__.py", "tiny.py", "app.py"} <= names(packaged(project, "src/requirements.txt"))


def test_the_project_itself_can_be_a_requirement(project: Project) -> None:
    library(project, "src", "shop", "tiny")
    project.write("src/requirements.txt", "-e .\n")
    assert {"shop/__init__.py", "tiny.py"} <= names(packaged(project, "src/requirements.txt"))


def test_an_edit_of_a_folder_is_noticed_and_nothing_is_written_into_it(project: Project) -> None:
    library(project, "lib", "my-lib")
    project.write("src/requirements.txt", "../lib\n")
    first = packaged(project, "src/requirements.txt")
    again = packaged(project, "src/requirements.txt")
    project.write("lib/my_lib/__init__.py", "x = 2\n")
    changed = packaged(project, "src/requirements.txt")
    assert first.sha256 == again.sha256 != changed.sha256
    assert sorted(path.name for path in (project.root / "lib").iterdir()) == ["backend.py", "my_lib", "pyproject.toml"]


def test_a_source_of_a_project_file_is_built_with_those_that_it_needs_itself(project: Project) -> None:
    library(project, "lib", "my-lib", "other-lib", more='tool.uv.sources.other-lib = {path = "../other"}')
    library(project, "other", "other-lib", "tiny")
    library(project, "src", "shop", "my-lib", more='tool.uv.sources.my-lib = {path = "../lib", editable = true}')
    results = names(packaged(project, "src/pyproject.toml"))
    assert {"my_lib/__init__.py", "other_lib/__init__.py", "tiny.py"} <= results
    first = packaged(project, "src/pyproject.toml")
    project.write("other/other_lib/__init__.py", "x = 2\n")
    assert packaged(project, "src/pyproject.toml").sha256 != first.sha256


def workspace(project: Project) -> None:
    members = '[tool.uv.workspace]\nmembers = ["src", "libs/*"]\n'
    project.write("pyproject.toml", f"[project]\nname = 'all'\nversion = '1'\nrequires-python = '>=3.11'\n{members}")
    library(project, "libs/core", "core", "tiny")
    library(project, "src", "shop", "core", more="tool.uv.sources.core = {workspace = true}")


def test_a_member_of_a_workspace_is_built(project: Project) -> None:
    workspace(project)
    assert {"core/__init__.py", "tiny.py"} <= names(packaged(project, "src/pyproject.toml"))


def test_the_lock_of_a_workspace_counts_for_its_members(project: Project) -> None:
    project.wheel("tiny", "2.0", {"tiny.py": "y = 2\n"})
    workspace(project)
    (project.wheels / "tiny-2.0-py3-none-any.whl").rename(project.root / "later.whl")
    subprocess.run([uv.find_uv_bin(), "lock", "--quiet"], cwd=project.root, check=True)
    (project.root / "later.whl").rename(project.wheels / "tiny-2.0-py3-none-any.whl")
    results = names(packaged(project, "src/pyproject.toml"))
    assert {"core/__init__.py", "tiny.py", "tiny-1.0.dist-info/METADATA"} <= results


@pytest.mark.parametrize(
    "source", ['{path = "../lib", editable = true}', '{path = "../lib"}', '{path = "../tiny.whl"}']
)
def test_a_lock_with_a_folder_or_a_wheel_is_packaged_with_hashes(project: Project, source: str) -> None:
    name = "tiny" if "whl" in source else "my-lib"
    library(project, "lib", "my-lib", "tiny")
    wheel = project.root / "tiny-1.0-py3-none-any.whl"
    wheel.write_bytes((project.wheels / wheel.name).read_bytes())
    library(project, "src", "shop", name, more=f"tool.uv.sources.{name} = {source.replace('tiny.whl', wheel.name)}")
    subprocess.run([uv.find_uv_bin(), "lock", "--quiet"], cwd=project.root / "src", check=True)
    assert {f"{name.replace('-', '_')}{'.py' if name == 'tiny' else '/__init__.py'}", "tiny.py"} <= names(
        packaged(project, "src/uv.lock")
    )


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("lib/pyproject.toml", "[project"), r"the wheel of lib cannot be built: "),
        (
            ("lib/backend.py", "raise SystemExit('no luck')"),
            r"the wheel of lib cannot be built: .*Correct it, or build",
        ),
        (("lib/backend.py", BACKEND.replace("py3-none-any", "cp311-cp311-linux_x86_64")), "makes native code for this"),
    ],
)
def test_what_cannot_be_built_for_lambda_is_refused(project: Project, edit: tuple[str, str], message: str) -> None:
    library(project, "lib", "my-lib")
    project.write(*edit)
    project.write("src/requirements.txt", "../lib\n")
    with pytest.raises(PackagingError, match=rf"^src/requirements.txt: .*{message}"):
        packaged(project, "src/requirements.txt")


def test_a_folder_that_is_no_project_is_refused(project: Project) -> None:
    project.write("lib/my_lib.py", "x = 1\n")
    project.write("src/requirements.txt", "../lib\n")
    with pytest.raises(PackagingError, match=r"lib is a folder without pyproject.toml or setup.py"):
        packaged(project, "src/requirements.txt")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{path = "../gone"}', r"takes my-lib from \.\./gone, which is missing. Correct the path"),
        ("{workspace = true}", r"the workspace has no member my-lib"),
    ],
)
def test_a_source_that_is_missing_is_reported(project: Project, source: str, message: str) -> None:
    library(project, "src", "shop", "my-lib", more=f"tool.uv.sources.my-lib = {source}")
    with pytest.raises(PackagingError, match=rf"^src/pyproject.toml: {message}"):
        packaged(project, "src/pyproject.toml")


def test_a_link_that_leads_nowhere_is_refused(project: Project) -> None:
    project.write("src/requirements.txt", "-e ../gone\n")
    with pytest.raises(PackagingError, match=r"installs a link to a folder that does not exist"):
        packaged(project, "src/requirements.txt")
