"""Phases of a build → a process in a clean folder with a clean environment, and its log. Runs what it is given.

Like CodeBuild, all phases share one shell, so what one exports the next one has; unlike it, the first command that
fails ends the build. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_MARK, _EXPORT = "::stacks::", "::exported::"
_SHOWN = 30
"""Lines of the log that an error shows."""
_MACHINE = (
    *("PIP_", "UV_", "STACKS_CACHE_DIR", "SSL_CERT"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
"""Sources of packages, caches and the way to the network are settings of this machine, not of the build."""


def clean_environment(home: Path, variables: Mapping[str, str], aws: Mapping[str, str]) -> dict[str, str]:
    """The environment of a build: ``aws`` and next to nothing of the caller's ``variables``.

    Caches and settings of package installers stay the user's, or each build would fetch everything again.
    """
    user = Path(variables.get("HOME", "/"))
    kept = {name: value for name, value in variables.items() if name.startswith(_MACHINE)}
    return {
        **kept,
        "PATH": variables.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "CI": "true",
        "XDG_CACHE_HOME": variables.get("XDG_CACHE_HOME") or str(user / ".cache"),
        "XDG_CONFIG_HOME": variables.get("XDG_CONFIG_HOME") or str(user / ".config"),
        **aws,
    }


def run_phases(  # noqa: PLR0913 - a build is this many decisions
    where: str,
    phases: Sequence[tuple[str, Sequence[str]]],
    *,
    folder: Path,
    environment: Mapping[str, str],
    exports: Sequence[str],
    log: Path,
    say: Callable[[str], None],
) -> dict[str, str]:
    """Run the phases in ``folder``; everything they print goes to ``log``, the name of each phase to ``say``.

    Returns the variables ``exports`` as the commands left them; one that they did not set is empty.

    Raises:
        DeployError: when a command fails, with the command, its phase and the end of the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    command = ["/bin/sh", "-c", _script(phases, exports)]
    output = _Output(exports, say)
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        kept.writelines(map(output.logged, process.stdout or ()))
    if process.returncode:
        what = f"'{output.command}' failed with {process.returncode}; the end of its log:\n{_end(log)}"
        raise DeployError(f"{where}, phase {output.phase}", what, f"The whole log is {log}")
    return output.exported


class _Output:
    """What the script prints: the phase and command that it is at, what it exports, and lines for the log."""

    def __init__(self, exports: Sequence[str], say: Callable[[str], None]) -> None:
        self.phase, self.command, self._say = "", "", say
        self.exported = dict.fromkeys(exports, "")

    def logged(self, line: str) -> str:
        """The line as the log has it; empty for one that the script prints for this program."""
        if line.startswith(_EXPORT):
            name, _, text = line.removeprefix(_EXPORT).rstrip("\n").partition("=")
            self.exported[name] = text
            return ""
        if not line.startswith(_MARK):
            return line
        phase, _, self.command = line.removeprefix(_MARK).rstrip("\n").partition(" ")
        if phase != self.phase:
            self._say(f"  {phase}")
            self.phase = phase
        return f"$ {self.command}\n"


def _script(phases: Sequence[tuple[str, Sequence[str]]], exports: Sequence[str]) -> str:
    """The commands, each announced; the first that fails ends the shell with its own code. Then what it exports."""
    lines = []
    for phase, commands in phases:
        for command in commands:
            lines += [
                f"echo {shlex.quote(f'{_MARK}{phase} {command}')}",
                command,
                "code=$?; [ $code = 0 ] || exit $code",
            ]
    lines += [f'printf "{_EXPORT}%s=%s\\n" {name} "${name}"' for name in exports]
    return "\n".join(lines)


def _end(log: Path) -> str:
    lines = log.read_text(encoding="utf-8").splitlines()[-_SHOWN:]
    return "\n".join(f"  {line}" for line in lines)
