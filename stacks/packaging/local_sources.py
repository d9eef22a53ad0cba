"""Folders that dependencies name → wheels, built here from a copy of what belongs to them.

A folder may be named by a requirements file (``.``, ``./lib``, ``-e ../lib``, ``lib @ file:../lib``), by
``[tool.uv.sources]`` (``path`` and ``workspace``), or by a lock. Installing it unchanged would leave links to this
machine, or what an earlier build left behind. Building runs the folder's build backend, with the environment of
``building``.
https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import uv

from stacks.errors import PackagingError
from stacks.files import bytes_of
from stacks.json_types import at, items, mapping
from stacks.packaging.building import building, indexes
from stacks.packaging.locks import PROJECT, toml_of
from stacks.packaging.sources import read_sources
from stacks.packaging.uv_errors import last_line, normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from stacks.json_types import JsonObject

_LINE = re.compile(
    r"(?:(?:-e|--editable)[\s=]+)?"
    r"(?:[\w.-]+\s*(?P<extras>\[[^\]]*\])?\s*@\s*)?"
    r"(?P<place>[^\s;\[#]+)(?P<more>\[[^\]]*\])?"
    r"\s*(?:;\s*(?P<marker>.*?))?(?:\s+--hash.*)?$"
)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_GENERATED = (".build", ".local", "templates_out", "build", "dist")
_ANY = "-none-any.whl"
_UNVERSIONED = dict.fromkeys(
    ("SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "POETRY_DYNAMIC_VERSIONING_BYPASS"), "0.0.0"
)
"""A version that would be read from version control, which no copy has, is this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A line of requirements that names a ``folder``, with what else it says."""

    folder: Path
    extras: str = ""
    marker: str = ""


def local_of(line: str, base: Path) -> Local | None:
    """The folder that a line names, relative to ``base``; ``None`` for every other line."""
    match = _LINE.match(line)
    if match is None:
        return None
    place = match["place"]
    if place.startswith("file:"):
        place = unquote(re.sub(r"^file:(//)?(localhost)?", "", place))
    elif "://" in place or not (place in {".", ".."} or "/" in place or "\\" in place):
        return None  # an address, or the name of a package
    folder = base / place
    if not folder.is_dir():
        return None
    extras = match["extras"] or match["more"] or ""
    return Local(folder=folder.resolve(), extras=extras, marker=match["marker"] or "")


def with_implied(folders: Iterable[Path], where: str) -> tuple[Path, ...]:
    """The folders, and those that they depend on by sources of their own, in turn."""
    result: dict[Path, None] = {}
    waiting = list(folders)
    while waiting:
        folder = waiting.pop(0)
        if folder not in result:
            result[folder] = None
            waiting += sources_of(folder / PROJECT, where).values()
    return tuple(result)


def sources_of(project: Path, where: str) -> dict[str, Path]:
    """The folders that the dependencies of a project file are taken from: name → folder.

    Raises ``PackagingError`` for one that is missing, and for a workspace that has no such member.
    """
    data = toml_of(project)
    lines = at(data, "project", "dependencies")
    names = {_normal_name(line) for line in lines} if isinstance(lines, list) else set()
    paths = {}
    for name, described in mapping(at(data, "tool", "uv", "sources")).items():
        for source in items(described):
            if normal(name) in names and isinstance(source, dict) and (place := _place(name, source, project, where)):
                paths[normal(name)] = place
    return paths


def _place(name: str, source: JsonObject, project: Path, where: str) -> Path | None:
    if source.get("workspace") is True:
        member = _members(project.parent.resolve()).get(normal(name))
        if member is None:
            fix = "Add it to [tool.uv.workspace] members, or correct the source"
            raise PackagingError(where, f"the workspace has no member {name}", fix)
        return member
    if "path" not in source:
        return None
    place = project.parent / str(source["path"])
    if not place.exists():
        what = f"takes {name} from {source['path']}, which is missing"
        raise PackagingError(where, what, "Correct the path under [tool.uv.sources]")
    return place.resolve() if place.is_dir() else None


def _members(folder: Path) -> dict[str, Path]:
    """The members of the workspace that a folder is in: name → folder.

    https://docs.astral.sh/uv/concepts/projects/workspaces/
    """
    for top in (folder, *folder.parents):
        workspace = mapping(at(toml_of(top / PROJECT), "tool", "uv", "workspace"))
        if workspace:
            members = [path for pattern in workspace.get("members", []) for path in sorted(top.glob(pattern))]
            named = ((at(toml_of(path / PROJECT), "project", "name"), path) for path in (top, *members))
            return {normal(name): path.resolve() for name, path in named if name}
    return {}


def digest_of(folder: Path, where: str) -> str:
    """Changes with every file of a folder that a build gets to see."""
    result = hashlib.sha256()
    for name, path in _files(folder, where):
        result.update(f"{name}\0{hashlib.sha256(bytes_of(path)).hexdigest()}\n".encode())
    return result.hexdigest()


def _files(folder: Path, where: str) -> Iterator[tuple[str, Path]]:
    without = [folder / name for name in _GENERATED]
    for entry in read_sources(folder, where=f"{where}: {folder.name}", without=without).entries:
        yield entry.name, entry.path


def built(folder: Path, into: Path, *, where: str) -> Path:
    """Build the wheel of a folder in ``into``, an empty folder, and return it.

    Raises ``PackagingError`` when there is nothing to build, the build fails, or it makes native code.
    """
    if not any((folder / name).is_file() for name in (PROJECT, "setup.py", "setup.cfg")):
        what = f"{folder.name} is a folder without {PROJECT} or setup.py"
        raise PackagingError(where, what, "Add one, or copy the code into the function's folder")
    copy, out, home = into / "copy", into / "out", into / "home"
    for name, path in _files(folder, where):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    home.mkdir()
    command = [
        uv.find_uv_bin(),
        "build",
        "--wheel",
        "--no-sources",
        "--color",
        "never",
        "--out-dir",
        str(out),
        str(copy),
    ]
    done = subprocess.run(
        [*command, "--python", sys.executable, *indexes(os.environ)],
        env={**building(os.environ, str(home)), **_UNVERSIONED},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    wheels = sorted(out.glob("*.whl"))
    if done.returncode or not wheels:
        what = f"the wheel of {folder.name} cannot be built: {last_line(done.stderr)}"
        raise PackagingError(where, what, "Correct it, or build the wheel yourself and name the .whl file")
    if not wheels[0].name.endswith(_ANY):
        what = f"building {folder.name} makes native code for this machine ({wheels[0].name})"
        raise PackagingError(where, what, "Build its wheel for Lambda's Python and platform, and name the .whl file")
    return wheels[0]


def requirement(local: Local, wheel: Path, *, hashed: bool) -> str:
    """The line that installs a built wheel in place of its folder."""
    name = wheel.name.partition("-")[0]
    marker = f" ; {local.marker}" if local.marker else ""
    digest = f" --hash=sha256:{hashlib.sha256(bytes_of(wheel)).hexdigest()}" if hashed else ""
    return f"{name}{local.extras} @ {wheel.resolve().as_uri()}{marker}{digest}"


def _normal_name(line: object) -> str:
    match = _NAME.match(str(line))
    return normal(match[0]) if match else ""
