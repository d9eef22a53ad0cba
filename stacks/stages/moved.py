"""A stage → the same with what was renamed under its old names, where AWS sees them. Pure.

Those are logical ids, physical names and outputs. What functions see, their environment variables, follows the
description.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from stacks.kinds import KINDS
from stacks.model.moved import split
from stacks.stages.kinds import described, used

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stacks.app import Stage
    from stacks.kinds import Kind


def as_made(stage: Stage) -> Stage:
    """The stage in which every thing has the name under which it was first deployed."""
    for old, new in stage.moved.items():
        group, name = split(new)
        rename = partial(_back, split(old)[1], name)
        stage = _referring(_RENAMED[group](stage, rename), group, rename)
    return stage


def _back(was: str, now: str, name: str) -> str:
    return was if name == now else name


def called(stage: Stage, path: str) -> str:
    """What the description calls the thing that was made as ``path``: its name alone."""
    return split(stage.moved.get(path, path))[1]


def made_as(stage: Stage, path: str) -> str:
    """The name under which the thing that is described at ``path`` was made."""
    return next((split(old)[1] for old, new in stage.moved.items() if new == path), split(path)[1])


def _tables(stage: Stage, rename: Callable[[str], str]) -> Stage:
    data = replace(stage.data, tables=_keys(stage.data.tables, rename))
    if data.users and data.users.credentials:
        credentials = replace(data.users.credentials, tables=_keys(data.users.credentials.tables, rename))
        data = replace(data, users=replace(data.users, credentials=credentials))
    return _in_functions(replace(stage, data=data), "tables", rename)


def _clients(stage: Stage, rename: Callable[[str], str]) -> Stage:
    users = stage.data.users
    if users is None:
        return stage
    return replace(stage, data=replace(stage.data, users=replace(users, clients=_keys(users.clients, rename))))


def _secrets(stage: Stage, rename: Callable[[str], str]) -> Stage:
    backend = replace(stage.backend, secrets=_keys(stage.backend.secrets, rename))
    functions = {name: replace(one, secrets=tuple(map(rename, one.secrets))) for name, one in backend.functions.items()}
    return replace(stage, backend=replace(backend, functions=functions))


def _things(kind: Kind, stage: Stage, rename: Callable[[str], str]) -> Stage:
    things = {kind.name: _keys(described(kind, stage), rename)}
    stage = replace(stage, **{kind.section: replace(getattr(stage, kind.section), **things)})
    functions = {}
    for name, function in stage.backend.functions.items():
        uses: dict[str, Any] = {kind.name: _keys(used(kind, function), rename)} if kind.uses else {}
        events: dict[str, Any] = {}
        if kind.starts != "never":
            given = getattr(function.events, kind.name)
            events = {kind.name: tuple(map(rename, given)) if isinstance(given, tuple) else _keys(given, rename)}
        functions[name] = replace(function, events=replace(function.events, **events), **uses)
    return replace(stage, backend=replace(stage.backend, functions=functions))


def _referring(stage: Stage, group: str, rename: Callable[[str], str]) -> Stage:
    """Rename what things of a kind name in their own fields."""
    for kind in KINDS:
        fields = [name for name, other in kind.refers.items() if other == group]
        if fields:
            things = {
                name: replace(thing, **{field: tuple(map(rename, getattr(thing, field))) for field in fields})
                for name, thing in described(kind, stage).items()
            }
            section = replace(getattr(stage, kind.section), **{kind.name: things})
            stage = replace(stage, **{kind.section: section})
    return stage


def _in_functions(stage: Stage, field: str, rename: Callable[[str], str]) -> Stage:
    """Rename what functions use and listen to, which stands under the same field in both."""
    functions = {}
    for name, one in stage.backend.functions.items():
        heard: dict[str, Any] = {field: tuple(map(rename, getattr(one.events, field)))}
        used: dict[str, Any] = {field: _keys(getattr(one, field), rename)}
        functions[name] = replace(one, events=replace(one.events, **heard), **used)
    return replace(stage, backend=replace(stage.backend, functions=functions))


def _keys(found: Mapping[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    return {rename(name): value for name, value in found.items()}


_RENAMED: dict[str, Callable[[Stage, Callable[[str], str]], Stage]] = {
    "data.tables": _tables,
    "data.users.clients": _clients,
    "backend.secrets": _secrets,
    **{kind.group: partial(_things, kind) for kind in KINDS},
}
