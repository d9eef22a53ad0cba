"""The public shapes of Python projects: what is read of each, and what is reported as not read."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from stacks.app import Backend, Function, Stage
from stacks.packaging import Bundle, package
from stacks.packaging.own_metadata import own_metadata
from stacks.packaging.unused import unused
from stacks.release.code import bundles

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project  # type: ignore[import-not-found]

    from stacks.packaging import Artifact

UNREAD_LOCK = "api: uv.lock is not read, because requirements.txt is used instead. Delete the outdated file."
TOOLS = "[tool.ruff]\nline-length = 100\n"
POETRY = "[tool.poetry]\nname = 'shop'\nversion = '2'\n[tool.poetry.dependencies]\npython = '^3.11'\nflask = '*'\n"
DYNAMIC = "[project]\nname = 'shop'\nversion = '1'\ndynamic = ['dependencies']\n"


@pytest.fixture(autouse=True)
def wheels(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """One package of the test's own, and the adapter in an older version."""
    monkeypatch.setenv("UV_FIND_LINKS", str(project.wheels))
    project.wheel("tiny", "1.0", {"tiny.py": "y = 1\n"})
    project.wheel("serverless_wsgi", "3.0.5", {"serverless_wsgi.py": ""})


def bundle_of(project: Project, entry: str, **more: Any) -> Bundle:
    """The bundle of a stage with one function."""
    function = Function(handler=entry, **more)
    stage = Stage(name="dev", app_name="shop", region="eu-west-1", backend=Backend(functions={"one": function}))
    (bundle,) = bundles(stage, project.root)
    return bundle


def packaged(project: Project, bundle: Bundle) -> Artifact:
    return package([bundle], root=project.root, out=project.root / ".build", say=project.messages.append)[0]


def names(artifact: Artifact) -> set[str]:
    with zipfile.ZipFile(artifact.path) as zipped:
        return set(zipped.namelist())


PROJECT = "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['tiny']\n"
SHAPES: dict[str, tuple[dict[str, str], str, str | None]] = {
    "plain requirements": ({"api/app.py": "", "api/requirements.txt": "tiny\n"}, "api/app.py:run", "tiny.py"),
    "a project file": ({"api/app.py": "", "api/pyproject.toml": PROJECT}, "api/app.py:run", "tiny.py"),
    "src layout": ({"src/shop/app.py": "", "pyproject.toml": PROJECT}, "src/shop/app.py:run", "tiny.py"),
    "src layout of an application of several": (
        {"apps/a/src/a/app.py": "", "apps/a/requirements.txt": "tiny\n", "pyproject.toml": TOOLS},
        "apps/a/src/a/app.py:run",
        "tiny.py",
    ),
    "a project file with tools only": ({"api/app.py": "", "api/pyproject.toml": TOOLS}, "api/app.py:run", None),
    "the project's root": ({"app.py": "", "requirements.txt": "tiny\n"}, "app.py:run", "tiny.py"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_what_a_shape_declares_is_packaged(project: Project, shape: str) -> None:
    files, entry, expected = SHAPES[shape]
    for name, text in files.items():
        project.write(name, text)
    results = names(packaged(project, bundle_of(project, entry)))
    assert (expected in results) if expected else not any(name.startswith("tiny") for name in results)


def test_two_applications_of_one_repository_have_their_own_dependencies(project: Project) -> None:
    project.wheel("zzother", "1.0", {"zzother.py": ""})
    for name in ("tiny", "zzother"):
        project.write(f"{name}_app/main.py", "")
        project.write(f"{name}_app/requirements.txt", f"{name}\n")
    result = {
        name: names(packaged(project, bundle_of(project, f"{name}_app/main.py:run"))) for name in ("tiny", "zzother")
    }
    assert [name in result["tiny"] for name in ("tiny.py", "zzother.py")] == [True, False]
    assert [name in result["zzother"] for name in ("tiny.py", "zzother.py")] == [False, True]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"Pipfile": "[packages]\n", "Pipfile.lock": "{}"}, "Pipfile is not read. 'pipenv requirements"),
        ({"setup.py": "setup(install_requires=['flask'])"}, "setup.py declares dependencies, and is not"),
        ({"setup.cfg": "[options]\ninstall_requires = flask"}, "setup.cfg declares dependencies, and is not read."),
        ({"pyproject.toml": POETRY}, "pyproject.toml lists dependencies for Poetry; without a lock they are not read."),
        ({"pyproject.toml": DYNAMIC}, "pyproject.toml says that its dependencies are dynamic, and they are not read."),
        ({"requirements/prod.txt": "flask"}, "requirements/prod.txt is not read. Create"),
        ({"requirements-prod.txt": "flask"}, "requirements-prod.txt is not read."),
        ({"prod-requirements.txt": "flask", "pyproject.toml": TOOLS}, "prod-requirements.txt is not read."),
        ({"pdm.lock": ""}, "pdm.lock is not read."),
        ({"environment.yml": ""}, "environment.yml is not read."),
        ({"requirements.txt": "tiny", "uv.lock": ""}, UNREAD_LOCK),
    ],
)  # fmt: skip
def test_a_file_that_is_not_read_is_reported(project: Project, files: dict[str, str], message: str) -> None:
    project.write("api/app.py", "")
    for name, text in files.items():
        project.write(f"api/{name}", text)
    packaged(project, bundle_of(project, "api/app.py:run"))
    assert [text for text in project.messages if message in text], project.messages


