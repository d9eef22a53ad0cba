"""Bytecode in the zip: only for the Python that reads it, and the same bytes everywhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from stacks.packaging import Artifact, PythonTarget, host_target

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from conftest import Project  # type: ignore[import-not-found]

TAG = sys.implementation.cache_tag
HERE = PythonTarget(python=host_target().python, platform="aarch64-manylinux_2_34")
"""Lambda with this machine's Python."""


def _names(artifact: Artifact) -> list[str]:
    with zipfile.ZipFile(artifact.path) as zipped:
        return zipped.namelist()


def test_the_bytecode_of_the_runtimes_own_python_is_in_the_zip(project: Project) -> None:
    project.write("src/site/__init__.py")
    assert _names(project.package(target=HERE)) == [
        f"__pycache__/app.{TAG}.pyc",
        "app.py",
        "site/__init__.py",
        f"site/__pycache__/__init__.{TAG}.pyc",
    ]


def test_for_another_python_there_is_none(project: Project) -> None:
    assert _names(project.package(target=PythonTarget(python="3.99", platform=HERE.platform))) == ["app.py"]


def test_what_is_no_python_of_this_version_goes_without(project: Project) -> None:
    project.write("src/template.py", "print 'old'\n")
    assert f"__pycache__/template.{TAG}.pyc" not in _names(project.package(target=HERE))


def test_bytecode_is_taken_whatever_date_the_source_has(project: Project, tmp_path: Path) -> None:
    with zipfile.ZipFile(project.package(target=HERE).path) as zipped:
        zipped.extractall(tmp_path / "task")
    (tmp_path / "task/app.py").write_text("x = 'changed'\n")
    script = "import sys; sys.path.insert(0, sys.argv[1]); import app; print(app.x, app.__spec__.cached is not None)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(tmp_path / "task")], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "True"]


def test_another_project_compiles_nothing_again(project: Project, tmp_path: Path) -> None:
    project.package(target=HERE)
    (kept,) = (tmp_path / "cache/bytecode").iterdir()
    kept.write_bytes(b"kept")
    project.root = project.root.rename(tmp_path / "elsewhere")
    shutil.rmtree(project.root / ".build")
    with zipfile.ZipFile(project.package(target=HERE).path) as zipped:
        assert zipped.read(f"__pycache__/app.{TAG}.pyc") == b"kept"


def test_without_a_home_it_is_compiled_for_this_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACKS_CACHE_DIR", "/dev/null/cache")
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    assert f"__pycache__/app.{TAG}.pyc" in _names(project.package(target=HERE))
    assert [path.name for path in (project.root / ".build").iterdir()] == ["code"]


def test_two_machines_make_the_same_bytecode(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ", ".join(f"'{letter * 3}'" for letter in "abcdefghij")
    project.write("src/app.py", f"def f(x):\n    return x in {{{names}}}\n")
    first = project.package(target=HERE)
    monkeypatch.setenv("STACKS_CACHE_DIR", str(tmp_path / "another"))
    project.root = project.root.rename(tmp_path / "elsewhere")
    shutil.rmtree(project.root / ".build")
    assert project.package(target=HERE).key == first.key
