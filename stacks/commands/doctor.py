"""``doctor``: machine, description, credentials and stages → ok, or a problem and its fix. Reads only."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal

from stacks import naming
from stacks.commands.aws import cloud, connected, endpoint
from stacks.commands.common import described, root, stages
from stacks.domains.name_servers import published
from stacks.domains.readiness import domain_checks, own_domains
from stacks.errors import DescriptionError, StacksError, counted
from stacks.invocation import program
from stacks.local.emulator import running
from stacks.local.environment import directory, emulator
from stacks.pipelines.installing import lock_in
from stacks.printable import printable
from stacks.rendering import render
from stacks.reporting import done, event
from stacks.stages.stacks import BASE
from stacks.ui import console, is_interactive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.aws.cloud import BotoCloud
    from stacks.cloud import Cloud
    from stacks.commands.aws import Endpoint

State = Literal["ok", "note", "problem"]
_PYTHON = (3, 11)
_NODE = 18
_PACKAGES = ("serverless-stacks", "troposphere", "cfn-lint", "boto3", "pydantic", "uv")
_SIGNS: dict[State, str] = {"ok": "ok", "note": "note", "problem": "PROBLEM"}
_STYLES: dict[State, str] = {"ok": "green", "note": "yellow", "problem": "bold red"}
_STUCK = re.compile(r".*_FAILED|ROLLBACK_COMPLETE|REVIEW_IN_PROGRESS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at, and how it is; ``fix`` says what to do about a problem."""

    what: str
    state: State
    detail: str
    fix: str = ""


def run(arguments: Namespace) -> int:
    """Check everything, print each result as it is known; 1 when there is a problem."""
    checks: list[Check] = []
    for check in _checks(arguments):
        checks.append(check)
        event("check", **asdict(check))
        _show(check)
    problems = sum(check.state == "problem" for check in checks)
    print(f"\n{len(checks)} checks, {counted(problems, 'problem') if problems else 'no problems'}")
    done(checks=len(checks), problems=problems)
    return 1 if problems else 0


def _checks(arguments: Namespace) -> Iterator[Check]:
    yield from machine(sys.version_info[:3], _node_version())
    yield from _emulator(arguments)
    try:
        app = described(arguments)
        chosen = stages(app, arguments.stage)
    except DescriptionError as error:
        yield Check(
            what="description",
            state="problem",
            detail=str(error).removesuffix("."),
            fix="Correct it, then run doctor again",
        )
        return
    yield Check(what="description", state="ok", detail=f"{arguments.app}: {app.name}, stages {', '.join(app.stages)}")
    if any((stage.base.pipelines or stage.base.ci) for stage in app.stages.values()):
        yield lock_check(root(arguments))
    if arguments.offline:
        return
    at = endpoint(arguments)
    for stage in chosen:
        yield from _stage(app, stage, at)


def lock_check(folder: Path) -> Check:
    """Whether builds of the project in a folder install from a lock."""
    lock = lock_in(folder)
    fix = "" if lock else "Run 'uv lock', so that builds install what was tested"
    return Check(what="lock", state="ok" if lock else "note", detail=lock or "none that builds install from", fix=fix)


def machine(python: tuple[int, ...], node: str | None) -> Iterator[Check]:
    """What this machine has: versions of Python, of node (``None``: missing) and of the packages."""
    shown = ".".join(map(str, python))
    old = python[:2] < _PYTHON
    yield Check(
        what="Python", state="problem" if old else "ok", detail=shown, fix="Install Python 3.11 or newer" if old else ""
    )
    install = "Install Node.js 18 or newer (https://nodejs.org)"
    number = re.match(r"v?(\d+)", node or "")
    if number is None:
        yield Check(what="node", state="problem", detail="not on the PATH; 'local' and 'routes' need it", fix=install)
    else:
        old = int(number[1]) < _NODE
        yield Check(what="node", state="problem" if old else "ok", detail=str(node), fix=install if old else "")
    yield Check(what="packages", state="ok", detail=", ".join(f"{name} {_version(name)}" for name in _PACKAGES))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _node_version() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _emulator(arguments: Namespace) -> Iterator[Check]:
    fetched = directory(os.environ).is_dir()
    yield Check(what="emulator", state="ok", detail=f"{emulator()}, {'ready' if fetched else 'fetched on first use'}")
    run = running(root(arguments) / ".local")
    if run:
        detail = f"running at {run.site_url}/"
        yield Check(what="local AWS", state="note", detail=detail, fix=f"'{program()} local stop' ends it")


