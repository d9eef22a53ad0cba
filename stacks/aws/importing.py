"""The ``ImportingCloud`` that is AWS CloudFormation, in the account of a ``BotoCloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.aws.cloud_control import BotoLookup
from stacks.cloud import NoChanges
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.cloud import ChangeSet, Submission
    from stacks.deploy.collisions import Named


class BotoImporting(BotoLookup):
    """CloudFormation's import change sets; see ``ImportingCloud``."""

    def prepare_import(self, submission: Submission, resources: Sequence[Named]) -> ChangeSet:
        """See ``ImportingCloud.prepare_import``."""
        wanted = [
            {
                "ResourceType": resource.type,
                "LogicalResourceId": resource.logical_id,
                "ResourceIdentifier": dict(resource.identifier),
            }
            for resource in resources
        ]
        settled = self._prepared(submission, ChangeSetType="IMPORT", ResourcesToImport=wanted)
        if isinstance(settled, NoChanges):
            raise DeployError(
                submission.name, "CloudFormation found nothing to import", "Look at the stack with 'diff'"
            )
        return settled
