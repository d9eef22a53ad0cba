"""A stage and a kind → what the stage describes of it, and what functions use and listen to. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stacks.app import Function, Stage
    from stacks.json_types import JsonObject
    from stacks.kinds import Kind


def described(kind: Kind, stage: Stage) -> JsonObject:
    """The things of a kind that a stage describes, by name; the one of a ``single`` kind by the name of the kind."""
    section: Any = at_path(stage, kind.group)
    if kind.single:
        return {} if section is None else {kind.name: section}
    return section or {}


def at_path(value: object, path: str) -> Any:
    """The value at a path such as ``data.users.clients``; None where nothing does."""
    for part in path.split("."):
        value = getattr(value, part, None)
    return value


def with_path(value: Any, path: str, change: Callable[[Any], Any]) -> Any:
    """A described value with the part at a path changed; the value itself where there is no such part."""
    if value is None:
        return None
    if not path:
        return change(value)
    name, _, rest = path.partition(".")
    inner = getattr(value, name)
    changed = with_path(inner, rest, change)
    return value if changed is inner else replace(value, **{name: changed})


def kinds_in(stage: Stage, section: str = "") -> Iterator[Kind]:
    """The kinds that a stage has anything of, in one section or in all."""
    return (kind for kind in KINDS if section in {"", kind.section} and (described(kind, stage) or kind.predefined))


def has_things(stage: Stage, section: str) -> bool:
    """Whether a stage describes anything in a section of which a resource is made (``is_generated``)."""
    resources = (resource for kind in KINDS if kind.section == section for resource in described(kind, stage).values())
    return any(getattr(resource, "is_generated", True) for resource in resources)


def known(kind: Kind, stage: Stage) -> JsonObject:
    """The things that functions may name: those described, and those that exist anyway."""
    return {**described(kind, stage), **dict.fromkeys(kind.predefined)}


def in_use(kind: Kind, stage: Stage) -> dict[str, None]:
    """The names of a kind's described things, and of those that exist anyway and that functions name."""
    functions = stage.backend.functions.values()
    named = {name for function in functions for name in (*used(kind, function), *started_by(kind, function))}
    return dict.fromkeys([*described(kind, stage), *(name for name in kind.predefined if name in named)])


def used(kind: Kind, function: Function) -> Mapping[str, str]:
    """The things of a kind that a function uses, and how: ``{"orders": "publish"}``."""
    uses: Any = getattr(function, kind.use_field) if kind.uses else {}
    if kind.single:
        return {kind.name: uses} if uses else {}
    return dict.fromkeys(uses, kind.access) if kind.access else uses


def started_by(kind: Kind, function: Function) -> tuple[str, ...]:
    """The things of a kind that start a function."""
    return tuple(getattr(function.events, kind.name)) if kind.starts != "never" else ()


def referred(kind: Kind, resource: object) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The fields of a described thing that name others: field, the group these are in, their names."""
    return ((field, group, tuple(at_path(resource, field) or ())) for field, group in kind.refers.items())


def things_of(path: str, stage: Stage) -> JsonObject:
    """What may be named below a path such as ``backend.queues``: what is described, and what exists anyway."""
    result = at_path(stage, path)
    predefined = (name for kind in KINDS if kind.group == path for name in kind.predefined)
    return {**(result or {}), **dict.fromkeys(predefined)}


def described_at(logical_id: str, stage: Stage) -> list[str]:
    """The path of the description that a resource of a kind comes from: ``backend.topics.orders``; nothing for others.

    Where several ids are the start of ``logical_id``, the longest decides.
    """
    by_title = {title_of(kind, name): (kind, name) for kind in KINDS for name in described(kind, stage)}
    titles = sorted((title for title in by_title if logical_id.startswith(title)), key=len)
    results = (by_title[title] for title in titles[-1:])
    return [".".join(place_of(kind, name)) for kind, name in results]


def title_of(kind: Kind, name: str) -> str:
    """The logical id of a thing's resource: ``OrdersTopic``; of a ``single`` kind its suffix alone."""
    return kind.suffix if kind.single else naming.logical_id(name, kind.suffix)


def place_of(kind: Kind, name: str) -> tuple[str, ...]:
    """Where a stage describes a thing: ``("backend", "topics", "orders")``."""
    return (*kind.group.split("."), *(() if kind.single else (name,)))


def label_of(kind: Kind, name: str) -> str:
    """What pictures and messages call a thing: ``topic orders``; one of a ``single`` kind ``users``."""
    return name if kind.single else f"{kind.singular} {name}"


def variable(kind: Kind, name: str) -> str:
    """The environment variable that names a resource to a function: ``ORDERS_TOPIC_ARN``."""
    return kind.variable[0] if kind.single else naming.variable(name, kind.variable[0])


def singular(group: str) -> str:
    """What messages call one of the things below a path: ``queue`` for ``backend.queues``."""
    known = (kind.singular for kind in KINDS if kind.group == group)
    return next(known, group.rpartition(".")[2].removesuffix("s"))


def linked(kind: Kind, resource: object) -> Iterator[tuple[str, str]]:
    """What a described thing works on, as group and name: in its fields, or in a definition (``references``)."""
    yield from ((group, name) for _, group, names in referred(kind, resource) for name in names)
    yield from getattr(resource, "references", ())
