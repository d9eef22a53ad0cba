"""Requirements and a target → a folder of installed packages, made by uv, without docker.

Wheels of the target's platform are installed as they are: that runs nothing. Building a package from source runs its
code on this machine, so it is done only for packages that are named, by ``--no-binary NAME`` in the requirements file
or ``no-binary-package`` of ``[tool.uv]``, and in an environment without credentials (``building``). What comes out must
be plain Python, because this machine's compiler makes native code for this machine. (The metadata of such a package is
as its build tool writes it, so it can differ where the build tool does.) What an installer notes down about this
machine never reaches a zip.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import uv

from stacks.errors import PackagingError
from stacks.files import bytes_of, text_of
from stacks.packaging.building import building, indexes, installing
from stacks.packaging.flattening import flattened, folders_of
from stacks.packaging.index import native_wheels, platforms_of
from stacks.packaging.local_sources import Local, built, requirement, with_implied
from stacks.packaging.locks import PROJECT, export, is_lock
from stacks.packaging.sources import ZipEntry
from stacks.packaging.uv_errors import instead, normal, refuse_known_native, uv_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.packaging.bundle import PythonTarget
    from stacks.packaging.requirements import Requirements

_NO_WHEEL = re.compile(
    r"Wheels are required for `(?P<named>[\w.-]+)`"
    r"|Building source distributions is disabled, but attempted to build `(?P<direct>[\w.-]+)"
    r"|Building source distributions for `(?P<local>[\w.-]+)` is disabled",
)
_MORE, _CONSTRAINTS, _OVERRIDES = "more.txt", "constraints.txt", "overrides.txt"
_ADAPTER = "serverless_wsgi.py"
_NATIVE = (".so", ".pyd", ".dylib")
_BOTO3 = re.compile(r"(?:boto3|botocore|s3transfer|jmespath)(?:-[^/]*\.dist-info)?$")
_NOTES = frozenset(
    {"RECORD", "RECORD.jws", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "uv_build.json", "uv_cache.json"}
)


def install(requirements: Requirements, target: PythonTarget, into: Path, *, say: Callable[[str], None]) -> None:
    """Install ``requirements`` for ``target`` into the folder ``into``.

    Raises ``PackagingError`` for everything uv refuses, and for a package that would have to be compiled.
    """
    with tempfile.TemporaryDirectory() as notes:
        ready = _with_wheels(requirements, Path(notes), say)
        _install(ready, target, into, Path(notes), say)
        if ready.adapter and not (into / _ADAPTER).is_file():
            added = replace(ready, extra=(*ready.extra, ready.adapter), adapter=None)
            shutil.rmtree(into)
            _install(added, target, into, Path(notes), say)


def _with_wheels(requirements: Requirements, notes: Path, say: Callable[[str], None]) -> Requirements:
    """The requirements with locks exported, and with wheels in place of local folders."""
    file, where = requirements.file, requirements.where
    if file is None:
        return requirements
    folder = file.parent.resolve()
    if is_lock(file):
        export(file, notes / "exported.txt", where=where, project=requirements.project or folder)
        text = text_of(notes / "exported.txt")
        needed = with_implied(folders_of(text, folder), where)
        hashed = "--hash" in text
    elif not requirements.local:
        return requirements
    else:
        text, needed, hashed = text_of(file, encoding="utf-8-sig"), requirements.local, requirements.hashed
    wheels = {}
    for number, path in enumerate(needed):
        say(f"building the wheel of {path.name}, which runs its build backend")
        (notes / f"local-{number}").mkdir()
        wheels[path] = built(path, notes / f"local-{number}", where=where)
    if file.name == PROJECT:
        lines = [requirement(Local(folder=entry), wheel, hashed=False) for entry, wheel in wheels.items()]
        (notes / _OVERRIDES).write_text("\n".join(lines), encoding="utf-8")
        return replace(requirements, overrides=notes / _OVERRIDES)
    flat = notes / "requirements.txt"
    flat.write_text(flattened(text, folder, wheels, hashed=hashed), encoding="utf-8")
    return replace(requirements, file=flat, hashed=hashed)


def _install(
    requirements: Requirements, target: PythonTarget, into: Path, notes: Path, say: Callable[[str], None]
) -> None:
    (notes / _MORE).write_text("\n".join(requirements.extra), encoding="utf-8")
    (notes / _CONSTRAINTS).write_text("\n".join(requirements.constraints), encoding="utf-8")
    from_source: list[str] = []
    while errors := _run_uv(requirements, target, into, notes, from_source):
        missing = _NO_WHEEL.search(errors)
        name = missing and missing[missing.lastgroup or 0]
        if not name or name in from_source:
            raise uv_refusal(errors, requirements.where, target)
        refuse_known_native(name, requirements.where, target)
        if target.platform is not None:
            refuse_by_index(name, errors, requirements.where, target)
        if normal(name) not in requirements.from_source:
            raise PackagingError(
                requirements.where,
                f"{name} has no wheel for {target}, and building it from source would run its code on this machine",
                f"If you trust it, name it: '--no-binary {name}' in requirements.txt, or in pyproject.toml "
                f'[tool.uv] no-binary-package = ["{name}"]; or take a package with wheels',
            )
        say(f"{name} has no wheel for {target}: building it from source")
        from_source.append(name)
    if target.platform is not None:
        _refuse_native(into, {*map(normal, from_source), *requirements.from_source}, requirements.where, target)


def refuse_by_index(name: str, errors: str, where: str, target: PythonTarget) -> None:
    """Raise ``PackagingError`` for a package that has wheels of native code, for other targets only.

    So no build is suggested that ends minutes later in native code for this machine.
    """
    pinned = re.search(rf"\b{re.escape(name)}==[\w.!+-]+\w", errors)
    if wheels := native_wheels(pinned[0] if pinned else name):
        what = f"{name} is native code, and its index has wheels for {platforms_of(wheels)}, none for {target}"
        raise PackagingError(where, what, instead(name))


def installed(folder: Path, *, boto3: bool = True) -> Iterator[ZipEntry]:
    """The files of an installed folder that belong into a zip.

    Left out: bytecode, scripts that start this machine's Python, and the installer's notes (they hold paths, and
    the versions of build tools). METADATA and entry points stay: ``importlib.metadata`` reads them. Without ``boto3``
    that and what only it needs stays out too.
    """
    for name, file in _files(folder, ""):
        if not _left_out(name, file.path) and (boto3 or not _BOTO3.match(name.partition("/")[0])):
            executable = bool(file.stat().st_mode & stat.S_IXUSR)
            yield ZipEntry(name=name, path=Path(file.path), executable=executable)


def _files(folder: Path | str, inside: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Each file with its name from the top; not ``rglob``, which takes twice as long for the thousands of a wheel."""
    with os.scandir(folder) as result:
        for dir_entry in result:
            if not dir_entry.is_dir():
                yield inside + dir_entry.name, dir_entry
            elif dir_entry.name != "__pycache__":
                yield from _files(dir_entry.path, f"{inside}{dir_entry.name}/")


