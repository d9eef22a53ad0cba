"""What was renamed in the description and keeps its names in AWS, so that no data moves.

``moved: {data.tables.notes: data.tables.memos}`` says that what is described as ``memos`` was made as ``notes``.
``as_made`` is the stage with the old names where AWS sees them: logical ids, physical names, outputs. What functions
see, their environment variables, follows the description.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from stacks.model.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.app import Stage

GROUPS = ("data.tables", "data.buckets", "data.users.clients", "backend.queues", "backend.secrets")
"""Where the things stand whose identity matters: they hold data, or others keep their id."""
MovedPath = Annotated[
    str,
    Text(
        r"(?:data\.tables|data\.buckets|data\.users\.clients|backend\.queues|backend\.secrets)\.[a-z][a-z0-9-]*",
        "is nothing that keeps its name",
        f"Write the path of a thing in {', '.join(GROUPS[:-1])} or {GROUPS[-1]}, as data.tables.notes",
        100,
    ),
]
Moved = Mapping[MovedPath, MovedPath]
"""Where a thing was described before → where it is described now."""


_SUFFIXES = {
    "AWS::DynamoDB::Table": ("data.tables", "Table"),
    "AWS::DynamoDB::GlobalTable": ("data.tables", "Table"),
    "AWS::S3::Bucket": ("data.buckets", "Bucket"),
    "AWS::Cognito::UserPoolClient": ("data.users.clients", "Client"),
    "AWS::SQS::Queue": ("backend.queues", "Queue"),
    "AWS::SecretsManager::Secret": ("backend.secrets", "Secret"),
}
"""Resource type → its group, and what ``naming.logical_id`` puts behind its name."""


def entry(type_name: str, old: str, new: str) -> str | None:
    """What to write under ``moved`` for a resource whose logical id goes from ``old`` to ``new``; None if nothing."""
    group, suffix = _SUFFIXES.get(type_name, ("", ""))
    if not group or not old.endswith(suffix) or not new.endswith(suffix):
        return None
    was, now = ("-".join(re.findall(r"[A-Z][a-z0-9]*", one.removesuffix(suffix))).lower() for one in (old, new))
    return f"{group}.{was}: {group}.{now}" if was and now else None


def split(path: str) -> tuple[str, str]:
    """``data.tables.notes`` to its group and its name."""
    group, _, name = path.rpartition(".")
    return group, name


def as_made(stage: Stage) -> Stage:
    """The stage in which every thing has the name under which it was first deployed."""
    for old, new in stage.moved.items():
        group, name = split(new)
        stage = _RENAMED[group](stage, partial(_back, split(old)[1], name))
    return stage


def _back(was: str, now: str, name: str) -> str:
    return was if name == now else name


def called(stage: Stage, path: str) -> str:
    """What the description calls the thing that was made as ``path``: its name alone."""
    return split(stage.moved.get(path, path))[1]


def _tables(stage: Stage, rename: Callable[[str], str]) -> Stage:
    data = replace(stage.data, tables=_keys(stage.data.tables, rename))
    if data.users and data.users.credentials:
        credentials = replace(data.users.credentials, tables=_keys(data.users.credentials.tables, rename))
        data = replace(data, users=replace(data.users, credentials=credentials))
    return _in_functions(replace(stage, data=data), "tables", rename)


def _buckets(stage: Stage, rename: Callable[[str], str]) -> Stage:
    data = replace(stage.data, buckets=_keys(stage.data.buckets, rename))
    return _in_functions(replace(stage, data=data), "buckets", rename)


def _clients(stage: Stage, rename: Callable[[str], str]) -> Stage:
    users = stage.data.users
    if users is None:
        return stage
    return replace(stage, data=replace(stage.data, users=replace(users, clients=_keys(users.clients, rename))))


def _queues(stage: Stage, rename: Callable[[str], str]) -> Stage:
    backend = replace(stage.backend, queues=_keys(stage.backend.queues, rename))
    return _in_functions(replace(stage, backend=backend), "queues", rename)


def _secrets(stage: Stage, rename: Callable[[str], str]) -> Stage:
    backend = replace(stage.backend, secrets=_keys(stage.backend.secrets, rename))
    functions = {name: replace(one, secrets=tuple(map(rename, one.secrets))) for name, one in backend.functions.items()}
    return replace(stage, backend=replace(backend, functions=functions))


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
    "data.buckets": _buckets,
    "data.users.clients": _clients,
    "backend.queues": _queues,
    "backend.secrets": _secrets,
}
