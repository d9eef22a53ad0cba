"""Runs a pipeline's steps on this machine: git HEAD is the source, a folder the build machine, an emulator the cloud.

It proves that the build specification finds its files, that its artifacts have the names that the pipeline expects, and
that the template deploys with its parameters. It does not prove the roles' rights, which the emulator does not check.
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, assert_never

from stacks.cloud import ChangeSet, NoChanges, Submission
from stacks.deploy.apply import DeployInterrupted, carry_out, vacate
from stacks.errors import DeployError, UsageError
from stacks.intrinsics.reading import UnreadableError, load
from stacks.pipelines.shell import run_phases
from stacks.pipelines.steps import Approve, Build, Execute, FetchSource, Prepare
from stacks.progress import ChangesFound, NothingChanged
from stacks.template.emit import yaml_text
from stacks.transforms.sam import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from stacks.cloud import Cloud
    from stacks.json_types import JsonDict
    from stacks.pipelines.steps import ActionPlace, PipelineStep
    from stacks.progress import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Where and with what a pipeline runs."""

    repository: Path
    """The git repository, whose HEAD is the source."""
    work: Path
    """An empty folder for artifacts and builds."""
    logs: Path
    """Where the log of each build stays."""
    region: str
    bucket: str | None
    """For templates that are too large to be sent."""
    environment: Mapping[str, str]
    cloud: Cloud
    say: Callable[[str], None]
    watch: Watch


_VARIABLE = re.compile(r"#\{([^}]+)\}")
_LONGEST_SETTING = 1000
"""Characters of a setting of an action, its variables filled in (ActionConfigurationValue).
https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
_Prepared: TypeAlias = "dict[tuple[str, str], tuple[Submission, ChangeSet | NoChanges]]"
"""What was made, by stack and name of the change set."""


def run(name: str, steps: Sequence[PipelineStep], shop: RunContext) -> None:
    """Do the steps of the pipeline ``name``.

    Raises:
        DeployError: naming the pipeline, the stage and the action that failed.
    """
    prepared: _Prepared = {}
    variables: dict[str, str] = {}
    for step in steps:
        where = f"{name}: stage {step.stage}, action {step.action}"
        shop.say(f"{step.stage} · {step.action}")
        match step:
            case FetchSource():
                variables[f"{step.namespace}.CommitId"] = _pack(shop, step.makes, where)
            case Build():
                variables |= _build(shop, step, variables, where)
            case Prepare():
                prepared[step.stack, step.change_set] = _prepare(shop, step, where)
            case Approve():
                shop.say(f"  would wait here for a person, asked: {_filled(step.question, variables, where)}")
            case Execute():
                _execute(shop, step, prepared, where)
            case _:
                assert_never(step)


def _filled(setting: str, variables: Mapping[str, str], where: str) -> str:
    """A setting with its variables filled in, within CodePipeline's limit."""
    missing = [name for name in _VARIABLE.findall(setting) if not variables.get(name)]
    if missing:
        what = f"it reads the variable {missing[0]}, which no action before it makes"
        raise DeployError(where, what, "Export it in the build specification")
    output = _VARIABLE.sub(lambda match: variables[match[1]], setting)
    if len(output) > _LONGEST_SETTING:
        what = f"its setting has {len(output)} characters, {_LONGEST_SETTING} are allowed"
        raise DeployError(where, what, "Export a shorter text in the build specification")
    return output


def _pack(shop: RunContext, artifact: str, where: str) -> str:
    """Export the committed state without its history, as a connection does. Uncommitted files are left out.

    Returns the commit.
    """
    _git(shop, where, "archive", "--format=zip", f"--output={_zip(shop, artifact)}", "HEAD")
    return _git(shop, where, "rev-parse", "HEAD").strip()


