"""The values of this package: a grant of actions on resources under conditions, with the reasons for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.roles.needs import Need

Conditions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantPlace:
    """Where actions apply: ARNs (with ``${AWS::…}`` for ``Fn::Sub``), and under which conditions."""

    arns: tuple[str, ...]
    conditions: Conditions

    @property
    def key(self) -> str:
        """The same for equal places."""
        return json.dumps([self.arns, self.conditions], sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantStatement:
    """A statement of an IAM policy, and the needs it answers (none for a denial)."""

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    place: GrantPlace
    needs: tuple[Need, ...] = ()
    sid: str = ""
    inverted: Literal["", "NotAction", "NotResource"] = ""

    def document(self) -> JsonDict:
        """As IAM reads it."""
        action = "NotAction" if self.inverted == "NotAction" else "Action"
        resource = "NotResource" if self.inverted == "NotResource" else "Resource"
        result: JsonDict = {"Sid": self.sid} if self.sid else {}
        result |= {
            "Effect": self.effect,
            action: single_or_list(self.actions),
            resource: single_or_list(self.place.arns),
        }
        if self.place.conditions:
            result["Condition"] = {name: dict(keys) for name, keys in self.place.conditions.items()}
        return result


def single_or_list(values: tuple[str, ...]) -> str | list[str]:
    """As IAM writes one value, and several."""
    return values[0] if len(values) == 1 else list(values)
