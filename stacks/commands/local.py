"""``local``: a stage on this machine, deployed to the embedded emulator by the same code that deploys to AWS."""

from __future__ import annotations

import gc
import re
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.checks.run import refuse_refused
from stacks.commands.aws import cloud, endpoint_of
from stacks.commands.checking import check_handlers
from stacks.commands.common import described, root, stage
from stacks.commands.local_places import addresses, api_url, note_application, places
from stacks.commands.logs import LogReading, chosen_groups
from stacks.commands.reloading import Reloading, watched
from stacks.commands.run import run_after_deploy
from stacks.commands.secrecy import keep_secret, secrets_of
from stacks.commands.secrets import report_unset
from stacks.deploy.apply import DeployInterrupted
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.errors import LocalError, PackagingError, UsageError
from stacks.invocation import program
from stacks.local.emulator import notices, running, start, stop
from stacks.local.smoke import smoke_test
from stacks.local.watch import PAUSE, snapshot
from stacks.packaging import host_target, package
from stacks.release.code import bundles, code_parameters, packaged_code
from stacks.release.publication import publication
from stacks.rendering import render
from stacks.reporting import answer, done, event
from stacks.stages.stacks import FRONTEND
from stacks.transforms.sam import without_sam
from stacks.ui import Screen, outputs_table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.aws.cloud import BotoCloud
    from stacks.deploy.plan import Plan
    from stacks.local.emulator import Emulator
    from stacks.local.watch import Snapshot

_FUNCTION_URL = re.compile(r"https://([a-z0-9]+)\.lambda-url\.")
_ACCOUNT = "000000000000"
_LOGGED = 20
"""Events of functions that are shown when the application does not answer."""


def run(arguments: Namespace) -> int:
    """Start and stay, start and leave running, stop, or say what runs."""
    home = root(arguments) / ".local"
    if arguments.action == "stop":
        stopped = stop(home)
        print("Stopped." if stopped else "The local AWS was not running.")
        done(stopped=stopped)
        return 0
    if arguments.action == "status":
        return _status(home)
    if arguments.watch and arguments.detach:
        raise UsageError("--watch", "needs this terminal, and --detach gives it back", "Leave one of them out")
    app = described(arguments)
    chosen = stage(app, next(iter(app.stages)) if arguments.stage is None else arguments.stage)
    return 0 if _start(arguments, app, chosen, home) else 1


def _status(home: Path) -> int:
    emulator = running(home)
    answer(
        places(emulator) if emulator else None,
        lambda: addresses(emulator) if emulator else "The local AWS is not running.",
    )
    return 0 if emulator else 1


def _plan(arguments: Namespace, app: App, chosen: Stage, say: Callable[[str], None]) -> Plan:
    """What is to be deployed, with the code packaged. A platform is left out: its stacks are not on this machine."""
    if chosen.base.platform:
        chosen = replace(chosen, base=chosen.base.without_platform())
        app = replace(app, stages={**app.stages, chosen.name: chosen})
    described, folder = render(app, chosen), root(arguments)
    publish = publication(chosen, folder, cognito_endpoint="/_local/cognito/")
    secrets = secrets_of(arguments.app, app)
    keep_secret(secrets, rendered=described, publish=publish)
    # The emulator runs functions with this machine's Python, so their wheels are this machine's.
    artifacts = package(bundles(chosen, folder), root=folder, out=folder / ".build", target=host_target(), say=say)
    keep_secret(secrets, artifacts=artifacts)
    parameters = code_parameters(chosen, described, artifacts)
    rendered = without_sam(described, parameters)
    refuse_refused(rendered)
    return make_plan(rendered, code=packaged_code(parameters, artifacts), publish=publish)


def _start(arguments: Namespace, app: App, chosen: Stage, home: Path) -> bool:
    """Start, deploy, and stay when that is wanted; whether the application answered."""
    seen = snapshot(
        watched(arguments.app, chosen) if arguments.watch else ()
    )  # before the files are read: what changes from here on is seen
    plan = _plan(arguments, app, chosen, print)
    emulator = start(
        region=chosen.region,
        account=chosen.account or _ACCOUNT,
        home=home,
        say=print,
        keep=arguments.keep,
        detached=arguments.detach,
        gateway=arguments.port,
        edge=arguments.edge_port,
    )
    aws = cloud(chosen, endpoint_of(emulator))
    try:
        answers = _deployed(arguments, chosen, plan, emulator, aws)
        if arguments.watch:
            reloading = _reloading(arguments, chosen, aws, plan, seen)
            gc.enable()  # from here on this is not a short-lived process
            print("Changed files are deployed as they are saved.")
            _stay(home, reloading.look)
        elif not arguments.detach:
            _stay(home)
    except DeployInterrupted:
        stop(home)  # unlike AWS, it does not go on
        raise KeyboardInterrupt from None
    except BaseException:
        stop(home)
        raise
    return answers


