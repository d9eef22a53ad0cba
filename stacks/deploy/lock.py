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
    from types import TracebackType

    from stacks.cloud import Cloud

KEY = "deploying.json"
"""The lock's key in the artifact bucket, which is one stage's."""
TAKE_OVER = "--take-over"


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

    def __init__(self, cloud: Cloud, holder: Holder, *, take_over: bool = False) -> None:
        self._cloud, self._holder, self._take_over = cloud, holder, take_over
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
        etag = self._cloud.put_new(bucket, KEY, body)
        if etag is None:
            there = self._cloud.get(bucket, KEY)
            if there != body and not self._take_over:  # the same: a first answer got lost, and the call was repeated
                raise _held(there, bucket)
            etag = self._cloud.put(bucket, KEY, body, Headers(content_type="application/json"))
        self._taken = (bucket, etag)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._taken:
            with suppress(DeployError):  # the deploy's own outcome is what counts; the next one tells how to go on
                self._cloud.remove_if(self._taken[0], KEY, self._taken[1])


def _held(body: bytes | None, bucket: str) -> DeployError:
    try:
        holder = str(Holder(**json.loads(body or b"")))
    except (ValueError, TypeError):
        holder = "somebody"
    what = f"the stage is being changed by {holder}"
    return DeployError(f"s3://{bucket}/{KEY}", what, f"Wait for it; when it was killed, say {TAKE_OVER}")
