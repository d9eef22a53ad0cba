"""Runs verbs over a project in one process, with an audit hook that notes what no verb may do: see ``test_hostile``.

Not a test. Reads a list of verbs from standard input, and writes what became of each as JSON.
https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from stacks.cli import main

SECONDS = 30
"""How long a verb may take; what waits for a pipe or reads a device is ended by the signal."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate"}
_PROGRAMS = {"git", "node", "uv", Path(sys.executable).name}
"""What verbs run: git's plumbing, a function of the CDN, the installer, and Python that checks handlers."""


class Watch:
    """Notes what the process does next to the project, the user's cache and its temporary files."""

    def __init__(self, place: Path) -> None:
        self.allowed = tuple(str(place / name) for name in ("project", "home/.cache", "tmp"))
        self.project, self.on = self.allowed[0], False
        self.did: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open" and isinstance(arguments[0], str | bytes) and (arguments[2] or 0) & _WRITING:
            self._written(event, arguments[0])
        elif event in _CHANGES:
            for path in arguments[:2] if event in {"os.rename", "os.link"} else arguments[:1]:
                self._written(event, path)
        elif event in {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"}:
            program = arguments[0] if event != "subprocess.Popen" else arguments[0] or arguments[1][0]
            if event == "os.system" or Path(os.fsdecode(program)).name not in _PROGRAMS:
                self.did.append(f"{event} {arguments[:2]!r}")
        elif event == "socket.connect" and arguments[1] != ("127.0.0.1", 9):
            self.did.append(f"{event} {arguments[1]!r}")
        elif event == "exec" and str(getattr(arguments[0], "co_filename", "")).startswith(self.project):
            self.did.append(f"{event} {arguments[0].co_filename}")

    def _written(self, event: str, path: Any) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            name = Path(os.fsdecode(path))
            real = name.parent.resolve() / name.name
            if not any(real.is_relative_to(item) for item in self.allowed) and str(real) != os.devnull:
                self.did.append(f"{event} {real}")


def once(words: list[str], watch: Watch) -> dict[str, Any]:
    """Run a verb; what it said and did."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv, watch.did, watch.on = ["stacks", *words], [], True
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        signal.alarm(0)
        watch.on = False
    return {"code": code, "stderr": err.getvalue(), "output": out.getvalue() + err.getvalue(), "did": watch.did}


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), 0)
    watch = Watch(Path(sys.argv[1]).resolve())
    sys.addaudithook(watch)
    sys.stdout.write(json.dumps([once(words, watch) for words in wanted]))
