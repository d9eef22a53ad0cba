"""A row of a table of refusals, which is a rule: names, numbers and lists that AWS takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from stacks.checks.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.checks.rule import Grade, Hit, Stacks


class RefusedRow(ABC):
    """What a property takes, with the page that says so; each table says how it is judged and reported."""

    __slots__ = ()
    id: str
    path: str
    """Where the property is: ``Rules.*.Statement.Limit``, with ``*`` for each item of a list."""
    source: str
    grade: Grade
    """``advice`` for a quota that an account can have raised, and where AWS's own documents disagree."""

    @property
    def shown(self) -> str:
        """The property as messages name it."""
        return self.path.replace(".*", "")

    @abstractmethod
    def find(self, stacks: Stacks) -> Iterator[Hit]:
        """The places where AWS does not take what is written."""

    @property
    @abstractmethod
    def why(self) -> str:
        """What AWS takes."""

    @property
    @abstractmethod
    def fix(self) -> str:
        """How to correct it."""

    def rule(self) -> Rule:
        """The rule of this row."""
        return Rule(id=self.id, why=self.why, fix=self.fix, source=self.source, find=self.find, grade=self.grade)
