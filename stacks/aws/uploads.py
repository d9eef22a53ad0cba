"""Uploads small files to S3 fast: signed PUTs over connections that stay open.

A call of boto3's client takes over a millisecond of processor time, more than S3 takes for a small file in parallel,
which would slow down ten thousand files. Only a status of 200 counts as success. After anything else, and behind a
proxy, ``put`` returns None: the caller then uses the client, which retries and reports.
"""

from __future__ import annotations

import ssl
import weakref
from collections import defaultdict
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

    from stacks.cloud import Headers

LARGEST = 8 * 1024**2
"""Bytes that are sent from memory; larger files are the client's."""
_SECONDS = 60.0


class Uploads:
    """Puts small objects to the endpoint of ``client``, with its credentials. Safe in several threads."""

    def __init__(self, client: S3Client, credentials: Credentials, *, by_path: bool) -> None:
        self._endpoint, self._by_path = urlsplit(client.meta.endpoint_url), by_path
        self._region, self._credentials = client.meta.region_name, credentials
        self._is_direct = not get_environ_proxies(client.meta.endpoint_url)
        self._trusted = ssl.create_default_context(cafile=get_cert_path(verify=True))
        self._idle: defaultdict[str, list[HTTPConnection]] = defaultdict(list)
        weakref.finalize(self, _close, self._idle)

    def put(self, bucket: str, key: str, body: bytes, headers: Headers) -> str | None:
        """Write an object and return its ETag; ``None`` when the first attempt fails."""
        if not self._is_direct:
            return None
        host, path = self._place(bucket, key)
        request = AWSRequest("PUT", f"{self._endpoint.scheme}://{host}{path}", _headers(headers), body)
        S3SigV4Auth(self._credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        connection = self._connection(host)
        try:
            connection.request("PUT", path, body, dict(request.headers.items()))
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            connection.close()
            return None
        self._idle[host].append(connection)
        return answer.headers["ETag"] if answer.status == 200 else None  # noqa: PLR2004 - HTTP's OK

    def _place(self, bucket: str, key: str) -> tuple[str, str]:
        """The host and the path of an object."""
        host, path = self._endpoint.netloc, f"/{quote(key, safe='/~')}"
        return (host, f"/{bucket}{path}") if self._by_path else (f"{bucket}.{host}", path)

    def _connection(self, host: str) -> HTTPConnection:
        try:
            return self._idle[host].pop()
        except IndexError:
            if self._endpoint.scheme == "http":
                return HTTPConnection(host, timeout=_SECONDS)
            return HTTPSConnection(host, timeout=_SECONDS, context=self._trusted)


def _close(idle: Mapping[str, list[HTTPConnection]]) -> None:
    for connections in idle.values():
        for connection in connections:
            connection.close()


def _headers(headers: Headers) -> dict[str, str]:
    own = {f"x-amz-meta-{name}": value for name, value in headers.metadata.items()}
    kept = {"Cache-Control": headers.cache_control} if headers.cache_control else {}
    return {"Content-Type": headers.content_type, **kept, **own}
