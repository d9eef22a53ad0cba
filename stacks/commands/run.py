"""``run``: a command in a deployed web application, with its output as it comes and its exit code."""

from __future__ import annotations

import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from time import time
from typing import TYPE_CHECKING
from uuid import uuid4

from stacks.commands.asking import agreed
from stacks.commands.aws import cloud, connected, endpoint
from stacks.commands.common import described, stage
from stacks.deploy.execute import check_account
from stacks.deploy.functions import Command, after_deploy, run_command
from stacks.errors import DeployError, UsageError, nearest
from stacks.naming import log_group_name
from stacks.reporting import done, event

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from stacks.app import Stage
    from stacks.cloud import Cloud
    from stacks.commands.aws import Endpoint
    from stacks.deploy.functions import Functions, Outcome

_LIVE_EVERY = 1.0
"""Seconds between looks into the log of a command that runs."""
_EARLIER = 60_000
"""Milliseconds by which this clock may be ahead of CloudWatch's."""


def run(arguments: Namespace) -> int:
    """Run the words after ``--`` in the application; the exit code is the command's."""
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    if arguments.after_deploy:
        run_after_deploy(chosen, endpoint(arguments))
        done(commands=[{"function": name, "command": text} for name, text in after_deploy(chosen, ())])
        return 0
    _refuse(arguments, chosen)
    words = tuple(arguments.words)
    question = f"Run {shlex.join(words)!r} in {arguments.function} of {chosen.name}, which is protected?"
    if chosen.protected and not agreed(arguments, question):
        print("Nothing was run.", file=sys.stderr)
        return 1
    outcome = _run(arguments.function, words, chosen, endpoint(arguments))
    done(function=arguments.function, exit_code=outcome.exit_code, stopped=outcome.stopped)
    return outcome.exit_code


def run_after_deploy(chosen: Stage, at: Endpoint, deployed: Sequence[str] = ()) -> None:
    """Run the commands of ``after_deploy``, until one fails.

    Raises:
        DeployError: a command failed. The stacks stay as deployed.
    """
    for function, text in after_deploy(chosen, deployed):
        print(f"{function}: {text}", flush=True)
        outcome = _run(function, tuple(shlex.split(text)), chosen, at)
        if outcome.exit_code:
            what = f"'{text}' ended with {outcome.exit_code}, after the stacks were deployed"
            raise DeployError(f"{function}.after_deploy", what, "Correct it, and deploy again or use 'run'")


def _refuse(arguments: Namespace, chosen: Stage) -> None:
    functions = chosen.backend.functions
    if not arguments.function or not arguments.words:
        raise UsageError("run", "needs a function and a command", "Write 'run web -- flask db upgrade'")
    if arguments.function not in functions:
        raise UsageError(f"function {arguments.function!r}", "is not described", nearest(arguments.function, functions))
    if not functions[arguments.function].commands:
        what = f"takes no commands in stage {chosen.name}"
        raise UsageError(f"function {arguments.function!r}", what, "Add 'commands: true' to it, and deploy")


def _run(function: str, words: tuple[str, ...], chosen: Stage, at: Endpoint) -> Outcome:
    """Run a command, printing its output while it comes."""
    from stacks.aws.functions import BotoFunctions  # noqa: PLC0415 - brings boto3

    command = Command(function=function, words=words, id=uuid4().hex[:12])
    functions, aws = connected(BotoFunctions, chosen, at), cloud(chosen, at)
    check_account(aws, chosen.account)
    outcome, shown = _watched(command, chosen, functions, aws)
    lines = outcome.output.splitlines(keepends=True)
    if outcome.cut > shown:
        print(f"({outcome.cut - shown} earlier lines are in the log only.)", file=sys.stderr)
    _show(lines[max(0, shown - outcome.cut) :], command)
    if outcome.stopped:
        limit = chosen.backend.functions[command.function].timeout
        what = f"Stopped after {limit} s, the function's 'timeout'. Raise it (900 s at most), deploy, and try again."
        print(what, file=sys.stderr)
    return outcome


def _show(lines: Sequence[str], command: Command) -> None:
    print("".join(lines), end="", flush=True)
    for line in lines:
        event("output", function=command.function, text=line.rstrip("\n"))


def _watched(command: Command, chosen: Stage, functions: Functions, aws: Cloud) -> tuple[Outcome, int]:
    """The outcome, and how many lines of the output were printed already, out of the log."""
    group, since, shown = log_group_name(command.function, chosen), int(time() * 1000) - _EARLIER, 0
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_command, command, chosen, functions)
        while not wait_for([running], timeout=_LIVE_EVERY).done:
            lines = list(_logged(command, group, chosen, aws, since))
            _show(lines[shown:], command)
            shown = max(shown, len(lines))
    return running.result(), shown


def _logged(command: Command, group: str, chosen: Stage, aws: Cloud, since: int) -> Iterator[str]:
    """The command's lines that are in the log so far; none if the log may not be read."""
    mark = f"stacks-run {command.id} "
    try:
        events = aws.log_events(group, chosen.region, since) or ()
    except DeployError:
        return
    for logged in events:
        if logged.message.startswith(mark):
            yield logged.message.removeprefix(mark).rstrip("\n") + "\n"
