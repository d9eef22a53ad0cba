"""A stage's stacks and what is deployed → the state of each: its status, and whether it is behind the description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.deploy.foresee import foresee
from stacks.errors import counted
from stacks.template.wired import DIGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.cloud import Cloud
    from stacks.template.rendered import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStatus:
    """The state of one stack."""

    stack: str
    name: str
    region: str
    status: str
    """CloudFormation's; empty for a stack that does not exist."""
    changed: str = ""
    """When it was last created or updated, in ISO 8601; empty when the cloud does not report it."""
    changes: int = 0
    """Parts of the template that a deployment would add, change or remove; a stack that does not exist has all."""
    destructive: int = 0
    """Those of them that lose data."""
    drift: str = ""
    """DRIFTED, IN_SYNC or NOT_CHECKED, as of the last time that drift was looked for."""

    synced: tuple[str, ...] = ()
    """Functions with code of ``sync``, which the next deployment replaces by the deployed code."""

    described: bool = True
    """Whether the description still has the stack."""

    @property
    def behind(self) -> str:
        """In words: what a deployment would do."""
        if not self.described:
            return "no longer described; 'deploy --prune' deletes it"
        if not self.status:
            return "not deployed"
        if not self.changes:
            return f"as described{self._synced}"
        lost = f", {self.destructive} destructive" if self.destructive else ""
        return f"behind: {counted(self.changes, 'change')}{lost}{self._synced}"

    @property
    def _synced(self) -> str:
        return f"; synced: {', '.join(self.synced)}" if self.synced else ""


def stack_statuses(stack: Rendered, packaged: Mapping[str, str], cloud: Cloud, account: str) -> StackStatus:
    """The state of a rendered stack. Raises ``DeployError`` as the cloud does.

    ``packaged`` are the parameters of code packaged here; code that never was counts as it is deployed, since its
    key says nothing of the description.
    """
    state = cloud.stack(stack.name, stack.region)
    declared = stack.template.get("Parameters", {}).keys()
    key = declared - state.resolved.keys() - {DIGEST} if state else set()
    known = {name: value for name, value in (state.parameters if state else {}).items() if name in key}
    changes = foresee(stack, {**known, **stack.parameters, **packaged}, cloud, account).changes
    return StackStatus(
        stack=stack.stack,
        name=stack.name,
        region=stack.region,
        status=state.status if state else "",
        changed=state.changed if state else "",
        changes=len(changes),
        destructive=sum(change.destructive for change in changes),
        drift=state.drift if state else "",
    )


def leftover(stack: Rendered, cloud: Cloud) -> StackStatus:
    """The state of a deployed stack that the description no longer has (see ``undescribed``)."""
    state = cloud.stack(stack.name, stack.region)
    return StackStatus(
        stack=stack.stack,
        name=stack.name,
        region=stack.region,
        status=state.status if state else "",
        changed=state.changed if state else "",
        drift=state.drift if state else "",
        described=False,
    )
