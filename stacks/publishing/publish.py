"""Static files into the bucket: only what changed, in an order in which every page finds its assets at any moment.

    new assets → changed assets → new pages → changed pages (HTML, service workers) → pages that are no more go
    → the CDN invalidates → the release is written → files that only releases older than the last five served go

``plan_publish`` is pure: local files, the bucket's listing and the current release to a plan. A file is left alone
only when the release has it with the same bytes and headers *and* the listing still shows its ETag. The release is
written when all else is done, so a run that was cut off is made good by the next one. Only what a release names is
ever deleted; the bucket keeps deleted versions for 90 days. ``stacks.publishing.rollback`` makes the same kind of plan.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from stacks.errors import DeployError
from stacks.progress import FilesCompared, FilesRemoved, Invalidated, Published, Released
from stacks.publishing.releases import FOLDER, KEPT, NOTHING, Release, Served, body_of, key_of, numbers, read
from stacks.publishing.sites import SiteObject
from stacks.publishing.web import FOREVER, is_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stacks.cloud import Cloud, Headers, Stored
    from stacks.progress import Watch

MOST_PATHS = 15
"""More paths than this become one wildcard for each prefix: CloudFront allows 15 wildcards at a time, and each
path beyond 1,000 a month costs money (a wildcard counts as one)."""
_THREADS = 16
# Only RFC 1738's unsafe characters are encoded in an invalidation's path, no others; "*" would be a wildcard.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
_SAFE = "/!$&'()+,;:=@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """An earlier version of an object that is put back; ``version`` is S3's id, ``None`` when S3 has it no more."""

    key: str
    version: str | None
    headers: Headers
    digest: str


Upload: TypeAlias = SiteObject | Restore


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPlan:
    """What is done, in this order; ``number`` is the new release, ``stale`` the objects that belong to no release."""

    number: int
    waves: tuple[tuple[Upload, ...], ...]
    removed: tuple[str, ...]
    forget: tuple[str, ...]
    unchanged: Mapping[str, Served]
    stale: tuple[str, ...]
    drops: bool
    """Files went that the last release had: a release of its own, though nothing may be put."""
    of: int | None = None
    """The release that is put back, if one is."""

    @property
    def puts(self) -> tuple[Upload, ...]:
        """All files that are put, in their order."""
        return tuple(file for wave in self.waves for file in wave)

    @property
    def is_empty(self) -> bool:
        """Whether the bucket is as it should be."""
        return not (self.puts or self.drops)


def plan_publish(wanted: Sequence[Upload], listed: Sequence[Stored], current: Release) -> PublishPlan:
    """Compare what should be in the bucket with what is in it."""
    etags = {stored.key: stored.etag for stored in listed if not stored.key.startswith(FOLDER)}
    files = {file.key: file for file in wanted}
    unchanged = {key: current.files[key] for key, file in files.items() if _is_current(file, etags, current)}
    puts = [file for key, file in files.items() if key not in unchanged]
    gone = current.files.keys() - files.keys()
    removed = tuple(sorted(key for key in gone & etags.keys() if is_page(key)))
    held = [file.key for file in puts if file.key in etags and (is_page(file.key) or _is_kept(file, current))]
    return PublishPlan(
        number=max([current.number, *numbers(listed)]) + 1,
        waves=_waves(puts, etags),
        removed=removed,
        forget=paths_to_forget([*held, *removed]),
        unchanged=unchanged,
        stale=tuple(sorted(etags.keys() - files.keys() - current.files.keys())),
        drops=bool(gone),
    )


def _waves(puts: Sequence[Upload], existing: Mapping[str, str]) -> tuple[tuple[Upload, ...], ...]:
    """Files are put wave by wave: what a file names is in an earlier one, or was there before."""
    waves: dict[tuple[bool, bool], list[Upload]] = {(page, old): [] for page in (False, True) for old in (False, True)}
    for file in puts:
        waves[is_page(file.key), file.key in existing].append(file)
    return tuple(map(tuple, waves.values()))


def _is_current(file: Upload, etags: Mapping[str, str], current: Release) -> bool:
    served = current.files.get(file.key)
    return (
        served is not None
        and (served.digest, served.headers) == (file.digest, file.headers)
        and etags.get(file.key) == served.etag
    )


def _is_kept(file: Upload, current: Release) -> bool:
    """Whether the CDN may hold what the file replaces without asking again; before the first release it is unknown."""
    served = current.files.get(file.key)
    return current is NOTHING or (served is not None and served.headers.cache_control == FOREVER)


