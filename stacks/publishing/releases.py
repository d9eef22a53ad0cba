"""Releases of the static files: what each one served, kept in the bucket as ``.stacks/releases/00000007.json``.

A release is written when all of it is in place and never changed after that; the newest is the one that is served.
It names for each key the SHA-256 of the bytes, the ETag that S3 gave them, and the headers they are served with.
With the versions that the bucket keeps for 90 days, that is enough to put it back. It names nothing but what was
public, and the bucket's policy keeps it from the CDN all the same.

Pure but for ``read``, which asks the ``Cloud`` given to it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.cloud import Headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stacks.cloud import Cloud, Stored

FOLDER = ".stacks/"
KEPT = 5
"""Releases whose files stay in place, for pages that are open in a browser; older ones can no longer be put back."""
_KEY = re.compile(r"\.stacks/releases/(\d{8})\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An object as a release served it."""

    digest: str
    etag: str
    headers: Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """All that was served at one time; ``of`` is the release it put back, if it did. The first number is 1."""

    number: int
    files: Mapping[str, Served]
    of: int | None = None


NOTHING = Release(number=0, files={})
"""What is served before the first release."""


def key_of(number: int) -> str:
    """The key a release is written under."""
    return f"{FOLDER}releases/{number:08}.json"


def numbers(listed: Iterable[Stored]) -> tuple[int, ...]:
    """The releases of a bucket's listing, the newest last."""
    return tuple(sorted(int(match[1]) for stored in listed if (match := _KEY.fullmatch(stored.key))))


def read(cloud: Cloud, bucket: str, number: int) -> Release:
    """Read a release; whatever is wrong with it, one without files comes back."""
    return parsed(number, cloud.get(bucket, key_of(number)))


def parsed(number: int, body: bytes | None) -> Release:
    """The release that ``body`` describes, one without files when it describes none."""
    try:
        data = json.loads(body or b"")
        files = {str(key): _served(file) for key, file in data["files"].items()}
        of = int(data["of"]) if data.get("of") else None
    except (ValueError, AttributeError, TypeError, KeyError):
        return Release(number=number, files={})
    return Release(number=number, files=files, of=of)


def body_of(release: Release) -> bytes:
    """Write a release: the same files give the same bytes."""
    files = {key: _entry(file) for key, file in release.files.items()}
    return json.dumps({"of": release.of, "files": files}, sort_keys=True, separators=(",", ":")).encode()


def _entry(entry: Served) -> dict[str, str]:
    headers = entry.headers
    return {"sha256": entry.digest, "etag": entry.etag, "type": headers.content_type, "cache": headers.cache_control}


def _served(entry: Mapping[str, str]) -> Served:
    headers = Headers(content_type=str(entry["type"]), cache_control=str(entry["cache"]))
    return Served(digest=str(entry["sha256"]), etag=str(entry["etag"]), headers=headers)
