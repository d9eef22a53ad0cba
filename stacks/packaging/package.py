"""Bundles → zips under ``out``, doing again only what changed.

    out/code/<bundle>/<sha256>.zip     the artifacts
    cache/wheels/<digest>/             installed requirements, one folder for each text and target
    cache/node_modules/<digest>/       packages of npm, one folder for each lock and machine
    cache/inputs/<digest>.json         which zip came out of which inputs
    cache/bytecode/<digest>.pyc        compiled Python files

The cache is the user's own (``files.cache_folder``): nothing that a repository may hold takes the place of a build.
Every file and folder appears whole or not at all, so an interrupted run leaves nothing that a later one would trust.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import uv

from stacks.errors import PackagingError, Problem
from stacks.files import bytes_of, cache_folder, write_atomically
from stacks.packaging import as_is, node
from stacks.packaging.archive import archive, unzipped_size
from stacks.packaging.bundle import Artifact, Bundle, PythonTarget, lambda_target
from stacks.packaging.bytecode import compiled, compiler
from stacks.packaging.locks import CHOICES, PROJECT, is_lock
from stacks.packaging.own_metadata import own_metadata
from stacks.packaging.requirements import Requirements, read_requirements
from stacks.packaging.shared import AT, constrained, in_layer, left_to
from stacks.packaging.sources import Sources, ZipEntry, read_sources, refuse_case_collisions
from stacks.packaging.unused import unused
from stacks.packaging.wheels import install, installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stacks.json_types import JsonDict

_VERSION = 4
"""Raised when the same inputs shall give another zip; zips made before are not reused."""

_WEB = (
    ZipEntry(name="stacks_web.py", path=Path(__file__).with_name("web_handler.py")),
    ZipEntry(name="stacks_commands.py", path=Path(__file__).with_name("command_runner.py")),
    ZipEntry(name="stacks_django.py", path=Path(__file__).with_name("django_settings.py")),
    ZipEntry(name="instance/.keep", path=Path(os.devnull)),  # Flask factories make this folder, and Lambda cannot
)
_ASGI = ZipEntry(name="stacks_asgi.py", path=Path(__file__).with_name("asgi_server.py"))
_SECRETS = ZipEntry(name="stacks_secrets.py", path=Path(__file__).with_name("secret_reader.py"))

_DATABASES = ZipEntry(name="stacks_database.py", path=Path(__file__).with_name("database_helper.py"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """A layer that is made: its zip, what is installed in it, and the digest of that."""

    artifact: Artifact
    wanted: Requirements
    wheels: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Where one call of ``package`` reads and writes, for whom, and the layers it has made so far."""

    root: Path
    out: Path
    target: PythonTarget | None
    say: Callable[[str], None]
    layers: dict[str, _Layer] = field(default_factory=dict)

    def target_of(self, bundle: Bundle) -> PythonTarget:
        return self.target or lambda_target(bundle)


def package(
    bundles: Sequence[Bundle], *, root: Path, out: Path, target: PythonTarget | None = None, say: Callable[[str], None]
) -> tuple[Artifact, ...]:
    """Create the zip of each bundle and return its path; unchanged ones are reused.

    Folders and files of the bundles are relative to ``root``; everything is written under ``out``. ``target`` is
    Lambda's Python when not given. A layer comes before the bundles that run with it. ``say`` gets messages about
    what takes time or was left out. Raises one ``PackagingError`` with the problems of all bundles.
    """
    run = _Run(root=root, out=out, target=target, say=say)
    artifacts: list[Artifact] = []
    problems: dict[Problem, None] = {}
    for bundle in bundles:
        if bundle.layer and bundle.layer not in run.layers:
            continue  # the layer's problem is reported
        try:
            artifacts.append(_package(bundle, run))
        except PackagingError as error:
            problems |= dict.fromkeys(error.problems)
        except OSError as error:
            what = f"{error.filename or out} cannot be read or written: {error.strerror}"
            problems[Problem(where=bundle.name, what=what, fix="Correct its permissions or the disk")] = None
    if problems:
        raise PackagingError.of(tuple(problems))
    return tuple(artifacts)


