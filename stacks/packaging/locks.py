"""A project's lock file → a requirements file with versions and hashes, which uv then installs.

``uv.lock`` is exported by uv, ``poetry.lock`` by poetry's own exporter, which uv runs in an environment of its own.
Only what the application needs is exported: no development groups, no optional extras, and not the project itself,
whose code is packaged from its folder.
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from typing import TYPE_CHECKING

import uv

from stacks.errors import PackagingError
from stacks.files import text_of
from stacks.packaging.building import installing
from stacks.packaging.uv_errors import without_credentials

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.json_types import JsonDict

UV_LOCK, POETRY_LOCK = "uv.lock", "poetry.lock"
PROJECT = "pyproject.toml"
CHOICES = ("requirements.txt", UV_LOCK, POETRY_LOCK, PROJECT)
"""The files that list what a folder's code needs; the first that exists counts."""

_EXPORT = (
    "export", "--no-default-groups", "--no-emit-project", "--no-header", "--no-annotate", "--quiet",
    "--no-python-downloads", "--format", "requirements-txt",
)  # fmt: skip
_POETRY = ("tool", "run", "--quiet", "--from", "poetry", "--with", "poetry-plugin-export", "poetry")


def is_lock(file: Path) -> bool:
    """Whether ``file`` is a lock that has to be exported before uv can install it."""
    return file.name in {UV_LOCK, POETRY_LOCK}


def locked_files(file: Path) -> tuple[Path, ...]:
    """The lock and the project file next to it: together they decide what is exported."""
    return (file, file.with_name(PROJECT))


def workspace_lock(folder: Path) -> Path | None:
    """The ``uv.lock`` of the workspace that the project in a folder is a member of; ``None`` outside of one.

    https://docs.astral.sh/uv/concepts/projects/workspaces/
    """
    here = folder.resolve()
    for top in here.parents:
        workspace = toml_of(top / PROJECT).get("tool", {}).get("uv", {}).get("workspace")
        if workspace is not None:
            members = {path.resolve() for pattern in workspace.get("members", []) for path in top.glob(pattern)}
            return top / UV_LOCK if here in members and (top / UV_LOCK).is_file() else None
    return None


def locked_folders(file: Path, text: str) -> tuple[Path, ...]:
    """The folders that a lock takes packages from, without the project next to it."""
    try:
        packages = tomllib.loads(text).get("package", [])
    except tomllib.TOMLDecodeError:
        return ()  # said when it is exported
    sources = [package.get("source", {}) for package in packages if isinstance(package, dict)]
    named = [source.get("editable") or source.get("directory") for source in sources]
    named += [source.get("url") for source in sources if source.get("type") == "directory"]  # Poetry's
    folders = ((file.parent / str(name)).resolve() for name in named if name)
    return tuple(dict.fromkeys(folder for folder in folders if folder.is_dir() and folder != file.parent.resolve()))


def toml_of(file: Path) -> JsonDict:
    """The content of a TOML file; empty when it cannot be read, or is not TOML."""
    try:
        return tomllib.loads(text_of(file))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def export(file: Path, into: Path, *, where: str, project: Path) -> None:
    """Write what the lock ``file`` pins for the ``project`` in a folder as the requirements file ``into``.

    Its paths are relative to the folder of the lock.
    Raises ``PackagingError`` when the lock does not fit its pyproject.toml, or cannot be read.
    """
    if not file.with_name(PROJECT).is_file():
        raise PackagingError(where, f"there is no {PROJECT} next to it", "A lock says nothing without its project file")
    if file.name == UV_LOCK:
        into.write_text(_uv(project, where), encoding="utf-8")
    else:
        into.write_text(_poetry(file, where), encoding="utf-8")


def _uv(project: Path, where: str) -> str:
    # Nothing is built to read metadata: that would run the project's and its packages' code.
    current = _run(project, *_EXPORT, "--locked", "--no-build")
    if current.returncode and "needs to be updated" in current.stderr:
        raise PackagingError(where, f"does not fit {PROJECT} any more", "Run uv lock")
    # --locked resolves again, which can fail for want of the project's Python or a network; --frozen only reads.
    done = current if current.returncode == 0 else _run(project, *_EXPORT, "--frozen")
    if done.returncode:
        raise PackagingError(where, f"cannot be exported: {_reason(done.stderr)}", "Run uv lock")
    return done.stdout


def _poetry(file: Path, where: str) -> str:
    folder = str(file.parent.resolve())
    _refuse_plugins(file.with_name(PROJECT), where)
    done = _run(
        file.parent, *_POETRY, "export", "--only", "main", "--format", "requirements.txt", "--directory", folder
    )
    if done.returncode:
        raise PackagingError(where, f"cannot be exported: {_reason(done.stderr or done.stdout)}", "Run poetry lock")
    return done.stdout


def _refuse_plugins(project: Path, where: str) -> None:
    """Raise ``PackagingError`` for plugins, which Poetry would install and run before it reads the lock.

    https://python-poetry.org/docs/pyproject/#requires-plugins
    """
    try:
        poetry = tomllib.loads(text_of(project)).get("tool", {}).get("poetry", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackagingError(PROJECT, f"is not TOML: {error}", "Correct it") from None
    if "requires-plugins" in poetry:
        fix = "Export the lock yourself, with 'poetry export', into requirements.txt"
        raise PackagingError(where, "asks for plugins of Poetry, which would run on this machine", fix)


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [uv.find_uv_bin(), *words]
    variables = installing(os.environ)
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, errors="replace", check=False
    )


def _reason(errors: str) -> str:
    lines = [
        line.strip()
        for line in without_credentials(errors).splitlines()
        if line.strip() and not line.startswith("hint:")
    ]
    return " ".join(lines[:3]).removeprefix("error: ").rstrip(".")[:300] or "no reason was given"
