"""Signature Version 2, with which boto3 still presigns the URLs of S3 in the older regions.

Functions hand such URLs out unless they ask for ``s3v4``. A property test compares with botocore's signer.
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, unquote

from .asgi import header

if TYPE_CHECKING:
    from datetime import datetime

    from .asgi import AsgiScope, RawHeaders

_NAMES = """
    accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification
    object-lock partNumber policy replication requestPayment response-cache-control response-content-disposition
    response-content-encoding response-content-language response-content-type response-expires restore select
    select-type storageClass tagging torrent uploadId uploads versionId versioning versions website
"""
_SUBRESOURCES = frozenset(_NAMES.split())
"""Names in a query string that are signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldClaim:
    """The signature of a presigned URL of S3, as the request states it."""

    key: str
    signature: str
    expires: int
    """Seconds since 1970."""
    service: ClassVar = "s3"
    in_query: ClassVar = True


def old_claim(query: dict[str, str]) -> OldClaim | None:
    """The claim in a query string, None when something of it is missing."""
    key, signature, expires = (query.get(name, "") for name in ("AWSAccessKeyId", "Signature", "Expires"))
    if not key or not signature or not re.fullmatch(r"\d{1,12}", expires):
        return None
    return OldClaim(key=key, signature=signature, expires=int(expires))


def is_expired(claim: OldClaim, now: datetime) -> bool:
    """Whether the URL is past its time."""
    return now.timestamp() > claim.expires


def is_genuine(claim: OldClaim, secret: str, scope: AsgiScope) -> bool:
    """Whether the signature was made with this secret over this request."""
    pairs = [part.partition("=") for part in scope.get("query_string", b"").decode("latin-1").split("&") if part]
    query = {unquote(name): unquote(value) for name, _, value in pairs}
    headers: RawHeaders = scope["headers"]
    amz = {name.lower(): value for name, value in query.items() if name.lower().startswith("x-amz-")}
    amz |= {
        key.decode().lower(): value.decode("latin-1") for key, value in headers if key.lower().startswith(b"x-amz-")
    }
    plain = [header(headers, name.encode()) or query.get(name, "") for name in ("content-md5", "content-type")]
    path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1").partition("?")[0]
    named = sorted((name, sign, unquote(value)) for name, sign, value in pairs if name in _SUBRESOURCES)
    resource = path + ("?" + "&".join(map("".join, named)) if named else "")
    custom = [f"{name}:{amz[name].strip()}" for name in sorted(amz)]
    text = "\n".join([scope["method"], *plain, str(claim.expires), *custom, resource])
    expected = b64encode(hmac.digest(secret.encode(), text.encode(), "sha1"))
    return hmac.compare_digest(expected, claim.signature.encode())
