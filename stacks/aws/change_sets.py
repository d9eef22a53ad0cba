"""Change sets: made from a template, waited for, executed or discarded. The part of ``Cloud`` that changes stacks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stacks.aws.buckets import BotoBuckets
from stacks.aws.clients import aws_errors, error_code
from stacks.aws.early_validation import change_set_reasons
from stacks.aws.refusals import NO_CHANGES
from stacks.aws.responses import capabilities, change_from, polling
from stacks.aws.stacks import BotoStacks
from stacks.cloud import ChangeSet, Headers, NoChanges
from stacks.errors import DeployError
from stacks.limits import INLINE_BYTES, TEMPLATE_BYTES
from stacks.template.pseudo import url_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef

    from stacks.cloud import ChangedResource, Event, Submission
    from stacks.json_types import JsonDict

_EXPRESS: JsonDict = {"DeploymentConfig": {"Mode": "EXPRESS", "DisableRollback": False}}
_REVERT: JsonDict = {"DeploymentMode": "REVERT_DRIFT"}


class BotoChangeSets(BotoStacks, BotoBuckets):
    """Change sets of an account; long templates are sent by way of a bucket."""

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        """See ``Cloud.prepare``."""
        kind = "CREATE" if submission.creates else "UPDATE"
        more = {**(_EXPRESS if submission.express else {}), **(_REVERT if submission.reverts else {})}
        more |= {"RoleARN": submission.role} if submission.role else {}
        imports = submission.creates or submission.adopts
        return self._prepared(submission, ChangeSetType=kind, ImportExistingResources=imports, **more)

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:
        """See ``Cloud.execute``."""
        with aws_errors(change_set.stack):
            client = self._formation(change_set.region)
            stack = client.describe_change_set(ChangeSetName=change_set.id)["StackId"]
            last = self._last_event(stack, change_set.region)
            # With a token, a retry after a lost answer is not a second execution (API reference of ExecuteChangeSet).
            # The reference gives DisableRollback as true by default: a failed update would stay half done.
            client.execute_change_set(
                ChangeSetName=change_set.id, ClientRequestToken=change_set.id.split("/")[1], DisableRollback=False
            )
        return self._follow(stack, change_set.region, last)

    def discard(self, change_set: ChangeSet) -> None:
        """See ``Cloud.discard``."""
        with aws_errors(change_set.stack):
            client = self._formation(change_set.region)
            with suppress(client.exceptions.ChangeSetNotFoundException):
                client.delete_change_set(ChangeSetName=change_set.id)
            self._leave_no_empty_stack(change_set.stack, change_set.region)

    def _prepared(self, submission: Submission, **how: Any) -> ChangeSet | NoChanges:
        """Create a change set with the parameters of CreateChangeSet in ``how``; a retry creates no second one."""
        name = f"stacks-{uuid4().hex}"
        with aws_errors(submission.name):
            how |= self._body(submission)
            try:
                result = self._formation(submission.region).create_change_set(
                    StackName=submission.name,
                    ChangeSetName=name,
                    ClientToken=name,
                    Parameters=[
                        {"ParameterKey": key, "ParameterValue": value} for key, value in submission.parameters.items()
                    ],
                    Capabilities=capabilities(submission.template),
                    **how,
                )
            except BaseException as error:  # Ctrl-C, too: without an answer it may have been made
                if not error_code(error):
                    self._take_back(submission, name)
                raise
            change_set = ChangeSet(
                id=result["Id"],
                stack=submission.name,
                region=submission.region,
                creates=submission.creates,
                changes=(),
            )
            return self._settled(change_set)

    def _take_back(self, submission: Submission, name: str) -> None:
        with suppress(DeployError), aws_errors(submission.name):
            client = self._formation(submission.region)
            client.delete_change_set(ChangeSetName=name, StackName=submission.name)
            self._leave_no_empty_stack(submission.name, submission.region)

    def _leave_no_empty_stack(self, name: str, region: str) -> None:
        """Delete a stack that a change set left behind; without the right to, it stays for the next deployment."""
        state = self.stack(name, region)
        if state and not state.is_created:
            client = self._formation(region)
            try:
                client.delete_stack(StackName=state.id)
            except client.exceptions.ClientError as error:
                if error_code(error) not in {"AccessDenied", "AccessDeniedException"}:
                    raise

    def _body(self, submission: Submission) -> JsonDict:
        body = submission.body.encode()
        if len(body) <= INLINE_BYTES:
            return {"TemplateBody": submission.body}
        if len(body) > TEMPLATE_BYTES:
            what = f"the template has {len(body):,} bytes, CloudFormation takes {TEMPLATE_BYTES:,}"
            raise DeployError(submission.name, what, "Split the application into two")
        if submission.bucket is None:
            what = f"the template has {len(body):,} bytes; over {INLINE_BYTES:,} it must come from the artifact bucket"
            raise DeployError(submission.name, what, "Deploy the base stack, which makes that bucket, first")
        key = f"templates/{submission.name}/{sha256(body).hexdigest()}.yaml"
        self.put(submission.bucket, key, body, Headers(content_type="application/yaml"))
        host = f"https://s3.{self._region}.{url_suffix(self._region)}"
        return {"TemplateURL": f"{host}/{submission.bucket}/{key}"}

    def _settled(self, change_set: ChangeSet) -> ChangeSet | NoChanges:
        client = self._formation(change_set.region)
        try:
            result = self._waited(client, change_set)
            if result["Status"] == "CREATE_COMPLETE":
                changes = tuple(self._changes(client, result))
                return replace(change_set, changes=changes, warnings=tuple(change_set_reasons(client, change_set.id)))
            reason = result.get("StatusReason", "no reason given")
            details = [] if reason.startswith(NO_CHANGES) else change_set_reasons(client, change_set.id)
        except BaseException:  # Ctrl-C, too
            with suppress(DeployError):
                self.discard(change_set)
            raise
        self.discard(change_set)
        if reason.startswith(NO_CHANGES):
            return NoChanges(stack=change_set.stack)
        what = f"CloudFormation refuses the change set: {'; '.join([reason.rstrip('.'), *details])}"
        raise DeployError(change_set.stack, what, "Correct what it names, then deploy again")

    def _waited(self, client: CloudFormationClient, change_set: ChangeSet) -> DescribeChangeSetOutputTypeDef:
        for _ in polling():
            result = client.describe_change_set(ChangeSetName=change_set.id)
            if result["Status"] in {"CREATE_COMPLETE", "FAILED"}:
                break
        return result

    def _changes(
        self, client: CloudFormationClient, first: DescribeChangeSetOutputTypeDef
    ) -> Iterator[ChangedResource]:
        page = first
        while True:
            yield from (change_from(change) for change in page.get("Changes", []) if change.get("Type") == "Resource")
            if not page.get("NextToken"):
                return
            page = client.describe_change_set(ChangeSetName=first["ChangeSetId"], NextToken=page["NextToken"])
