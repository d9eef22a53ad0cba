"""What is deployed is what was packaged: keys of code are written once and say what their objects hold."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from stacks.aws.cloud import BotoCloud
from stacks.cloud import Headers
from stacks.deploy.code import bring, verify
from stacks.errors import DeployError
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from pathlib import Path

BODY = b"the zip that was approved"
KEY = f"code/web/{hashlib.sha256(BODY).hexdigest()}.zip"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A packaged zip."""
    path = tmp_path / "web.zip"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def cloud() -> MemoryCloud:
    """An account with an empty bucket ``b``."""
    memory = MemoryCloud()
    memory.buckets["b"] = {}
    return memory


def test_code_is_brought_up_once(cloud: MemoryCloud, file: Path) -> None:
    assert bring(KEY, file, "b", cloud)
    assert not bring(KEY, file, "b", cloud)
    assert cloud.get("b", KEY) == BODY


def test_code_that_somebody_else_wrote_under_its_key_is_refused_and_left(cloud: MemoryCloud, file: Path) -> None:
    cloud.put("b", KEY, b"something else", Headers())
    with pytest.raises(DeployError, match="holds something else than the code its key names"):
        bring(KEY, file, "b", cloud)
    assert cloud.get("b", KEY) == b"something else"


def test_who_is_second_does_not_overwrite(file: Path) -> None:
    class Late(MemoryCloud):
        def has(self, bucket: str, key: str) -> bool:
            return False if key == KEY else super().has(bucket, key)

        def put_new(self, *_: Any) -> str | None:
            return None

    late = Late()
    late.buckets["b"] = {}
    late.put("b", KEY, BODY, Headers())
    assert not bring(KEY, file, "b", late)


def test_a_key_that_names_no_digest_says_nothing(cloud: MemoryCloud) -> None:
    cloud.put("b", "code/1.zip", BODY, Headers())
    verify("code/1.zip", "b", cloud)


def test_s3s_own_digest_is_asked_and_an_object_without_one_is_read() -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html ."""
    boto = BotoCloud("eu-west-1", credentials=("test", "test"))
    with Stubber(boto._client("s3")) as stub:
        asked = {"Bucket": "b", "Key": KEY, "ChecksumMode": "ENABLED"}
        known = {"ChecksumSHA256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "ChecksumType": "FULL_OBJECT"}
        stub.add_response("head_object", known, asked)
        stub.add_client_error("head_object", "404", http_status_code=404)
        assert boto.sha256("b", KEY) == hashlib.sha256(b"").hexdigest()
        assert boto.sha256("b", KEY) is None
