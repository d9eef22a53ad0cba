"""What the steps of an acceptance run work with: a copy of the example, its commands, the AWS CLI, and boto3."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import yaml

from stacks import load, naming, render
from stacks.stages.stacks import stack_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks import App, Rendered, Stage

ROOT = Path(__file__).parents[2]
PARTS = ("app.yaml", "build.py", "lambda_src", "site")
"""What the example consists of."""
_SHOWN = 600
"""Characters of a failed command's output that a report shows."""
_GRACE = 60
"""Seconds that an interrupted command gets to end by itself."""


class StepFailed(Exception):  # noqa: N818 - it says what happened to the step
    """A step did not see what it expects."""


class StepSkipped(Exception):  # noqa: N818 - as above
    """A step cannot be done here; the reason is its text."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One run: the folder of the copied example, the stage, and where AWS is."""

    folder: Path
    stage_name: str
    local: bool
    variables: Mapping[str, str]
    """Environment variables with credentials, region and, for the local AWS, the endpoint."""
    site_url: str | None = None
    """Where the local AWS serves the site; on AWS the output SiteUrl says it."""

    @property
    def app(self) -> App:
        """The application as the copy describes it now."""
        return load(self.folder / "app.yaml")

    @property
    def stage(self) -> Stage:
        """The stage as the copy describes it now."""
        return self.app.stages[self.stage_name]

    @cached_property
    def prefix(self) -> str:
        """``notes-dev``: what every name of the stage starts with."""
        app = self.app
        return naming.prefix(app.stages[self.stage_name])

    def report(self, text: str) -> None:
        """Print a line while a step goes on."""
        print(text, flush=True)  # noqa: T201 - for the person at the terminal

    def rendered(self) -> tuple[Rendered, ...]:
        """The stacks in the order they are deployed."""
        return render(self.app, self.stage)

    def build(self, *words: str, ok: tuple[int, ...] = (0,)) -> str:
        """What ``python build.py WORDS`` prints. Raises ``StepFailed`` for other exit codes than ``ok``."""
        return self._run([sys.executable, "build.py", *words], ok)

    def aws(self, *words: str, region: str, ok: tuple[int, ...] = (0,)) -> str:
        """What ``aws WORDS`` prints. Raises ``StepFailed`` for other exit codes than ``ok``."""
        program = Path(sys.executable).with_name("aws")
        return self._run([sys.executable, str(program), "--region", region, *words], ok)

    def _run(self, command: list[str], ok: tuple[int, ...]) -> str:
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**own, "PYTHONPATH": str(ROOT), **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C reaches this process only, which ends the command as below
        )
        try:
            output, errors = process.communicate()
        except BaseException:
            _ended(process)
            raise
        if process.returncode not in ok:
            words = " ".join(Path(word).name if word.startswith("/") else word for word in command[1:6])
            raise StepFailed(f"'{words} …' exited with {process.returncode}: {(output + errors)[-_SHOWN:]}")
        return output

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client of the account."""
        session: Any = boto3.session.Session(
            aws_access_key_id=self.variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.variables.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=self.variables.get("AWS_SESSION_TOKEN"),
            region_name=region or self.stage.region,
        )
        return session.client(service, endpoint_url=self.variables.get("AWS_ENDPOINT_URL"))

    def outputs(self, stack: str) -> dict[str, str]:
        """The outputs of a deployed stack."""
        region = stack_at(stack, self.stage).region
        (result,) = self.client("cloudformation", region).describe_stacks(StackName=f"{self.prefix}-{stack}")["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in result.get("Outputs", ())}

    def parameters(self, stack: str) -> dict[str, str]:
        """The values of the stack's parameter file."""
        file = self.folder / "templates_out" / self.stage_name / f"{stack}.parameters.json"
        result: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))["Parameters"]
        return result

    def describe(self, change: Mapping[str, Any]) -> None:
        """Merge ``change`` into the copy's description; None removes a key."""
        file = self.folder / "app.yaml"
        described = yaml.safe_load(file.read_text(encoding="utf-8"))
        file.write_text(yaml.safe_dump(_merged(described, change), sort_keys=False), encoding="utf-8")

    def edit(self, path: str, pattern: str, replacement: str) -> None:
        """Replace what ``pattern`` matches in a file of the copy. Raises ``StepFailed`` when nothing matches."""
        file = self.folder / path
        text, count = re.subn(pattern, replacement, file.read_text(encoding="utf-8"))
        if not count:
            raise StepFailed(f"{path} has nothing that matches {pattern}")
        file.write_text(text, encoding="utf-8")


def _ended(process: subprocess.Popen[str]) -> None:
    """End a command gently: on SIGTERM, ``deploy`` releases its lock."""
    process.terminate()
    try:
        process.communicate(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _merged(value: Any, change: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    kept = {key: item for key, item in value.items() if key not in change}
    return {**kept, **{key: _merged(value.get(key), item) for key, item in change.items() if item is not None}}
