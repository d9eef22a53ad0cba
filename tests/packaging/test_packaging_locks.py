"""Locks, project files and hashes: what the other files that say requirements lead to."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
import uv

from stacks.errors import PackagingError
from stacks.packaging import Bundle, package
from tests.packaging.conftest import ANOTHER_PYTHON

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project  # type: ignore[import-not-found]


def _names(project: Project, requirements: str, *, boto3: bool = True) -> list[str]:
    bundle = Bundle(name="web", source="src", requirements=f"src/{requirements}", boto3=boto3)
    out = project.root / ".build"
    artifact = package([bundle], root=project.root, out=out, target=ANOTHER_PYTHON, say=project.messages.append)[0]
    with zipfile.ZipFile(artifact.path) as zipped:
        return zipped.namelist()


@pytest.fixture
def described(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a pyproject.toml that asks for ``tiny``, and for ``extra`` while developing."""
    for name in ("tiny", "extra"):
        project.wheel(name, "1.0", {f"{name}.py": "y = 1\n"})
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(project.wheels))
    _describe(project, "tiny")
    return project


def _describe(project: Project, *wanted: str) -> None:
    text = f"""
        [project]
        name = "site"
        version = "1"
        requires-python = ">=3.11"
        dependencies = {list(wanted)}
        [dependency-groups]
        dev = ["extra"]
    """
    project.write("src/pyproject.toml", text)


def _lock(project: Project) -> Path:
    subprocess.run([uv.find_uv_bin(), "lock", "--quiet"], cwd=project.root / "src", check=True)
    file: Path = project.root / "src/uv.lock"
    return file


def test_the_dependencies_of_a_project_file_are_installed_and_the_file_stays_out(described: Project) -> None:
    assert _names(described, "pyproject.toml") == ["app.py", *_own(), "tiny-1.0.dist-info/METADATA", *_rest()]


def test_a_uv_lock_is_installed_without_what_is_for_development(described: Project) -> None:
    _lock(described)
    assert _names(described, "uv.lock") == ["app.py", *_own(), "tiny-1.0.dist-info/METADATA", *_rest()]


def _own() -> list[str]:
    """The metadata of the project itself."""
    return ["site-1.dist-info/METADATA"]


def _rest() -> list[str]:
    return ["tiny-1.0.dist-info/entry_points.txt", "tiny.py"]


def test_a_lock_that_does_not_fit_its_project_is_refused_with_the_way_out(described: Project) -> None:
    _lock(described)
    _describe(described, "tiny", "extra")
    with pytest.raises(PackagingError, match=r"^src/uv.lock: does not fit pyproject.toml any more. Run uv lock\.$"):
        _names(described, "uv.lock")


def test_a_lock_without_its_project_is_refused(described: Project) -> None:
    _lock(described)
    (described.root / "src/pyproject.toml").unlink()
    with pytest.raises(PackagingError, match=r"^src/uv.lock: there is no pyproject.toml next to it\."):
        _names(described, "uv.lock")


def test_a_lock_for_a_python_that_this_machine_has_not_is_read_all_the_same(described: Project) -> None:
    lock = _lock(described)
    for file in (lock, described.root / "src/pyproject.toml"):
        file.write_text(file.read_text().replace(">=3.11", ">=3.99"))
    assert "tiny.py" in _names(described, "uv.lock")


@pytest.mark.parametrize("text", ["[project", "[project]\ndependencies = ['tiny one ==']\n"])
def test_a_project_file_that_cannot_be_read_is_reported_by_name(described: Project, text: str) -> None:
    described.write("src/pyproject.toml", text)
    with pytest.raises(PackagingError, match=r"^src/pyproject.toml: "):
        _names(described, "pyproject.toml")


def _hashed(project: Project, content: bytes) -> None:
    project.require(f"tiny==1.0 --hash=sha256:{hashlib.sha256(content).hexdigest()}")


def test_a_wheel_with_the_pinned_hash_is_taken(described: Project) -> None:
    _hashed(described, (described.wheels / "tiny-1.0-py3-none-any.whl").read_bytes())
    assert "tiny.py" in _names(described, "requirements.txt")


def test_a_wheel_with_another_hash_is_refused(described: Project) -> None:
    _hashed(described, b"other")
    with pytest.raises(PackagingError, match=r"^src/requirements.txt: .*[Hh]ash"):
        _names(described, "requirements.txt")


def test_among_hashes_nothing_without_one_is_taken(described: Project) -> None:
    digest = hashlib.sha256((described.wheels / "tiny-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    described.require(f"tiny==1.0 --hash=sha256:{digest}", "extra==1.0")
    with pytest.raises(PackagingError, match=r"^src/requirements.txt: .*extra"):
        _names(described, "requirements.txt")


def test_a_wsgi_application_with_hashes_gets_its_handlers_library_by_hash_from_the_registry(project: Project) -> None:
    project.write("src/pyproject.toml", "[project]\nname='s'\nversion='1'\nrequires-python='>=3.11'\n")
    subprocess.run([uv.find_uv_bin(), "add", "--quiet", "--no-sync", "flask"], cwd=project.root / "src", check=True)
    bundle = Bundle(name="web", source="src", requirements="src/uv.lock", application="wsgi")
    artifact = package([bundle], root=project.root, out=project.root / ".build", say=project.messages.append)[0]
    with zipfile.ZipFile(artifact.path) as zipped:
        assert {"flask/app.py", "serverless_wsgi.py", "stacks_web.py"} <= set(zipped.namelist())


HASH = "sha256:c6242fc49e35958c8b15141343aa660db5fc54d4f13a1db01a3f5891b98700ef"
POETRY_LOCK = f"""
[[package]]
name = "itsdangerous"
version = "2.2.0"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = [
    {{file = "itsdangerous-2.2.0-py3-none-any.whl", hash = "{HASH}"}},
]

[metadata]
lock-version = "2.1"
python-versions = ">=3.11,<4"
content-hash = "f189b52d062c82c7e0e862fcd6f396eae857ed11f48c7d1e7eb74a5ce58c6f96"
"""


def _with_poetry_lock(project: Project) -> None:
    text = "[project]\nname='s'\nversion='1'\nrequires-python='>=3.11,<4'\ndependencies=['itsdangerous']\n"
    project.write("src/pyproject.toml", f"{text}[tool.poetry]\npackage-mode = false\n")
    project.write("src/poetry.lock", POETRY_LOCK)


def test_a_poetry_lock_is_installed_by_its_hashes_from_the_registry(project: Project) -> None:
    _with_poetry_lock(project)
    assert "itsdangerous/__init__.py" in _names(project, "poetry.lock")


def test_a_poetry_lock_that_does_not_fit_its_project_is_refused_from_the_registry(project: Project) -> None:
    _with_poetry_lock(project)
    project.write("src/pyproject.toml", (project.root / "src/pyproject.toml").read_text().replace("<4", "<5"))
    with pytest.raises(PackagingError, match=r"^src/poetry.lock: cannot be exported: .* Run poetry lock\.$"):
        _names(project, "poetry.lock")


def test_boto3_is_left_to_the_runtime_when_that_is_asked_for(described: Project) -> None:
    for name in ("boto3", "botocore", "boto3_stubs"):
        described.wheel(name, "1.0", {f"{name}/__init__.py": ""})
    described.require("boto3", "botocore", "boto3_stubs")
    names = _names(described, "requirements.txt", boto3=False)
    assert {name.partition("/")[0] for name in names} == {
        "app.py",
        "boto3_stubs",
        "boto3_stubs-1.0.dist-info",
        "site-1.dist-info",
    }
