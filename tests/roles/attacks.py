"""``attacks.txt`` → requests that must be denied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.roles.conftest import ACCOUNT, boundary_of
from tests.roles.simulator import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).with_name("attacks.txt")
_REGION = "eu-west-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A request that must be denied."""

    title: str
    action: str
    resource: str
    context: Mapping[str, str]
    owner: str
    """The stack whose role may do it after all."""

    def by(self, own: str) -> Request:
        """The request as the role whose stack is tagged ``own`` makes it."""
        context = {key: value.replace("<own>", own) for key, value in self.context.items()}
        return Request(action=self.action, resource=self.resource, context=context)


def _read(line: str) -> Attack:
    filled = line.replace("<boundary>", boundary_of("dev")).replace("<region>", _REGION).replace("<account>", ACCOUNT)
    title, action, resource, *rest = filled.split(" | ")
    pairs = dict(item.split("=", 1) for item in rest)
    owner = pairs.pop("owner", "")
    context = {"aws:RequestedRegion": _REGION, **pairs}
    return Attack(title=title, action=action, resource=resource, context=context, owner=owner)


ATTACKS = tuple(_read(line) for line in _FILE.read_text().splitlines() if line and not line.startswith("#"))
