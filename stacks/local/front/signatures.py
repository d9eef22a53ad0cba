"""Signature Version 4: which key a request claims, and whether its signature was made with that key's secret.

The emulator checks the signatures of roles and users itself, and never those of the account's root. A property test
compares ``is_genuine`` with botocore's signers.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote_to_bytes

from . import old_signatures
from .asgi import header, replaced
from .old_signatures import OldClaim, old_claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .asgi import AsgiScope, RawHeaders

ALGORITHM = "AWS4-HMAC-SHA256"
_SCOPE = re.compile(r"([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_UNSIGNED = "UNSIGNED-PAYLOAD"
_MOMENT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureClaim:
    """A signature as the request states it. ``in_query``: a presigned URL, else an ``Authorization`` header."""

    key: str
    date: str
    region: str
    service: str
    signed: tuple[str, ...]
    """Names of the signed headers, in lower case."""
    signature: str
    moment: str
    """``20261123T041500Z``"""
    in_query: bool
    seconds: int = 0
    """How long a presigned URL is valid."""


def claims(scope: AsgiScope) -> list[SignatureClaim | OldClaim | None]:
    """Every signature of a request, None for one that is incomplete or of another kind; [] without any."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    authorization = header(scope["headers"], b"authorization")
    parameters = {name: values[0] for name, values in query.items()}
    results: list[SignatureClaim | OldClaim | None] = []
    if authorization.startswith(("AWS4-", "AWS ")):
        results.append(_of_header(scope["headers"], authorization))
    if any(name.lower() in {"x-amz-credential", "x-amz-signature"} for name in parameters):
        results.append(_of_query(parameters))
    if any(name.lower() == "awsaccesskeyid" for name in parameters):
        results.append(old_claim(parameters))
    return results


def _of_header(headers: RawHeaders, authorization: str) -> SignatureClaim | None:
    algorithm, _, rest = authorization.partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    moment = header(headers, b"x-amz-date")
    return _claim(algorithm, fields, moment, in_query=False)


def _of_query(query: dict[str, str]) -> SignatureClaim | None:
    fields = {name: query.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")}
    seconds = query.get("X-Amz-Expires", "")
    if not re.fullmatch(r"\d{1,6}", seconds):
        return None
    moment = query.get("X-Amz-Date", "")
    return _claim(query.get("X-Amz-Algorithm", ""), fields, moment, in_query=True, seconds=int(seconds))


def _claim(
    algorithm: str, fields: dict[str, str], moment: str, *, in_query: bool, seconds: int = 0
) -> SignatureClaim | None:
    scope = _SCOPE.fullmatch(fields.get("Credential", ""))
    signed, signature = fields.get("SignedHeaders", ""), fields.get("Signature", "")
    if algorithm != ALGORITHM or not scope or not signed or not signature:
        return None
    return SignatureClaim(
        key=scope[1],
        date=scope[2],
        region=scope[3],
        service=scope[4],
        signed=tuple(signed.lower().split(";")),
        signature=signature,
        moment=moment,
        in_query=in_query,
        seconds=seconds,
    )


def needs_body(claim: SignatureClaim | OldClaim, headers: RawHeaders) -> bool:
    """Whether the signature covers a hash of the body that no header states."""
    return not header(headers, b"x-amz-content-sha256") and not (claim.in_query and claim.service == "s3")


def is_expired(claim: SignatureClaim | OldClaim, now: datetime) -> bool:
    """Whether a presigned URL is past its time; a moment that cannot be read counts as past."""
    if isinstance(claim, OldClaim):
        return old_signatures.is_expired(claim, now)
    if not claim.in_query:
        return False
    try:
        time = datetime.strptime(claim.moment, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return True
    return now > time + timedelta(seconds=claim.seconds)


def is_genuine(claim: SignatureClaim | OldClaim, secret: str, scope: AsgiScope, body: bytes) -> bool:
    """Whether the signature was made with this secret over this request; ``body`` counts where ``needs_body``."""
    if isinstance(claim, OldClaim):
        return old_signatures.is_genuine(claim, secret, scope)
    if "host" not in claim.signed or claim.moment[:8] != claim.date:
        return False
    place = f"{claim.date}/{claim.region}/{claim.service}/aws4_request"
    key = f"AWS4{secret}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    for request in _canonical_requests(claim, scope, body):
        text = f"{ALGORITHM}\n{claim.moment}\n{place}\n{sha256(request.encode()).hexdigest()}"
        if hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex().encode(), claim.signature.encode()):
            return True
    return False


def _canonical_requests(claim: SignatureClaim, scope: AsgiScope, body: bytes) -> Iterator[str]:
    """The texts that clients sign: S3 takes the path as sent, all others encode it once more."""
    headers: RawHeaders = scope["headers"]
    stated = header(headers, b"x-amz-content-sha256")
    content = stated or (sha256(body).hexdigest() if needs_body(claim, headers) else _UNSIGNED)
    lines = "".join(f"{name}:{_value(headers, name)}\n" for name in claim.signed)
    query = _query(scope.get("query_string", b"").decode("latin-1"))
    sent = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1").partition("?")[0]
    paths = [sent] if claim.service.startswith("s3") else [quote(_normal(sent), safe="/~"), sent]
    for path in paths:
        yield "\n".join([scope["method"], path, query, lines, ";".join(claim.signed), content])


def _value(headers: RawHeaders, name: str) -> str:
    values = [value.decode("latin-1") for key, value in headers if key.lower() == name.encode()]
    return ",".join(" ".join(value.split()) for value in values)


def _query(query: str) -> str:
    """The canonical query string: sorted and encoded, without the signature itself."""
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    encoded = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded if name != "X-Amz-Signature")


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="-_.~")


def _normal(path: str) -> str:
    """The path without ``.``, ``..`` and doubled slashes (RFC 3986, section 5.2.4), as clients sign it."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept[-1:] = []
        elif part not in {"", "."}:
            kept.append(part)
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")


def as_root(scope: AsgiScope, key: str) -> AsgiScope:
    """A verified request with the emulator's name of the account's root in its Authorization header.

    The gateway changes such requests, and the emulator does not check them again. It does check presigned URLs, with
    the keys of the run, which it has.
    """
    authorization = header(scope["headers"], b"authorization")
    if not authorization:
        return scope
    renamed = authorization.replace(f"Credential={key}/", "Credential=test/", 1)
    return {**scope, "headers": replaced(scope["headers"], authorization=renamed)}
