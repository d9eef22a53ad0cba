"""The ``ImportingCloud`` that is AWS CloudFormation, in the account of a ``BotoCloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from stacks.aws.answers import capabilities
from stacks.aws.clients import told
from stacks.aws.looking import BotoLooking
from stacks.deploy.cloud import ChangeSet, NoChanges
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.deploy.cloud import Submission
    from stacks.deploy.collisions import Named


class BotoImporting(BotoLooking):
    """CloudFormation's import change sets; see ``ImportingCloud``."""

    def prepare_import(self, submission: Submission, resources: Sequence[Named]) -> ChangeSet:
        """See ``ImportingCloud.prepare_import``."""
        with told(submission.name):
            made = self._formation(submission.region).create_change_set(
                StackName=submission.name,
                ChangeSetName=f"stacks-{uuid4().hex}",
                ChangeSetType="IMPORT",
                ResourcesToImport=[
                    {
                        "ResourceType": one.type,
                        "LogicalResourceId": one.logical_id,
                        "ResourceIdentifier": dict(one.identifier),
                    }
                    for one in resources
                ],
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value} for key, value in submission.parameters.items()
                ],
                Capabilities=capabilities(submission.template),
                **self._body(submission),
            )
            change_set = ChangeSet(
                id=made["Id"],
                stack=submission.name,
                region=submission.region,
                creates=submission.creates,
                changes=(),
            )
            settled = self._settled(change_set)
        if isinstance(settled, NoChanges):
            raise DeployError(
                submission.name, "CloudFormation found nothing to import", "Look at the stack with 'diff'"
            )
        return settled
