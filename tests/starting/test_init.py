"""``init`` as a person meets it: what it says, what it writes, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from stacks import load
from stacks.cli import main
from stacks.starting.files import TEMPLATES
from tests.starting.shapes import FLASK_FACTORY, SHAPES, written

if TYPE_CHECKING:
    from pathlib import Path

APP = "from flask import Flask\napp = Flask('x')\n"


def all_files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_is_a_description_that_loads(template: str, tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / "my-app"), "--template", template]) == 0
    app = load(tmp_path / "my-app/app.yaml")
    assert app.name == "my-app"
    assert {".gitignore", ".env.example", "AGENTS.md", "app.schema.json"} <= all_files(tmp_path / "my-app")


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_described_without_touching_its_files(shape: str, tmp_path: Path) -> None:
    written(SHAPES[shape], tmp_path)
    assert main(["init", str(tmp_path), "--name", "shape"]) == 0
    load(tmp_path / "app.yaml")
    assert all((tmp_path / path).read_text() == text for path, text in SHAPES[shape].items())


def test_the_written_tests_pass(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path), "--template", "all", "--name", "x"]) == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


def test_a_dry_run_says_everything_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(FLASK_FACTORY, tmp_path)
    before = all_files(tmp_path)
    assert main(["init", str(tmp_path), "--dry-run", "--name", "x"]) == 0
    output = capsys.readouterr().out
    assert "Found a Flask application flaskr/__init__.py:create_app()." in output
    assert "create   app.yaml" in output
    assert all_files(tmp_path) == before


def test_nothing_is_overwritten_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("app.yaml", "app.py", "AGENTS.md"):
        (tmp_path / path).write_text(APP)
    before = all_files(tmp_path)
    assert main(["init", str(tmp_path), "--template", "flask", "--name", "x"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "app.py: already exists. Pass --force to overwrite it, or use another folder.",
        "app.yaml: already exists. Pass --force to overwrite it, or use another folder.",
    ]
    assert all_files(tmp_path) == before
    assert main(["init", str(tmp_path), "--template", "flask", "--name", "x", "--force"]) == 0
    assert "render_template" in (tmp_path / "app.py").read_text()
    assert (tmp_path / "AGENTS.md").read_text() == APP


def test_gitignore_gets_only_the_lines_it_lacks(tmp_path: Path) -> None:
    written({"app.py": APP, ".gitignore": "/.env\n.venv\nsecret"}, tmp_path)
    assert main(["init", str(tmp_path), "--name", "x"]) == 0
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines[:3] == ["/.env", ".venv", "secret"]
    more = [".env.local", ".env.*.local", "templates_out/*/*.parameters.json", "__pycache__/"]
    assert lines[3:] == [".build/", ".local/", *more]


@pytest.mark.parametrize(
    ("files", "words", "message"),
    [
        ({}, [], "init: no application was found in this folder. Start from a template:"),
        ({"a.py": APP, "b.py": APP}, [], "init: found 2 applications: a.py:app (Flask), b.py:app (Flask). Choose one"),
        ({"a.py": APP}, ["--entry", "c.py:app"], "--entry c.py:app: no such application was found. Found: a.py:app."),
        (
            {"a.py": "from flask import Flask\ndef create_app(name):\n    return Flask(name)\n"},
            [],
            "init: the factory a.py:create_app() needs arguments: name. Give them defaults",
        ),
        ({"a.py": APP}, ["--name", "My App"], "app.yaml:3: name: "),
        ({"a.py": APP}, ["--region", "here"], "app.yaml:7: stages.dev.region: "),
    ],
)
def test_what_cannot_be_done_is_one_message_and_writes_nothing(
    files: dict[str, str], words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(files, tmp_path / "it")
    (tmp_path / "it").mkdir(exist_ok=True)
    assert main(["init", str(tmp_path / "it"), *words]) == 2
    assert message in capsys.readouterr().err
    assert all_files(tmp_path / "it") == set(files)


def test_one_of_two_applications_can_be_chosen(tmp_path: Path) -> None:
    written({"a.py": APP, "b.py": APP}, tmp_path)
    assert main(["init", str(tmp_path), "--entry", "b.py:app", "--name", "x"]) == 0
    assert load(tmp_path / "app.yaml").stages["dev"].backend.functions["web"].wsgi == "b.py:app"


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["init", str(tmp_path / "file")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_a_command_without_a_description_says_what_was_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written({"app.py": APP}, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["lint"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("app.yaml not found. Run '")
    assert message.endswith(" init' to create one, or pass --app FILE. Found a Flask application app.py:app.\n")