def _deployed(arguments: Namespace, chosen: Stage, plan: Plan, emulator: Emulator, aws: BotoCloud) -> bool:
    """Deploy, and print where everything is; whether the application answered."""
    with Screen() as screen:
        result = deploy(plan, aws, screen.show, account=chosen.account)
    note_application(emulator, result)
    print(outputs_table(result))
    _print_differences(emulator.home)
    report_unset(chosen, endpoint_of(emulator))
    answers = _asked(arguments, chosen, plan, emulator, result)
    _print_ready(emulator, result, answers=answers)
    _print_function_urls(result, emulator)
    if chosen.data.users:
        print("Codes that Cognito mails are 123456 here, for a new password 654321; no mail is sent.")
    return answers


def _reloading(arguments: Namespace, chosen: Stage, aws: BotoCloud, plan: Plan, seen: Snapshot) -> Reloading:
    """What deploys changed files; ``seen`` are the files as they were before ``plan`` was made."""
    return Reloading(
        file=arguments.app,
        stage=chosen,
        cloud=aws,
        make=lambda changed, its: _plan(arguments, changed, its, _quietly),
        say=_print_line,
        paths=watched(arguments.app, chosen),
        seen=seen,
        looked=seen,
        done=plan,
    )


def _print_ready(emulator: Emulator, result: Mapping[str, Mapping[str, str]], *, answers: bool) -> None:
    print(f"\n{addresses(emulator)}")
    event("ready", **places(emulator), answers=answers, outputs=result)
    done(**places(emulator), answers=answers)


def _asked(
    arguments: Namespace, chosen: Stage, plan: Plan, emulator: Emulator, result: Mapping[str, Mapping[str, str]]
) -> bool:
    """Whether the application answers. Failures are reported with the logs of their functions; the stage keeps running.

    What cannot be imported is imported here, too: that failure has its fix.

    A secret without a value, or a table without its first item, can get there only while it runs.
    """
    run_after_deploy(chosen, endpoint_of(emulator))
    looking = f"{program()} logs --stage {chosen.name} --local"
    try:
        site = emulator.site_url if FRONTEND in result else api_url(emulator, result)
        if site:
            smoke_test(chosen, root(arguments), site.rstrip("/"), fix=f"See '{looking}'", say=print)
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        aws = cloud(chosen, endpoint_of(emulator))
        lines = LogReading(aws, chosen.region, chosen_groups(chosen, None, aws)).next(0, platform=False)
        print("\n".join(["", *lines[-_LOGGED:]]), file=sys.stderr)
        try:
            check_handlers(arguments, chosen, plan.stacks, _quietly)
        except PackagingError as failure:
            print(failure, file=sys.stderr)
        return False
    return True


def _print_differences(home: Path) -> None:
    messages = notices(home)
    if messages:
        print("\nDifferences from AWS:")
    for notice in messages:
        print(f"  {notice.stack}: {notice.logical_id} ({notice.type}) {notice.kind}: {notice.detail}")


def _print_function_urls(result: Mapping[str, Mapping[str, str]], emulator: Emulator) -> None:
    """Where functions with an own address answer: the outputs name them as on AWS."""
    for name, value in sorted(item for values in result.values() for item in values.items()):
        if own := _FUNCTION_URL.match(value):
            print(f"{name} is {emulator.endpoint_url}/_aws/lambda-url/{own[1]}/ here")


def _print_line(line: str) -> None:
    print(line, flush=True)


def _quietly(_: str) -> None:
    return


def _stay(home: Path, look: Callable[[], None] | None = None) -> None:
    """Wait for Ctrl-C, or for the end of the emulator; ``look`` around now and then."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print("Ctrl-C stops it.", flush=True)
        while running(home):
            signal.sigtimedwait([], PAUSE if look else 1)
            if look:
                look()
    except KeyboardInterrupt:
        stop(home)
        print("\nStopped.")
        return
    raise LocalError("the local AWS", "ended by itself", f"Its log is {home / 'log'}")