def _left_out(name: str, path: str) -> bool:
    top, _, rest = name.partition("/")
    if name == ".lock" or name.endswith((".pyc", ".pyo")):
        return True
    if top.endswith(".dist-info"):
        return rest in _NOTES
    return top == "bin" and bytes_of(Path(path))[:2] == b"#!"


def _run_uv(requirements: Requirements, target: PythonTarget, into: Path, notes: Path, from_source: list[str]) -> str:
    """Run uv once; its errors, or nothing when it succeeded."""
    file = requirements.file
    command = [*_command(target, from_source), "--target", str(into.resolve())]
    command += ["--require-hashes"] if requirements.hashed else []
    for path in (file, notes / _MORE if requirements.extra else None):
        command += ["--requirements", str(path.resolve())] if path else []
    command += ["--overrides", str(requirements.overrides)] if requirements.overrides else []
    command += ["--constraints", str((notes / _CONSTRAINTS).resolve())] if requirements.constraints else []
    builds = from_source or requirements.from_source  # what the file names, uv builds at once
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [*command, *indexes(os.environ)] if builds else command,
            cwd=file.parent if file else None,  # local wheels are named relative to the file that asks for them
            env=building(os.environ, home, compiles=target.platform is None) if builds else installing(os.environ),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    return done.stderr if done.returncode else ""


def _command(target: PythonTarget, from_source: list[str]) -> list[str]:
    command = [uv.find_uv_bin(), "pip", "install", "--color", "never", "--no-progress"]
    command += ["--python", sys.executable, "--only-binary", ":all:"]
    if target.platform is not None:
        command += ["--python-version", target.python, "--python-platform", target.platform]
    for name in from_source:
        command += ["--no-binary", name]
    return command


def _refuse_native(folder: Path, built: set[str], where: str, target: PythonTarget) -> None:
    for info in folder.glob("*.dist-info"):
        name = info.name.partition("-")[0]
        if normal(name) in built:
            files = (line.partition(",")[0] for line in text_of(info / "RECORD").splitlines())
            native = next((file for file in files if file.endswith(_NATIVE)), None)
            if native:
                what = (
                    f"{name} has no wheel for {target}, and building it makes native code for this machine ({native})"
                )
                raise PackagingError(where, what, instead(name))
