"""A description → one that this library takes: what it refuses is left out, and becomes an obstacle. Pure.

The rules are those that every app.yaml is read with, so nothing here has to know them.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from stacks.description.environment import VARIABLE
from stacks.description.finding import dotted
from stacks.description.validation import app_of
from stacks.description.yamltree import Tree, parse
from stacks.errors import DescriptionError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stacks.app import App
    from stacks.migrating.located import Place
    from stacks.migrating.obstacles import Obstacles

_ROUNDS = 40
Path = tuple[Any, ...]


def accepted(
    description: dict[str, Any],
    write: Callable[[Mapping[str, Any]], str],
    place: Callable[[Path], Place],
    known: Mapping[str, str],
    obstacles: Obstacles,
) -> tuple[dict[str, Any], App | None]:
    """The description without what is refused, and the application that it is; None when nothing is left of it.

    ``place`` says where a path of the description comes from, ``known`` has the environment.
    """
    description = copy.deepcopy(description)
    for _ in range(_ROUNDS):
        tree = parse(write(description), "app.yaml")
        tree.data = _filled(tree.data, known)
        try:
            return description, app_of(tree, "app.yaml")
        except DescriptionError as error:
            if not _repaired(description, error.problems, tree, place, obstacles):
                return description, None
    return description, None


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, known) for item in value]
    return VARIABLE.sub(lambda match: known.get(match[1], ""), value) if isinstance(value, str) else value


def _repaired(
    description: dict[str, Any],
    problems: tuple[Problem, ...],
    tree: Tree,
    place: Callable[[Path], Place],
    obstacles: Obstacles,
) -> bool:
    """Take out what each problem is about; whether anything was."""
    paths = {dotted(path): path for path in tree.lines}
    done = False
    gone: set[Path] = set()
    for problem in sorted(problems, key=lambda one: one.where, reverse=True):
        path = paths.get(problem.where) or _read(problem.where)
        if any(path[: len(other)] == other for other in gone):
            continue
        taken = _take(description, path)
        if taken is None:
            continue
        done = True
        gone.add(taken)
        fix = problem.fix.rstrip(".?")
        where = place(taken)
        obstacles.lost(where, dotted(taken), f"is left out: {problem.what}", fix)
    return done


def _read(where: str) -> Path:
    """``backend.functions.web.routes[0]`` as a path."""
    parts = re.findall(r"[^.\[\]]+", where)
    return tuple(int(part) if part.isdigit() else part for part in parts)


_KEPT = {("name",), ("stages",)}


def _take(description: dict[str, Any], path: Path) -> Path | None:
    """Remove the value at ``path``, or the nearest around it that can be; None when that would be everything."""
    path = _as_removed(path)
    while path:
        if path in _KEPT or (len(path) == 2 and path[0] == "stages"):  # noqa: PLR2004 - a stage itself
            return None
        holder: Any = description
        for part in path[:-1]:
            holder = holder.get(part) if isinstance(holder, dict) else _item(holder, part)
        last = path[-1]
        if isinstance(holder, dict) and last in holder:
            del holder[last]
            return path
        if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
            del holder[last]
            return path
        path = path[:-1]
    return None


def _as_removed(path: Path) -> Path:
    """What is removed for a problem at ``path``: the whole statement, rather than its Resource."""
    start = 2 if path[:1] == ("stages",) else 0
    inner = path[start:]
    if "statements" in inner:
        at = inner.index("statements") + 2
        return path[: start + at]
    if inner[:2] == ("backend", "resources") and len(inner) > 3 and inner[3] == "Type":  # noqa: PLR2004 - id and its key
        return path[: start + 3]
    return path


def _item(value: Any, part: Any) -> Any:
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None
