"""Django's static files → the folder that is published: ``manage.py collectstatic``, with what the project requires."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from stacks.errors import PackagingError
from stacks.packaging.uv_errors import without_credentials

if TYPE_CHECKING:
    from pathlib import Path

_COLLECTED = re.compile(r"static files? copied to '(?P<folder>.+?)'", re.DOTALL)
_FILE = "frontend.collect"


def collect(project: Path, requirements: Path | None, into: Path) -> None:
    """Let the Django project in a folder put its static files into ``into``, its ``STATIC_ROOT``.

    It runs in an environment of its own with the requirements, which uv keeps in its cache.

    Raises:
        PackagingError: there is no ``manage.py``; the settings have no ``STATIC_ROOT``, or another one; it failed.
    """
    if not (project / "manage.py").is_file():
        fix = "Name the function of a Django project, or leave 'collect' out"
        raise PackagingError(_FILE, f"there is no manage.py in {project.name or project}", fix)
    command = [*_python(requirements), "manage.py", "collectstatic", "--noinput"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    lines = [line.strip() for line in without_credentials(done.stderr).splitlines() if line.strip()]
    if done.returncode and "STATIC_ROOT" in done.stderr:
        fix = f"Add STATIC_ROOT = BASE_DIR / '{into.name}' to the settings"
        raise PackagingError(_FILE, "Django's settings have no STATIC_ROOT to collect static files into", fix)
    if done.returncode:
        reason = lines[-1] if lines else f"exit code {done.returncode}"
        raise PackagingError(
            _FILE, f"manage.py collectstatic failed: {reason}", "Run it in the project, and correct it"
        )
    match = _COLLECTED.search(done.stdout)
    if match and (folder := (project / match["folder"]).resolve()) != into.resolve():
        fix = "Let STATIC_ROOT and 'frontend.static' be one folder"
        raise PackagingError(_FILE, f"Django collects into {folder}, but {into} is published", fix)


def _python(requirements: Path | None) -> list[str]:
    import uv  # noqa: PLC0415 - few projects need it

    if requirements is None:
        return [sys.executable]
    run = [uv.find_uv_bin(), "run", "--quiet", "--isolated", "--python", sys.executable]
    if requirements.suffix == ".txt":
        return [*run, "--no-project", "--with-requirements", str(requirements), "python"]
    return [*run, "--frozen", "--project", str(requirements.parent), "python"]
