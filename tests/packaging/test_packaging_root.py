"""Flask's most usual layout, an application at the project's root: what of the root gets into its zip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from stacks.errors import DescriptionError
from stacks.loading import load
from stacks.packaging import package
from stacks.release.code import bundles
from tests.flaskr import tutorial
from tests.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = {"flaskr/__init__.py": "", "flaskr/db.py": "", "flaskr/templates/base.html": "", "flaskr/static/a.css": ""}
SINGLE = {"app.py": "", "templates/base.html": "", "static/a.css": ""}
AROUND = (
    ".env", ".git/config", ".build/code/x.py", ".local/x.py", "templates_out/dev/base.yaml", "tests/test_app.py",
    "site/index.html", "venv/pyvenv.cfg", ".venv/x.py", "env/lib/x.py", "node_modules/x.js", "instance/flaskr.sqlite",
    "build.py", "setup.py", "README.md", "dump.sql", "Makefile", "keys/server.pem",
)  # fmt: skip


def _files(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def _described(root: Path, **web: Any) -> Path:
    functions = {"web": {"public": True, **web}}
    description = {"name": "a", "stages": {"dev": {"region": "eu-west-1"}}, "backend": {"functions": functions}}
    (root / "app.yaml").write_text(json.dumps(description))
    return root / "app.yaml"


def _names(root: Path, messages: list[str], **web: Any) -> set[str]:
    """What is in the zip of a function that needs nothing installed."""
    stage = load(_described(root, **web)).stages["dev"]
    (artifact,) = package(bundles(stage, root), root=root, out=root / ".build", say=messages.append)
    with zipfile.ZipFile(artifact.path) as zipped:
        return {name for name in zipped.namelist() if "__pycache__" not in name}


@pytest.mark.parametrize(
    ("described", "files"),
    [
        ({"handler": "flaskr/__init__.py:go"}, PACKAGE),
        ({"handler": "flaskr/db.py:go", "source": "."}, PACKAGE),
        ({"handler": "app.py:go"}, SINGLE),
        (
            {"handler": "app.py:go", "only": ["app.py", "config.py", "lib/mine"]},
            ("app.py", "config.py", "lib/mine/a.py"),
        ),
    ],
)
def test_of_a_project_full_of_other_things_only_the_application_is_packaged(
    tmp_path: Path, described: dict[str, Any], files: dict[str, str]
) -> None:
    messages: list[str] = []
    _files(tmp_path, *AROUND, *PACKAGE, *SINGLE, "config.py", "lib/mine/a.py", "lib/other.py")
    assert _names(tmp_path, messages, routes=["GET /"], **described) == set(files)
    assert not any("kept out" in item for item in messages)


def test_secrets_inside_the_package_stay_out_and_are_reported(tmp_path: Path) -> None:
    messages: list[str] = []
    _files(tmp_path, *PACKAGE, "flaskr/.env", "flaskr/tls/server.key")
    assert _names(tmp_path, messages, handler="flaskr/__init__.py:go", routes=["GET /"]) == set(PACKAGE)
    assert "root-flaskr: kept out of the zip: flaskr/.env, flaskr/tls/server.key" in messages


def test_a_secret_that_is_named_stays_out_all_the_same(tmp_path: Path) -> None:
    messages: list[str] = []
    _files(tmp_path, "app.py", ".env")
    assert _names(tmp_path, messages, handler="app.py:go", only=["app.py", ".env"], routes=["GET /"]) == {"app.py"}
    assert "root-app-py: kept out of the zip: .env" in messages


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((), None),
        (("requirements.txt",), "requirements.txt"),
        (("pyproject.toml", "uv.lock"), "uv.lock"),
        (("requirements.txt", "flaskr/requirements.txt"), "flaskr/requirements.txt"),
        (("requirements.txt", "flaskr/pyproject.toml"), "flaskr/pyproject.toml"),
    ],
)
def test_requirements_are_those_of_the_package_or_else_of_the_root(
    tmp_path: Path, files: tuple[str, ...], expected: str | None
) -> None:
    _files(tmp_path, *PACKAGE, *files)
    stage = load(_described(tmp_path, wsgi="flaskr/__init__.py:app")).stages["dev"]
    assert [bundle.requirements for bundle in bundles(stage, tmp_path)] == [expected]


def test_a_named_file_that_is_missing_is_reported(tmp_path: Path) -> None:
    _files(tmp_path, "app.py")
    with pytest.raises(DescriptionError, match=r"functions\.web\.only: there is no confg\.py in \.\. Create it, or"):
        load(_described(tmp_path, wsgi="app.py:app", only=["app.py", "confg.py"]))


def _checked(root: Path) -> subprocess.CompletedProcess[str]:
    (root / "build.py").write_bytes((ROOT / "build.py").read_bytes())
    command = [sys.executable, "build.py", "package", "--check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "web",
    [
        {"wsgi": "flaskr/__init__.py:create_app({'SECRET_KEY': 'dev', 'DATABASE': '/tmp/flaskr.sqlite'})"},
        {"wsgi": "flaskr/wsgi.py:app", "source": "."},
    ],
)
def test_the_tutorial_at_the_root_is_packaged_and_imported_from_the_registry(
    tmp_path: Path, web: dict[str, str]
) -> None:
    root = tutorial(tmp_path)
    result = (
        "from flaskr import create_app\n\napp = create_app({'SECRET_KEY': 'dev', 'DATABASE': '/tmp/flaskr.sqlite'})\n"
    )
    (root / "flaskr/wsgi.py").write_text(result)
    _described(root, **web)
    done = _checked(root)
    assert done.returncode == 0, done.stderr
    zips = sorted((root / ".build/code/root-flaskr-wsgi").glob("*.zip"))
    assert zips
    for packed in zips:
        names = {*zipfile.ZipFile(packed).namelist()}
        assert {"flaskr/__init__.py", "flaskr/templates/base.html", "flask/__init__.py", "stacks_web.py"} <= names
        assert not any(name.startswith(("tests/", "README", "pyproject")) for name in names)


def test_a_module_next_to_the_application_that_was_not_named_is_reported_from_the_registry(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import settings\nfrom flask import Flask\n\napp = Flask(__name__)\n")
    (tmp_path / "requirements.txt").write_text("flask==3.1.3\n")
    _files(tmp_path, "settings.py")
    _described(tmp_path, wsgi="app.py:app")
    assert "No module named 'settings'" in _checked(tmp_path).stderr
    assert "name its folder in the function's 'source' or 'only'" in _checked(tmp_path).stderr
    _described(tmp_path, wsgi="app.py:app", only=["app.py", "settings.py"])
    assert _checked(tmp_path).returncode == 0
