"""Packaged code → the artifact bucket, where a key says what its object holds.

Keys end with the SHA-256 of their zip. A key is written once (``If-None-Match``, which the bucket's policy requires),
and an object that already exists must have the digest of its key. So what is deployed is what was built and approved,
even if others may write to the bucket.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.errors import DeployError

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.cloud import Cloud

_SHA256 = re.compile(r"[0-9a-f]{64}")


def bring(key: str, file: Path, bucket: str, cloud: Cloud) -> bool:
    """Upload a zip under its key; False when it exists already.

    Raises:
        DeployError: when the key holds something else.
    """
    if not cloud.has(bucket, key) and cloud.put_new(bucket, key, file) is not None:
        return True
    verify(key, bucket, cloud)
    return False


def verify(key: str, bucket: str, cloud: Cloud) -> None:
    """Compare an object with the SHA-256 in its key; a key without one passes.

    Raises:
        DeployError: when the object has another digest.
    """
    named = PurePosixPath(key).stem
    if _SHA256.fullmatch(named) and cloud.sha256(bucket, key) != named:
        what = "it holds something else than the code its key names: somebody wrote it who did not package it"
        fix = "Find out who in CloudTrail or the bucket's access log, delete the object, then deploy again"
        raise DeployError(f"s3://{bucket}/{key}", what, fix)
