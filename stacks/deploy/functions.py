"""Calls of deployed functions, and commands in deployed web applications: a protocol and its values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stacks import naming
from stacks.errors import DeployError
from stacks.stages.stacks import BACKEND, stack_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.app import Stage
    from stacks.json_types import JsonDict


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionResult:
    """What a function returned as JSON text; ``failed`` if it raised or was stopped. ``log`` is the end of its log."""

    payload: str
    failed: bool = False
    log: str = ""


class Functions(Protocol):
    """Lambda functions that can be called."""

    def invoke(self, function: str, region: str, payload: str, *, alias: str | None = None) -> FunctionResult:
        """Call a function and wait for it, 15 minutes at most; never twice. Raises ``DeployError``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command for the web application ``function``; its lines in the log bear ``id``."""

    function: str
    words: tuple[str, ...]
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended: its exit code, its output, and how many lines were left out at the output's start."""

    exit_code: int
    output: str
    cut: int = 0
    stopped: bool = False


def run_command(command: Command, stage: Stage, functions: Functions) -> Outcome:
    """Run a command in the deployed application.

    Raises:
        DeployError: it could not be started, or the function's time ended without an answer.
    """
    event = {"stacks_command": {"words": command.words, "id": command.id}}
    name = f"{naming.prefix(stage)}-{command.function}"
    answer = functions.invoke(name, stage.region, json.dumps(event), alias=naming.COMMANDS_ALIAS)
    result = _read(answer)
    if answer.failed or "exit_code" not in result:
        what = str(result.get("errorMessage") or answer.payload)[:500].rstrip(".")
        raise DeployError(f"{name}:{naming.COMMANDS_ALIAS}", what, "See its log with 'logs', and deploy again")
    return Outcome(**{key: result[key] for key in ("exit_code", "output", "cut", "stopped") if key in result})


def after_deploy(stage: Stage, deployed: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Function and command, in order, of what is to run once ``deployed`` stacks (all when empty) are up."""
    if deployed and not any(stack_at(key, stage).section == BACKEND for key in deployed):
        return ()
    functions = stage.backend.functions.items()
    return tuple((name, command) for name, function in functions for command in function.after_deploy)


def _read(answer: FunctionResult) -> JsonDict:
    try:
        loads = json.loads(answer.payload)
    except ValueError:
        return {}
    return loads if isinstance(loads, dict) else {}
