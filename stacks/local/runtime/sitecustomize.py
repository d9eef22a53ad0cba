"""Python imports this before a local function's code, to make the emulator's process behave as Lambda's does.

Lambda mounts ``/var/task`` read-only; only ``/tmp`` can be written. The emulator unpacks code into an ordinary folder,
so what fails on AWS would pass here.
https://docs.aws.amazon.com/lambda/latest/dg/foundation-progmodel.html

An import that fails is logged with its traceback, and the function answers with the error. The emulator says nothing
of it anywhere: it gives up before the first event. So the first event meets a handler that raises the error.
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html

It runs in the emulator's interpreter, with the standard library alone.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_CHANGES = frozenset(
    {"os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate", "os.utime"}
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def guard(top: str) -> None:
    """Refuse, from here on and in this process, everything that changes a file below ``top``."""
    inside = os.path.realpath(top) + os.sep

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            paths = arguments[:1] if isinstance(arguments[2], int) and arguments[2] & _WRITES else ()
        elif event == "sqlite3.connect":
            paths = () if os.path.exists(arguments[0]) else arguments[:1]  # noqa: PTH110 - it may be :memory:
        else:
            paths = arguments[:2] if event in _CHANGES else ()
        for path in paths:
            if isinstance(path, str | bytes) and os.path.realpath(os.fsdecode(path)).startswith(inside):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    sys.addaudithook(refuse)


class ImportModuleError(Exception):
    """Lambda's ``Runtime.ImportModuleError``: the module of the handler cannot be imported."""


class HandlerNotFound(Exception):  # noqa: N818 - Lambda's own name
    """Lambda's ``Runtime.HandlerNotFound``: the module has no such handler."""


for _kind in (ImportModuleError, HandlerNotFound):
    _kind.__module__ = "Runtime"  # so tracebacks name them as Lambda does


class Module:
    """The module of a handler, or what stands for one that cannot be imported: its handlers raise the error."""

    def __init__(self, name: str, load: Callable[[str], Any]) -> None:
        self._name, self._module, self._failure = name, None, None
        try:
            self._module = load(name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an application raises, SystemExit among it
            reason = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
            failure = ImportModuleError(f"Unable to import module '{name}': {reason}")
            failure.__cause__ = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
            self._failure = failure.with_traceback(_own_frames(error.__traceback__))

    def __getattr__(self, handler: str) -> Any:
        """Return the handler of that name."""
        if self._failure is not None:
            return _raising(self._failure)
        if not hasattr(self._module, handler):
            return _raising(HandlerNotFound(f"Handler '{handler}' missing on module '{self._name}'"))
        return getattr(self._module, handler)


def _own_frames(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of Python's import system and of this file."""
    if trace is None:
        return None
    file, rest = trace.tb_frame.f_code.co_filename, _own_frames(trace.tb_next)
    if "importlib" in file or file == __file__:
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


def _raising(error: Exception) -> Callable[..., Any]:
    def handler(*_: object) -> None:
        raise error

    return handler


def report_failed_imports() -> None:
    """Let the emulator's worker, which is the main program, get handlers that raise in place of failed imports."""
    load = importlib.import_module

    def import_module(name: str, package: str | None = None) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001 - documented, and the only way to know who calls
        if caller.f_globals.get("__name__") == "__main__" and "handler_name" in caller.f_locals:
            importlib.import_module = load
            return Module(name, load)
        return load(name, package)

    importlib.import_module = import_module


if "LAMBDA_TASK_ROOT" in os.environ:
    guard(os.environ["LAMBDA_TASK_ROOT"])
    report_failed_imports()