def _stage(app: App, stage: Stage, at: Endpoint) -> Iterator[Check]:
    """The account and what is in it; without credentials, nothing more can be said of the stage."""
    target = cloud(stage, at)
    try:
        account, caller = target.account(), target.caller()
    except StacksError as error:
        fix = "Sign in ('aws sso login' or 'aws configure'), or pass --offline"
        yield Check(what=f"{stage.name}: credentials", state="problem", detail=_first(error), fix=fix)
        return
    yield account_check(stage, account, caller)
    for part in (partial(_stacks, app), _domains, _connection):
        try:
            yield from part(stage, at, target)
        except StacksError as error:
            (problem, *_) = error.problems
            yield Check(what=f"{stage.name}: {problem.where}", state="problem", detail=problem.what, fix=problem.fix)


def account_check(stage: Stage, account: str, caller: str) -> Check:
    """Whether the credentials are of the stage's account."""
    what, detail = f"{stage.name}: account", f"{account} as {caller}, region {stage.region}"
    if stage.account is None:
        fix = f"Add 'account: \"{account}\"' to stage {stage.name}, so that no other account gets it"
        return Check(what=what, state="note", detail=f"{detail}; the stage does not name its account", fix=fix)
    if stage.account != account:
        fix = f"Use credentials of account {stage.account} (AWS_PROFILE)"
        return Check(what=what, state="problem", detail=f"{detail}; the stage belongs to {stage.account}", fix=fix)
    return Check(what=what, state="ok", detail=detail)


def _stacks(app: App, stage: Stage, _: Endpoint, target: BotoCloud) -> Iterator[Check]:
    return stack_checks(app, stage, target)


def stack_checks(app: App, stage: Stage, target: Cloud) -> Iterator[Check]:
    """How many stacks are deployed, and those that a failed operation left behind."""
    states = [
        (rendered_stack, target.stack(rendered_stack.name, rendered_stack.region))
        for rendered_stack in render(app, stage)
    ]
    deployed = sum(state is not None for _, state in states)
    yield Check(what=f"{stage.name}: stacks", state="ok", detail=f"{deployed} of {len(states)} deployed")
    for stack, state in states:
        if state and _STUCK.fullmatch(state.status):
            fix = f"Run '{program()} deploy {stack.stack} --stage {stage.name}', or see the events in the console"
            what, detail = f"{stage.name}: {stack.stack}", f"{stack.name} is {state.status}"
            yield Check(what=what, state="problem", detail=detail, fix=fix)


def _domains(stage: Stage, at: Endpoint, __: BotoCloud) -> Iterator[Check]:
    from stacks.aws.zones import BotoZones  # noqa: PLC0415 - brings boto3

    zones = connected(BotoZones, stage, at)
    for domain in own_domains(stage):
        for check in domain_checks(domain, zones, published):
            fix = f"See '{program()} domain status --stage {stage.name}'" if check.bad else ""
            state: State = "problem" if check.bad else "ok"
            yield Check(what=f"{stage.name}: {check.name} {check.what}", state=state, detail=check.detail, fix=fix)


def _connection(stage: Stage, at: Endpoint, _: BotoCloud) -> Iterator[Check]:
    if stage.base.pipelines is None or stage.base.pipelines.source == "codecommit":
        return
    from stacks.aws.pipelines import PipelineCloud  # noqa: PLC0415 - brings boto3

    waiting = connected(PipelineCloud, stage, at).waiting_connection(naming.stack_name(stage, BASE), stage)
    fix = "Complete it once in the console: Developer Tools, Settings, Connections" if waiting else ""
    detail = f"{waiting} is pending" if waiting else "complete"
    yield Check(what=f"{stage.name}: connection", state="problem" if waiting else "ok", detail=detail, fix=fix)


def _first(error: StacksError) -> str:
    return error.problems[0].what


def _show(check: Check) -> None:
    sign = f"{_SIGNS[check.state]:<7}"
    line = f"{check.what:<24}  {check.detail}{f'. {check.fix}.' if check.fix else ''}"
    if not is_interactive(sys.stdout, os.environ):
        print(f"{sign}  {line}", flush=True)
        return
    from rich.table import Table  # noqa: PLC0415 - only a person needs it
    from rich.text import Text  # noqa: PLC0415

    row = Table.grid(padding=(0, 2))
    for width in (7, 24, None):
        row.add_column(width=width, ratio=None if width else 1)
    detail = Text.assemble(printable(check.detail), (printable(f"\n→ {check.fix}") if check.fix else "", "dim"))
    row.add_row(Text(sign, _STYLES[check.state]), Text(printable(check.what)), detail)
    console(sys.stdout).print(row, soft_wrap=False)
