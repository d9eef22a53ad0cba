"""Requests to the local AWS that no SDK makes, signed with the keys of its run."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING, Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from stacks.local.emulator import Emulator


def signed(emulator: Emulator, method: str, path: str, body: bytes = b"") -> Any:
    """The emulator's answer, open; raises ``HTTPError`` for one that is not a success."""
    request = AWSRequest(method, f"{emulator.endpoint_url}{path}", data=body)
    S3SigV4Auth(Credentials(*emulator.credentials), "s3", "us-east-1").add_auth(request)
    sent = urllib.request.Request(str(request.url), data=body or None, headers=dict(request.headers), method=method)
    return urllib.request.urlopen(sent)
