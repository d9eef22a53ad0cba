"""A resource that failed, or a value that lint reports → the line of the description that it comes from.

Logical ids begin with the name that the description gives a thing (``naming.words``): ``NotesTable`` is of
``data.tables.notes``; what was moved keeps the id of its old name. So the longest name that fits is looked for in the
section of the stack; where none does, the section is named. Pure but for ``located``, which reads the file once more:
lines are only needed when something failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.files import text_of
from stacks.intrinsics.functions import is_function
from stacks.intrinsics.reading import parse
from stacks.json_types import at, mapping
from stacks.naming import words
from stacks.stages.stacks import section_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stacks.description.finding import KeyPath
    from stacks.errors import Problem
    from stacks.intrinsics.reading import Tree
    from stacks.template.rendered import Rendered


def located(problems: Sequence[Problem], rendered: Sequence[Rendered], stage: str, file: Path) -> tuple[Problem, ...]:
    """Problems whose ``where`` is ``stack.resource``, with the file and the line; all others as they are."""
    tree = parse(text_of(file), file.name)
    stacks = {stack.name: stack.stack for stack in rendered}
    results = []
    for problem in problems:
        name, _, resource = problem.where.partition(".")
        path = origin(tree, stage, stacks[name], resource) if resource and name in stacks else None
        results.append(replace(problem, file=file.name, line=tree.line(path)) if path else problem)
    return tuple(results)


def origin(tree: Tree, stage: str, stack: str, resource: str) -> KeyPath | None:
    """Where the description speaks of a resource (a logical id) of a stack; None when it has no such section."""
    section = section_of(stack)
    place: KeyPath = (section, stack) if section == "stacks" else (section,)
    sections: tuple[KeyPath, ...] = (("stages", stage, *place), place)
    names = [*_moved(tree, stage, section), *(name for path in sections for name in _names(tree, path))]
    named = [(path, key) for path, key in names if _begins(resource, key)]
    if named:
        return max(named, key=lambda pair: (len(pair[1]), -len(pair[0])))[0]
    return next((path for path in sections if path in tree.lines), None)


def written(tree: Tree, stage: str, stack: str, resource: str, path: KeyPath) -> int | None:
    """The line that says a value of a template; None for what is generated, and for stacks without a section.

    ``path`` leads from the body of the ``resource`` to the value: ``("Properties", "MemorySize")``. It is said under
    ``resources``, where the whole resource is the description's own, or under ``overrides``.
    """
    section = stack.partition("-")[0]
    for own in (("stages", stage, section), (section,)):
        for kind in ("overrides", "resources"):
            place: KeyPath = (*own, kind, resource)
            depth = next((count for count in range(len(path), -1, -1) if (*place, *path[:count]) in tree.lines), None)
            if depth is None:
                continue
            deepest = (*place, *path[:depth])
            value = at(tree.data, *deepest)
            replaces = not isinstance(value, Mapping) or is_function(value)  # all that was generated there
            if kind == "resources" or depth == len(path) or replaces:
                return tree.line(deepest)
    return None


def _names(tree: Tree, section: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """The keys of a section, and of the groups right below it, such as its tables."""
    for key, value in mapping(at(tree.data, *section)).items():
        yield (*section, key), str(key)
        yield from (((*section, key, name), str(name)) for name in mapping(value))


def _moved(tree: Tree, stage: str, section: str) -> Iterator[tuple[KeyPath, str]]:
    """Where what was moved is described now, with the name that it was made with."""
    for holder in ((), ("stages", stage)):
        for old, new in mapping(at(tree.data, *holder, "moved")).items():
            path = tuple(str(new).split("."))
            places = (place for place in (("stages", stage, *path), path) if place in tree.lines)
            if path[0] == section:
                yield from ((place, str(old).rpartition(".")[2]) for place in places)


def _begins(resource: str, key: str) -> bool:
    """``users`` begins ``UserPool``, too: groups are named in the plural, resources are not."""
    name = words(key)
    return bool(name) and resource.startswith((name, name.removesuffix("s") or name))
