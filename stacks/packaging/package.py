"""Bundles → zips under ``out``, doing again only what changed.

    out/code/<bundle>/<sha256>.zip   the artifacts
    out/wheels/<digest>/             installed requirements, one folder for each text and target
    out/bytecode/<digest>.pyc        compiled Python files, where this Python is the runtime's
    out/inputs/<digest>.json         which zip came out of which inputs

Every file and folder appears whole or not at all, so an interrupted run leaves nothing that a later one would trust.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks.errors import PackagingError, Problem
from stacks.files import write_atomically
from stacks.packaging import as_is
from stacks.packaging.archive import archive, unzipped_size
from stacks.packaging.bundle import Artifact, Bundle, Target, lambda_target
from stacks.packaging.bytecode import compiled, compiler
from stacks.packaging.locks import CHOICES
from stacks.packaging.requirements import Requirements, read_requirements
from stacks.packaging.sources import Entry, Sources, read_sources, refuse_case_collisions
from stacks.packaging.wheels import install, installed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_VERSION = 3
"""Raised when the same inputs shall give another zip; zips made before are not reused."""

_WSGI = (
    Entry(name="stacks_wsgi.py", path=Path(__file__).with_name("wsgi_handler.py")),
    Entry(name="instance/.keep", path=Path(os.devnull)),  # Flask factories make this folder, and Lambda cannot
)
_SECRETS = Entry(name="stacks_secrets.py", path=Path(__file__).with_name("secret_reader.py"))


def package(
    bundles: Sequence[Bundle], *, root: Path, out: Path, target: Target | None = None, say: Callable[[str], None]
) -> tuple[Artifact, ...]:
    """Make the zip of each bundle and tell where it is; unchanged ones are reused.

    Folders and files of the bundles are relative to ``root``; everything is written under ``out``. ``target`` is
    Lambda's Python when not given. ``say`` is told in plain sentences what takes time or was kept out.
    Raises one ``PackagingError`` with the problems of all bundles.
    """
    artifacts: list[Artifact] = []
    problems: dict[Problem, None] = {}
    for bundle in bundles:
        try:
            artifacts.append(_package(bundle, root, out, target or lambda_target(bundle), say))
        except PackagingError as error:
            problems |= dict.fromkeys(error.problems)
        except OSError as error:
            what = f"{error.filename} cannot be read or written: {error.strerror}"
            problems[Problem(where=bundle.name, what=what, fix="Mend its permissions or the disk")] = None
    if problems:
        raise PackagingError.of(tuple(problems))
    return tuple(artifacts)


def _package(bundle: Bundle, root: Path, out: Path, target: Target, say: Callable[[str], None]) -> Artifact:
    if bundle.as_is:
        return _written(bundle, *as_is.content(bundle, root, out, say=say), out)
    sources = _sources(bundle, root, out)
    if sources.secrets:
        say(f"{bundle.name}: kept out of the zip: {', '.join(sources.secrets)}")
    file = root / bundle.requirements if bundle.requirements else None
    wanted = read_requirements(file, where=bundle.requirements or bundle.source, wsgi=bundle.wsgi)
    own = (*sources.entries, *(_WSGI if bundle.wsgi else ()), *((_SECRETS,) if bundle.secrets else ()))
    inputs = out / "inputs" / f"{_inputs_digest(bundle, target, own, wanted)}.json"
    if known := _known(inputs, bundle, out):
        return known
    folder = _wheels(wanted, target, out, lambda text: say(f"{bundle.name}: {text}")) if wanted else None
    entries = _together(bundle, own, folder, say)
    artifact = _zip(bundle, [*entries, *compiled(entries, target, out / "bytecode")], out)
    write_atomically(inputs, json.dumps(_notes(artifact)).encode())
    say(f"{bundle.name}: packaged {artifact.size / 1024**2:.1f} MB for {target}")
    return artifact


def _sources(bundle: Bundle, root: Path, out: Path) -> Sources:
    """The bundle's files, without its requirements files, whose index addresses may hold passwords."""
    file = root / bundle.requirements if bundle.requirements else None
    without = [out, *(file.with_name(name) for name in CHOICES if file)]
    return read_sources(root / bundle.source, where=bundle.source, without=without)


