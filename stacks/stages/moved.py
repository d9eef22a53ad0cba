"""A stage → the same with what was renamed under its old names, where AWS sees them. Pure.

Those are logical ids, physical names and outputs. What functions see, their environment variables, follows the
description.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from stacks.kinds import KINDS
from stacks.model.moved import group_and_name
from stacks.stages.kinds import with_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stacks.app import Stage
    from stacks.json_types import JsonDict, JsonObject
    from stacks.kinds import Kind


def with_first_names(stage: Stage) -> Stage:
    """The stage in which every thing has the name under which it was first deployed."""
    for old, new in stage.moved.items():
        group, name = group_and_name(new)
        rename = partial(_back, group_and_name(old)[1], name)
        kind = next(kind for kind in KINDS if kind.group == group)
        stage = _referring(_renamed_kind(kind, stage, rename), group, rename)
    return stage


def _back(was: str, now: str, name: str) -> str:
    return was if name == now else name


def called(stage: Stage, path: str) -> str:
    """What the description calls the thing that was made as ``path``: its name alone."""
    return group_and_name(stage.moved.get(path, path))[1]


def original_name(stage: Stage, path: str) -> str:
    """The name under which the thing that is described at ``path`` was made."""
    return next((group_and_name(old)[1] for old, new in stage.moved.items() if new == path), group_and_name(path)[1])


def _renamed_kind(kind: Kind, stage: Stage, rename: Callable[[str], str]) -> Stage:
    """Rename things of a kind where they are described, and in functions that use or listen to them."""
    change = partial(_renamed, rename)
    stage = with_path(stage, kind.group, change)
    fields = [kind.use_field] if kind.uses else []
    fields += [f"events.{kind.name}"] if kind.starts != "never" else []
    functions = {name: _with_fields(function, fields, change) for name, function in stage.backend.functions.items()}
    return replace(stage, backend=replace(stage.backend, functions=functions))


def _referring(stage: Stage, group: str, rename: Callable[[str], str]) -> Stage:
    """Rename what things of a kind name in their own fields."""
    change = partial(_renamed, rename)
    for kind in KINDS:
        fields = [field for field, other in kind.refers.items() if other == group]
        if fields:
            stage = with_path(stage, kind.group, partial(_with_changed, kind, fields, change))
    return stage


def _with_changed(kind: Kind, fields: Sequence[str], change: Callable[[Any], Any], section: Any) -> Any:
    if kind.single:
        return _with_fields(section, fields, change)
    return {name: _with_fields(resource, fields, change) for name, resource in section.items()}


def _with_fields(resource: object, fields: Sequence[str], change: Callable[[Any], Any]) -> Any:
    return reduce(lambda value, field: with_path(value, field, change), fields, resource)


def _renamed(rename: Callable[[str], str], named: Any) -> Any:
    """A mapping by names or a list of names, with other names."""
    return tuple(map(rename, named)) if isinstance(named, tuple) else _keys(named, rename)


def _keys(result: JsonObject, rename: Callable[[str], str]) -> JsonDict:
    return {rename(name): value for name, value in result.items()}
