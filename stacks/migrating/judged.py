"""A description → one that this library takes: what it refuses is left out, and becomes an obstacle. Pure.

The rules are those that every app.yaml is read, rendered and checked with, so nothing here has to know them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.description.environment import VARIABLE
from stacks.description.finding import dotted
from stacks.description.validation import app_of
from stacks.errors import DescriptionError, Problem
from stacks.intrinsics.reading import Tree, parse

if TYPE_CHECKING:
    from stacks.app import App
    from stacks.intrinsics.paths import KeyPath
    from stacks.json_types import JsonDict, JsonObject
    from stacks.migrating.located import Place
    from stacks.migrating.obstacles import Obstacles

_ROUNDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with a rendered stack: the stage and stack, the resource, and what to do."""

    stage: str
    stack: str
    logical_id: str
    what: str
    fix: str
    fails: bool = True
    """Whether AWS would refuse it, or a check fails; otherwise it is advice."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """How a description is written and judged."""

    write: Callable[[JsonObject], str]
    place: Callable[[KeyPath], Place]
    """Where a path of the description comes from."""
    known: Mapping[str, str]
    """The environment."""
    render: Callable[[App], Iterable[Trouble | Problem]] = lambda _: ()
    """What is wrong with the stacks of an application: troubles, or problems of the description."""


def accepted(description: JsonDict, rules: Criteria, obstacles: Obstacles) -> tuple[JsonDict, App | None]:
    """The description without what is refused, and the application that it is; None when nothing is left of it."""
    description = copy.deepcopy(description)
    app: App | None = None
    for _ in range(_ROUNDS):
        tree = parse(rules.write(description), "app.yaml")
        tree.data = _filled(tree.data, rules.known)
        try:
            app = app_of(tree, "app.yaml")
        except DescriptionError as error:
            if not _repaired(description, error.problems, tree, rules, obstacles):
                return description, None
            continue
        stacks = list(rules.render(app))
        problems = [stack for stack in stacks if isinstance(stack, Problem)]
        problems += [_located(stack, description) for stack in stacks if isinstance(stack, Trouble) and stack.fails]
        if not _repaired(description, tuple(problems), tree, rules, obstacles):
            _report(stacks, description, rules, obstacles)
            break
    return description, app


def _filled(value: object, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, known) for item in value]
    return VARIABLE.sub(lambda match: known.get(match[1], ""), value) if isinstance(value, str) else value


def _located(trouble: Trouble, description: JsonObject) -> Problem:
    """A trouble at the part of the description that its resource comes from."""
    where = dotted(_path_of(trouble, description))
    return Problem(where=where, what=trouble.what, fix=trouble.fix)


def _path_of(trouble: Trouble, description: JsonObject) -> KeyPath:
    """The resource or override that a trouble is about; nothing when it is about something generated."""
    for start in ((), ("stages", trouble.stage)):
        holder: Any = description
        for part in start:
            holder = holder.get(part) or {}
        section = holder.get(trouble.stack) if isinstance(holder.get(trouble.stack), Mapping) else {}
        for key in ("resources", "overrides"):
            if trouble.logical_id in (section.get(key) or {}):
                return (*start, trouble.stack, key, trouble.logical_id)
        path = _statement_of(trouble, section)
        if path:
            return (*start, trouble.stack, *path)
    return ("?",)


def _statement_of(trouble: Trouble, section: JsonObject) -> KeyPath:
    """The statement of a function whose action a trouble names, in the policy of its role."""
    for name, body in (section.get("functions") or {}).items():
        if naming.logical_id(name, "Policy") != trouble.logical_id:
            continue
        for index, statement in enumerate(body.get("statements") or []):
            actions = statement.get("Action") or []
            if any(str(action).lower().partition(":")[2] in trouble.what.lower() for action in actions):
                return ("functions", name, "statements", index)
    return ()


def _report(
    results: Iterable[Trouble | Problem], description: JsonObject, rules: Criteria, obstacles: Obstacles
) -> None:
    """What stays although it is advised against, or cannot be taken out."""
    for entry in results:
        if isinstance(entry, Trouble):
            where = rules.place(_path_of(entry, description))
            obstacles.changed(where, f"{entry.stack}: {entry.logical_id}", entry.what, entry.fix.rstrip("."))
        else:
            obstacles.changed(rules.place(_read(entry.where)), entry.where, entry.what, entry.fix.rstrip(".?"))


def _repaired(
    description: JsonDict, problems: tuple[Problem, ...], tree: Tree, rules: Criteria, obstacles: Obstacles
) -> bool:
    """Take out what each problem is about; whether anything was."""
    paths = {dotted(path): path for path in tree.lines}
    done = False
    gone: set[KeyPath] = set()
    for problem in sorted(problems, key=lambda entry: entry.where, reverse=True):
        path = paths.get(problem.where) or _read(problem.where)
        if any(path[: len(other)] == other for other in gone):
            continue
        taken = _take(description, path)
        if taken is None:
            continue
        done = True
        gone.add(taken)
        obstacles.lost(rules.place(taken), dotted(taken), f"is left out: {problem.what}", problem.fix.rstrip(".?"))
    return done


def _read(where: str) -> KeyPath:
    """``backend.functions.web.routes[0]`` as a path."""
    parts = re.findall(r"[^.\[\]]+", where.replace(".Resources.", ".resources."))
    return tuple(int(part) if part.isdigit() else part for part in parts)


_MAY_GO = {"environment", "events", "functions", "overrides", "resources", "outputs", "secrets", "tables", "queues"}
"""Mappings that are left out when nothing is left in them."""
_SECTIONS = {"base", "data", "backend", "frontend", "tags", "log_retention_days", "alarms"}


def _take(description: JsonDict, path: KeyPath) -> KeyPath | None:
    """Remove the value at ``path``, or the nearest around it that can be; None when that would be everything."""
    path = _as_removed(path)
    while path:
        inner = path[2:] if path[:1] == ("stages",) else path
        if not inner or inner[0] not in _SECTIONS:
            return None
        holder: Any = description
        for part in path[:-1]:
            holder = holder.get(part) if isinstance(holder, dict) else _item(holder, part)
        last = path[-1]
        if isinstance(holder, dict) and last in holder:
            del holder[last]
            if not holder and path[-2:-1] and path[-2] in _MAY_GO:
                _take(description, path[:-1])
            return path
        if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
            del holder[last]
            if not holder:
                _emptied(description, path[:-1])
            return path
        if len(inner) <= 2:  # noqa: PLR2004 - a whole section is never what one problem is about
            return None
        path = path[:-1]
    return None


def _emptied(description: JsonDict, path: KeyPath) -> None:
    """Leave an empty list out; a web application without routes would answer everything, so it goes as a whole."""
    holder: Any = description
    for part in path[:-1]:
        holder = holder[part]
    del holder[path[-1]]
    if path[-1] == "routes" and "handler" in holder:
        for key in ("public", "auth", "scopes", "api_key"):
            holder.pop(key, None)
    elif path[-1] == "routes":
        _take(description, path[:-1])


def _as_removed(path: KeyPath) -> KeyPath:
    """What is removed for a problem at ``path``: the whole statement, rather than its Resource."""
    start = 2 if path[:1] == ("stages",) else 0
    inner = path[start:]
    if "statements" in inner:
        at = inner.index("statements") + 2
        return path[: start + at]
    if inner[1:2] == ("resources",) and len(inner) > 3 and inner[3] == "Type":  # noqa: PLR2004 - id and its key
        return path[: start + 3]
    return path


def _item(value: object, part: object) -> Any:
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None
