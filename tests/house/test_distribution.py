"""What is uploaded to PyPI: a wheel with the package and nothing else, and an sdist that builds the same wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from typing import TYPE_CHECKING

import pytest
import uv

if TYPE_CHECKING:
    from pathlib import Path


def built(source: Path, out: Path, *options: str) -> None:
    """Build from the lock's own setuptools: neither an index nor an isolated environment."""
    command = [uv.find_uv_bin(), "build", "--offline", "--no-build-isolation", "--quiet", "--python", sys.executable]
    subprocess.run([*command, *options, "--out-dir", str(out), str(source)], check=True, capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built distribution files of what git has, as a release has it."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True)  # noqa: S607 - the person's git
    for name in map(os.fsdecode, filter(None, files.stdout.split(b"\0"))):
        if (root / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((root / name).read_bytes())
    built(copy, out)
    return out


@pytest.fixture(scope="module")
def wheel(folder: Path) -> zipfile.ZipFile:
    """The wheel."""
    (file,) = folder.glob("*.whl")
    return zipfile.ZipFile(file)


def contents(wheel: zipfile.ZipFile) -> dict[str, bytes]:
    """The files of a wheel, without the record of their hashes."""
    return {name: wheel.read(name) for name in wheel.namelist() if not name.endswith("/RECORD")}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(root: Path, wheel: zipfile.ZipFile) -> None:
    kept = (file for file in (root / "stacks").rglob("*") if file.is_file() and file.suffix != ".pyc")
    expected = {file.relative_to(root).as_posix() for file in kept}
    packaged = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packaged == expected - {"stacks/local/requirements.in"}


def test_the_sdist_builds_the_same_wheel(folder: Path, wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    built(source, tmp_path / "dist", "--wheel")
    (again,) = (tmp_path / "dist").glob("*.whl")
    assert contents(zipfile.ZipFile(again)) == contents(wheel)


def test_the_wheel_says_what_it_needs_and_installs_the_command(wheel: zipfile.ZipFile) -> None:
    metadata = {
        name.rsplit("/", 1)[-1]: wheel.read(name).decode() for name in wheel.namelist() if ".dist-info/" in name
    }
    headers = message_from_string(metadata["METADATA"])
    assert (headers["Name"], headers["Requires-Python"], headers["License-Expression"]) == (
        "serverless-stacks",
        ">=3.11",
        "MIT",
    )
    assert headers["Description-Content-Type"] == "text/markdown"
    assert "stacks = stacks.cli:main" in metadata["entry_points.txt"]
    assert "serverless-stacks = stacks.cli:main" in metadata["entry_points.txt"]


def test_the_installed_wheel_runs_without_the_project(folder: Path, tmp_path: Path) -> None:
    (file,) = folder.glob("*.whl")
    target = tmp_path / "installed"
    zipfile.ZipFile(file).extractall(target)  # noqa: S202 - our own
    words = [sys.executable, "-m", "stacks.cli", "init", "--template", "flask", "app"]
    done = subprocess.run(
        words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(target)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, (tmp_path / "app" / "app.yaml").is_file()) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("none", "the tag of this commit is none. Tag it v0.1.0"),
        ("v0.0.9", "the tag of this commit is v0.0.9. Tag it v0.1.0"),
    ],
)
def test_a_release_needs_the_tag_of_its_version(root: Path, tmp_path: Path, tag: str, message: str) -> None:
    (tmp_path / ".ci").mkdir()
    for name in (".ci/release", "pyproject.toml", "CHANGELOG.md"):
        shutil.copy2(root / name, tmp_path / name)
    commit = ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "--allow-empty", "-m", "x"]
    for words in (["init", "-q"], commit, *([["tag", tag]] if tag != "none" else [])):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)  # noqa: S607 - the person's git
    done = subprocess.run([tmp_path / ".ci/release"], capture_output=True, text=True, check=False)
    assert (done.returncode, message in done.stderr) == (1, True)
