"""What the account in memory keeps of a stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stacks.cloud import StackState, Work

if TYPE_CHECKING:
    from stacks.json_types import JsonDict


@dataclass(slots=True, kw_only=True)
class HeldStack:
    """A stack: its last good template, and its existing resources with their resolved properties."""

    state: StackState
    template: JsonDict = field(default_factory=dict)
    properties: dict[str, JsonDict] = field(default_factory=dict)
    policy: str | None = None
    work: Work = field(default_factory=Work)
