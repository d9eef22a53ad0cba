"""Rendered stacks → the files that clients deploy: a template and its parameters for each stack."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from stacks.files import bytes_of, cache_folder, write_atomically
from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from stacks.template.rendered import Rendered


@value
class Written:
    """A template on disk."""

    stage: str
    stack: str
    name: str
    resources: int
    bytes: int
    file: str
    changed: bool


def write(
    stage: str, rendered: Sequence[Rendered], out: Path, parameters: Mapping[str, Mapping[str, str]]
) -> Iterator[Written]:
    """Put each template and its parameter file under ``out/<stage>/``; remove what it wrote of stacks that are gone.

    ``parameters`` (stack → name → value) joins what is known at rendering. A file is removed only when this user's
    last ``write`` to the folder wrote it, and it has not changed since. Raises ``OSError`` as the disk does.
    """
    folder = out / stage
    digests: dict[str, str] = {}
    for stack in rendered:
        file = folder / f"{stack.stack}.yaml"
        body = stack.body.encode()
        values = parameter_file({**stack.parameters, **parameters.get(stack.stack, {})})
        changed = write_atomically(file, body)
        write_atomically(folder / f"{stack.stack}.parameters.json", values)
        digests[file.name], digests[f"{stack.stack}.parameters.json"] = _digest(body), _digest(values)
        yield Written(
            stage=stage,
            stack=stack.stack,
            name=stack.name,
            resources=len(stack.template["Resources"]),
            bytes=len(body),
            file=file.as_posix(),
            changed=changed,
        )
    _remove_stale(folder, digests)


def _remove_stale(folder: Path, written: Mapping[str, str]) -> None:
    """Remove what an earlier ``write`` put into the folder and this one (file → digest) did not."""
    record = cache_folder("written") / f"{_digest(bytes(folder.resolve()))}.json"
    try:
        earlier = json.loads(bytes_of(record))
    except (OSError, ValueError):
        earlier = {}
    for name, digest in earlier.items() if isinstance(earlier, dict) else ():
        file = folder / name
        is_ours = name not in written and file.parent == folder and file.is_file() and not file.is_symlink()
        if is_ours and _digest(bytes_of(file)) == digest:
            file.unlink()
    write_atomically(record, json.dumps(written, indent=2).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def unknown_files(stage: str, rendered: Sequence[Rendered], out: Path) -> list[Path]:
    """Templates under ``out/<stage>/`` that look rendered, as they have a parameter file, and are of no stack."""
    known = {stack.stack for stack in rendered}
    paths = (file for file in sorted((out / stage).glob("*.yaml")) if file.stem not in known)
    return [file for file in paths if file.with_name(f"{file.stem}.parameters.json").is_file()]


def parameter_file(values: Mapping[str, str]) -> bytes:
    """The form that ``aws cloudformation deploy --parameter-overrides file://`` and CodePipeline both read."""
    return (json.dumps({"Parameters": dict(sorted(values.items()))}, indent=2) + "\n").encode()
