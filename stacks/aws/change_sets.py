"""Change sets: made from a template, waited for, executed or discarded. The part of ``Cloud`` that changes stacks."""

from __future__ import annotations

import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stacks.aws.answers import capabilities, change_from, pauses, suffix
from stacks.aws.buckets import BotoBuckets
from stacks.aws.clients import told
from stacks.aws.early_validation import change_set_reasons
from stacks.aws.refusals import NO_CHANGES
from stacks.aws.stacks import BotoStacks
from stacks.deploy.cloud import ChangeSet, Headers, NoChanges
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef

    from stacks.deploy.cloud import Change, Event, Submission

MOST_INLINE = 51_200
"""Bytes of a template in the call itself (CloudFormation quotas, "Template body size in a request")."""
MOST_IN_S3 = 1_000_000
"""Bytes of a template in an S3 object: CloudFormation answers "Template may not exceed 1000000 bytes in size"."""
_EXPRESS: dict[str, Any] = {"DeploymentConfig": {"Mode": "EXPRESS", "DisableRollback": False}}


class BotoChangeSets(BotoStacks, BotoBuckets):
    """Change sets of an account; long templates are sent by way of a bucket."""

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        """See ``Cloud.prepare``."""
        with told(submission.name):
            made = self._formation(submission.region).create_change_set(
                StackName=submission.name,
                ChangeSetName=f"stacks-{uuid4().hex}",
                ChangeSetType="CREATE" if submission.creates else "UPDATE",
                ImportExistingResources=submission.creates,
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value} for key, value in submission.parameters.items()
                ],
                Capabilities=capabilities(submission.template),
                **_EXPRESS if submission.express else {},
                **self._body(submission),
            )
            change_set = ChangeSet(
                id=made["Id"],
                stack=submission.name,
                region=submission.region,
                creates=submission.creates,
                changes=(),
            )
            return self._settled(change_set)

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:
        """See ``Cloud.execute``."""
        with told(change_set.stack):
            client = self._formation(change_set.region)
            stack = client.describe_change_set(ChangeSetName=change_set.id)["StackId"]
            last = self._last_event(stack, change_set.region)
            # With a token, a retry after a lost answer is no second execution (API reference of ExecuteChangeSet).
            client.execute_change_set(ChangeSetName=change_set.id, ClientRequestToken=change_set.id.split("/")[1])
        return self._follow(stack, change_set.region, last)

    def discard(self, change_set: ChangeSet) -> None:
        """See ``Cloud.discard``."""
        with told(change_set.stack):
            client = self._formation(change_set.region)
            with suppress(client.exceptions.ChangeSetNotFoundException):
                client.delete_change_set(ChangeSetName=change_set.id)
            state = self.stack(change_set.stack, change_set.region)
            if state and state.status == "REVIEW_IN_PROGRESS":
                client.delete_stack(StackName=state.id)

    def _body(self, submission: Submission) -> dict[str, Any]:
        body = submission.body.encode()
        if len(body) <= MOST_INLINE:
            return {"TemplateBody": submission.body}
        if len(body) > MOST_IN_S3:
            what = f"the template has {len(body):,} bytes, CloudFormation takes {MOST_IN_S3:,}"
            raise DeployError(submission.name, what, "Split the application into two")
        if submission.bucket is None:
            what = f"the template has {len(body):,} bytes; over {MOST_INLINE:,} it must come from the artifact bucket"
            raise DeployError(submission.name, what, "Deploy the base stack, which makes that bucket, first")
        key = f"templates/{submission.name}/{sha256(body).hexdigest()}.yaml"
        self.put(submission.bucket, key, body, Headers(content_type="application/yaml"))
        host = f"https://s3.{self._region}.{suffix(self._region)}"
        return {"TemplateURL": f"{host}/{submission.bucket}/{key}"}

    def _settled(self, change_set: ChangeSet) -> ChangeSet | NoChanges:
        client = self._formation(change_set.region)
        try:
            for pause in pauses():
                found = client.describe_change_set(ChangeSetName=change_set.id)
                if found["Status"] in {"CREATE_COMPLETE", "FAILED"}:
                    break
                time.sleep(pause)
        except BaseException:  # Ctrl-C, too
            with suppress(DeployError):
                self.discard(change_set)
            raise
        if found["Status"] == "CREATE_COMPLETE":
            return ChangeSet(
                id=change_set.id,
                stack=change_set.stack,
                region=change_set.region,
                creates=change_set.creates,
                changes=tuple(self._changes(client, found)),
            )
        reason = found.get("StatusReason", "no reason given")
        details = [] if reason.startswith(NO_CHANGES) else change_set_reasons(client, change_set.id)
        self.discard(change_set)
        if reason.startswith(NO_CHANGES):
            return NoChanges(stack=change_set.stack)
        what = f"CloudFormation refuses the change set: {'; '.join([reason.rstrip('.'), *details])}"
        raise DeployError(change_set.stack, what, "Mend what it names, then deploy again")

    def _changes(self, client: CloudFormationClient, first: DescribeChangeSetOutputTypeDef) -> Iterator[Change]:
        page = first
        while True:
            yield from (change_from(one) for one in page.get("Changes", []) if one.get("Type") == "Resource")
            if not page.get("NextToken"):
                return
            page = client.describe_change_set(ChangeSetName=first["ChangeSetId"], NextToken=page["NextToken"])
