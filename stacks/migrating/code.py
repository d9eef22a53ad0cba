"""Handlers of other frameworks → entries of app.yaml, with what of the folder is packaged. Pure."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from stacks.model.backend import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stacks.json_types import JsonDict
    from stacks.migrating.located import Place
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.tree import Folder

RUNTIMES: tuple[str, ...] = tuple(entry for entry in get_args(Runtime) if entry.startswith("python"))
_NEWEST = RUNTIMES[-1]
_WSGI = re.compile(r"(?:.*/)?(?:wsgi_handler|wsgi)\.handler")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """What runs: the file and the name in it, and the folder that imports start from."""

    kind: str
    """``handler``, ``wsgi`` or ``asgi``."""
    file: str
    name: str
    source: str = "."

    @property
    def text(self) -> str:
        """``folder/file.py:name``, from the folder of app.yaml."""
        return f"{self.file}:{self.name}"

    def described(self, folder: Folder, patterns: Iterable[str]) -> JsonDict:
        """The keys of a function that say what runs, and what is packaged when it is not a folder of its own."""
        result: JsonDict = {self.kind: self.text}
        above = posixpath.dirname(self.file) or "."
        if self.source != above or self.file.endswith("/__init__.py"):
            result["source"] = self.source
        if self.source == ".":
            result["only"] = list(folder.packaged(patterns, [self.file]))
        return result


def not_python(runtime: object) -> tuple[str, str]:
    """The obstacle of a function that does not run Python, and the fix."""
    if str(runtime).startswith("nodejs"):
        fix = "Describe it under 'backend.functions' with 'handler: folder/file.mjs:name' and 'runtime: nodejs24.x'"
        return f"runs {runtime}, and only Python is carried over", fix
    return f"runs {runtime}, and functions are Python or JavaScript here", "Deploy it from a stack of its own"


def handler_entry(handler: str, module: str, application: str, folder: Folder) -> EntryPoint | None:
    """The entry of ``src/api.create``, or of the WSGI application that serverless-wsgi serves; None when it is none."""
    if application and _WSGI.fullmatch(handler):
        dotted, _, name = application.rpartition(".")
        return _entry("wsgi", dotted, name, module, folder)
    dotted, _, name = handler.rpartition(".")
    return _entry("handler", dotted, name, module, folder)


def _entry(kind: str, dotted: str, name: str, module: str, folder: Folder) -> EntryPoint | None:
    path = dotted.removeprefix("./").strip("/")
    if "/" not in path or "." in posixpath.basename(path):
        head, slash, tail = path.rpartition("/")
        path = f"{head}{slash}{tail.replace('.', '/')}"
    path = posixpath.normpath(path) if path else ""
    if not path or path.startswith("..") or not re.fullmatch(r"[A-Za-z_]\w*(?:\(.*\))?", name):
        return None
    source = posixpath.normpath(module) if module else "."
    full_path = posixpath.normpath(posixpath.join(source, path)) if source != "." else path
    file = f"{full_path}.py"
    if not folder.has(file) and folder.has(f"{full_path}/__init__.py"):
        file = f"{full_path}/__init__.py"
    if not re.fullmatch(r"(?:[^\\\0:/]+/)*[A-Za-z_]\w*\.py", file):
        return None
    return EntryPoint(kind=kind, file=file, name=name, source=source)


def runtime_of(runtime: object, place: Place, obstacles: Obstacles) -> JsonDict:
    """``runtime``, when it is not the one that functions have anyway."""
    if not isinstance(runtime, str) or not runtime:
        return {}
    if runtime in RUNTIMES:
        return {} if runtime == _NEWEST else {"runtime": runtime}
    what = f"{runtime} is not among the runtimes here"
    fix = f"It is {RUNTIMES[0]} now: run the tests with it, and raise packages that are pinned to versions without it"
    obstacles.changed(place, "runtime", what, fix)
    return {"runtime": RUNTIMES[0]}
