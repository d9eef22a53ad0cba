"""What does not agree in a stage's buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath

_BUCKET_CHARACTERS = 63  # S3: a general purpose bucket's name
_OWN_BUCKETS = {"code", "logs", "site", "trail"}


def problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Names that are taken or too long, and a site whose address is not known yet."""
    longest = naming.bucket_in(stage, "", stage.region)
    fixed = len(longest.replace("${AWS::AccountId}", "0" * 12))
    for name, bucket in stage.data.buckets.items():
        if "site" in bucket.cors and not stage.frontend.domain:
            what = "'site' has no domain here, and CloudFront's address is known only after the bucket is created"
            fix = "Give the site a domain under 'frontend.domain', or write the origin of the pages"
            yield (*at, name, "cors"), what, fix
        if name in _OWN_BUCKETS:
            yield (*at, name), f"{name!r} is a bucket of this project's own", "Choose another name"
        if fixed + len(name) > _BUCKET_CHARACTERS:
            what = f"the bucket's whole name would have {fixed + len(name)} characters, S3 takes {_BUCKET_CHARACTERS}"
            yield (*at, name), what, f"Use a name of at most {_BUCKET_CHARACTERS - fixed}", "BUCKET-NAME"
