"""Static files: which of them are put, in what order, and what the CDN must forget.

``plan_publish`` is pure: local files, the bucket's listing and the manifest of the last run to a
plan. The manifest holds for each object the digest of its bytes and headers, and the ETag S3 gave it. A
file is left alone only when the digest is the same *and* the listing still shows that ETag; when the
manifest is missing or unreadable, every file is put. It is written last, so a run that was cut off is made
good by the next one. Its key, ``.stacks/manifest.json``, is reached through the CDN only by a site that is
served at ``/``; it names nothing but what is public there anyway.

Nothing is ever deleted: pages that are open in a browser still ask for the assets of yesterday.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from stacks.deploy.cloud import Headers
from stacks.deploy.progress import FilesCompared, Invalidated, Published

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stacks.deploy.cloud import Cloud, Stored
    from stacks.deploy.progress import Watch
    from stacks.deploy.sites import LocalFile

MANIFEST = ".stacks/manifest.json"
MOST_PATHS = 15
"""More paths than this become one wildcard for each prefix: CloudFront allows 15 wildcards at a time, and each
path beyond 1,000 a month costs money (a wildcard counts as one)."""
_THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the last run noted about an object."""

    digest: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPlan:
    """``assets`` are put before ``pages``, so that no page asks for an asset that is not there yet."""

    assets: tuple[LocalFile, ...]
    pages: tuple[LocalFile, ...]
    unchanged: int
    stale: tuple[str, ...]
    forget: tuple[str, ...]


def plan_publish(local: Sequence[LocalFile], remote: Sequence[Stored], manifest: Mapping[str, Known]) -> PublishPlan:
    """Compare what should be in the bucket with what is there."""
    etags = {stored.key: stored.etag for stored in remote}
    puts = [file for file in local if not _is_current(file, etags.get(file.key), manifest.get(file.key))]
    pages = tuple(file for file in puts if file.headers.content_type.startswith("text/html"))
    return PublishPlan(
        assets=tuple(file for file in puts if file not in pages),
        pages=pages,
        unchanged=len(local) - len(puts),
        stale=tuple(sorted(etags.keys() - {file.key for file in local} - {MANIFEST})),
        forget=paths_to_forget(file.key for file in puts if file.key in etags),
    )


def paths_to_forget(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the CDN paths of replaced objects; ``index.html`` is also its folder."""
    paths = set()
    for key in keys:
        paths.add("/" + quote(key))
        if key.rpartition("/")[2] == "index.html":
            paths.add("/" + quote(key.removesuffix("index.html")))
    if len(paths) <= MOST_PATHS:
        return tuple(sorted(paths))
    return tuple(sorted({"/" + path.split("/")[1] + "/*" if path.count("/") > 1 else path for path in paths}))


def publish(
    local: Sequence[LocalFile], cloud: Cloud, watch: Watch, *, bucket: str, distribution: str | None
) -> PublishPlan:
    """Bring ``local`` into the bucket and tell the distribution what changed; return what was done.

    Raises ``DeployError`` when S3 or CloudFront refuse.
    """
    manifest = read_manifest(cloud.get(bucket, MANIFEST))
    plan = plan_publish(local, cloud.objects(bucket), manifest)
    puts = len(plan.assets) + len(plan.pages)
    watch(FilesCompared(bucket=bucket, to_put=puts, unchanged=plan.unchanged, stale=len(plan.stale)))
    etags = _put_all(plan.assets, bucket, cloud, watch) | _put_all(plan.pages, bucket, cloud, watch)
    if distribution and plan.forget:
        cloud.invalidate(distribution, plan.forget)
        watch(Invalidated(paths=plan.forget))
    if puts:
        noted = {file.key: Known(digest=file.digest, etag=etags[file.key]) for file in (*plan.assets, *plan.pages)}
        headers = Headers(content_type="application/json", cache_control="no-store")
        cloud.put(bucket, MANIFEST, manifest_body({**manifest, **noted}), headers)
    return plan


def read_manifest(body: bytes | None) -> dict[str, Known]:
    """Read a manifest; whatever is wrong with it, an empty one comes back and everything is put again."""
    try:
        entries = json.loads(body or b"{}").items()
        return {str(key): Known(digest=str(entry["digest"]), etag=str(entry["etag"])) for key, entry in entries}
    except (ValueError, AttributeError, TypeError, KeyError):
        return {}


def manifest_body(manifest: Mapping[str, Known]) -> bytes:
    """Write a manifest: the same entries give the same bytes."""
    entries = {key: {"digest": known.digest, "etag": known.etag} for key, known in manifest.items()}
    return json.dumps(entries, sort_keys=True, indent=1).encode()


def _is_current(file: LocalFile, etag: str | None, known: Known | None) -> bool:
    return known is not None and (known.digest, known.etag) == (file.digest, etag)


def _put_all(files: Sequence[LocalFile], bucket: str, cloud: Cloud, watch: Watch) -> dict[str, str]:
    etags = {}
    with ThreadPoolExecutor(_THREADS) as threads:
        running = {threads.submit(cloud.put, bucket, file.key, file.body, file.headers): file.key for file in files}
        try:
            for done in as_completed(running):
                etags[running[done]] = done.result()
                watch(Published(key=running[done]))
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return etags