def _git(shop: RunContext, where: str, *words: str) -> str:
    command = ["git", *words]
    try:
        done = subprocess.run(command, cwd=shop.repository, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UsageError(where, "git is not on the PATH", "Install git") from None
    if done.returncode:
        what = f"git HEAD cannot be packed: {done.stderr.strip()}"
        raise UsageError(where, what, "Run it in a git repository with at least one commit")
    return done.stdout


def _zip(shop: RunContext, artifact: str) -> Path:
    return shop.work / f"{artifact}.zip"


def _build(shop: RunContext, step: Build, variables: Mapping[str, str], where: str) -> dict[str, str]:
    """Run a project; return its variables."""
    folder = shop.work / step.project
    with zipfile.ZipFile(_zip(shop, step.takes)) as packed:
        packed.extractall(folder)
    log = shop.logs / f"{step.project}.log"
    variables_of_step = {name: _filled(value, variables, where) for name, value in step.variables.items()}
    environment = {**shop.environment, **variables_of_step}
    exported = run_phases(
        where, step.phases, folder=folder, environment=environment, exports=step.exports, log=log, say=shop.say
    )
    for artifact, patterns in step.makes.items():
        _hand_on(shop, artifact, patterns, folder, where)
    return {f"{step.namespace}.{name}": text for name, text in exported.items()}


def _hand_on(shop: RunContext, artifact: str, patterns: Sequence[str], folder: Path, where: str) -> None:
    missing = [pattern for pattern in patterns if not any(folder.glob(pattern))]
    if missing:
        what = f"the build made no {', '.join(missing)}"
        raise DeployError(where, what, "Correct 'artifacts' of the build specification, or the commands")
    with zipfile.ZipFile(_zip(shop, artifact), "w") as packed:
        for pattern in patterns:
            for file in sorted(folder.glob(pattern)):
                packed.write(file, file.relative_to(folder).as_posix())


def _read(shop: RunContext, place: ActionPlace, where: str) -> str:
    artifact, path = place
    try:
        with zipfile.ZipFile(_zip(shop, artifact)) as packed:
            return packed.read(path).decode()
    except (FileNotFoundError, KeyError):
        what = f"artifact {artifact} has no {path}"
        raise DeployError(where, what, "Add it to 'artifacts' of the build specification") from None


def _prepare(shop: RunContext, step: Prepare, where: str) -> tuple[Submission, ChangeSet | NoChanges]:
    body = _read(shop, step.template, where)
    parameters = json.loads(_read(shop, step.configuration, where))["Parameters"]
    template = _long_form(body, where)
    with _located(where):
        region = step.region or shop.region
        if "Transform" in template:
            template, body = _transformed(template, parameters, region, where)
        state = vacate(step.stack, shop.cloud.stack(step.stack, region), shop.cloud, shop.watch)
        submission = Submission(
            name=step.stack,
            region=region,
            template=template,
            body=body,
            parameters=parameters,
            creates=state is None,
            bucket=shop.bucket,
        )
        prepared = shop.cloud.prepare(submission)
    if isinstance(prepared, ChangeSet):
        shop.watch(ChangesFound(stack=step.stack, change_set=prepared))
    return submission, prepared


def _transformed(template: JsonDict, parameters: Mapping[str, str], region: str, where: str) -> tuple[JsonDict, str]:
    """The template after SAM's transform, which the local AWS lacks."""
    result = dict(translated(template, parameters=parameters, region=region, where=where))
    return result, yaml_text(result)


def _long_form(body: str, where: str) -> JsonDict:
    try:
        template = load(body)
    except UnreadableError as error:
        what = f"what the build made is not a template: {error}"
        raise DeployError(where, what, "Correct the commands that made it") from None
    if not isinstance(template, dict):
        raise DeployError(where, "what the build made is not a template", "Correct the commands that made it")
    return template


def _execute(shop: RunContext, step: Execute, prepared: _Prepared, where: str) -> None:
    if (step.stack, step.change_set) not in prepared:
        what = f"nothing made the change set {step.change_set} of {step.stack}"
        raise DeployError(where, what, "Make it in an action before this one")
    submission, change_set = prepared[step.stack, step.change_set]
    if isinstance(change_set, NoChanges):
        shop.watch(NothingChanged(stack=step.stack))
        return
    with _located(where):
        carry_out(step.stack, submission, change_set, shop.cloud, shop.watch)


@contextmanager
def _located(where: str) -> Iterator[None]:
    """Say of a refusal in which action it happened."""
    try:
        yield
    except DeployInterrupted:
        raise
    except DeployError as error:
        first = error.problems[0]
        raise DeployError(where, f"{first.where}: {first.what}", first.fix) from error
