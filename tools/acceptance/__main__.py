"""``python -m tools.acceptance --stage S``: prove on an AWS account what this project promises.

It deploys the example from nothing with the derived rights alone, changes one thing of each kind, rolls a failed update
back, removes everything, looks for leftovers, writes a dated report and fills the columns of ARCHITECTURE.md's table of
promises. It asks before anything costs money and refuses a stage of which anything exists already. When it is
interrupted (Ctrl-C, SIGTERM, SIGHUP), it removes what it made and lists what is left.

``--local`` does the same on the local AWS, which needs no account; what that cannot do is skipped by name.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.commands.signals import interruptible
from stacks.errors import StacksError
from tools.acceptance.ending import clean_up, destroy
from tools.acceptance.leftovers import leftovers
from tools.acceptance.proof import filled
from tools.acceptance.report import Report, Result, as_json, as_markdown
from tools.acceptance.session import PARTS, ROOT, Session, StepFailed, StepSkipped
from tools.acceptance.steps import STEPS, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.acceptance.report import Outcome

COST = (
    "About 1 USD: a web ACL, CloudFront, KMS keys and logs for about an hour (prices of us-east-1, November 2026). "
    "What cannot be removed at once (keys in their waiting period) is listed in the report."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run; 0 when every step passed or was skipped, 1 when one failed, 2 for a wrong command line."""
    arguments = _arguments(argv)
    if not arguments.local and not arguments.yes:
        print(f"This deploys stage {arguments.stage!r} of the example to your AWS account, and removes it again.")
        print(COST)
        if input("Type the name of the stage to go on: ").strip() != arguments.stage:
            print("Nothing was done.")
            return 1
    with interruptible(), tempfile.TemporaryDirectory(prefix="acceptance-") as folder:
        copied(Path(folder))
        try:
            with _session(Path(folder), arguments) as session:
                report = run(session)
        except StacksError as error:
            print(error, file=sys.stderr)
            return error.exit_code
        except KeyboardInterrupt:
            print("Interrupted; no report was written.", file=sys.stderr)
            return 130
    write(report, arguments.report, arguments.table)
    return int(report.failed)


def write(report: Report, file: Path, table: Path) -> None:
    """Write the report as Markdown and JSON, and fill the run's column of the table of promises."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_markdown(report), encoding="utf-8")
    file.with_suffix(".json").write_text(as_json(report), encoding="utf-8")
    table.write_text(filled(table.read_text(encoding="utf-8"), report), encoding="utf-8")
    print(f"Report: {file}. Promises: {table}.")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.acceptance", description=__doc__.partition("\n")[0])
    parser.add_argument("--stage", default="dev", help="a stage of the example's app.yaml; default: dev")
    parser.add_argument("--local", action="store_true", help="run on the local AWS")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--report", type=Path, default=ROOT / "docs/acceptance.md", help="default: docs/acceptance.md")
    parser.add_argument(
        "--table", type=Path, default=ROOT / "ARCHITECTURE.md", help="page with the promises; default: ARCHITECTURE.md"
    )
    return parser.parse_args(argv)


def copied(folder: Path) -> None:
    """Copy the example into ``folder``, which the run may change."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / part)


@contextlib.contextmanager
def _session(folder: Path, arguments: argparse.Namespace) -> Iterator[Session]:
    if not arguments.local:
        own = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        yield Session(folder=folder, stage_name=arguments.stage, local=False, variables=own)
        return
    from stacks import load  # noqa: PLC0415 - the local AWS is one way of two
    from stacks.local.emulator import local_aws  # noqa: PLC0415

    region = load(folder / "app.yaml").stages[arguments.stage].region
    with local_aws(region=region, account="000000000000", home=folder / ".local") as emulator:
        key, secret = emulator.credentials
        variables = {
            "AWS_ENDPOINT_URL": emulator.endpoint_url,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": region,
        }
        site = emulator.site_url
        yield Session(folder=folder, stage_name=arguments.stage, local=True, variables=variables, site_url=site)


def run(session: Session) -> Report:
    """Every step, and what is left after the last.

    Raises:
        StacksError: something of the stage exists already; nothing was done.
    """
    if existing := [leftover.resource for leftover in leftovers(session) if "AWS::IAM::Role" not in leftover.resource]:
        what = f"exists already: {', '.join(existing)}"
        raise StacksError(session.prefix, what, "Choose a stage of its own: a run removes everything of its stage")
    results: list[Result] = []
    try:
        for step in STEPS:
            results.append(_done(step, session, results))
            print(f"{results[-1].outcome:8} {step.name}: {results[-1].detail}", flush=True)
    except KeyboardInterrupt:
        for line in clean_up(session):
            print(line, file=sys.stderr, flush=True)
        raise
    return Report(
        date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        local=session.local,
        region=session.stage.region,
        version=version("serverless-stacks"),
        commit=_commit(),
        results=results,
        leftovers=leftovers(session),
    )


def _commit() -> str:
    """The commit of the project, marked with ``+`` when the tree differs from it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
        return done.stdout.strip()

    commit = git("rev-parse", "--short", "HEAD") or "unknown commit"
    return f"{commit}+" if git("status", "--porcelain", "--untracked-files=no") else commit


def _done(step: Step, session: Session, before: Sequence[Result]) -> Result:
    blocking = {entry.name for entry in STEPS if entry.needed}
    failed = next((result.step for result in before if result.outcome == "failed" and result.step in blocking), None)
    if failed and step.run is not destroy:
        return Result(step=step.name, promises=step.promises, outcome="skipped", detail=f"'{failed}' failed")
    start = time.monotonic()
    outcome: Outcome = "passed"
    try:
        detail = step.run(session)
    except StepSkipped as reason:
        outcome, detail = "skipped", str(reason)
    except (StepFailed, StacksError) as error:
        outcome, detail = "failed", str(error)
    took = time.monotonic() - start
    return Result(step=step.name, promises=step.promises, outcome=outcome, detail=detail, seconds=took)


if __name__ == "__main__":
    raise SystemExit(main())
