"""Small files into S3 fast: PUTs with botocore's signatures over urllib3's connections, without the rest of a client.

A client's call costs over a millisecond of this processor, more than S3 takes for a small file in parallel; ten
thousand files would wait for it. Only an answer of 200 counts. After anything else, and where a proxy stands in
between, nothing is said: the caller asks the client, which knows how to retry and what to tell.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

    from stacks.deploy.cloud import Headers

LARGEST = 8 * 1024**2
"""Bytes that are sent from memory; larger files are the client's."""
CONNECTIONS = 16
_SECONDS = 60.0


class Uploads:
    """Puts small objects to where ``client`` does, with the same credentials; from several threads."""

    def __init__(self, client: S3Client, credentials: Credentials, *, by_path: bool) -> None:
        self._endpoint, self._by_path = urlsplit(client.meta.endpoint_url), by_path
        self._region, self._credentials = client.meta.region_name, credentials
        self._is_direct = not get_environ_proxies(client.meta.endpoint_url)
        self._http = PoolManager(
            maxsize=CONNECTIONS,
            timeout=_SECONDS,
            cert_reqs="CERT_REQUIRED",
            ca_certs=get_cert_path(verify=True),
            # Head and body are sent apart: without TCP_NODELAY the body waits for the acknowledgement of the head.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )

    def put(self, bucket: str, key: str, body: bytes, headers: Headers) -> str | None:
        """Write an object, return its ETag; ``None`` when that did not work at once."""
        if not self._is_direct:
            return None
        address = self._address(bucket, key)
        request = AWSRequest("PUT", address, _headers(headers), body)
        S3SigV4Auth(self._credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        signed = dict(request.headers.items())
        try:
            answer = self._http.urlopen("PUT", address, body=body, headers=signed, retries=False, redirect=False)
        except HTTPError:
            return None
        return answer.headers.get("ETag") if answer.status == 200 else None  # noqa: PLR2004 - HTTP's OK

    def _address(self, bucket: str, key: str) -> str:
        path = quote(key, safe="/~")
        scheme, host = self._endpoint.scheme, self._endpoint.netloc
        return f"{scheme}://{host}/{bucket}/{path}" if self._by_path else f"{scheme}://{bucket}.{host}/{path}"


def _headers(headers: Headers) -> dict[str, str]:
    own = {f"x-amz-meta-{name}": value for name, value in headers.metadata.items()}
    kept = {"Cache-Control": headers.cache_control} if headers.cache_control else {}
    return {"Content-Type": headers.content_type, **kept, **own}