def _package(bundle: Bundle, run: _Run) -> Artifact:
    if bundle.as_is:
        return _written(bundle, *as_is.content(bundle, run.root, run.out, say=run.say), run)
    if bundle.is_node:
        return _of_node(bundle, run)
    own = () if bundle.is_layer else _own(bundle, run)
    file = run.root / bundle.requirements if bundle.requirements else None
    where, wsgi = bundle.requirements or bundle.source, bundle.application == "wsgi"
    wanted = read_requirements(file, root=run.root, where=where, wsgi=wsgi)
    inputs = cache_folder("inputs") / f"{_inputs_digest(bundle, run, own, wanted)}.json"
    artifact = _known(inputs, bundle, run)
    if artifact is None:
        artifact = _packaged(bundle, run, own, wanted)
        write_atomically(inputs, json.dumps(_notes(artifact)).encode())
    if bundle.is_layer and wanted:
        wheels = _wheels_digest(wanted, run.target_of(bundle))
        run.layers[bundle.name] = _Layer(artifact=artifact, wanted=wanted, wheels=wheels)
    return artifact


def _of_node(bundle: Bundle, run: _Run) -> Artifact:
    """The zip of JavaScript: its files, the package.json that says how they are loaded, and what npm installs."""
    manifest = run.root / bundle.requirements if bundle.requirements else None
    own = {entry.name: entry for entry in _javascript(bundle, run, manifest)}
    packages = node.read_packages(manifest, where=bundle.requirements or "") if manifest else None
    if manifest:
        own.setdefault(node.MANIFEST, ZipEntry(name=node.MANIFEST, path=manifest))
    machine = None if run.target and run.target.platform is None else bundle.architecture
    files = sorted((entry.name, entry.executable, _sha256(entry.path.read_bytes())) for entry in own.values())
    wanted = _digest(machine or _host(), packages and packages.digest)
    inputs = cache_folder("inputs") / f"{_digest(_VERSION, bundle.runtime, files, wanted)}.json"
    artifact = _known(inputs, bundle, run)
    if artifact is None:
        others = _node_modules(bundle, packages, machine, wanted, run) if packages else []
        artifact = _zip(bundle, _together(bundle, list(own.values()), others, run.say), run)
        write_atomically(inputs, json.dumps(_notes(artifact)).encode())
        run.say(f"{bundle.name}: packaged {artifact.size / 1024**2:.1f} MB for {bundle.runtime}")
    return artifact


def _javascript(bundle: Bundle, run: _Run, manifest: Path | None) -> tuple[ZipEntry, ...]:
    """The bundle's own files, without locks, whose addresses may hold passwords."""
    for handler in bundle.handlers:
        if not (run.root / bundle.source / handler).is_file():
            fix = "Create it, or correct 'handler'; a build of yours that writes it runs first"
            raise PackagingError(f"{bundle.source}/{handler}", "does not exist", fix)
        node.refuse_shadowed(run.root / bundle.source, handler, where=bundle.source)
    locks = [manifest.with_name(name) for name in (*node.LOCKS, *node.OTHER_LOCKS)] if manifest else []
    without = [run.out, *locks]
    folder = run.root / bundle.source
    sources = read_sources(folder, where=bundle.source, without=without, only=bundle.only, language="JavaScript")
    if sources.secrets:
        run.say(f"{bundle.name}: kept out of the zip: {', '.join(sources.secrets)}")
    return sources.entries


def _node_modules(
    bundle: Bundle, packages: node.NodePackages, machine: str | None, digest: str, run: _Run
) -> list[ZipEntry]:
    """The installed packages; installed now unless they already are."""
    if packages.lock is None:
        return []
    folder = cache_folder("node_modules") / digest
    if not folder.is_dir():
        run.say(f"{bundle.name}: installing packages for {bundle.runtime}")
        if packages.scripts:
            names = ", ".join(packages.scripts)
            run.say(f"{bundle.name}: install scripts are not run; what compiles native code will be missing: {names}")
        with _atomic_folder(folder) as ready:
            node.install(packages, ready, architecture=machine, where=bundle.requirements or "")
    return list(node.installed(folder))


