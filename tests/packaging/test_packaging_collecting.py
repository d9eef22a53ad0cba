"""Django's static files are collected before they are published; what is missing for that is one clear message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.errors import DescriptionError, PackagingError
from stacks.loading import validated
from stacks.packaging.collecting import collect

if TYPE_CHECKING:
    from pathlib import Path

UNSET = "You're using the staticfiles app without having set the STATIC_ROOT setting to a filesystem path."


def project(folder: Path, script: str) -> Path:
    """A project whose ``manage.py`` is this."""
    (folder / "manage.py").write_text(script)
    return folder


def test_files_are_collected_without_a_question(tmp_path: Path) -> None:
    script = "import sys, pathlib\npathlib.Path('words').write_text(' '.join(sys.argv[1:]))\n"
    done = f"print(\"\\n1 static file copied to '{tmp_path}/staticfiles'.\")\n"
    collect(project(tmp_path, script + done), None, tmp_path / "staticfiles")
    assert (tmp_path / "words").read_text() == "collectstatic --noinput"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (f"raise ValueError({UNSET!r})", "have no STATIC_ROOT .* Add STATIC_ROOT = BASE_DIR / 'staticfiles'"),
        ("print(\"2 static files copied to '/elsewhere'.\")", "collects into /elsewhere, but .* is published"),
        ("raise SystemExit('no module x')", "manage.py collectstatic failed: no module x"),
    ],
)
def test_what_stops_it_is_reported_with_what_to_do(tmp_path: Path, script: str, message: str) -> None:
    with pytest.raises(PackagingError, match=message):
        collect(project(tmp_path, script), None, tmp_path / "staticfiles")


def test_a_folder_without_a_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match=r"there is no manage\.py in"):
        collect(tmp_path, None, tmp_path / "staticfiles")


@pytest.mark.parametrize(
    ("frontend", "message"),
    [
        ({"collect": "web", "static": "s"}, "there is no web application 'web'"),
        ({"collect": "list"}, "there is no folder to collect into"),
    ],
)
def test_a_description_names_a_web_application_and_a_folder(frontend: dict[str, str], message: str) -> None:
    functions = {"list": {"handler": "lambda_src/api/notes.py:list_notes", "routes": ["GET /"], "public": True}}
    app = {"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}, "backend": {"functions": functions}}
    with pytest.raises(DescriptionError) as refused:
        validated({**app, "frontend": frontend})
    assert any(message in str(problem) for problem in refused.value.problems)
