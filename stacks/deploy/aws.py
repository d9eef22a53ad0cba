"""The ``Cloud`` that is AWS, through boto3: with ``uploads`` the only module that imports boto3 or botocore.

Turns our few words into API calls: retried by botocore, paginated to the end, waited for by reading
events, and refused in our own errors (``refusals``). Keeps no state but its clients, and makes those
when they are first needed.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from stacks.deploy.answers import (
    capabilities,
    change_from,
    event_from,
    is_end,
    pauses,
    resource_from,
    state_from,
    suffix,
)
from stacks.deploy.aws_logs import read_group
from stacks.deploy.cloud import ChangeSet, Headers, NoChanges, Stored, Version
from stacks.deploy.early_validation import change_set_reasons, explained
from stacks.deploy.refusals import NO_CHANGES, refusal
from stacks.deploy.uploads import LARGEST, Uploads
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
    )
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from stacks.deploy.cloud import Change, Event, LogEvent, Resource, StackState, Submission

MOST_INLINE = 51_200
"""Bytes of a template in the call itself (CloudFormation quotas, "Template body size in a request")."""
MOST_IN_S3 = 1_048_576
"""Bytes of a template in an S3 object (CloudFormation quotas)."""

_MOST_REMOVED = 1000
"""Keys in one call of DeleteObjects (its API reference)."""
_MISSING = {"404", "NoSuchKey", "NotFound"}


class BotoCloud:
    """An AWS account, or an endpoint that speaks like one.

    ``region`` is where buckets and tokens are asked for; each stack names its own. ``profile`` is one of
    the user's AWS profiles. For an emulator give ``endpoint_url`` (S3 is then addressed by path) and
    ``credentials`` (access key, secret).
    """

    def __init__(
        self,
        region: str,
        *,
        profile: str | None = None,
        endpoint_url: str | None = None,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        self._region, self._profile, self._endpoint = region, profile, endpoint_url
        self._credentials = credentials
        self._clients: dict[tuple[str, str], Any] = {}
        self._uploads: Uploads | None = None
        self._making = threading.Lock()

    def account(self) -> str:
        """See ``Cloud.account``."""
        with told("credentials"):
            return str(self._client("sts").get_caller_identity()["Account"])

    def stack(self, name: str, region: str) -> StackState | None:
        """See ``Cloud.stack``."""
        with told(name):
            try:
                found = self._formation(region).describe_stacks(StackName=name)["Stacks"][0]
            except ClientError as error:
                if _code(error) == "ValidationError" and "does not exist" in str(error):
                    return None
                raise
        return None if found["StackStatus"] == "DELETE_COMPLETE" else state_from(found, region)

    def template(self, name: str, region: str) -> dict[str, Any]:
        """See ``Cloud.template``."""
        from cfn_flip import load  # type: ignore[import-untyped] # noqa: PLC0415 - slow to import, rarely needed

        with told(name):
            body: Any = self._formation(region).get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        loaded: dict[str, Any] = load(body)[0] if isinstance(body, str) else body
        return loaded

    def resources(self, name: str, region: str) -> tuple[Resource, ...]:
        """See ``Cloud.resources``."""
        with told(name):
            pages = self._formation(region).get_paginator("list_stack_resources").paginate(StackName=name)
            found = [one for page in pages for one in page["StackResourceSummaries"]]
        return tuple(
            resource_from(one)
            for one in found
            if one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE"
        )

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

    def delete(self, stack: StackState) -> Iterator[Event]:
        """See ``Cloud.delete``."""
        with told(stack.name):
            last = self._last_event(stack.id, stack.region)
            self._formation(stack.region).delete_stack(StackName=stack.id)
        return self._follow(stack.id, stack.region, last)

    def has(self, bucket: str, key: str) -> bool:
        """See ``Cloud.has``."""
        with told(f"s3://{bucket}/{key}"):
            try:
                self._s3().head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if _code(error) in _MISSING:
                    return False
                raise
        return True

    def get(self, bucket: str, key: str) -> bytes | None:
        """See ``Cloud.get``."""
        with told(f"s3://{bucket}/{key}"):
            try:
                return self._s3().get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                if _code(error) in _MISSING:
                    return None
                raise

    def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
        """See ``Cloud.put``."""
        more: dict[str, Any] = {"CacheControl": headers.cache_control} if headers.cache_control else {}
        more |= {"ContentType": headers.content_type, "Metadata": headers.metadata}
        with told(f"s3://{bucket}/{key}"):
            if isinstance(body, bytes):
                return self._s3().put_object(Bucket=bucket, Key=key, Body=body, **more)["ETag"]
            small = body.stat().st_size <= LARGEST
            if small and (etag := self._quick().put(bucket, key, body.read_bytes(), headers)):
                return etag
            with body.open("rb") as opened:
                return self._s3().put_object(Bucket=bucket, Key=key, Body=opened, **more)["ETag"]

    def objects(self, bucket: str) -> tuple[Stored, ...]:
        """See ``Cloud.objects``."""
        with told(f"s3://{bucket}"):
            pages = self._s3().get_paginator("list_objects_v2").paginate(Bucket=bucket)
            found = [one for page in pages for one in page.get("Contents", [])]
        stored = (Stored(key=one["Key"], size=one["Size"], etag=one["ETag"]) for one in found)
        return tuple(sorted(stored, key=lambda one: one.key))

    def versions(self, bucket: str) -> tuple[Version, ...]:
        """See ``Cloud.versions``."""
        with told(f"s3://{bucket}"):
            pages = self._s3().get_paginator("list_object_versions").paginate(Bucket=bucket)
            found = [one for page in pages for one in page.get("Versions", [])]
        versions = (Version(key=one["Key"], id=one["VersionId"], etag=one["ETag"]) for one in found)
        return tuple(sorted(versions, key=lambda one: one.key))

    def restore(self, bucket: str, key: str, version: str, headers: Headers) -> str:
        """See ``Cloud.restore``."""
        with told(f"s3://{bucket}/{key}"):
            copied = self._s3().copy_object(
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": bucket, "Key": key, "VersionId": version},
                MetadataDirective="REPLACE",
                ContentType=headers.content_type,
                CacheControl=headers.cache_control,
                Metadata=headers.metadata,
            )
        return copied["CopyObjectResult"]["ETag"]

    def remove(self, bucket: str, keys: Sequence[str]) -> None:
        """See ``Cloud.remove``."""
        with told(f"s3://{bucket}"):
            for start in range(0, len(keys), _MOST_REMOVED):
                self._remove(bucket, [{"Key": key} for key in keys[start : start + _MOST_REMOVED]])

    def empty(self, bucket: str) -> int:
        """See ``Cloud.empty``."""
        count = 0
        with told(f"s3://{bucket}"):
            for page in self._s3().get_paginator("list_object_versions").paginate(Bucket=bucket):
                listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                if listed:
                    self._remove(bucket, [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed])
                count += len(listed)
        return count

    def invalidate(self, distribution: str, paths: Sequence[str]) -> None:
        """See ``Cloud.invalidate``."""
        with told(f"distribution {distribution}"):
            self._client("cloudfront").create_invalidation(
                DistributionId=distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                    "CallerReference": uuid4().hex,
                },
            )

    def log_events(self, group: str, region: str, since: int) -> tuple[LogEvent, ...] | None:
        """See ``Cloud.log_events``."""
        with told(group):
            return read_group(self._client("logs", region), group, since)

    def _remove(self, bucket: str, listed: list[ObjectIdentifierTypeDef]) -> None:
        answer = self._s3().delete_objects(Bucket=bucket, Delete={"Objects": listed, "Quiet": True})
        for error in answer.get("Errors", []):
            raise refusal(f"s3://{bucket}/{error.get('Key')}", "", error.get("Code"), error.get("Message", ""))

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

    def _last_event(self, stack: str, region: str) -> str | None:
        for page in self._formation(region).get_paginator("describe_stack_events").paginate(StackName=stack):
            for event in page["StackEvents"]:
                return event["EventId"]
        return None

    def _follow(self, stack: str, region: str, last: str | None) -> Iterator[Event]:
        """Yield events after ``last`` until the stack has come to rest.

        Its own event says so, not a status that may still be the one before.
        """
        for pause in pauses():
            with told(stack.split("/")[1] if "/" in stack else stack):
                fresh = [explained(self._formation(region), stack, one) for one in self._events(stack, region, last)]
            yield from fresh
            if any(is_end(event, stack) for event in fresh):
                return
            last = fresh[-1].id if fresh else last
            time.sleep(pause)

    def _events(self, stack: str, region: str, after: str | None) -> list[Event]:
        fresh: list[Event] = []
        for page in self._formation(region).get_paginator("describe_stack_events").paginate(StackName=stack):
            for one in page["StackEvents"]:
                if one["EventId"] == after:
                    return fresh[::-1]
                fresh.append(event_from(one))
        return fresh[::-1]

    def _formation(self, region: str) -> CloudFormationClient:
        client: CloudFormationClient = self._client("cloudformation", region)
        return client

    def _quick(self) -> Uploads:
        client = self._s3()
        with self._making:
            if self._uploads is None:
                found: Any = self._session().get_credentials()
                if found is None:
                    raise NoCredentialsError
                self._uploads = Uploads(client, found, by_path=self._endpoint is not None)
            return self._uploads

    def _s3(self) -> S3Client:
        client: S3Client = self._client("s3")
        return client

    def _client(self, service: str, region: str | None = None) -> Any:
        place = (service, region or self._region)
        with self._making:
            if place not in self._clients:
                self._clients[place] = self._made(*place)
            return self._clients[place]

    def _session(self) -> boto3.Session:
        key, secret = self._credentials or (None, None)
        return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, profile_name=self._profile)

    def _made(self, service: str, region: str) -> Any:
        s3: Any = {"addressing_style": "path"} if self._endpoint else {}
        config = Config(retries={"mode": "standard", "total_max_attempts": 5}, s3=s3, max_pool_connections=16)
        make: Any = self._session().client
        return make(service, region_name=region, endpoint_url=self._endpoint, config=config)


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn what boto3 raises into ``DeployError``."""
    try:
        yield
    except ClientError as error:
        raise refusal(where, "ClientError", _code(error), error.response["Error"].get("Message", "")) from error
    except BotoCoreError as error:
        raise refusal(where, type(error).__name__, None, str(error)) from error


def _code(error: ClientError) -> str:
    return error.response["Error"].get("Code", "")
