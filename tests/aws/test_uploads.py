"""Quick uploads: small objects over connections that stay open; what fails is left to the client."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import boto3
import pytest
from botocore.credentials import Credentials

from stacks.aws.uploads import Uploads
from stacks.cloud import Headers

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-1"


class Bucket(BaseHTTPRequestHandler):
    """Takes objects, and answers as ``answers`` say."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[list[int]] = []
    seen: ClassVar[list[tuple[str, bytes, int]]] = []
    headers_seen: ClassVar[list[dict[str, str]]] = []

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, body, self.client_address[1]))
        self.headers_seen.append({name.lower(): text for name, text in self.headers.items()})
        status = self.answers.pop(0) if self.answers else 200
        if not status:  # the connection breaks
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def bucket() -> Iterator[str]:
    Bucket.answers, Bucket.seen, Bucket.headers_seen = [], [], []
    with running() as address:
        yield address


@contextmanager
def running() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Bucket) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def uploads(address: str) -> Uploads:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    return Uploads(session.client("s3", endpoint_url=address), Credentials("test", "test"), by_path=True)


def put(to: Uploads, key: str = "a.js") -> str | None:
    return to.put("b", key, b"body", Headers(content_type="text/javascript", cache_control="no-cache"))


def test_small_objects_go_over_one_connection_that_stays_open(bucket: str) -> None:
    to = uploads(bucket)
    assert [put(to, "a b&ü@.js"), put(to)] == ['"e"', '"e"']
    assert [path for path, *_ in Bucket.seen] == ["/b/a%20b%26%C3%BC%40.js", "/b/a.js"]
    assert len({port for *_, port in Bucket.seen}) == 1


def test_an_upload_has_its_headers_and_the_digest_of_its_body_under_the_signature(bucket: str) -> None:
    put(uploads(bucket))
    (sent,) = Bucket.headers_seen
    assert (sent["content-type"], sent["cache-control"]) == ("text/javascript", "no-cache")
    assert sent["x-amz-content-sha256"] == sha256(b"body").hexdigest()
    assert sent["authorization"].startswith("AWS4-HMAC-SHA256 Credential=test/")
    signed = sent["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "content-type", "cache-control", "x-amz-content-sha256", "x-amz-date"} <= set(signed)


@pytest.mark.parametrize("answer", [403, 503, 307, 0])
def test_what_does_not_work_at_once_is_left_to_the_client_and_the_next_one_works(bucket: str, answer: int) -> None:
    Bucket.answers, to = [answer], uploads(bucket)
    assert [put(to), put(to)] == [None, '"e"']


def test_a_connection_that_broke_meanwhile_is_replaced(bucket: str) -> None:
    Bucket.answers, to = [200, 0, 200], uploads(bucket)
    assert [put(to), put(to), put(to)] == ['"e"', None, '"e"']


def test_behind_a_proxy_all_is_left_to_the_client(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    assert put(uploads(bucket)) is None
    assert not Bucket.seen


def test_on_aws_an_object_is_at_its_buckets_own_host_over_tls() -> None:
    client = boto3.client("s3", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    to = Uploads(client, Credentials("x", "x"), by_path=False)
    host, path = to._place("b", "static/a b.js")
    assert (host, path) == (f"b.s3.{REGION}.amazonaws.com", "/static/a%20b.js")
    connection = to._connection(host)
    assert type(connection).__name__ == "HTTPSConnection"
    assert connection._context.verify_mode.name == "CERT_REQUIRED"  # type: ignore[attr-defined]
