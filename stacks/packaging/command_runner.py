"""Runs a command with the code of a deployed application, like a shell in its folder; ``stacks_commands.py`` in a zip.

It runs inside Lambda, where nothing of this library exists, and imports the standard library only. Scripts are not in a
zip, since they name this machine's Python, so a word such as ``flask`` or ``alembic`` is looked up among the entry
points of what is installed. What a command prints goes to the log, too, line by line, while it runs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.json_types import JsonDict, JsonObject

MOST = 1_000_000
"""Characters of output that are returned, its end; an answer of Lambda has at most 6 MB in any spelling."""
SPARE = 2.0
"""Seconds of the function's time that are left to stop the command and to answer."""
NOT_FOUND, STOPPED = 127, 124
"""Exit codes as shells and coreutils' ``timeout`` use them."""

_START = "import sys; from importlib.metadata import entry_points as e; sys.argv = sys.argv[1:]; \
sys.exit(next(iter(e(group='console_scripts', name=sys.argv[0]))).load()())"


def run(command: JsonObject, context: Any) -> JsonDict:
    """Run ``command["words"]``; its ``exit_code`` and ``output``, of whose start ``cut`` lines were left out.

    A command that outlives the function's time is killed, with 124 as its code; ``stopped`` is then true.
    """
    words = [str(word) for word in command["words"]]
    started = _started(words)
    if started is None:
        known = ", ".join(
            sorted({entry_point.name for entry_point in entry_points(group="console_scripts")} | {"python"})
        )
        return {"exit_code": NOT_FOUND, "output": f"{words[0]}: not in the package. There are: {known}.\n", "cut": 0}
    process = subprocess.Popen(
        started, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    stopped = threading.Event()
    watch = threading.Timer(context.get_remaining_time_in_millis() / 1000 - SPARE, _stop, (process, stopped))
    watch.start()
    with process:
        output, cut = _read(process, str(command.get("id", "")))
        code = process.wait()
    watch.cancel()
    watch.join()
    return {
        "exit_code": STOPPED if stopped.is_set() else code,
        "output": output,
        "cut": cut,
        "stopped": stopped.is_set(),
    }


def _started(words: Sequence[str]) -> list[str] | None:
    """What is started for a command; None when the package has no such program."""
    first, rest = words[0], list(words[1:])
    if first in {"python", "python3"}:
        return [sys.executable, *rest]
    if first.endswith(".py"):
        return [sys.executable, first, *rest]
    point = entry_points(group="console_scripts", name=first)
    return [sys.executable, "-c", _START, first, *rest] if point else None


def _environment() -> dict[str, str]:
    """The function's own, with what a shell in its folder would have."""
    usual = {"HOME": "/tmp", "FLASK_APP": os.environ.get("WSGI_APP", "")}  # noqa: S108 - what Lambda lets write
    always = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUNBUFFERED": "1"}
    return {
        **{name: text for name, text in usual.items() if text},
        **os.environ,
        **always,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _read(process: subprocess.Popen[str], identity: str) -> tuple[str, int]:
    kept: list[str] = []
    size = cut = 0
    for line in process.stdout or ():
        print(f"stacks-run {identity} {line}", end="", flush=True)  # noqa: T201 - the log
        kept.append(line[-MOST:])
        size += len(kept[-1])
        while size > MOST:
            size -= len(kept.pop(0))
            cut += 1
    return "".join(kept), cut


def _stop(process: subprocess.Popen[str], stopped: threading.Event) -> None:
    stopped.set()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        stopped.clear()
