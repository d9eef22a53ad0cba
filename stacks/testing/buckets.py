"""S3 buckets in memory, a part of ``stacks.testing.MemoryCloud``: objects with their versions and headers."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.cloud import Headers, Stored, Version
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object of a bucket, with what it is served with."""

    body: bytes
    headers: Headers


class MemoryBuckets:
    """Buckets of an account; stacks make them, tests may look at and fill ``buckets``."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, StoredObject]] = {}
        self._history: defaultdict[str, list[tuple[str, StoredObject]]] = defaultdict(list)

    def has(self, bucket: str, key: str) -> bool:
        """See ``Cloud.has``."""
        return key in self._bucket(bucket)

    def get(self, bucket: str, key: str) -> bytes | None:
        """See ``Cloud.get``."""
        stored_object = self._bucket(bucket).get(key)
        return stored_object.body if stored_object else None

    def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
        """See ``Cloud.put``."""
        stored = StoredObject(body=body if isinstance(body, bytes) else body.read_bytes(), headers=headers)
        self._bucket(bucket)[key] = stored
        self._history[bucket].append((key, stored))
        return _etag(stored)

    def put_new(self, bucket: str, key: str, body: bytes | Path) -> str | None:
        """See ``Cloud.put_new``."""
        return None if self.has(bucket, key) else self.put(bucket, key, body, Headers())

    def sha256(self, bucket: str, key: str) -> str | None:
        """See ``Cloud.sha256``."""
        stored_object = self._bucket(bucket).get(key)
        return hashlib.sha256(stored_object.body).hexdigest() if stored_object else None

    def remove_if(self, bucket: str, key: str, etag: str) -> None:
        """See ``Cloud.remove_if``."""
        held = self.buckets.get(bucket, {}).get(key)
        if held and _etag(held) == etag:
            self.remove(bucket, [key])

    def objects(self, bucket: str) -> tuple[Stored, ...]:
        """See ``Cloud.objects``."""
        results = sorted(self._bucket(bucket).items())
        return tuple(
            Stored(key=key, size=len(stored_object.body), etag=_etag(stored_object)) for key, stored_object in results
        )

    def versions(self, bucket: str) -> tuple[Version, ...]:
        """See ``Cloud.versions``; every bucket keeps versions."""
        self._bucket(bucket)
        results = [
            Version(key=key, id=str(i), etag=_etag(stored_object))
            for i, (key, stored_object) in enumerate(self._history[bucket])
        ]
        return tuple(sorted(results, key=lambda version: version.key))

    def restore(self, bucket: str, key: str, version: str, headers: Headers) -> str:
        """See ``Cloud.restore``."""
        return self.put(bucket, key, self._history[bucket][int(version)][1].body, headers)

    def remove(self, bucket: str, keys: Sequence[str]) -> None:
        """See ``Cloud.remove``."""
        for key in keys:
            self._bucket(bucket).pop(key, None)

    def empty(self, bucket: str) -> int:
        """See ``Cloud.empty``."""
        count = len(self._bucket(bucket))
        self._bucket(bucket).clear()
        self._history[bucket].clear()
        return count

    def _bucket(self, name: str) -> dict[str, StoredObject]:
        if name not in self.buckets:
            raise DeployError(f"s3://{name}", "the bucket does not exist", "Deploy the stack that makes it first")
        return self.buckets[name]


def _etag(stored: StoredObject) -> str:
    return f'"{hashlib.md5(stored.body, usedforsecurity=False).hexdigest()}"'
