"""All that deploying needs from AWS, in our own words: a small protocol and its values.

``aws.cloud.BotoCloud`` and ``stacks.testing.MemoryCloud`` fit it and pass the same contract tests. Nothing
here, and nothing that is written against it, ever sees a dictionary of boto3's. Every method may
raise ``DeployError``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stacks.json_types import JsonDict

ChangeAction = Literal["add", "remove", "change"]
"""What happens to a resource, or to another part of a template."""
Replacement = Literal["never", "maybe", "always"]
"""Whether CloudFormation makes a new resource instead of updating the old one."""
STACK_TYPE = "AWS::CloudFormation::Stack"
"""The type of events that are the stack's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackState:
    """A stack as CloudFormation describes it; ``id`` is its ARN, which outlives its name."""

    id: str
    name: str
    region: str
    status: str
    reason: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    """As they were given: of one that reads Parameter Store, the name there."""
    resolved: dict[str, str] = field(default_factory=dict)
    """What those that read Parameter Store had at the last create or update."""
    protected: bool = False
    changed: str = ""
    """When it was last created or updated, in ISO 8601."""
    created: str = ""
    """When it was created, in ISO 8601."""
    drift: str = ""
    """What CloudFormation found when it last looked for drift: IN_SYNC, DRIFTED; NOT_CHECKED."""

    @property
    def is_created(self) -> bool:
        """Whether a change set of the stack was ever executed; before, it has a name and no template."""
        return self.status != "REVIEW_IN_PROGRESS"

    @property
    def is_empty(self) -> bool:
        """Whether the stack holds nothing and is created anew: only a change set was made, or its creation failed."""
        return not self.is_created or self.status == "ROLLBACK_COMPLETE"

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is working on the stack."""
        return self.is_created and self.status.endswith("_IN_PROGRESS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What CloudFormation is doing with a stack: ``since`` when (ISO 8601), for which ``caller`` (an ARN).

    Both are empty where they are not known.
    """

    since: str = ""
    caller: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a change set is made from.

    ``body`` is the text of ``template``. ``bucket`` takes a body over 51,200 bytes; without one such
    a body is an error. ``creates`` says that the stack does not exist yet. With ``express`` a resource counts as made
    when it is configured, not when it is ready; failures are rolled back all the same, which the mode alone leaves out.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-express-mode.html
    """

    name: str
    region: str
    template: JsonDict
    body: str
    parameters: dict[str, str]
    creates: bool
    express: bool = False
    bucket: str | None = None
    role: str | None = None
    """The ARN of the role that CloudFormation works with, now and from then on; None: the stack's, else the caller's.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html"""
    adopts: bool = False
    """Import what exists under the names in the template, although the stack exists: a creation in two halves."""
    reverts: bool = False
    """Also bring what was changed outside of CloudFormation to what the template says; otherwise only what the template
    changes is changed. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedResource:
    """One resource a change set touches; ``unknown`` is what CloudFormation decides while it works (``Dynamic``)."""

    action: ChangeAction | Literal["import", "unknown"]
    logical_id: str
    type: str
    replacement: Replacement = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """A change set that is ready to be executed, or discarded."""

    id: str
    stack: str
    region: str
    creates: bool
    changes: tuple[ChangedResource, ...]
    warnings: tuple[str, ...] = ()
    """What CloudFormation's early validation warns of; it executes the change set all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoChanges:
    """CloudFormation found that the stack is already as submitted."""

    stack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a stack's history."""

    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    """A resource that a stack holds; ``status`` and ``reason`` are of its last event, and no part of what it is."""

    logical_id: str
    physical_id: str
    type: str
    status: str = field(default="", compare=False)
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftedProperty:
    """A property that is not as the template says; ``path`` is a JSON pointer, an absent value is empty."""

    path: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """A resource that was changed, or deleted (then it has no differences)."""

    logical_id: str
    physical_id: str
    type: str
    deleted: bool
    differences: tuple[DriftedProperty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object of a bucket; ``etag`` changes whenever the object is written with other bytes."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Bytes that a key has or once had; ``id`` is S3's."""

    key: str
    id: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """What S3 keeps with an object and serves it with."""

    content_type: str = "application/octet-stream"
    cache_control: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event of a log group; ``time`` in milliseconds since 1970, ``id`` unlike any other of its group."""

    id: str
    time: int
    message: str


class Cloud(Protocol):
    """An AWS account, seen by the deployer."""

    def account(self) -> str:
        """Return the twelve digits of the account the credentials belong to."""

    def caller(self) -> str:
        """Return the ARN of the principal of the credentials."""

    def stack(self, name: str, region: str) -> StackState | None:
        """Return the stack, ``None`` when there is none (a deleted stack is none)."""

    def regions(self) -> tuple[str, ...]:
        """Return the regions where stacks may be, whether or not the account has enabled them."""

    def stacks(self, prefix: str, region: str) -> tuple[StackState, ...]:
        """Return the stacks of a region whose names start with ``prefix``, sorted by name; no nested ones."""

    def work(self, stack: StackState) -> Work:
        """Return who set CloudFormation to work on a stack that has not settled, as far as that is known by now."""

    def template(self, name: str, region: str) -> JsonDict:
        """Return the template a stack was last deployed with, in long form."""

    def resources(self, name: str, region: str) -> tuple[StackResource, ...]:
        """Return what an existing stack holds now."""

    def published(self, names: Sequence[str], region: str) -> dict[str, str]:
        """Return the values of parameters of Parameter Store by name, of those that exist."""

    def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
        """Create a change set and wait until it is ready; leave nothing behind when it fails or is empty."""

    def execute(self, change_set: ChangeSet) -> Iterator[Event]:
        """Start a change set at once; iterate its events, oldest first, until the stack has settled."""

    def discard(self, change_set: ChangeSet) -> None:
        """Delete a change set, and the empty REVIEW_IN_PROGRESS stack that came into being with it."""

    def delete(self, stack: StackState) -> Iterator[Event]:
        """Start deleting a stack at once; iterate its events, oldest first, until it has settled."""

    def drift(self, stack: StackState) -> tuple[Drifted, ...]:
        """Look for drift, wait for the answer, and return the resources that differ, sorted by logical id."""

    def protect(self, stack: StackState, *, on: bool) -> None:
        """Switch a stack's termination protection on or off."""

    def stack_policy(self, stack: StackState) -> str | None:
        """Return a stack's policy, as JSON; ``None`` without one."""

    def set_stack_policy(self, stack: StackState, policy: str) -> None:
        """Give a stack another policy, as JSON; it cannot lose it again."""

    def has(self, bucket: str, key: str) -> bool:
        """Return whether an object exists (HEAD)."""

    def get(self, bucket: str, key: str) -> bytes | None:
        """Return an object's bytes, ``None`` when it does not exist."""

    def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
        """Write an object, return its ETag. May be called from several threads."""

    def put_new(self, bucket: str, key: str, body: bytes | Path) -> str | None:
        """Write an object unless its key exists; return its ETag, ``None`` when it exists."""

    def sha256(self, bucket: str, key: str) -> str | None:
        """Return the SHA-256 of an object's bytes, in hexadecimal; ``None`` when it does not exist."""

    def remove_if(self, bucket: str, key: str, etag: str) -> None:
        """Delete an object if it still is what was written with ``etag``; that its bucket is gone is not a failure."""

    def objects(self, bucket: str) -> tuple[Stored, ...]:
        """List a bucket, sorted by key."""

    def versions(self, bucket: str) -> tuple[Version, ...]:
        """List what a bucket's keys have and had, sorted by key."""

    def restore(self, bucket: str, key: str, version: str, headers: Headers) -> str:
        """Make an earlier version the object again, with ``headers``; return its ETag. As ``put``, from threads."""

    def remove(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete objects; their versions stay. A key that does not exist is no mistake."""

    def empty(self, bucket: str) -> int:
        """Delete all of a bucket's objects, versions and delete markers; return how many."""

    def invalidate(self, distribution: str, paths: Sequence[str]) -> None:
        """Invalidate ``paths`` of a CloudFront distribution; does not wait for it."""

    def log_events(self, group: str, region: str, since: int) -> tuple[LogEvent, ...] | None:
        """Return a log group's events from ``since`` (as ``LogEvent.time``) on, oldest first; ``None`` without one."""

    def log_group(self, function: str, region: str) -> str:
        """Return the log group that an existing function writes to."""

    def table_at_work(self, table: str, region: str) -> Iterator[str]:
        """Wait until a DynamoDB table can get or lose an index or replica; iterate what it is still at work on."""
