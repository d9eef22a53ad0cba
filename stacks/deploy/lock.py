"""One deploy of a stage at a time: an object in its artifact bucket that only the first of two can write.

S3 itself decides who is first, by conditional writes:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
A lock does not expire, since the time a stack takes is unknown: the second deploy says who holds it, where and since
when, and how to take it over. Until base is deployed, there is no bucket: CloudFormation's statuses alone keep two
first deploys apart, as they do for pipelines, which deploy without this.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from stacks.cloud import Headers
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from stacks.cloud import Cloud, StackState
    from stacks.template.rendered import Rendered

KEY = "deploying.json"
"""The lock's key in the artifact bucket, which is one stage's."""
TAKE_OVER = "--take-over"
_HEADERS = Headers(content_type="application/json")
_ABANDONED = timedelta(minutes=30)
"""A lock is reported as abandoned when it is older than this and no stack has changed for as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who deploys (an ARN), on which machine, and since when (ISO 8601)."""

    caller: str
    machine: str
    since: str

    def __str__(self) -> str:
        return f"{self.caller} on {self.machine}{f', since {self.since}' if self.since else ''}"


class Lock:
    """Taken when the bucket exists, released at the end of the ``with``; ``take_over`` replaces another's lock."""

    def __init__(
        self, cloud: Cloud, holder: Holder, *, take_over: bool = False, warn: Callable[[str], None] | None = None
    ) -> None:
        """``warn`` is given one sentence when the lock cannot be released, such as after a token has expired."""
        self._cloud, self._holder, self._take_over, self._warn = cloud, holder, take_over, warn
        self._taken: tuple[str, str] | None = None

    def __enter__(self) -> Self:
        return self

    def take(self, bucket: str, stacks: Sequence[Rendered] = ()) -> None:
        """Take the lock; a second call does nothing.

        Raises:
            DeployError: when somebody else holds it, with the state of the stage's ``stacks``.
        """
        if self._taken:
            return
        body = json.dumps(asdict(self._holder)).encode()
        try:
            self._write(bucket, body, stacks)
        except KeyboardInterrupt:  # without an answer it may have been written
            with suppress(DeployError):
                if self._cloud.get(bucket, KEY) == body:
                    self._taken = (bucket, self._cloud.put(bucket, KEY, body, _HEADERS))
            raise

    def _write(self, bucket: str, body: bytes, stacks: Sequence[Rendered]) -> None:
        etag = self._cloud.put_new(bucket, KEY, body)
        if etag is None:
            stored = self._cloud.get(bucket, KEY)
            if stored != body and not self._take_over:  # the same: a first answer got lost, and the call was repeated
                states = (self._cloud.stack(stack.name, stack.region) for stack in stacks)
                raise _held(stored, bucket, [state for state in states if state], self._holder.since)
            etag = self._cloud.put(bucket, KEY, body, _HEADERS)
        self._taken = (bucket, etag)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._release()
        except KeyboardInterrupt:  # a signal during the release does not leave the lock behind
            self._release()
            raise

    def _release(self) -> None:
        if not self._taken:
            return
        bucket, etag = self._taken
        try:
            self._cloud.remove_if(bucket, KEY, etag)
        except DeployError as failure:  # the outcome of the deployment counts, so this is a warning
            if self._warn:
                self._warn(_stayed(bucket, failure))


def _stayed(bucket: str, failure: DeployError) -> str:
    causes = "; ".join(f"{problem.what}. {problem.fix}" for problem in failure.problems)
    return (
        f"s3://{bucket}/{KEY}: the lock of the stage could not be released and stays: {causes}."
        f" Add {TAKE_OVER} to the next deploy or destroy."
    )


def _held(body: bytes | None, bucket: str, states: Sequence[StackState], now: str) -> DeployError:
    """The error for a lock that somebody holds: who, since when, and whether the stacks are at rest."""
    where = f"s3://{bucket}/{KEY}"
    try:
        holder = Holder(**json.loads(body or b""))
    except (ValueError, TypeError):
        holder = Holder(caller="somebody", machine="an unknown machine", since="")
    what = f"the stage is locked by {holder}"
    if busy := [f"{state.name} ({state.status})" for state in states if state.in_progress]:
        return DeployError(where, f"{what}; CloudFormation is changing {', '.join(busy)}", "Wait until it is done")
    if minutes := _idle(holder.since, states, now):
        what += f"; no stack has changed for {minutes} minutes, so that run has probably ended without releasing it"
        return DeployError(where, what, f"Make sure that it is not running any more, then add {TAKE_OVER}")
    return DeployError(where, what, f"Wait for it; if it was killed, add {TAKE_OVER}")


def _idle(since: str, states: Sequence[StackState], now: str) -> int:
    """Minutes for which a lock was held without any change of a stack; 0 if below the threshold, or unknown."""
    try:
        dates = [
            datetime.fromisoformat(text) for text in (since, *(state.changed for state in states if state.changed))
        ]
        idle = datetime.fromisoformat(now) - max(dates)
    except (ValueError, TypeError):
        return 0
    return int(idle.total_seconds() // 60) if idle >= _ABANDONED else 0
