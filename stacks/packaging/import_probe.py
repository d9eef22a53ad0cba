"""A handler in an unpacked package → what its import does, as JSON; runs in a clean process of its own.

Only the standard library and the package can be imported, and boto3 as Lambda's runtime brings it. Nothing but /tmp
can be written, as on Lambda: what tries gets the same error (EROFS), and is noted with its place in the package.
Calls over the network are refused and noted. Of a web application the first request is tried, too: GET /, and the
paths of static folders are listed that Flask's extensions brought along.
It imports nothing of this library but ``interfaces``, its neighbour, since the process does not have the library.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import tempfile
from importlib import import_module
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from traceback import extract_tb, walk_stack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.json_types import JsonDict

_RUNTIME = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"})
_WRITES = frozenset(
    {
        "sqlite3.connect",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.chmod",
        "os.utime",
    }
)
_WEB = "stacks_web"
_FRAMES = 6
"""Frames of a traceback that are shown."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Runtime:
    """Finds boto3 and what it needs in ``folder`` when the package has none, as Lambda's runtime does."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        if name.partition(".")[0] not in _RUNTIME:
            return None
        return PathFinder.find_spec(name, path or [self.folder], target)


class _Watch:
    """Refuses and notes what Lambda would refuse, from the moment it is switched on."""

    def __init__(self, package: Path) -> None:
        self.package = package
        self.writable = (Path(tempfile.gettempdir()).resolve(), Path("/tmp").resolve(), Path("/dev"))  # noqa: S108 - Lambda's own
        self.writes: dict[str, str] = {}
        self.calls: dict[str, str] = {}

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
        if opened or event in _WRITES:
            self.write(event, arguments[0])
        elif event in {"socket.connect", "socket.getaddrinfo"}:
            address = arguments[1] if event == "socket.connect" else arguments[:2]
            self.calls.setdefault(self.place(), str(address))
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    def write(self, event: str, name: Any) -> None:
        if not isinstance(name, str | bytes | os.PathLike) or os.fspath(name) in {":memory:", ""}:
            return
        path = Path(os.path.realpath(os.fsdecode(name)))
        if path.exists() and event in {"os.mkdir", "sqlite3.connect"}:
            return  # the system reports that it exists, or opens it for reading
        inside = path.is_relative_to(self.package)
        if not inside and any(path.is_relative_to(folder) for folder in self.writable):
            return
        shown = path.relative_to(self.package).as_posix() if inside else str(path)
        self.writes.setdefault(self.place(), shown)
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    def place(self) -> str:
        """The innermost line of the package that is running: ``web/app.py:12``."""
        for frame, line in walk_stack(None):
            file = Path(frame.f_code.co_filename.replace("/var/task", str(self.package), 1))
            if file.is_relative_to(self.package):
                return f"{file.relative_to(self.package).as_posix()}:{line}"
        return "import"


def main(package: str, layer: str, handler: str, runtime: str) -> JsonDict:
    """Import ``handler`` (``module.attribute``) from the folder ``package``; report what happened."""
    module, _, attribute = handler.rpartition(".")
    sys.path[:0] = [package, layer]
    sys.meta_path.append(_Runtime(runtime))
    watch = _Watch(Path(package).resolve())
    sys.addaudithook(watch)
    failure, wrong, trace = "", None, ""
    try:
        imported = import_module(module.replace("/", "."))
        wrong = _mismatch(imported, attribute)
    except BaseException as error:  # noqa: BLE001 - whatever an application raises is its answer
        failure = f"{type(error).__name__}: {error}"
        trace = _trace(error, Path(package).resolve())
    writes = dict(watch.writes)
    seen: JsonDict = {
        "failure": failure,
        "mismatch": wrong,
        "writes": writes,
        "calls": dict(watch.calls),
        "trace": trace,
    }
    if module == _WEB and not failure and not wrong:
        seen["folders"] = _static_folders(imported.application())
        watch.writes.clear()
        _try(getattr(imported, attribute))
        seen["first"] = {place: path for place, path in watch.writes.items() if place not in writes}
    return seen


def _trace(error: BaseException, package: Path) -> str:
    """Where an import failed: the frames of the package's own files, the innermost last, as ``app.py:9``."""
    results = []
    for frame in extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(package):
            results.append(f"{file.relative_to(package).as_posix()}:{frame.lineno}")
    own = [result for result in results if not result.startswith("stacks_")]
    return " -> ".join(own[-_FRAMES:])


def _mismatch(imported: Any, attribute: str) -> tuple[str, str] | None:
    """What keeps the handler, or the web application behind it, from being called, and the fix."""
    interfaces = _neighbour("interfaces")
    kind, named = "handler", attribute
    if imported.__name__ == _WEB:
        kind = "asgi" if "ASGI_APP" in os.environ else "wsgi"
        named = os.environ[f"{kind.upper()}_APP"].partition(":")[2]
    result = getattr(imported, attribute) if kind == "handler" else imported.application()
    wrong = interfaces.mismatch(result, kind, named)
    return (wrong.what, wrong.fix) if wrong else None


def _static_folders(application: Any) -> list[str]:
    """The paths below which Flask's blueprints, those of extensions among them, serve files of their own: ``/ext/``."""
    with contextlib.suppress(Exception):  # what only looks like Flask's map
        rules = [rule for rule in application.url_map.iter_rules() if rule.endpoint.endswith(".static")]
        return sorted({rule.rule.partition("<")[0] for rule in rules if rule.rule.partition("<")[0].endswith("/")})
    return []


def _neighbour(name: str) -> Any:
    """A module next to this file, which is on no import path."""
    loader = SourceFileLoader(f"_stacks_{name}", str(Path(__file__).with_name(f"{name}.py")))
    module = module_from_spec(spec_from_loader(loader.name, loader))  # type: ignore[arg-type]  # it has a loader
    sys.modules[loader.name] = module  # dataclasses look themselves up
    loader.exec_module(module)
    return module


def _try(handler: Any) -> None:
    """Ask for the first page. What it answers without AWS and a database says nothing; what it writes does."""
    about = {"stage": "$default", "http": {"method": "GET", "path": "/", "sourceIp": "127.0.0.1"}}
    headers = {"host": "localhost", "accept": "*/*"}
    event = {"version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": headers, "requestContext": about}
    with contextlib.suppress(BaseException):
        handler({**event, "isBase64Encoded": False}, None)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    stdout = sys.stdout
    sys.stdout = sys.stderr  # what the application prints
    answer = json.dumps(main(*sys.argv[1:]))
    stdout.write(f"\n{answer}\n")
    stdout.flush()
    os._exit(0)  # threads that the application started do not keep the process
