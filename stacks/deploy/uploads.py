"""Small files into S3 fast: PUTs with botocore's signatures over botocore's connections, without the rest of a client.

A client's call costs over a millisecond of this processor, more than S3 takes for a small file in parallel; ten
thousand files would wait for it. Only an answer of 200 counts. After anything else nothing is said: the caller asks
the client, which knows how to retry and what to tell.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

    from stacks.deploy.cloud import Headers

LARGEST = 8 * 1024**2
"""Bytes that are sent from memory; larger files are the client's."""
CONNECTIONS = 16


class Uploads:
    """Puts small objects to where ``client`` does, with the same credentials; from several threads."""

    def __init__(self, client: S3Client, credentials: Credentials, *, by_path: bool) -> None:
        self._endpoint, self._by_path = urlsplit(client.meta.endpoint_url), by_path
        self._region, self._credentials = client.meta.region_name, credentials
        proxies = get_environ_proxies(client.meta.endpoint_url)
        # Head and body are sent apart: without TCP_NODELAY the body waits for the acknowledgement of the head.
        at_once: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
        self._http = URLLib3Session(proxies=proxies, max_pool_connections=CONNECTIONS, socket_options=at_once)

    def put(self, bucket: str, key: str, body: bytes, headers: Headers) -> str | None:
        """Write an object, return its ETag; ``None`` when that did not work at once."""
        request = AWSRequest("PUT", self._address(bucket, key), _headers(headers), body)
        S3SigV4Auth(self._credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        try:
            answer = self._http.send(request.prepare())
        except BotoCoreError:
            return None
        return answer.headers.get("ETag") if answer.status_code == 200 else None  # noqa: PLR2004 - HTTP's OK

    def _address(self, bucket: str, key: str) -> str:
        path = quote(key, safe="/~")
        scheme, host = self._endpoint.scheme, self._endpoint.netloc
        return f"{scheme}://{host}/{bucket}/{path}" if self._by_path else f"{scheme}://{bucket}.{host}/{path}"


def _headers(headers: Headers) -> dict[str, str]:
    own = {f"x-amz-meta-{name}": value for name, value in headers.metadata.items()}
    kept = {"Cache-Control": headers.cache_control} if headers.cache_control else {}
    return {"Content-Type": headers.content_type, **kept, **own}
