"""What was renamed in the description and keeps its names in AWS, so that no data moves.

``moved: {data.tables.notes: data.tables.memos}`` says that what is described as ``memos`` was made as ``notes``.
What follows from it is ``stacks.stages.moved``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from stacks.kinds import KINDS
from stacks.model.texts import Text

GROUPS = tuple(kind.group for kind in KINDS if kind.keeps_names)
"""The places of resources whose identity matters: they hold data, or others keep their id."""
MovedPath = Annotated[
    str,
    Text(
        rf"(?:{'|'.join(map(re.escape, GROUPS))})\.[a-z][a-z0-9-]*",
        "is nothing that keeps its name",
        f"Write the path of a thing in {', '.join(GROUPS[:-1])} or {GROUPS[-1]}, as data.tables.notes",
        100,
    ),
]
Moved = Mapping[MovedPath, MovedPath]
"""Where a thing was described before → where it is described now."""


_SUFFIXES = {name: (kind.group, kind.suffix) for kind in KINDS if kind.keeps_names for name in kind.types}
"""Resource type → its group, and what ``naming.logical_id`` puts behind its name."""


def entry(type_name: str, old: str, new: str) -> str | None:
    """What to write under ``moved`` for a resource whose logical id goes from ``old`` to ``new``; None if nothing."""
    group, suffix = _SUFFIXES.get(type_name, ("", ""))
    if not group or not old.endswith(suffix) or not new.endswith(suffix):
        return None
    was, now = ("-".join(re.findall(r"[A-Z][a-z0-9]*", item.removesuffix(suffix))).lower() for item in (old, new))
    return f"{group}.{was}: {group}.{now}" if was and now else None


def group_and_name(path: str) -> tuple[str, str]:
    """``data.tables.notes`` to its group and its name."""
    group, _, name = path.rpartition(".")
    return group, name
