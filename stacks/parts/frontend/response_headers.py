"""The response headers policy: what CloudFront adds to every answer of the cache and of origins.

A header that the application sends itself is kept as it is: nothing overrides what an origin sets. (That a type is not
guessed, ``nosniff``, is the only value of its header.)
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Sub, cloudfront

from stacks import naming
from stacks.parts.frontend.headers import REFERRER, TWO_YEARS, content_security_policy

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.json_types import JsonDict

# What no page of a web application asks for unnoticed. https://www.w3.org/TR/permissions-policy/
_SWITCHED_OFF = ("camera", "geolocation", "microphone", "payment", "usb")


def response_headers(stage: Stage) -> cloudfront.ResponseHeadersPolicy:
    """The policy of all behaviours."""
    text = content_security_policy(stage)
    csp: Any = Sub(text) if "${" in text else text
    own = {"Permissions-Policy": ", ".join(f"{name}=()" for name in _SWITCHED_OFF)}
    strict: JsonDict = {}
    if stage.frontend.csp.report_only:
        own["Content-Security-Policy-Report-Only"] = csp
    else:
        strict["ContentSecurityPolicy"] = cloudfront.ContentSecurityPolicy(ContentSecurityPolicy=csp, Override=False)
    items = [cloudfront.CustomHeader(Header=name, Value=text, Override=False) for name, text in sorted(own.items())]
    return cloudfront.ResponseHeadersPolicy(
        "ResponseHeaders",
        ResponseHeadersPolicyConfig=cloudfront.ResponseHeadersPolicyConfig(
            Name=f"{naming.prefix(stage)}-headers",
            CustomHeadersConfig=cloudfront.CustomHeadersConfig(Items=items),
            SecurityHeadersConfig=_security_headers(strict),
            **_cors(stage),
        ),
    )


def _cors(stage: Stage) -> JsonDict:
    """Fonts and module scripts of another origin need leave, even public ones; they carry no credentials."""
    if stage.frontend.serve == "one-origin":
        return {}
    everyone = cloudfront.CorsConfig(
        AccessControlAllowCredentials=False,
        AccessControlAllowHeaders=cloudfront.AccessControlAllowHeaders(Items=["*"]),
        AccessControlAllowMethods=cloudfront.AccessControlAllowMethods(Items=["GET", "HEAD", "OPTIONS"]),
        AccessControlAllowOrigins=cloudfront.AccessControlAllowOrigins(Items=["*"]),
        OriginOverride=True,
    )
    return {"CorsConfig": everyone}


def _security_headers(strict: JsonDict) -> cloudfront.SecurityHeadersConfig:
    return cloudfront.SecurityHeadersConfig(
        ContentTypeOptions=cloudfront.ContentTypeOptions(Override=True),
        FrameOptions=cloudfront.FrameOptions(FrameOption="DENY", Override=False),
        ReferrerPolicy=cloudfront.ReferrerPolicy(ReferrerPolicy=REFERRER, Override=False),
        StrictTransportSecurity=cloudfront.StrictTransportSecurity(
            AccessControlMaxAgeSec=TWO_YEARS, IncludeSubdomains=True, Preload=False, Override=False
        ),
        **strict,
    )
