"""The frontend stack: one CloudFront distribution in front of a private bucket and the API.

One origin for the browser: static files and the single-page application come from the bucket, the rest from
the API, so there is no CORS and the web ACL sees every request.

CloudFront's web ACLs exist in us-east-1 only. Where the stage is elsewhere, ``edge_template`` is a second stack there.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, Sub, Template, cloudfront

from stacks import naming, wiring
from stacks.parts.buckets import bucket_policy, private_bucket
from stacks.parts.policies import allow, objects_of, service, tagged, when
from stacks.parts.templates import empty_template
from stacks.waf import add_web_acl

if TYPE_CHECKING:
    from awacs.aws import Statement

    from stacks.app import App, Stage

STACK = "frontend"
EDGE_STACK = "frontend-edge"

# Policies that CloudFront manages.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
_CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_READ_METHODS = ["GET", "HEAD", "OPTIONS"]
_ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
_TWO_YEARS = 63_072_000
STATIC_PATH = "/static"
API_PATH = "/api"


def template(app: App, stage: Stage) -> Template:
    """The frontend stack of one stage."""
    made = empty_template(f"{app.name} {stage.name}: site bucket and CloudFront distribution")
    bucket = private_bucket(
        "SiteBucket", app, stage, stack=STACK, purpose="site", log_to=wiring.LOG_BUCKET.read(app, stage)
    )
    made.add_resource(bucket)
    made.add_resource(bucket_policy(bucket, _cdn_reads()))
    made.add_resource(_origin_access(app, stage))
    made.add_resource(_response_headers(app, stage))
    if stage.frontend.site:
        made.add_resource(_site_router(stage.frontend.site.path, app, stage))
    if stage.frontend.waf and stage.region == naming.EDGE_REGION:
        add_web_acl(made, stage.frontend.waf, app, stage, STACK)
    made.add_resource(distribution(app, stage))
    domain = GetAtt("Distribution", "DomainName")
    made.add_output(wiring.SITE_URL.declare(Sub("https://${Distribution.DomainName}"), "Where the site is"))
    made.add_output(wiring.SITE_BUCKET.declare(Ref(bucket), "Bucket of the site's files"))
    made.add_output(wiring.DISTRIBUTION.declare(Ref("Distribution"), "The CloudFront distribution"))
    made.add_output(wiring.DISTRIBUTION_DOMAIN.declare(domain, "The distribution's own domain"))
    return made


def edge_template(app: App, stage: Stage) -> Template:
    """What a stage outside us-east-1 needs there: the web ACL."""
    made = empty_template(f"{app.name} {stage.name}: web ACL of the site, in us-east-1 as CloudFront asks")
    if stage.frontend.waf:
        acl = add_web_acl(made, stage.frontend.waf, app, stage, EDGE_STACK)
        made.add_output(wiring.WEB_ACL.declare(GetAtt(acl, "Arn"), "The web ACL"))
    return made


def _cdn_reads() -> Statement:
    """Only this distribution reads objects; it cannot list them."""
    distribution_arn = Sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}")
    return allow(
        "s3:GetObject",
        on=objects_of("SiteBucket"),
        Sid="CloudFrontReads",
        Principal=service("cloudfront"),
        Condition=when(StringEquals={"aws:SourceArn": distribution_arn}),
    )


def _origin_access(app: App, stage: Stage) -> cloudfront.OriginAccessControl:
    return cloudfront.OriginAccessControl(
        "OriginAccess",
        OriginAccessControlConfig=cloudfront.OriginAccessControlConfig(
            Name=f"{naming.prefix(app, stage)}-site",
            OriginAccessControlOriginType="s3",
            SigningBehavior="always",
            SigningProtocol="sigv4",
        ),
    )


def distribution(app: App, stage: Stage) -> cloudfront.Distribution:
    """The distribution: the site at its path, static files, and the API for the rest."""
    acl: dict[str, Any] = {}
    if stage.frontend.waf:
        inside = stage.region == naming.EDGE_REGION
        acl = {"WebACLId": GetAtt("WebAcl", "Arn") if inside else wiring.WEB_ACL.read(app, stage)}
    site = stage.frontend.site
    root = {"DefaultRootObject": "index.html"} if _site_at_root(stage) else {}
    behaviors = [cloudfront.CacheBehavior(PathPattern=path, **kind) for path, kind in _behaviors(stage)]
    return cloudfront.Distribution(
        "Distribution",
        DistributionConfig=cloudfront.DistributionConfig(
            Comment=naming.prefix(app, stage),
            Enabled=True,
            HttpVersion="http2and3",
            IPV6Enabled=True,
            PriceClass={"100": "PriceClass_100", "200": "PriceClass_200", "all": "PriceClass_All"}[
                stage.frontend.price_class
            ],
            Origins=_origins(app, stage),
            DefaultCacheBehavior=cloudfront.DefaultCacheBehavior(
                **(_from_bucket(routed=site is not None) if _site_at_root(stage) else _from_api())
            ),
            CacheBehaviors=behaviors,
            ViewerCertificate=cloudfront.ViewerCertificate(CloudFrontDefaultCertificate=True),
            **root,
            **acl,
        ),
        Tags=tagged(app, stage, STACK),
    )


def has_api(stage: Stage) -> bool:
    """Whether any function answers requests."""
    return any(function.all_routes for function in stage.backend.functions.values())


def _site_at_root(stage: Stage) -> bool:
    site = stage.frontend.site
    return (site is not None and site.path == "/") or not has_api(stage)


def _behaviors(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    """Path patterns beside the default one, in the order CloudFront tries them."""
    made: list[tuple[str, dict[str, Any]]] = []
    if stage.frontend.static:
        made.append((f"{STATIC_PATH}/*", _from_bucket(routed=False)))
    site = stage.frontend.site
    if site and site.path != "/":
        made += [(site.path, _from_bucket(routed=True)), (f"{site.path}/*", _from_bucket(routed=True))]
    if _site_at_root(stage) and has_api(stage):
        made.append((f"{API_PATH}/*", _from_api()))
    return made


def _from_bucket(*, routed: bool) -> dict[str, Any]:
    """A behaviour that reads files; ``routed`` answers the application's routes with its index.html."""
    router = cloudfront.FunctionAssociation(EventType="viewer-request", FunctionARN=GetAtt("SiteRouter", "FunctionARN"))
    return {
        "TargetOriginId": "bucket",
        "AllowedMethods": _READ_METHODS,
        "CachedMethods": _READ_METHODS,
        "CachePolicyId": _CACHING_OPTIMIZED,
        "Compress": True,
        "ResponseHeadersPolicyId": Ref("ResponseHeaders"),
        "ViewerProtocolPolicy": "redirect-to-https",
        **({"FunctionAssociations": [router]} if routed else {}),
    }


