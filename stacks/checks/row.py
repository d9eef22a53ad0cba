"""A rule that a property has a value, as a row: a type, the property, what is right, and the message otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.checks.rule import Rule
from stacks.json_types import at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.checks.rule import Hit, Stacks

HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One such rule. Texts carry no closing full stop."""

    id: str
    type: str
    path: str
    right: Callable[[Any], bool]
    what: str
    why: str
    fix: str
    source: str

    def find(self, stacks: Stacks) -> Iterator[Hit]:
        """The property is right on every resource of the type."""
        for resource in stacks.of(self.type):
            if not self.right(at(resource.properties, *self.path.split("."))):
                yield resource.hit(self.path, self.what)

    def rule(self) -> Rule:
        """The rule of this row."""
        return Rule(id=self.id, why=self.why, fix=self.fix, source=self.source, find=self.find)


def is_one_of(*wanted: Any) -> Callable[[Any], bool]:
    """Judge a value: one of these, of the same type."""
    return lambda value: any(value is entry or (value == entry and type(value) is type(entry)) for entry in wanted)


def is_set(value: object) -> bool:
    """Whether anything is said."""
    return value is not None
