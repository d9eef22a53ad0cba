"""A folder of JavaScript with its ``package.json`` and npm's lock → the files of a zip.

npm installs exactly what the lock says, for Lambda's machine, and runs no package's code: neither on this machine nor,
since nothing is built, for another one. It works in an empty folder with an environment of its own; only the user's
configuration of npm is passed, by which it reaches private registries.
https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.errors import PackagingError
from stacks.files import bytes_of, text_of
from stacks.packaging.building import proxies
from stacks.packaging.sources import ZipEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.json_types import JsonDict, JsonObject

MANIFEST = "package.json"
LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
"""The locks of npm; the first that exists counts: https://docs.npmjs.com/cli/configuring-npm/npm-shrinkwrap-json"""
OTHER_LOCKS = ("yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb")
MODULES = "node_modules"

_MACHINES = {"arm64": "arm64", "x86_64": "x64"}
_NPM = 10  # the first that installs for another machine: https://docs.npmjs.com/cli/v10/commands/npm-install (cpu, os)
_NOTES = (".package-lock.json", ".bin")
_PASSED = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY")
_SETTINGS = re.compile(r"(?:(?:@[^\s:=]+:)?registry|legacy-peer-deps)\s*=")
_BUNDLE = "bundle it with a build of yours, such as esbuild, and list it under 'devDependencies'"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePackages:
    """What npm installs: the manifest, its lock, and the names of packages with install scripts, which are not run.

    ``digest`` covers everything that decides what is installed. ``lock`` is None for a manifest without dependencies.
    """

    manifest: Path
    lock: Path | None
    digest: str
    scripts: tuple[str, ...] = ()


def read_packages(manifest: Path, *, where: str) -> NodePackages:
    """Read ``package.json``, called ``where`` in errors, and the lock next to it.

    Raises:
        PackagingError: a file is not JSON, there are dependencies without a lock of npm, or the lock names packages
            that it does not pin by a hash.
    """
    result = _read(manifest, where)
    text = bytes_of(manifest)
    if not (result.get("dependencies") or result.get("optionalDependencies")):
        return NodePackages(manifest=manifest, lock=None, digest=hashlib.sha256(text).hexdigest())
    lock = next((file for name in LOCKS if (file := manifest.with_name(name)).is_file()), None)
    if lock is None:
        other = next((name for name in OTHER_LOCKS if manifest.with_name(name).is_file()), None)
        what = f"has dependencies and no {LOCKS[-1]}" + (f"; {other} is not read" if other else "")
        fix = f"Run 'npm install --package-lock-only' in its folder and commit {LOCKS[-1]}, or {_BUNDLE}"
        raise PackagingError(where, what, fix)
    lock_name = f"{where.removesuffix(MANIFEST)}{lock.name}"
    locked = _read(lock, lock_name).get("packages")
    if not isinstance(locked, dict):
        fix = "Run 'npm install --package-lock-only' with npm 7 or newer, which writes another form"
        raise PackagingError(lock_name, "does not say what is installed where", fix)
    scripts = tuple(_judged(locked, lock_name))
    digest = hashlib.sha256(b"".join((text, bytes_of(lock), _settings(manifest).encode()))).hexdigest()
    return NodePackages(manifest=manifest, lock=lock, digest=digest, scripts=scripts)


def install(packages: NodePackages, into: Path, *, architecture: str | None, where: str) -> None:
    """Install what the lock says below ``into``, for Lambda's machine of that architecture; None means this machine.

    Raises:
        PackagingError: npm is missing or too old, or refuses, with its own reason.
    """
    npm = _npm(where)
    into.mkdir(parents=True)
    for file in filter(None, (packages.manifest, packages.lock)):
        shutil.copyfile(file, into / file.name)
    (into / ".npmrc").write_text(_settings(packages.manifest), encoding="utf-8")
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-bin-links"]
    command += ["--no-update-notifier", "--loglevel=error"]
    if architecture is not None:
        command += ["--os=linux", f"--cpu={_MACHINES[architecture]}", "--libc=glibc"]
    with tempfile.TemporaryDirectory() as home:
        done = _run(command, into, environment(os.environ, home))
    if done.returncode:
        lines = [line.removeprefix("npm error").strip() for line in (done.stderr or done.stdout).splitlines()]
        reasons = [line for line in lines if line and not line.startswith(("code ", "A complete log"))]
        fix = "Correct package.json or its lock ('npm install --package-lock-only' writes it anew)"
        raise PackagingError(where, f"npm cannot install it: {'; '.join(reasons[:3])}", fix)


