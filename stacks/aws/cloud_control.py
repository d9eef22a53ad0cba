"""The ``LookupCloud`` that is AWS: Cloud Control reads every type in one way, CloudFormation knows whose it is.

https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResource.html
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from stacks.aws.clients import aws_errors, error_code
from stacks.aws.cloud import BotoCloud
from stacks.deploy.collisions import Named, Sight
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Sequence

_AT_ONCE = 8
_ABSENT = "ResourceNotFoundException"
_NOT_READ = {"UnsupportedActionException", "TypeNotFoundException"}
"""Types that Cloud Control does not read: CloudFormation itself is left to find their names taken."""
_LEFT = {"DELETE_COMPLETE", "DELETE_SKIPPED"}
"""Statuses of resources that a stack holds no more."""


class BotoLookup(BotoCloud):
    """Names of an account, looked for; see ``LookupCloud``."""

    def look_up(self, wanted: Sequence[Named], region: str) -> Sight:
        """See ``LookupCloud.look_up``; several at once."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = list(pool.map(lambda entry: self._status(entry, region), wanted))
        existing = tuple(entry for entry, answer in zip(wanted, results, strict=True) if answer is True)
        unseen = {entry.type: answer for entry, answer in zip(wanted, results, strict=True) if isinstance(answer, str)}
        return Sight(existing=existing, unseen=unseen)

    def owner(self, physical_id: str, region: str) -> str | None:
        """See ``LookupCloud.owner``."""
        with aws_errors(physical_id):
            client = self._formation(region)
            try:
                resources = client.describe_stack_resources(PhysicalResourceId=physical_id)["StackResources"]
            except client.exceptions.ClientError as error:
                if error_code(error) == "ValidationError" and "does not exist" in str(error):
                    return None
                raise
        held = [resource for resource in resources if resource.get("PhysicalResourceId") == physical_id]
        # Deleted stacks answer, too, for 90 days (API reference of DescribeStackResources).
        return next((resource.get("StackName") for resource in held if resource["ResourceStatus"] not in _LEFT), None)

    def _status(self, entry: Named, region: str) -> bool | str:
        """Whether a resource exists, or why that is unknown."""
        client = self._client("cloudcontrol", region)
        try:
            with aws_errors(entry.text):
                client.get_resource(TypeName=entry.type, Identifier=entry.text)
        except DeployError as error:
            code = error_code(error.__cause__) if isinstance(error.__cause__, Exception) else ""
            if code == _ABSENT and self._endpoint and self._is_held(entry, region):
                return True
            return False if code == _ABSENT or code in _NOT_READ else code or error.problems[0].what
        return True

    def _is_held(self, entry: Named, region: str) -> bool:
        """Whether a service itself has a bucket or table: Cloud Control of the local AWS knows only what it made."""
        with suppress(DeployError), aws_errors(entry.text):
            if entry.type == "AWS::S3::Bucket":
                self._client("s3", region).head_bucket(Bucket=entry.text)
                return True
            if entry.type == "AWS::DynamoDB::Table":
                self._client("dynamodb", region).describe_table(TableName=entry.text)
                return True
        return False
