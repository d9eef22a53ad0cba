"""``rendered``: the stacks of a stage, taken from this user's cache where nothing that they depend on has changed.

Rendering is a function of the application, of this library and of the packages it builds on, so the record of a stage
has a digest of these three with what was rendered: plain JSON. Reading and judging the description, its files and the
output are not part of it; they are done each time. Not kept are stages that run Python or templates of the project,
which may read anything, and descriptions with values of the environment, which may be secrets.

It saves half of an unchanged ``render`` (``benchmarks/render.py``).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.files import bytes_of, cache_folder, text_of, write_private
from stacks.package_data import installed
from stacks.template.rendered import Rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Stage

_LISTS = {"needs", "macros"}
"""Fields of ``Rendered`` that JSON has as lists."""


def rendered(app: App, stage: Stage, description: Path) -> tuple[Rendered, ...]:
    """What ``render`` makes of a stage; ``description`` is the file that ``app`` was read from.

    Raises:
        StacksError: as ``render`` does.
    """
    if stage.extend or stage.stacks or stage.backend.template or "${env:" in text_of(description):
        return _rendered_again(app, stage)
    record = cache_folder("rendered") / f"{_digest([str(description.resolve()), stage.name])}.json"
    key = _digest([stage.name, repr(app), *code_of(Path(__file__).parents[1]), sys.version, *installed()])
    if (kept := _kept(record, key)) is not None:
        return kept
    stacks = _rendered_again(app, stage)
    values = [{field.name: getattr(stack, field.name) for field in fields(stack)} for stack in stacks]
    with suppress(OSError):  # a disk that takes nothing costs time, not correctness
        write_private(record, json.dumps({"key": key, "stacks": values}).encode())
    return stacks


def _rendered_again(app: App, stage: Stage) -> tuple[Rendered, ...]:
    from stacks.rendering import render  # noqa: PLC0415 - brings troposphere

    return render(app, stage)


def _kept(record: Path, key: str) -> tuple[Rendered, ...] | None:
    try:
        kept = json.loads(bytes_of(record))
        if kept["key"] != key:
            return None
        lists = [{name: tuple(stack[name]) for name in _LISTS} for stack in kept["stacks"]]
        return tuple(Rendered(**{**stack, **own}) for stack, own in zip(kept["stacks"], lists, strict=True))
    except (OSError, ValueError, LookupError, TypeError):  # whatever is wrong with it, the stage is rendered
        return None


def code_of(package: Path) -> Iterator[str]:
    """The modules of a package with their sizes and dates, by which Python itself decides whether one has changed."""
    for folder, folders, files in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(name for name in files if name.endswith(".py")):
            result = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - pathlib takes five times as long
            yield f"{folder}/{name} {result.st_size} {result.st_mtime_ns}"


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
