"""Packaged code → the artifact bucket, where a key says what its object holds.

Keys end with the SHA-256 of their zip. A key is written once (``If-None-Match``; the bucket's policy asks for it), and
an object that already exists must be what its key says: so what is deployed is what was built and approved, anyone who
else may write code. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
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
    """Upload a zip under its key; False when it already exists.

    Raises:
        DeployError: when another object exists.
    """
    if not cloud.has(bucket, key) and cloud.put_new(bucket, key, file) is not None:
        return True
    verify(key, bucket, cloud)
    return False


def verify(key: str, bucket: str, cloud: Cloud) -> None:
    """Let an object pass that is what its key says; a key that names no SHA-256 says nothing.

    Raises:
        DeployError: when it is something else.
    """
    named = PurePosixPath(key).stem
    if _SHA256.fullmatch(named) and cloud.sha256(bucket, key) != named:
        what = "it holds something else than the code its key names: somebody wrote it who did not package it"
        fix = "Find out who in CloudTrail or the bucket's access log, delete the object, then deploy again"
        raise DeployError(f"s3://{bucket}/{key}", what, fix)