def paths_to_forget(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the CDN paths of replaced objects; ``index.html`` is also its folder."""
    paths = set()
    for key in keys:
        paths.add(_path(key))
        if key.rpartition("/")[2] == "index.html":
            paths.add(_path(key.removesuffix("index.html")))
    if len(paths) <= MOST_PATHS:
        return tuple(sorted(paths))
    return tuple(sorted({"/" + path.split("/")[1] + "/*" if path.count("/") > 1 else path for path in paths}))


def _path(key: str) -> str:
    return "/" + quote(key, safe=_SAFE).replace("~", "%7E")


def publish(
    wanted: Sequence[Upload], cloud: Cloud, watch: Watch, *, bucket: str, distribution: str | None
) -> PublishPlan:
    """Upload ``wanted`` into the bucket and invalidate what changed; return what was done.

    Raises ``DeployError`` when S3 or CloudFront refuse.
    """
    listed = cloud.objects(bucket)
    plan = plan_publish(wanted, listed, current_release(cloud, bucket, listed))
    carry_out(plan, cloud, watch, bucket=bucket, distribution=distribution)
    prune(plan, listed, cloud, watch, bucket=bucket)
    return plan


def current_release(cloud: Cloud, bucket: str, listed: Sequence[Stored]) -> Release:
    """The release that is served now."""
    known = numbers(listed)
    return read(cloud, bucket, known[-1]) if known else NOTHING


def carry_out(plan: PublishPlan, cloud: Cloud, watch: Watch, *, bucket: str, distribution: str | None) -> None:
    """Do what the plan says."""
    puts, same = len(plan.puts), len(plan.unchanged)
    watch(FilesCompared(bucket=bucket, to_put=puts, unchanged=same, stale=len(plan.stale)))
    if plan.is_empty:
        return
    etags: dict[str, str] = {}
    for wave in plan.waves:
        etags |= _place_all(wave, bucket, cloud, watch)
    if plan.removed:
        cloud.remove(bucket, plan.removed)
        watch(FilesRemoved(keys=plan.removed))
    if distribution and plan.forget:
        cloud.invalidate(distribution, plan.forget)
        watch(Invalidated(paths=plan.forget))
    put = {file.key: Served(digest=file.digest, etag=etags[file.key], headers=file.headers) for file in plan.puts}
    _record(Release(number=plan.number, files={**plan.unchanged, **put}, of=plan.of), cloud, bucket)
    watch(Released(number=plan.number, of=plan.of))


def _record(release: Release, cloud: Cloud, bucket: str) -> None:
    """Write the record of a release, which the bucket's policy protects from being overwritten.

    A record with our own bytes is our own: S3 took it and its answer was lost.
    """
    key, body = key_of(release.number), body_of(release)
    if cloud.put_new(bucket, key, body) is None and cloud.get(bucket, key) != body:
        what = "another publication to this bucket wrote the same release meanwhile; the files of both are in place"
        raise DeployError(f"s3://{bucket}/{key}", what, "Publish again: the next release holds what you have")


def prune(plan: PublishPlan, listed: Sequence[Stored], cloud: Cloud, watch: Watch, *, bucket: str) -> None:
    """Delete what only releases before the last ``KEPT`` served, then those releases; also what a killed run left."""
    old, gone = outdated(plan, listed, cloud, bucket=bucket)
    if gone:
        cloud.remove(bucket, gone)
        watch(FilesRemoved(keys=tuple(gone)))
    if old:
        cloud.remove(bucket, [key_of(number) for number in old])


def outdated(plan: PublishPlan, listed: Sequence[Stored], cloud: Cloud, *, bucket: str) -> tuple[list[int], list[str]]:
    """The releases before the last ``KEPT`` once the plan is done, and the keys that only those served."""
    known = [*numbers(listed), *([] if plan.is_empty else [plan.number])]
    if not (old := known[:-KEPT]):
        return [], []
    earlier = [number for number in known[-KEPT:] if number != plan.number]
    kept = {key for number in earlier for key in read(cloud, bucket, number).files}
    kept |= plan.unchanged.keys() | {file.key for file in plan.puts}
    served = {key for number in old for key in read(cloud, bucket, number).files}
    return old, sorted(served & {stored.key for stored in listed} - kept)


def _place_all(files: Sequence[Upload], bucket: str, cloud: Cloud, watch: Watch) -> dict[str, str]:
    etags = {}
    with ThreadPoolExecutor(_THREADS) as threads:
        running = {threads.submit(_place, file, bucket, cloud): file.key for file in files}
        try:
            for done in as_completed(running):
                etags[running[done]] = done.result()
                watch(Published(key=running[done]))
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return etags


def _place(file: Upload, bucket: str, cloud: Cloud) -> str:
    if isinstance(file, Restore):
        return cloud.restore(bucket, file.key, file.version or "", file.headers)
    return cloud.put(bucket, file.key, file.body, file.headers)
