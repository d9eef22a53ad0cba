"""What a description says of workflows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from stacks.kinds.workflows.definition import GROUPS, references
from stacks.model.described import Described
from stacks.model.statements import PolicyStatement, plain_statement
from stacks.model.texts import Name, ShortFor, Text
from stacks.values import value

_file = Text(
    r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\\0]+\.(?:json|ya?ml)",
    "is not a definition file inside the project",
    "Write its path relative to app.yaml, such as workflows/order.asl.json",
)


def _definition(described: object) -> Any:
    return described if isinstance(described, Mapping) else _file(str(described))


def _workflow(described: object) -> Any:
    return (
        {"definition": described}
        if isinstance(described, str) or (isinstance(described, Mapping) and "States" in described)
        else described
    )


@value
class Workflow(Described):
    """A Step Functions workflow (type STANDARD). Its role is derived from the tasks in its definition."""

    definition: Annotated[Any, ShortFor(_definition, ("string", "object"))]
    """A file in Amazon States Language, JSON or YAML, or the mapping itself. It names things of the application as
    ``${functions.charge}``, ``${tables.orders}``, ``${queues.jobs}``, ``${topics.news}``, ``${buses.shop}`` and
    ``${workflows.refund}``."""
    statements: tuple[PolicyStatement, ...] = ()
    """What else its role allows, for tasks that use other services. They join the boundary too, which the base stack
    holds: deploy it first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "statements", tuple(map(plain_statement, self.statements)))

    @property
    def references(self) -> tuple[tuple[str, str], ...]:
        """What the definition works on: the group of the description, and the name. Nothing before it is read."""
        named = (text.partition(".") for _, text in references(self.definition))
        return tuple(dict.fromkeys((GROUPS[group], name) for group, _, name in named if group in GROUPS))


@value
class OfBackend(Described):
    """Workflows in the section ``backend``."""

    workflows: Mapping[Name, Annotated[Workflow, ShortFor(_workflow, ("string",))]] = field(default_factory=dict)
    """Step Functions workflows: ``order: workflows/order.asl.json``."""


@value
class OfFunction(Described):
    """Workflows that a function uses."""

    workflows: Mapping[Name, Literal["start"]] = field(default_factory=dict)
    """The workflows it starts, as ``order: start``; it gets their ARNs, as ``ORDER_WORKFLOW_ARN``."""
