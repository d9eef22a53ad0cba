"""Python imports this before a local function's code: nothing can be written beside that code, as on Lambda.

Lambda mounts ``/var/task`` read-only; only ``/tmp`` can be written. The emulator unpacks code into an ordinary folder,
so what fails on AWS would pass here. It runs in the emulator's interpreter, with the standard library alone.
https://docs.aws.amazon.com/lambda/latest/dg/foundation-progmodel.html
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

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


if "LAMBDA_TASK_ROOT" in os.environ:
    guard(os.environ["LAMBDA_TASK_ROOT"])
