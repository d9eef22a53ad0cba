"""What the stacks ask of a kind of described resource: its module ``resources``, loaded when a stage describes any."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from troposphere import encode_to_dict

from stacks import naming
from stacks.kinds import KINDS
from stacks.parts.policies import allow, arn, of_stage
from stacks.stages.kinds import described, kinds_in, started_by, used
from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from awacs.aws import Condition, Statement
    from troposphere import AWSObject, Template

    from stacks.app import Function, Stage
    from stacks.blocks.policies import Value
    from stacks.json_types import StatementData
    from stacks.kinds import Kind


@value
class Right:
    """Actions on some things: in a function's role on those it names, in the boundary on all that a role may name."""

    actions: tuple[str, ...]
    on: Value | Sequence[Value]
    """The resources in the role."""
    every: Value | Sequence[Value] = ()
    """The resources in the boundary, known without another stack. Empty where ``Kind.always`` or
    ``boundary_statements`` allow the actions."""
    most: tuple[str, ...] = ()
    """The actions in the boundary, where these are more: so that it stays when a function asks for another access."""
    condition: Condition | None = None
    every_condition: Condition | None = None
    """The condition in the boundary, where that is another one."""

    @property
    def in_role(self) -> Statement:
        """The statement of the role."""
        return allow(*self.actions, on=self.on, **_under(self.condition))

    @property
    def in_boundary(self) -> Statement | None:
        """The statement of the boundary."""
        if not self.every:
            return None
        return allow(*(self.most or self.actions), on=self.every, **_under(self.every_condition or self.condition))


def _under(condition: Condition | None) -> dict[str, Condition]:
    return {"Condition": condition} if condition else {}


class Resources(Protocol):
    """The module ``resources`` of a kind. Names are those under which things were first deployed (``moved``)."""

    def add(self, template: Template, stage: Stage) -> None:
        """Put the described things into the template of their section, with their alarms and outputs."""

    def identity(self, name: str, stage: Stage) -> Value:
        """The value of the environment variable that names a resource to a function."""

    def arns(self, name: str, stage: Stage) -> list[Value]:
        """The ARNs that rights to use a thing are for."""

    def all_arns(self, stage: Stage) -> list[Value]:
        """ARNs that cover every thing of the kind in the stage, known without another stack: for the boundary."""


class More(Resources, Protocol):
    """What such a module has only if it applies to the kind."""

    def listen(self, name: str, source: str, stage: Stage) -> Iterator[AWSObject]:
        """What lets a thing start the function ``name``: for a kind that ``starts`` functions."""

    def queue_statements(self, queue: str, stage: Stage) -> Iterator[Statement]:
        """What the policy of a queue (its logical id) has to allow things of the kind."""

    def rights(self, name: str, function: Function, stage: Stage) -> Iterator[Right]:
        """The rights of a function to things of the kind, where they are not the actions of ``uses`` on ``arns``."""

    def boundary_statements(self, stage: Stage) -> Iterator[Statement]:
        """The most that other roles than those of functions may do: the roles of the things themselves, say."""


def resources_of(kind: Kind) -> Resources:
    """The module of a kind that makes its resources."""
    return cast("Resources", _module(kind.module("resources")))


_module = cache(import_module)


def _with(kind: Kind, part: str) -> More | None:
    """The module of a kind, if it has this function of ``More``."""
    module = resources_of(kind) if "resources" in kind.parts else None
    return cast("More", module) if hasattr(module, part) else None


def starting_resources(name: str, function: Function, stage: Stage) -> Iterator[AWSObject]:
    """What lets things of all kinds start a function."""
    for kind in KINDS:
        for source in started_by(kind, function):
            yield from cast("More", resources_of(kind)).listen(name, source, stage)


def add_kinds(template: Template, section: str, stage: Stage) -> None:
    """Put the things of every kind of a section into its template."""
    for kind in kinds_in(stage, section):
        if module := _with(kind, "add"):
            module.add(template, stage)


def role_statements(name: str, function: Function, stage: Stage) -> Iterator[Statement]:
    """The rights of a function's role to things of all kinds that it uses, and to those that start it."""
    for kind in kinds_in(stage):
        yield from (right.in_role for right in _rights(kind, name, function, stage))


def _rights(kind: Kind, name: str, function: Function, stage: Stage) -> Iterator[Right]:
    """What the kind says itself, else the actions of each access on the ARNs of each thing."""
    if module := _with(kind, "rights"):
        yield from module.rights(name, function, stage)
        return
    uses = used(kind, function)
    polled = started_by(kind, function) if kind.polling else ()
    for resource in dict.fromkeys((*uses, *polled)):
        accesses = {uses.get(resource, kind.polling), *([kind.polling] if resource in polled else ())}
        yield Right(
            actions=_actions(kind, accesses),
            on=resources_of(kind).arns(resource, stage),
            most=_actions(kind, kind.uses),
            every=resources_of(kind).all_arns(stage),
        )


def _actions(kind: Kind, accesses: Collection[str]) -> tuple[str, ...]:
    """The actions of some accesses, each once, in the order in which the kind lists them."""
    needed = (actions for access, actions in kind.uses.items() if access in accesses)
    return tuple(dict.fromkeys(action for actions in needed for action in actions))


def always(stage: Stage) -> Iterator[Statement]:
    """What the boundary allows of some kinds in every stage."""
    for kind in KINDS:
        actions, forms = kind.always
        if actions:
            arns = [arn(kind.service, form.format(naming.prefix(stage))) for form in forms]
            yield allow(*actions, on=arns, **({} if kind.by_prefix else {"Condition": of_stage(stage)}))


def boundary_statements(stage: Stage) -> Iterator[Statement]:
    """The most that roles of a stage may do with things of each kind, each statement once."""
    seen: list[Any] = []
    for statement in _boundary_statements(stage):
        data = encode_to_dict(statement)
        if data not in seen:
            seen.append(data)
            yield statement


def _boundary_statements(stage: Stage) -> Iterator[Statement]:
    for kind in kinds_in(stage):
        functions = stage.backend.functions.items()
        rights = (right for name, function in functions for right in _rights(kind, name, function, stage))
        yield from (statement for right in rights if (statement := right.in_boundary))
        if module := _with(kind, "boundary_statements"):
            yield from module.boundary_statements(stage)


def queue_statements(queue: str, stage: Stage) -> Iterator[Statement]:
    """What the policy of a queue (its logical id) has to allow: deliveries by things of any kind."""
    for kind in kinds_in(stage):
        if module := _with(kind, "queue_statements"):
            yield from module.queue_statements(queue, stage)


def described_statements(stage: Stage) -> list[StatementData]:
    """Statements for roles that things of all kinds bring as they are: a table's own policy names no resource."""
    resources = (resource for kind in kinds_in(stage) for resource in described(kind, stage).values())
    brought = (statement for resource in resources for statement in getattr(resource, "statements", ()))
    return [entry for entry in brought if "Resource" in entry or "NotResource" in entry]
