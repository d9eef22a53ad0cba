"""What deploying reports while it runs: a closed union of facts, for one callback.

A ``watch: Callable[[Progress], None]`` gets each fact when it becomes true. Facts carry stack keys
("data") in ``stack``; how they read on a screen is ``stacks.ui``'s business alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from stacks.cloud import ChangeSet, Drifted, Event, StackResource
    from stacks.errors import Problem
    from stacks.forecast.table_parts import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStarted:
    """A stack's turn has come; ``name`` is its name in CloudFormation."""

    stack: str
    name: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCreateRemoved:
    """A stack whose first creation had failed was deleted; it is created again."""

    stack: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketFirst:
    """A new base of ``size`` bytes is over ``limit``, a call's: the bucket that the rest goes through is made first."""

    stack: str
    size: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesFound:
    """A change set is ready."""

    stack: str
    change_set: ChangeSet


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsMoved:
    """Several indexes or replicas of a table come and go: what update ``number`` of ``count`` does."""

    stack: str
    number: int
    count: int
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutesRemoved:
    """Routes of an HTTP API (keys) whose path parameter is renamed go first, and come anew with the update."""

    stack: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAwaited:
    """A part of a table (logical id) is still built or deleted; the next update has to wait for it."""

    stack: str
    table: str
    part: str
    """``index by-title``, ``replica us-east-1``, or ``the table``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingChanged:
    """The stack is as it should be."""

    stack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceEvent:
    """Something happened to a resource, or to the stack itself."""

    stack: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFinished:
    """A stack was created or updated."""

    stack: str
    status: str
    adopted: tuple[str, ...] = ()
    """Logical ids of resources that existed and were taken back as they are. CloudFormation does not change a resource
    that it imports, and believes that it is as in the template from then on: only drift detection sees a difference.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFound:
    """Resources that were taken back differ from the template; they are changed next."""

    stack: str
    drifted: tuple[Drifted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLeft:
    """Resources (logical ids) that were taken back may differ from the template, and ``why`` they stay so."""

    stack: str
    names: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A stack was protected from termination, and what it ``kept`` (logical ids) from replacement and removal."""

    stack: str
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unguarded:
    """A stack is not protected, and who deploys may not protect it; ``kept`` are its logical ids with data."""

    stack: str
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFailed:
    """A stack, or the uploads and files that go with it, failed."""

    stack: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTried:
    """A step was left out, since ``because`` (a stack) failed before it."""

    stack: str
    what: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """A code artifact is in the bucket; ``fresh`` is false when it had been there before."""

    key: str
    size: int
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesCompared:
    """Static files: how many will be put, how many are up to date, how many in the bucket are no longer ours."""

    bucket: str
    to_put: int
    unchanged: int
    stale: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One static file is up."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """Something inline that does not work; ``source`` is what would allow it, empty when moving it is the only way."""

    line: int
    what: str
    directive: str
    source: str

    @property
    def fix(self) -> str:
        """What to do about it where the policy is the description's."""
        if self.source:
            return f"Add {self.source} to frontend.csp.sources.{self.directive}"
        return f"Move it into a file, or add 'unsafe-inline' to frontend.csp.sources.{self.directive}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineBlocked:
    """A published page has something inline that its Content-Security-Policy stops."""

    key: str
    inline: Inline


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSeen:
    """How the paths below ``prefix`` lead to the files of a site.

    ``form`` is that of its addresses, ``folders``, ``names`` or ``files``, or the page that answers all of them.
    """

    prefix: str
    form: str
    pages: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInert:
    """A published file that does not do here what it is for."""

    key: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesRemoved:
    """Static files are gone: pages that are no more, or what only old releases served."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Static files are all in place; ``of`` is the release that was put back, if one was."""

    number: int
    of: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalidated:
    """The CDN's copies of these paths were invalidated."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackAbsent:
    """A stack that was to be destroyed does not exist."""

    stack: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketEmptied:
    """A bucket was emptied so that its stack can be deleted."""

    stack: str
    bucket: str
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StackDeleted:
    """A stack is gone; ``retained`` is what it left behind on purpose."""

    stack: str
    retained: tuple[StackResource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDeleted:
    """What a stack had left behind is gone with its data."""

    stack: str
    resource: StackResource


SiteProgress: TypeAlias = SiteSeen | FileInert | InlineBlocked
FileProgress: TypeAlias = Uploaded | FilesCompared | Published | FilesRemoved | Released | Invalidated
Progress: TypeAlias = (
    FileProgress
    | SiteProgress
    | StackStarted
    | FailedCreateRemoved
    | BucketFirst
    | ChangesFound
    | PartsMoved
    | RoutesRemoved
    | PartAwaited
    | NothingChanged
    | ResourceEvent
    | StackFinished
    | DriftFound
    | DriftLeft
    | Guarded
    | Unguarded
    | StackFailed
    | NotTried
    | StackAbsent
    | BucketEmptied
    | StackDeleted
    | DataDeleted
)

Watch: TypeAlias = Callable[[Progress], None]