def _inputs_digest(bundle: Bundle, target: Target, own: Sequence[Entry], wanted: Requirements | None) -> str:
    files = sorted((entry.name, entry.executable, _sha256(entry.path.read_bytes())) for entry in own)
    facts = (_VERSION, bundle.runtime, bundle.boto3, compiler(target), _wheels_digest(wanted, target))
    return _digest(*facts, files)


def _wheels_digest(wanted: Requirements | None, target: Target) -> str:
    host = None if target.platform else _host()
    return _digest(version("uv"), target.python, target.platform, host, wanted and wanted.digest)


def _host() -> str:
    import sysconfig  # noqa: PLC0415  (slow to import, and only the local AWS needs it)

    return f"{sysconfig.get_platform()} {sysconfig.get_config_var('SOABI')}"


def _known(inputs: Path, bundle: Bundle, out: Path) -> Artifact | None:
    """The zip these inputs gave before, if it is still there and nobody wrote to it since."""
    try:
        facts = json.loads(inputs.read_bytes())
        key, sha256, unzipped = _key(bundle, facts["sha256"]), facts["sha256"], facts["unzipped"]
        path = out / key
        size = path.stat().st_size
        made = Artifact(bundle=bundle.name, key=key, path=path, sha256=sha256, size=size, unzipped=unzipped)
        return made if facts == _notes(made) or _sha256(path.read_bytes()) == sha256 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _notes(artifact: Artifact) -> dict[str, Any]:
    """What is kept about a zip. Its size and date tell whether it was written to; reading it whole takes longer."""
    date = artifact.path.stat().st_mtime_ns
    return {"sha256": artifact.sha256, "unzipped": artifact.unzipped, "size": artifact.size, "date": date}


def _wheels(wanted: Requirements, target: Target, out: Path, say: Callable[[str], None]) -> Path:
    """The folder with the installed requirements; installed now unless it is there already."""
    folder = out / "wheels" / _wheels_digest(wanted, target)
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    say(f"installing requirements for {target}")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as new:
        ready = Path(new) / "ready"
        install(wanted, target, ready, say=say)
        _move(ready, folder)
    return folder


def _move(ready: Path, folder: Path) -> None:
    try:
        ready.rename(folder)
    except OSError:
        if not folder.is_dir():  # another run was faster; its folder holds the same
            raise


def _together(bundle: Bundle, own: Sequence[Entry], folder: Path | None, say: Callable[[str], None]) -> list[Entry]:
    """All files of the zip. The bundle's own win over installed ones, as they would on Python's path."""
    files = {entry.name: entry for entry in installed(folder, boto3=bundle.boto3)} if folder else {}
    replaced = sorted(entry.name for entry in own if entry.name in files)
    if replaced:
        say(f"{bundle.name}: its own files take the place of installed ones: {', '.join(replaced)}")
    files |= {entry.name: entry for entry in reversed(own)}
    refuse_case_collisions(files.values(), where=bundle.source)
    return list(files.values())


def _zip(bundle: Bundle, entries: Sequence[Entry], out: Path) -> Artifact:
    unzipped = unzipped_size(entries, where=bundle.source)
    return _written(bundle, archive(entries), unzipped, out)


def _written(bundle: Bundle, content: bytes, unzipped: int, out: Path) -> Artifact:
    artifact = _artifact(bundle, content, unzipped, out)
    write_atomically(artifact.path, content)
    return artifact


def _artifact(bundle: Bundle, content: bytes, unzipped: int, out: Path) -> Artifact:
    sha256 = _sha256(content)
    key = _key(bundle, sha256)
    return Artifact(bundle=bundle.name, key=key, path=out / key, sha256=sha256, size=len(content), unzipped=unzipped)


def _key(bundle: Bundle, sha256: str) -> str:
    return f"code/{bundle.name}/{sha256}.zip"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(*facts: object) -> str:
    return _sha256(json.dumps(facts).encode())
