"""A row of a table of refusals, which is a rule: names, numbers and lists that AWS takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.checks.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.checks.rule import Grade, Hit, Stacks


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """What a property takes, with the page that says so; each table says how it is judged and reported."""

    id: str
    path: str
    """Where the property is: ``Rules.*.Statement.Limit``, with ``*`` for each item of a list."""
    source: str
    grade: Grade = "refused"
    """``advice`` for a quota that an account can have raised, and where AWS's own documents disagree."""

    @property
    def shown(self) -> str:
        """The property as messages name it."""
        return self.path.replace(".*", "")

    def find(self, stacks: Stacks) -> Iterator[Hit]:
        """The places where AWS does not take what is written."""
        raise NotImplementedError

    @property
    def why(self) -> str:
        """What AWS takes."""
        raise NotImplementedError

    @property
    def fix(self) -> str:
        """How to correct it."""
        raise NotImplementedError

    def rule(self) -> Rule:
        """The rule of this row."""
        return Rule(id=self.id, why=self.why, fix=self.fix, source=self.source, find=self.find, grade=self.grade)