def _packaged(bundle: Bundle, run: _Run, own: Sequence[ZipEntry], wanted: Requirements | None) -> Artifact:
    target = run.target_of(bundle)
    for notice in wanted.notices if wanted else ():
        run.say(f"{bundle.name}: {notice}")
    if bundle.is_layer:
        entries, at = _of_layer(bundle, run, wanted), AT
    else:
        _report_unused(bundle, run)
        others = [*_metadata(bundle, run), *_installed(bundle, run, wanted)]
        entries, at = _together(bundle, own, others, run.say), "/var/task"
    entries = [*entries, *compiled(entries, target, cache_folder("bytecode"), at=at)]
    artifact = _zip(bundle, entries, run)
    run.say(f"{bundle.name}: packaged {artifact.size / 1024**2:.1f} MB for {target}")
    return artifact


def _report_unused(bundle: Bundle, run: _Run) -> None:
    """Report which files with dependencies are not read: in the folder, and where that has none in the project's."""
    used = run.root / bundle.requirements if bundle.requirements else None
    folder = used.parent if used else run.root / bundle.source
    for sentence in unused(folder, used):
        run.say(f"{bundle.name}: {sentence}.")
    if used is None and bundle.source != ".":
        for name in (name for name in CHOICES if (run.root / name).is_file()):
            fix = f"Move it into {bundle.source}, or set 'source: .' for the function"
            run.say(f"{bundle.name}: {name} of the project is not read, because the code is {bundle.source}. {fix}.")


def _metadata(bundle: Bundle, run: _Run) -> list[ZipEntry]:
    """The metadata of the project whose code is packaged; what is installed has a better one, if it is installed."""
    folders = [bundle.source, *([str(Path(bundle.requirements).parent)] if bundle.requirements else [])]
    result = next((files for item in folders if (files := own_metadata(run.root / item / PROJECT))), {})
    entries = []
    for name, text in result.items():
        file = cache_folder("metadata") / _sha256(text.encode())
        write_atomically(file, text.encode())
        entries.append(ZipEntry(name=name, path=file))
    return entries


def _of_layer(bundle: Bundle, run: _Run, wanted: Requirements | None) -> list[ZipEntry]:
    if wanted is None:
        raise PackagingError(bundle.source, "asks for nothing", "Write what functions share, or leave it out")
    return list(installed(_wheels(bundle, wanted, run), boto3=bundle.boto3))


def _installed(bundle: Bundle, run: _Run, wanted: Requirements | None) -> list[ZipEntry]:
    """The installed files for a bundle's zip, without those that its layer has."""
    if wanted is None:
        return []
    if not bundle.layer:
        return list(installed(_wheels(bundle, wanted, run), boto3=bundle.boto3))
    shared = _wheels(bundle, run.layers[bundle.layer].wanted, run)
    folder = _wheels(bundle, constrained(wanted, shared), run)
    left_out = left_to(shared, folder, where=wanted.where)
    return [entry for entry in installed(folder, boto3=bundle.boto3) if entry.name not in left_out]


def _own(bundle: Bundle, run: _Run) -> tuple[ZipEntry, ...]:
    sources = _sources(bundle, run.root, run.out)
    if sources.secrets:
        run.say(f"{bundle.name}: kept out of the zip: {', '.join(sources.secrets)}")
    web = (*(_WEB if bundle.application else ()), *((_ASGI,) if bundle.application == "asgi" else ()))
    helpers = (*((_SECRETS,) if bundle.secrets else ()), *((_DATABASES,) if bundle.databases else ()))
    return (*sources.entries, *web, *helpers)


def _sources(bundle: Bundle, root: Path, out: Path) -> Sources:
    """The bundle's files, without its requirements files, whose index addresses may hold passwords."""
    file = root / bundle.requirements if bundle.requirements else None
    without = [out, *(file.with_name(name) for name in CHOICES if file)]
    return read_sources(root / bundle.source, where=bundle.source, without=without, only=bundle.only)


def _inputs_digest(bundle: Bundle, run: _Run, own: Sequence[ZipEntry], wanted: Requirements | None) -> str:
    target = run.target_of(bundle)
    files = sorted((entry.name, entry.executable, _sha256(entry.path.read_bytes())) for entry in own)
    named = [(entry.name, entry.path.name) for entry in _metadata(bundle, run)]
    facts = (_VERSION, named, bundle.runtime, bundle.boto3, compiler(target), _wheels_digest(wanted, target))
    layer = run.layers[bundle.layer].wheels if bundle.layer else None
    return _digest(*facts, bundle.is_layer, layer, files)


