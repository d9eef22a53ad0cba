"""What the stacks ask of a kind of described resource: its module ``resources``, loaded when a stage describes any."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from stacks.kinds import KINDS
from stacks.parts.policies import allow
from stacks.stages.kinds import described, kinds_in, started_by, used

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from awacs.aws import Statement
    from troposphere import AWSObject, Template

    from stacks.app import Function, Stage
    from stacks.blocks.policies import Value
    from stacks.kinds import Kind


class Resources(Protocol):
    """The module ``resources`` of a kind. Names are those under which things were first deployed (``moved``)."""

    def add(self, template: Template, stage: Stage) -> None:
        """Put the described things into the template of their section, with their alarms and outputs."""

    def identity(self, name: str, stage: Stage) -> Value:
        """The value of the environment variable that tells a function of a thing."""

    def arns(self, name: str, stage: Stage) -> list[Value]:
        """The ARNs that rights to use a thing are for."""

    def all_arns(self, stage: Stage) -> list[Value]:
        """ARNs that cover every thing of the kind in the stage, known without another stack: for the boundary."""


class More(Resources, Protocol):
    """What such a module has only if it applies to the kind."""

    def listen(self, name: str, thing: str, stage: Stage) -> Iterator[AWSObject]:
        """What lets a thing start the function ``name``: for a kind that ``starts`` functions."""

    def queue_statements(self, queue: str, stage: Stage) -> Iterator[Statement]:
        """What the policy of a queue (its logical id) has to allow things of the kind."""

    def role_statements(self, name: str, access: str, stage: Stage) -> Iterator[Statement]:
        """The rights to use a thing, where they are not the actions of ``uses`` on ``arns``."""

    def boundary_statements(self, stage: Stage) -> Iterator[Statement]:
        """The most that roles of the things themselves may do, and with ``role_statements`` those of functions."""


def resources_of(kind: Kind) -> Resources:
    """The module of a kind that makes its resources."""
    return cast("Resources", import_module(kind.module("resources")))


def _with(kind: Kind, part: str) -> More | None:
    """The module of a kind, if it has this function of ``More``."""
    module = resources_of(kind)
    return cast("More", module) if hasattr(module, part) else None


def starting_resources(name: str, function: Function, stage: Stage) -> Iterator[AWSObject]:
    """What lets things of all kinds start a function."""
    for kind in KINDS:
        for thing in started_by(kind, function):
            yield from cast("More", resources_of(kind)).listen(name, thing, stage)


def add_kinds(template: Template, section: str, stage: Stage) -> None:
    """Put the things of every kind of a section into its template."""
    for kind in kinds_in(stage, section):
        resources_of(kind).add(template, stage)


def role_statements(function: Function, section: str, stage: Stage) -> Iterator[Statement]:
    """The rights of a function's role to the things of a section it uses, and to those it is polled from."""
    for kind in (kind for kind in KINDS if kind.section == section):
        uses = used(kind, function)
        polled = started_by(kind, function) if kind.polling else ()
        for name in dict.fromkeys((*uses, *polled)):
            accesses = {uses.get(name, kind.polling), *([kind.polling] if name in polled else ())}
            if module := _with(kind, "role_statements"):
                yield from module.role_statements(name, uses[name], stage)
            else:
                yield allow(*_actions(kind, accesses), on=resources_of(kind).arns(name, stage))


def _actions(kind: Kind, accesses: Collection[str]) -> tuple[str, ...]:
    """The actions of some accesses, each once, in the order in which the kind lists them."""
    needed = (actions for access, actions in kind.uses.items() if access in accesses)
    return tuple(dict.fromkeys(action for actions in needed for action in actions))


def boundary_statements(stage: Stage) -> Iterator[Statement]:
    """The most that functions of a stage may do with things of each kind: all that is possible, if any uses one."""
    functions = stage.backend.functions.values()
    for kind in kinds_in(stage):
        polled = kind.polling and any(started_by(kind, function) for function in functions)
        own = _with(kind, "role_statements")
        if not own and (polled or any(used(kind, function) for function in functions)):
            yield allow(*_actions(kind, kind.uses), on=resources_of(kind).all_arns(stage))
        if module := _with(kind, "boundary_statements"):
            yield from module.boundary_statements(stage)


def queue_statements(queue: str, stage: Stage) -> Iterator[Statement]:
    """What the policy of a queue (its logical id) has to allow: deliveries by things of any kind."""
    for kind in kinds_in(stage):
        if module := _with(kind, "queue_statements"):
            yield from module.queue_statements(queue, stage)


def described_statements(stage: Stage) -> list[Mapping[str, Any]]:
    """Policy statements that things of all kinds bring as they are."""
    things = (thing for kind in kinds_in(stage) for thing in described(kind, stage).values())
    return [statement for thing in things for statement in getattr(thing, "statements", ())]
