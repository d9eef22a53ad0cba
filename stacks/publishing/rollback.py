"""An earlier release of the static files put back at once: S3 copies the versions it keeps, nothing is uploaded.

The same plan and the same order as publishing (``stacks.publishing.publish``), with versions in place of files. Putting
release 3 back makes a new release that serves what 3 served; so it can itself be put back, and history only grows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.errors import DeployError, Problem
from stacks.publishing.publish import Restore, carry_out, current_release, plan_publish, prune
from stacks.publishing.releases import numbers, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.cloud import Cloud, Stored
    from stacks.progress import Watch
    from stacks.publishing.publish import PublishPlan
    from stacks.publishing.releases import Release


def rollback(number: int | None, cloud: Cloud, watch: Watch, *, bucket: str, distribution: str | None) -> PublishPlan:
    """Put release ``number`` back, or the one before the current; return what was done.

    Raises ``DeployError`` when there is no such release, when S3 no longer has one of its files (nothing is touched
    then), and when S3 or CloudFront refuse.
    """
    listed = cloud.objects(bucket)
    plan = plan_rollback(number, listed, cloud, bucket=bucket)
    carry_out(plan, cloud, watch, bucket=bucket, distribution=distribution)
    prune(plan, listed, cloud, watch, bucket=bucket)
    return plan


def plan_rollback(number: int | None, listed: Sequence[Stored], cloud: Cloud, *, bucket: str) -> PublishPlan:
    """What has to be done to put a release back; raises as ``rollback``."""
    target = read(cloud, bucket, _chosen(number, numbers(listed), bucket))
    if not target.files:
        raise DeployError(f"release {target.number}", "its record cannot be read", "Choose another of 'publish --list'")
    versions = {(version.key, version.etag): version.id for version in cloud.versions(bucket)}
    plan = plan_publish(_restores(target, versions), listed, current_release(cloud, bucket, listed))
    problems = tuple(
        Problem(
            where=f"release {target.number}",
            what=f"S3 no longer has its {file.key}",
            fix="Choose a newer release, or publish the files again",
        )
        for file in plan.puts
        if isinstance(file, Restore) and file.version is None
    )
    if problems:
        raise DeployError.of(problems)
    return replace(plan, of=target.number)


def _restores(target: Release, versions: dict[tuple[str, str], str]) -> list[Restore]:
    return [
        Restore(key=key, version=versions.get((key, file.etag)), headers=file.headers, digest=file.digest)
        for key, file in sorted(target.files.items())
    ]


def _chosen(number: int | None, known: Sequence[int], bucket: str) -> int:
    if number is None:
        if len(known) < 2:  # noqa: PLR2004 - the current one, and one before it
            raise DeployError(f"s3://{bucket}", "there is no earlier release to put back", "Publish a second one first")
        return known[-2]
    if number not in known:
        output = ", ".join(map(str, known)) or "none"
        raise DeployError(f"release {number}", "is not kept", f"Choose one of these: {output}")
    return number
