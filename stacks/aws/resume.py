"""The ``RollbackCloud`` that is AWS CloudFormation, in the account of a ``BotoCloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.aws.clients import aws_errors
from stacks.aws.cloud import BotoCloud

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.cloud import Event, StackState


class BotoRollback(BotoCloud):
    """CloudFormation's ContinueUpdateRollback; see ``RollbackCloud``."""

    def resume(self, stack: StackState, skip: Sequence[str]) -> Iterator[Event]:
        """See ``RollbackCloud.resume``."""
        with aws_errors(stack.name):
            last = self._last_event(stack.id, stack.region)
            self._formation(stack.region).continue_update_rollback(StackName=stack.id, ResourcesToSkip=list(skip))
        return self._follow(stack.id, stack.region, last)
