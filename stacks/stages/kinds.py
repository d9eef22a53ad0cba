"""A stage and a kind → what the stage describes of it, and what functions use and listen to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.app import Function, Stage
    from stacks.kinds import Kind


def described(kind: Kind, stage: Stage) -> Mapping[str, Any]:
    """The things of a kind that a stage describes, by name."""
    things: Mapping[str, Any] = getattr(getattr(stage, kind.section), kind.name)
    return things


def kinds_in(stage: Stage, section: str = "") -> Iterator[Kind]:
    """The kinds that a stage has anything of, in one section or in all."""
    return (kind for kind in KINDS if section in {"", kind.section} and (described(kind, stage) or kind.given))


def has_things(stage: Stage, section: str) -> bool:
    """Whether a stage describes anything of any kind in a section."""
    return any(kind.section == section and described(kind, stage) for kind in KINDS)


def known(kind: Kind, stage: Stage) -> Mapping[str, Any]:
    """The things that functions may name: those described, and those that are there anyway."""
    return {**described(kind, stage), **dict.fromkeys(kind.given)}


def in_use(kind: Kind, stage: Stage) -> dict[str, None]:
    """The names of a kind's described things, and of those that are there anyway and that functions name."""
    functions = stage.backend.functions.values()
    named = {name for function in functions for name in (*used(kind, function), *started_by(kind, function))}
    return dict.fromkeys([*described(kind, stage), *(name for name in kind.given if name in named)])


def used(kind: Kind, function: Function) -> Mapping[str, str]:
    """The things of a kind that a function uses, and how: ``{"orders": "publish"}``."""
    uses: Mapping[str, str] = getattr(function, kind.name) if kind.uses else {}
    return uses


def started_by(kind: Kind, function: Function) -> tuple[str, ...]:
    """The things of a kind that start a function."""
    return tuple(getattr(function.events, kind.name)) if kind.starts != "never" else ()


def referred(kind: Kind, thing: object) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The fields of a described thing that name others: field, the group these are in, their names."""
    return ((field, group, getattr(thing, field)) for field, group in kind.refers.items())


def things_of(path: str, stage: Stage) -> Mapping[str, Any]:
    """What may be named below a path such as ``backend.queues``: what is described, and what is there anyway."""
    found: Any = stage
    for part in path.split("."):
        found = getattr(found, part, None)
    given = (name for kind in KINDS if kind.group == path for name in kind.given)
    return {**(found or {}), **dict.fromkeys(given)}


def described_at(logical_id: str, stage: Stage) -> list[str]:
    """The path of the description that a resource of a kind comes from: ``backend.topics.orders``; nothing for others.

    Where several ids are the start of ``logical_id``, the longest decides.
    """
    things = {naming.logical_id(name, kind.suffix): (kind, name) for kind in KINDS for name in described(kind, stage)}
    titles = sorted((title for title in things if logical_id.startswith(title)), key=len)
    return [f"{kind.group}.{name}" for kind, name in (things[title] for title in titles[-1:])]


def singular(group: str) -> str:
    """What messages call one of the things below a path: ``queue`` for ``backend.queues``."""
    known = (kind.singular for kind in KINDS if kind.group == group)
    return next(known, group.rpartition(".")[2].removesuffix("s"))


def linked(kind: Kind, thing: object) -> Iterator[tuple[str, str]]:
    """What a described thing works on, as group and name: in its fields, or in a definition (``references``)."""
    yield from ((group, name) for _, group, names in referred(kind, thing) for name in names)
    yield from getattr(thing, "references", ())