def _wheels_digest(wanted: Requirements | None, target: PythonTarget) -> str:
    host = None if target.platform else _host()
    return _digest(_uv(), target.python, target.platform, host, wanted and wanted.digest)


def _uv() -> str:
    """Which uv: the name of its metadata, since importlib.metadata takes longer to import than all of this."""
    return next((info.name for info in Path(uv.__file__).parents[1].glob("uv-*.dist-info")), "")


def _host() -> str:
    import sysconfig  # noqa: PLC0415  (slow to import, and only the local AWS needs it)

    return f"{sysconfig.get_platform()} {sysconfig.get_config_var('SOABI')}"


def _known(inputs: Path, bundle: Bundle, run: _Run) -> Artifact | None:
    """The zip these inputs gave before, if it still exists and was not written to since."""
    try:
        facts = json.loads(bytes_of(inputs))
        sha256, path = facts["sha256"], run.out / _key(bundle, facts["sha256"])
        artifact = _artifact(bundle, sha256, path.stat().st_size, facts["unzipped"], run)
        return artifact if facts == _notes(artifact) or _sha256(bytes_of(path)) == sha256 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _notes(artifact: Artifact) -> JsonDict:
    """What is kept about a zip. Its size and date show whether it was written to; reading it whole takes longer."""
    date = artifact.path.stat().st_mtime_ns
    return {"sha256": artifact.sha256, "unzipped": artifact.unzipped, "size": artifact.size, "date": date}


def _wheels(bundle: Bundle, wanted: Requirements, run: _Run) -> Path:
    """The folder with the installed requirements; installed now unless it already exists."""
    target = run.target_of(bundle)
    folder = cache_folder("wheels") / _wheels_digest(wanted, target)
    if folder.is_dir():
        return folder
    run.say(f"{bundle.name}: installing requirements for {target}")
    if wanted.file and not wanted.hashed and not is_lock(wanted.file):
        fix = "'uv lock', or 'uv pip compile --generate-hashes', writes them"
        run.say(f"{bundle.name}: {wanted.where} pins no hashes, so what is installed can change: {fix}")
    with _atomic_folder(folder) as ready:
        install(wanted, target, ready, say=lambda text: run.say(f"{bundle.name}: {text}"))
    return folder


@contextmanager
def _atomic_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, which becomes ``folder`` at the end, unless filling it fails."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as new:
        ready = Path(new) / "ready"
        yield ready
        try:
            ready.rename(folder)
        except OSError:
            if not folder.is_dir():  # another run was faster; its folder holds the same
                raise


def _together(
    bundle: Bundle, own: Sequence[ZipEntry], others: Sequence[ZipEntry], say: Callable[[str], None]
) -> list[ZipEntry]:
    """All files of the zip. The bundle's own win over installed ones, as they would on Python's path."""
    files = {entry.name: entry for entry in others}
    replaced = sorted(entry.name for entry in own if entry.name in files)
    if replaced:
        say(f"{bundle.name}: its own files take the place of installed ones: {', '.join(replaced)}")
    files |= {entry.name: entry for entry in reversed(own)}
    refuse_case_collisions(files.values(), where=bundle.source)
    return list(files.values())


def _zip(bundle: Bundle, entries: Sequence[ZipEntry], run: _Run) -> Artifact:
    layer = run.layers[bundle.layer].artifact.unzipped if bundle.layer else 0
    unzipped = unzipped_size(entries, where=bundle.source, layer=layer)
    content = archive(in_layer(entries) if bundle.is_layer else entries)
    return _written(bundle, content, unzipped, run)


def _written(bundle: Bundle, content: bytes, unzipped: int, run: _Run) -> Artifact:
    artifact = _artifact(bundle, _sha256(content), len(content), unzipped, run)
    write_atomically(artifact.path, content)
    return artifact


def _artifact(bundle: Bundle, sha256: str, size: int, unzipped: int, run: _Run) -> Artifact:
    key = _key(bundle, sha256)
    layer = run.layers[bundle.layer].artifact.key if bundle.layer else None
    path = run.out / key
    return Artifact(bundle=bundle.name, key=key, path=path, sha256=sha256, size=size, unzipped=unzipped, layer=layer)


def _key(bundle: Bundle, sha256: str) -> str:
    return f"code/{bundle.name}/{sha256}.zip"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(*facts: object) -> str:
    return _sha256(json.dumps(facts).encode())