def installed(folder: Path) -> Iterator[ZipEntry]:
    """The installed files, as they are in the zip: below ``node_modules``."""
    top = folder / MODULES
    for path in sorted(top.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not path.is_symlink() and name.parts[1] not in _NOTES:
            yield ZipEntry(name=name.as_posix(), path=path, executable=os.access(path, os.X_OK))


def refuse_shadowed(folder: Path, handler: str, *, where: str) -> None:
    """Raise ``PackagingError`` when Lambda would load another file than ``handler``, which differs by its ending.

    Its runtime looks for ``index``, ``index.js``, ``index.mjs`` and ``index.cjs``, in this order:
    https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/UserFunction.js
    """
    stem = handler.rpartition(".")[0]
    first = next(name for ending in ("", ".js", ".mjs", ".cjs") if (folder / (name := stem + ending)).is_file())
    if first != handler:
        raise PackagingError(f"{where}/{handler}", f"Lambda loads {first} in its place", "Rename or remove one of them")


def environment(variables: Mapping[str, str], home: str) -> dict[str, str]:
    """The whole environment of npm: nothing of AWS, and of npm the registry and the user's file of settings."""
    passed = {name: variables[name] for name in _PASSED if name in variables}
    settings = variables.get("NPM_CONFIG_USERCONFIG") or str(Path(variables.get("HOME") or home) / ".npmrc")
    named = {"NPM_CONFIG_USERCONFIG": settings, "NPM_CONFIG_CACHE": f"{home}/cache"}
    return {**passed, **proxies(variables), **named, "HOME": home, "TMPDIR": home}


def _npm(where: str) -> str:
    npm = shutil.which("npm")
    fix = "Install Node.js 22 or newer (https://nodejs.org)"
    if npm is None:
        raise PackagingError(where, "npm is not on the PATH, and installs its dependencies", fix)
    with tempfile.TemporaryDirectory() as home:
        version = _run([npm, "--version"], Path(home), environment(os.environ, home)).stdout.strip()
    number = re.match(r"\d+", version)
    if number is None or int(number[0]) < _NPM:
        raise PackagingError(where, f"npm {version or 'of this machine'} cannot install for Lambda's machine", fix)
    return npm


def _run(command: list[str], folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, errors="replace", check=False
    )


def _read(file: Path, where: str) -> JsonDict:
    try:
        loads = json.loads(text_of(file, encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PackagingError(where, f"is not JSON: {error}", "Correct it") from None
    if not isinstance(loads, dict):
        raise PackagingError(where, "is not a JSON object", "Correct it")
    return loads


def _judged(locked: JsonObject, where: str) -> Iterator[str]:
    """The installed packages that have install scripts. Raises ``PackagingError`` for one that nothing pins."""
    for place, entry in locked.items():
        if not place or not isinstance(entry, dict) or entry.get("dev"):
            continue
        name = place.rpartition(f"{MODULES}/")[2]
        source = str(entry.get("resolved", ""))
        if entry.get("link") or MODULES not in place or source.startswith("file:"):
            what = f"{name} comes from a folder or file of this machine, which npm links to"
            raise PackagingError(where, what, f"Import it by its path inside 'source', or {_BUNDLE}")
        if not entry.get("integrity") and not entry.get("inBundle"):
            what = f"{name} has no hash, so that what is installed can change" + (f" ({source})" if source else "")
            raise PackagingError(where, what, f"Take it from a registry, or {_BUNDLE}")
        if entry.get("hasInstallScript"):
            yield name


def _settings(manifest: Path) -> str:
    """The lines of the project's ``.npmrc`` that say where packages come from and how they are resolved."""
    file = manifest.with_name(".npmrc")
    lines = text_of(file).splitlines() if file.is_file() else []
    return "".join(f"{line.strip()}\n" for line in lines if _SETTINGS.match(line.strip()) and "${" not in line)
