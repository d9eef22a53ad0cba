"""Static files and what is published → the files that a deployment would add, change and remove. Reads only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.forecast.change import Change
from stacks.publishing.publish import current_release, outdated, plan_publish
from stacks.publishing.target import files_of, target_of, together
from stacks.wiring import Output

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from stacks.cloud import ChangeAction, Cloud
    from stacks.publishing.step import JsonFile, Publish
    from stacks.publishing.target import Outputs


def foresee_files(
    step: Publish, outputs: Outputs, moving: Mapping[str, Collection[str]], cloud: Cloud
) -> tuple[Change, ...]:
    """What publishing would change, in the words of a stack's forecast, by key.

    ``outputs`` are those of the deployed stacks; ``moving`` are the names of outputs, by stack, that the same
    deployment adds or changes before it publishes: files that hold them change, whatever they hold now.
    Raises ``DeployError`` as reading the folders and the bucket does.
    """
    local = files_of(step)
    later = {file.key: stack for file in step.generated if (stack := _unknown(file, outputs, moving))}
    if step.bucket.name not in outputs.get(step.bucket.stack, {}):
        keys = {file.key for file in local} | {file.key for file in step.generated}
        return tuple(_change(key, "add", later.get(key)) for key in sorted(keys))
    now = replace(step, generated=tuple(file for file in step.generated if file.key not in later))
    target = target_of(now, outputs)
    listed = cloud.objects(target.bucket)
    existing = {stored.key for stored in listed}
    wanted = [file for file in together(local, target.generated) if file.key not in later]
    plan = plan_publish(wanted, listed, current_release(cloud, target.bucket, listed))
    _, old = outdated(plan, listed, cloud, bucket=target.bucket)
    actions: dict[str, ChangeAction] = {key: "remove" for key in (*plan.removed, *old) if key not in later}
    actions |= {key: "change" if key in existing else "add" for key in (*(file.key for file in plan.puts), *later)}
    return tuple(_change(key, actions[key], later.get(key)) for key in sorted(actions))


def _unknown(file: JsonFile, outputs: Outputs, moving: Mapping[str, Collection[str]]) -> str | None:
    """The stack whose outputs a file holds that are not known yet."""
    for read in _reads(file):
        if read.name in moving.get(read.stack, ()) or read.name not in outputs.get(read.stack, {}):
            return read.stack
    return None


def _reads(file: JsonFile) -> Iterator[Output]:
    yield from (value for _, value in file.values if isinstance(value, Output))


def _change(key: str, action: ChangeAction, stack: str | None) -> Change:
    notes = (f"what it holds is known once {stack} is deployed",) if stack else ()
    return Change(section="Files", name=key, action=action, notes=notes)
