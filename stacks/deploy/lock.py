"""One deploy of a stage at a time: an object in its artifact bucket that only the first of two can write.

S3 itself decides who is first, by conditional writes:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
A lock does not expire, since nobody knows how long a stack takes: the second deploy says who holds it, where and since
when, and how to take it over. Until base is there, there is no bucket: CloudFormation's statuses alone keep two first
deploys apart, as they do for pipelines, which deploy without this.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from stacks.cloud import Headers
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from stacks.cloud import Cloud

KEY = "deploying.json"
"""The lock's key in the artifact bucket, which is one stage's."""
TAKE_OVER = "--take-over"
_HEADERS = Headers(content_type="application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who deploys (an ARN), on which machine, and since when (ISO 8601)."""

    who: str
    machine: str
    since: str

    def __str__(self) -> str:
        return f"{self.who} on {self.machine}, since {self.since}"


class Lock:
    """Taken once there is a bucket, and given back at the end of the ``with``; ``take_over`` ends another's."""

    def __init__(
        self, cloud: Cloud, holder: Holder, *, take_over: bool = False, warn: Callable[[str], None] | None = None
    ) -> None:
        """``warn`` is given one sentence when the lock cannot be released, such as after a token has expired."""
        self._cloud, self._holder, self._take_over, self._warn = cloud, holder, take_over, warn
        self._taken: tuple[str, str] | None = None

    def __enter__(self) -> Self:
        return self

    def take(self, bucket: str) -> None:
        """Hold the lock from here on; a second call does nothing.

        Raises:
            DeployError: when somebody else holds it.
        """
        if self._taken:
            return
        body = json.dumps(asdict(self._holder)).encode()
        try:
            self._write(bucket, body)
        except KeyboardInterrupt:  # without an answer it may have been written
            with suppress(DeployError):
                if self._cloud.get(bucket, KEY) == body:
                    self._taken = (bucket, self._cloud.put(bucket, KEY, body, _HEADERS))
            raise

    def _write(self, bucket: str, body: bytes) -> None:
        etag = self._cloud.put_new(bucket, KEY, body)
        if etag is None:
            there = self._cloud.get(bucket, KEY)
            if there != body and not self._take_over:  # the same: a first answer got lost, and the call was repeated
                raise _held(there, bucket)
            etag = self._cloud.put(bucket, KEY, body, _HEADERS)
        self._taken = (bucket, etag)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._taken:
            return
        bucket, etag = self._taken
        try:
            self._cloud.remove_if(bucket, KEY, etag)
        except DeployError as failure:  # the outcome of the deployment counts, so this is a warning
            if self._warn:
                self._warn(_stayed(bucket, failure))


def _stayed(bucket: str, failure: DeployError) -> str:
    causes = "; ".join(f"{one.what}. {one.fix}" for one in failure.problems)
    return (
        f"s3://{bucket}/{KEY}: the lock of the stage could not be released and stays: {causes}."
        f" Add {TAKE_OVER} to the next deploy or destroy."
    )


def _held(body: bytes | None, bucket: str) -> DeployError:
    try:
        holder = str(Holder(**json.loads(body or b"")))
    except (ValueError, TypeError):
        holder = "somebody"
    what = f"the stage is being changed by {holder}"
    return DeployError(f"s3://{bucket}/{KEY}", what, f"Wait for it; when it was killed, say {TAKE_OVER}")