@pytest.mark.parametrize(
    "files",
    [
        {"requirements-dev.txt": "pytest", "requirements/test.txt": "pytest", "docs-requirements.txt": "sphinx"},
        {"requirements.txt": "-r requirements/prod.txt", "requirements/prod.txt": "flask"},
        {"setup.py": "from setuptools import setup; setup()"},
        {"pyproject.toml": TOOLS},
    ],
)
def test_nothing_is_reported_without_a_loss(project: Project, files: dict[str, str]) -> None:
    for name, text in files.items():
        project.write(f"api/{name}", text)
    used = project.root / "api/requirements.txt"
    assert list(unused(project.root / "api", used if used.is_file() else None)) == []


def test_dependencies_of_the_root_are_reported_where_the_code_is_in_a_folder(project: Project) -> None:
    project.write("api/app.py", "")
    project.write("requirements.txt", "tiny\n")
    packaged(project, bundle_of(project, "api/app.py:run"))
    message = (
        "requirements.txt of the project is not read, because the code is api. Move it into api, or set 'source: .'"
    )
    assert [text for text in project.messages if message in text]


WSGI = {
    "a constraint": ("tiny\n-c limits.txt\n", "serverless-wsgi==3.0.5\n"),
    "a constraint in an included file": ("tiny\n-r more.txt\n", "-c limits.txt\n"),
    "a marker that is never true": ("tiny\nserverless-wsgi; sys_platform == 'win32'\n", ""),
    "no word of it": ("tiny\n", ""),
    "a requirement": ("serverless-wsgi\n", ""),
}


@pytest.mark.parametrize("case", WSGI)
def test_a_wsgi_application_has_its_adapter_whatever_the_requirements_say_of_it(project: Project, case: str) -> None:
    text, more = WSGI[case]
    project.write("src/requirements.txt", text)
    project.write("src/more.txt", more)
    project.write("src/limits.txt", "serverless-wsgi==3.0.5\n")
    bundle = Bundle(name="web", source="src", requirements="src/requirements.txt", application="wsgi")
    assert "serverless_wsgi.py" in names(packaged(project, bundle))


def test_a_project_file_with_tools_only_is_no_obstacle_for_a_wsgi_application(project: Project) -> None:
    project.write("src/pyproject.toml", TOOLS)
    bundle = Bundle(name="web", source="src", requirements="src/pyproject.toml", application="wsgi")
    assert "serverless_wsgi.py" in names(packaged(project, bundle))


VERSIONS: dict[str, tuple[dict[str, str], str]] = {
    "written down": ({"pyproject.toml": "[project]\nname = 'my.shop'\nversion = '1.2'\n"}, "1.2"),
    "Poetry's": ({"pyproject.toml": "[tool.poetry]\nname = 'my-shop'\nversion = '2'\n"}, "2"),
    "Flit's": (
        {"pyproject.toml": "[project]\nname = 'my-shop'\ndynamic = ['version']\n", "my_shop.py": "__version__ = '3'\n"},
        "3",
    ),
    "setuptools'": (
        {
            "pyproject.toml": "[project]\nname = 'my-shop'\n[tool.setuptools]\ndynamic.version.attr = 'pkg.VERSION'\n",
            "src/pkg/__init__.py": "VERSION: str = '4'\n",
        },
        "4",
    ),
    "version control's": ({"pyproject.toml": "[project]\nname = 'my-shop'\ndynamic = ['version']\n"}, "0.0.0"),
}


@pytest.mark.parametrize("case", VERSIONS)
def test_an_application_finds_its_own_version(project: Project, tmp_path: Path, case: str) -> None:
    files, version = VERSIONS[case]
    for name, text in files.items():
        project.write(f"src/{name}", text)
    bundle = Bundle(name="web", source="src", requirements=None)
    with zipfile.ZipFile(packaged(project, bundle).path) as zipped:
        zipped.extractall(tmp_path / "task")
    program = "import importlib.metadata; print(importlib.metadata.version('my-shop'))"
    task = {"PYTHONPATH": str(tmp_path / "task")}
    done = subprocess.run([sys.executable, "-c", program], env=task, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == version


def test_entry_points_of_the_application_are_found(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[project]\nname = 'shop'\nversion = '1'\n[project.entry-points.'shop.plugins']\na = 'shop.a:A'\n")
    assert own_metadata(file)["shop-1.dist-info/entry_points.txt"] == "[shop.plugins]\na = shop.a:A\n"


@pytest.mark.parametrize("text", ["", "[project]\nname = '../x'\n", "[project", "[tool.poetry]\nname = 3\n"])
def test_a_project_file_without_a_name_leaves_no_metadata(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert own_metadata(tmp_path / "pyproject.toml") == {}