def _from_api() -> dict[str, Any]:
    """A behaviour that asks the API every time."""
    return {
        "TargetOriginId": "api",
        "AllowedMethods": _ALL_METHODS,
        "CachePolicyId": _CACHING_DISABLED,
        "OriginRequestPolicyId": _ALL_VIEWER_EXCEPT_HOST,
        "Compress": True,
        "ResponseHeadersPolicyId": Ref("ResponseHeaders"),
        "ViewerProtocolPolicy": "redirect-to-https",
    }


def _origins(app: App, stage: Stage) -> list[cloudfront.Origin]:
    bucket = cloudfront.Origin(
        Id="bucket",
        DomainName=GetAtt("SiteBucket", "RegionalDomainName"),
        OriginAccessControlId=GetAtt("OriginAccess", "Id"),
        S3OriginConfig=cloudfront.S3OriginConfig(OriginAccessIdentity=""),
    )
    if not has_api(stage):
        return [bucket]
    host = Sub("${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}", Api=wiring.API.read(app, stage))
    api = cloudfront.Origin(
        Id="api",
        DomainName=host,
        OriginPath="" if stage.backend.api.type == "http" else f"/{stage.name}",
        CustomOriginConfig=cloudfront.CustomOriginConfig(
            OriginProtocolPolicy="https-only", OriginSSLProtocols=["TLSv1.2"]
        ),
    )
    return [bucket, api]


def _response_headers(app: App, stage: Stage) -> cloudfront.ResponseHeadersPolicy:
    """Security headers on every answer; what the application itself sends of them is replaced."""
    headers = cloudfront.SecurityHeadersConfig(
        ContentSecurityPolicy=cloudfront.ContentSecurityPolicy(
            ContentSecurityPolicy=_content_security_policy(stage), Override=True
        ),
        ContentTypeOptions=cloudfront.ContentTypeOptions(Override=True),
        FrameOptions=cloudfront.FrameOptions(FrameOption="DENY", Override=True),
        ReferrerPolicy=cloudfront.ReferrerPolicy(ReferrerPolicy="strict-origin-when-cross-origin", Override=True),
        StrictTransportSecurity=cloudfront.StrictTransportSecurity(
            AccessControlMaxAgeSec=_TWO_YEARS, IncludeSubdomains=True, Preload=False, Override=True
        ),
    )
    return cloudfront.ResponseHeadersPolicy(
        "ResponseHeaders",
        ResponseHeadersPolicyConfig=cloudfront.ResponseHeadersPolicyConfig(
            Name=f"{naming.prefix(app, stage)}-headers", SecurityHeadersConfig=headers
        ),
    )


def _content_security_policy(stage: Stage) -> str:
    """Nothing from elsewhere but calls to the stage's user pool."""
    cognito = [f"https://cognito-idp.{stage.region}.amazonaws.com"] if stage.data.users else []
    sources = {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", *cognito],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join([directive, *allowed]) for directive, allowed in sources.items())


def _site_router(path: str, app: App, stage: Stage) -> cloudfront.Function:
    """The CloudFront Function that makes the application's routes work, on the bucket's behaviours only."""
    root = "/" if path == "/" else f"{path}/"
    code = files("stacks").joinpath("spa_function.js").read_text(encoding="utf-8").replace("__ROOT__", root)
    return cloudfront.Function(
        "SiteRouter",
        Name=f"{naming.prefix(app, stage)}-site-router",
        AutoPublish=True,
        FunctionCode=code,
        FunctionConfig=cloudfront.FunctionConfig(
            Comment=f"Routes of the application at {path}", Runtime="cloudfront-js-2.0"
        ),
    )
