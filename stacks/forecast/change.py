"""The words of a forecast: one ``Change`` for each resource, output, parameter or other part of a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from stacks.cloud import ChangeAction, Replacement
    from stacks.prices.difference import CostChange

Loss = Literal["none", "kept", "lost"]
"""Data of a stateful resource that leaves the stack: none, kept outside of it (retained), or lost."""
ChangeSection = Literal["Resources", "Outputs", "Parameters", "Template", "Files"]

_RANK: dict[Replacement, int] = {"never": 0, "maybe": 1, "always": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyChange:
    """One value of a resource (or output, or parameter) that differs."""

    path: str
    """``KeySchema[AttributeName=id].KeyType``; list items are named by what identifies them, else by index."""
    action: Literal["added", "removed", "changed", "reordered"]
    old: Any = None
    new: Any = None
    replacement: Replacement = "never"
    interrupts: bool = False
    """The documented update behaviour is "some interruptions"."""
    because: str = ""
    """Why it replaces, when the property itself does not say so."""
    refused: str = ""
    """Why AWS will refuse the update, when that is documented."""
    security: bool = False
    """It changes who may do what, or how data and network are protected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to one part of a template."""

    section: ChangeSection
    name: str
    """The logical id, or the name of the output, parameter or section."""
    type: str = ""
    """A resource's type."""
    action: ChangeAction
    properties: tuple[PropertyChange, ...] = ()
    """Empty for what is added or removed whole."""
    replacement: Replacement = "never"
    loss: Loss = "none"
    security: bool = False
    """One of its properties is security-relevant, or it is added or removed and its type is."""
    refused: tuple[str, ...] = ()
    """Why AWS fails the update, anyone who agrees to it; from what it documents."""
    notes: tuple[str, ...] = ()
    """What else a person should know: that it looks renamed, that it cannot keep its name."""

    @property
    def destructive(self) -> bool:
        """Whether data is lost, or stays behind where the application no longer looks."""
        return self.loss != "none"


def strongest(replacements: tuple[Replacement, ...]) -> Replacement:
    """The one that weighs most; ``never`` of none."""
    return max(replacements, key=_RANK.__getitem__, default="never")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackChanges:
    """What becomes of one stack."""

    stack: str
    """``data``, or ``dev/data`` where several stages are compared."""
    name: str
    """``notes-dev-data``, or the file it is about."""
    changes: tuple[Change, ...]
    costs: tuple[CostChange, ...] = ()
    """Resources that cost more or less a month, while nothing happens."""
