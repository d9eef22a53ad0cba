"""Values of the headers that CloudFront puts on every answer: the Content-Security-Policy, HSTS, the referrer.

The Content-Security-Policy is assembled from what the description knows: the site itself, the stage's user pool, and
the sources it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.parts.frontend.maintenance import style_source

if TYPE_CHECKING:
    from stacks.app import Stage

TWO_YEARS = 63_072_000
_NOTHING = "'none'"
REFERRER = "strict-origin-when-cross-origin"


def edge_headers(stage: Stage) -> dict[str, str]:
    """What answers carry that a function at the edge makes itself: its pages load nothing but their own style.

    A response headers policy is documented for answers of the cache and of origins alone.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-response-headers.html
    """
    allowed = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
    allowed += [f"style-src {style_source()}"] if stage.frontend.maintenance else []
    return {
        "content-security-policy": "; ".join(allowed),
        "referrer-policy": REFERRER,
        "strict-transport-security": f"max-age={TWO_YEARS}; includeSubDomains",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }


def content_security_policy(stage: Stage) -> str:
    """The policy as browsers read it."""
    return "; ".join(" ".join([directive, *allowed]) for directive, allowed in sources(stage).items())


def sources(stage: Stage) -> dict[str, list[str]]:
    """Directive → what it allows. A directive that is only named in the description allows the site itself, too."""
    asked, sent = _people(stage)
    result = {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", *asked, *_buckets(stage)],
        "object-src": [_NOTHING],
        "base-uri": ["'self'"],
        "form-action": ["'self'", *sent, *_buckets(stage)],
        "frame-ancestors": [_NOTHING],
    }
    if stage.frontend.maintenance:
        result["style-src"] = ["'self'", style_source()]
    for directive, more in stage.frontend.csp.sources.items():
        known = [] if _NOTHING in more else [item for item in result.get(directive, ["'self'"]) if item != _NOTHING]
        result[directive] = list(dict.fromkeys([*known, *more]))
    return result


def _buckets(stage: Stage) -> list[str]:
    """The buckets that pages of the site upload to and download from; for ``Fn::Sub``, their names hold the account."""
    names = [name for name, bucket in stage.data.buckets.items() if "site" in bucket.cors]
    # SDKs sign for the global endpoint there. https://docs.aws.amazon.com/sdkref/latest/guide/feature-s3-regional.html
    host = "s3.amazonaws.com" if stage.region == "us-east-1" else f"s3.{stage.region}.${{AWS::URLSuffix}}"
    return [f"https://{naming.bucket_in(stage, name, stage.region)}.{host}" for name in names]


def _people(stage: Stage) -> tuple[list[str], list[str]]:
    """What pages ask about people, and where forms may lead: the pool, its sign-in pages, what credentials are for."""
    users = stage.data.users
    if users is None:
        return [], []
    credentials = users.credentials
    services = ["cognito-idp", *(["cognito-identity"] if credentials else [])]
    services += ["dynamodb"] if credentials and credentials.tables else []
    pages = [f"https://{users.domain.host(stage.region)}"] if users.domain else []
    return [*(f"https://{service}.{stage.region}.amazonaws.com" for service in services), *pages], pages
