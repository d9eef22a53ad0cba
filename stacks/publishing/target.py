"""A ``Publish`` step and the outputs of deployed stacks → where its files go, and what they are. Reads the disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.errors import DeployError, Problem
from stacks.parts.frontend.edge_program import ROUTES
from stacks.progress import InlineBlocked
from stacks.publishing.inline import blocked_in
from stacks.publishing.notes import notes
from stacks.publishing.reach import lost
from stacks.publishing.routing import parsed
from stacks.publishing.sites import SiteObject, generated_file, read_folder
from stacks.wiring import Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.progress import Watch
    from stacks.publishing.publish import PublishPlan
    from stacks.publishing.reach import Reach
    from stacks.publishing.routing import Routing
    from stacks.publishing.step import JsonFile, Publish

    Outputs = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTarget:
    """Where static files go, and the ones the deployer makes itself."""

    bucket: str
    distribution: str | None
    generated: tuple[SiteObject, ...]


def target_of(step: Publish, outputs: Outputs) -> PublishTarget:
    """Find the target in ``outputs`` (stack key → output → value).

    Raises ``DeployError`` when a stack that is read from does not exist.
    """
    return PublishTarget(
        bucket=_value(step.bucket, outputs),
        distribution=_value(step.distribution, outputs) if step.distribution else None,
        generated=tuple(generated_file(file.key, _json(file, outputs)) for file in step.generated),
    )


def files_of(step: Publish) -> tuple[SiteObject, ...]:
    """Read the folders of a step.

    Raises ``DeployError`` as ``read_folder`` does, for two files with one key, for error pages that do not exist, and
    for files whose address leads elsewhere.
    """
    files: dict[str, SiteObject] = {}
    for file in (file for folder in step.folders for file in read_folder(folder)):
        other = files.setdefault(file.key, file)
        if other is not file:
            raise DeployError(str(file.body), f"{other.body!s} is published as {file.key}, too", "Rename or remove one")
    fix = "Add it, or correct the path"
    missing = {code: f"no file is published as {key}" for code, key in step.errors.items() if key not in files}
    if problems := tuple(
        Problem(where=f"frontend.errors.{code}", what=what, fix=fix) for code, what in missing.items()
    ):
        raise DeployError.of(problems)
    if step.reach and step.routing and (problems := tuple(_unreachable(files, step.reach, step.routing))):
        raise DeployError.of(problems)
    return tuple(files.values())


def _unreachable(files: Mapping[str, SiteObject], reach: Reach, routing: Routing) -> Iterator[Problem]:
    for entry in lost(files, reach, routing):
        fix = "Give such files an ending, or a folder without pages" if entry.is_router else "Move or rename the file"
        what = f"its address /{entry.key} is answered by {entry.answers}, so it could not be requested"
        yield Problem(where=str(files[entry.key].body), what=what, fix=fix)


def refuse_unrouted(step: Publish, files: Sequence[SiteObject], deployed: Mapping[str, str]) -> None:
    """Compare the files with the router that is deployed; ``deployed`` are the parameters of its stack.

    Raises ``DeployError`` for files that it does not lead to: only deploying the stack updates its router.
    """
    if step.reach is None:
        return
    keys = [file.key for file in files]
    problems = tuple(
        Problem(
            where=entry.key,
            what=f"the deployed router answers its address with {entry.answers}",
            fix=f"Run 'deploy {step.stack}', which updates the router",
        )
        for entry in lost(keys, step.reach, parsed(deployed.get(ROUTES, "")))
    )
    if problems:
        raise DeployError.of(problems)


def together(site_objects: Sequence[SiteObject], generated: Sequence[SiteObject]) -> tuple[SiteObject, ...]:
    """Files of folders and generated ones; of two with one key, the generated one (``notes`` reports it)."""
    keys = {file.key for file in generated}
    return (*(file for file in site_objects if file.key not in keys), *generated)


def report_site(plan: PublishPlan, step: Publish, watch: Watch) -> None:
    """Report how the site is addressed, files without an effect, and what of the new pages their policy stops."""
    if plan.is_empty:
        return
    for note in notes(step, {*plan.unchanged, *(file.key for file in plan.puts)}):
        watch(note)
    reported: set[tuple[str, str]] = set()
    for file in plan.puts:
        if not (isinstance(file, SiteObject) and isinstance(file.body, Path) and step.policy):
            continue
        for inline in blocked_in(file.key, file.body, step.policy):
            if (inline.directive, inline.source) not in reported:
                reported.add((inline.directive, inline.source))
                watch(InlineBlocked(key=file.key, inline=inline))


def _json(file: JsonFile, outputs: Outputs) -> bytes:
    values = {name: _value(value, outputs) if isinstance(value, Output) else value for name, value in file.values}
    return json.dumps(values, indent=2, sort_keys=True).encode() + b"\n"


def _value(output: Output, outputs: Outputs) -> str:
    result = outputs.get(output.stack, {}).get(output.name)
    if result is None:
        raise DeployError(
            output.stack, f"the deployed stack has no output {output.name}", f"Deploy {output.stack} first"
        )
    return result
