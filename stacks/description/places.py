"""Problems found after loading → the same with file and line, where their place is written in the description."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.description.finding import parted
from stacks.description.origins import written
from stacks.intrinsics.reading import parse
from stacks.json_types import at, mapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.description.finding import KeyPath
    from stacks.errors import Problem
    from stacks.intrinsics.reading import Tree

_PART = re.compile(r"[^.\[\]]+")


def with_lines(problems: Sequence[Problem], text: str, file: str, stage: str | None) -> tuple[Problem, ...]:
    """The problems, those at places such as ``backend.resources.Alerts`` with the line of ``text`` that has them.

    What ``stage`` itself says comes before what all stages share. Other problems stay as they are.
    """
    tree = parse(text, file)
    return tuple(_with_line(problem, tree, file, stage) for problem in problems)


def _with_line(problem: Problem, tree: Tree, file: str, stage: str | None) -> Problem:
    if problem.file is not None:
        return problem
    if line := _of_template(problem.where, tree, stage):
        return replace(problem, file=file, line=line)
    section, *inside = _PART.findall(problem.where.partition(":")[0]) or [""]
    parts: KeyPath = (section, *(_SECTIONS.get(part, part) for part in inside[:1]), *inside[1:])
    choices = [("stages", stage, *parts), parts] if stage else [parts]
    deepest = max((_written(choice, tree) for choice in choices), key=_steps)
    is_named = parts[1:2] in {(part,) for part in _SECTIONS.values()} and len(parts) > _ENOUGH
    if _steps(deepest) < (_ENOUGH + 1 if is_named else _ENOUGH):
        return problem
    return replace(problem, file=file, line=tree.line(deepest))


def _of_template(where: str, tree: Tree, stage: str | None) -> int | None:
    """The line of a value of a rendered template, where the description says it: ``backend: Jobs: QueueName``."""
    match where.split(": "):
        case [stack, resource, path]:
            stages = [stage] if stage else list(mapping(at(tree.data, "stages")))
            lines = (written(tree, name, stack, resource, ("Properties", *parted(path))) for name in stages)
            return next(filter(None, lines), None)
    return None


_ENOUGH = 2
"""Steps of a place that the description must have for its line to help: more than ``backend`` alone, and the
name of what hooks may make, too."""


_SECTIONS = {"Resources": "resources", "Outputs": "outputs", "Parameters": "parameters"}
"""What a template calls a part → what a section of the description calls it."""


def _steps(path: KeyPath) -> int:
    """The steps of a place, without those to the stage."""
    return len(path) - (2 if path[:1] == ("stages",) else 0)


def _written(path: KeyPath, tree: Tree) -> KeyPath:
    while path and path not in tree.lines:
        path = path[:-1]
    return path
