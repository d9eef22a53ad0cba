"""Which path of the site is answered from where, and how: origins and behaviours of the distribution.

The bucket's behaviours read files: cached as the files themselves say, no query string, cookie or header of the viewer
reaches S3. The API's ask every time and hand on all but ``Host``; CloudFront compresses only what it may keep, so not
their answers. The only function that rewrites paths is attached to the single-page application's behaviours.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html

A file that the bucket lacks is asked of the web application, if its routes cover the path: Flask extensions serve
static folders of their own, below /static or elsewhere. CloudFront does that with a group of two origins, for a 404
of the first and for GET, HEAD and OPTIONS; what the bucket's behaviours forward (no cookies, no query) holds for both.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, cloudfront

from stacks import naming, wiring
from stacks.parts.backend.api_gate import HEADER, edge_key
from stacks.parts.frontend.edge_functions import function_title
from stacks.stages.serving import is_gated

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.parts.frontend.edge_program import EdgeKind

# Policies that CloudFront manages.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_READ_METHODS = ["GET", "HEAD", "OPTIONS"]
_ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
BUCKET = "bucket"
BUCKET_THEN_API = "bucket-then-api"
"""The id of the group of both origins: the API answers for files that the bucket lacks."""
_NOT_FOUND = 404
STATIC_PATH = "/static"
API_PATH = "/api"


def has_api(stage: Stage) -> bool:
    """Whether CloudFront answers for the API: it does, where any function has routes, unless ``split`` is set.

    A template from elsewhere has an API when its output is named (``outputs: {ApiId: …}``).
    """
    routed = any(function.all_routes for function in stage.backend.functions.values())
    return stage.frontend.serve == "one-origin" and (routed or wiring.API.name in stage.backend.outputs)


def is_at_root(stage: Stage) -> bool:
    """Whether the bucket answers what nothing else does."""
    return any(site.path == "/" for site in stage.frontend.site) or not has_api(stage)


def has_bucket(stage: Stage) -> bool:
    """Whether anything is answered from the bucket."""
    return stage.frontend.has_files or is_at_root(stage)


def kinds(stage: Stage) -> tuple[EdgeKind, ...]:
    """The kinds of behaviours that the distribution has."""
    frontend = stage.frontend
    result: dict[EdgeKind, bool] = {
        "site": bool(frontend.site),
        "static": frontend.static is not None or bool(frontend.paths) or (is_at_root(stage) and not frontend.site),
        "api": has_api(stage),
    }
    return tuple(kind for kind, is_used in result.items() if is_used)


def default_behavior(stage: Stage) -> cloudfront.DefaultCacheBehavior:
    """What answers a path that no other behaviour has."""
    if not is_at_root(stage):
        return cloudfront.DefaultCacheBehavior(**_from_api(stage))
    kind: EdgeKind = "site" if stage.frontend.site else "static"
    return cloudfront.DefaultCacheBehavior(**_from_bucket(kind, stage, _files_below("/", stage)))


def behaviors(stage: Stage) -> list[cloudfront.CacheBehavior]:
    """The other behaviours, in the order CloudFront tries them."""
    results = [(path, _from(target, stage)) for path, target in stage.frontend.paths.items()]
    if stage.frontend.static:
        results.append((f"{STATIC_PATH}/*", _from_bucket("static", stage, _files_below(f"{STATIC_PATH}/", stage))))
    # The deeper path comes first: CloudFront takes the first pattern that covers a path.
    for site in sorted(stage.frontend.site, key=lambda entry: (-entry.path.count("/"), entry.path)):
        if site.path != "/":
            results += [(path, _from_bucket("site", stage)) for path in (site.path, f"{site.path}/*")]
    if is_at_root(stage) and has_api(stage):
        results.append((f"{API_PATH}/*", _from_api(stage)))
    return [cloudfront.CacheBehavior(PathPattern=path, **kind) for path, kind in results]


def _files_below(folder: str, stage: Stage) -> str:
    """The origin of files below ``folder`` (``/static/``): the bucket, and an application that takes all its paths."""
    if not has_api(stage):
        return BUCKET
    everything = {f"{method} {path}{{proxy+}}" for method in ("GET", "ANY") for path in ("/", folder)}
    functions = stage.backend.functions.values()
    open_to_all = [
        function
        for function in functions
        if function.application and not function.authorizer and everything & {*function.all_routes}
    ]
    return BUCKET_THEN_API if open_to_all else BUCKET


def origin_groups(stage: Stage) -> cloudfront.OriginGroups | None:
    """The group of bucket and API, if a behaviour asks it."""
    used = [default_behavior(stage), *behaviors(stage)]
    if all(aws_property.TargetOriginId != BUCKET_THEN_API for aws_property in used):
        return None
    members = [cloudfront.OriginGroupMember(OriginId=item) for item in (BUCKET, "api")]
    missing = cloudfront.StatusCodes(Items=[_NOT_FOUND], Quantity=1)
    group = cloudfront.OriginGroup(
        Id=BUCKET_THEN_API,
        FailoverCriteria=cloudfront.OriginGroupFailoverCriteria(StatusCodes=missing),
        Members=cloudfront.OriginGroupMembers(Items=members, Quantity=len(members)),
    )
    return cloudfront.OriginGroups(Items=[group], Quantity=1)


def _from_bucket(kind: EdgeKind, stage: Stage, origin: str = BUCKET) -> JsonDict:
    return {
        "TargetOriginId": origin,
        "AllowedMethods": _READ_METHODS,
        "CachedMethods": _READ_METHODS,
        "CachePolicyId": CACHING_OPTIMIZED,
        **_shared(kind, stage),
    }


def _from_api(stage: Stage) -> JsonDict:
    return {
        "TargetOriginId": "api",
        "AllowedMethods": _ALL_METHODS,
        "CachePolicyId": CACHING_DISABLED,
        "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
        **_shared("api", stage),
    }


def _from(target: str, stage: Stage) -> JsonDict:
    """A described path: the API, or the host that is the origin's id."""
    return _from_api(stage) if target == "api" else {**_from_bucket("static", stage), "TargetOriginId": target}


def _shared(kind: EdgeKind, stage: Stage) -> JsonDict:
    title = function_title(kind, stage)
    functions: JsonDict = {}
    if title:
        function = GetAtt(title, "FunctionARN")
        association = cloudfront.FunctionAssociation(EventType="viewer-request", FunctionARN=function)
        functions = {"FunctionAssociations": [association]}
    return {
        "Compress": True,
        "ResponseHeadersPolicyId": Ref("ResponseHeaders"),
        "ViewerProtocolPolicy": "redirect-to-https",
        **functions,
    }


def origins(stage: Stage) -> list[cloudfront.Origin]:
    """The bucket, and the API where there is one."""
    bucket = cloudfront.Origin(
        Id=BUCKET,
        DomainName=GetAtt("SiteBucket", "RegionalDomainName"),
        OriginAccessControlId=GetAtt("OriginAccess", "Id"),
        S3OriginConfig=cloudfront.S3OriginConfig(OriginAccessIdentity=""),
    )
    own = [bucket] if has_bucket(stage) else []
    hosts = [_host_origin(host) for host in dict.fromkeys(stage.frontend.paths.values()) if host != "api"]
    return [*own, *([_api_origin(stage)] if has_api(stage) else []), *hosts]


def _host_origin(host: str) -> cloudfront.Origin:
    return cloudfront.Origin(Id=host, DomainName=host, CustomOriginConfig=_https_only())


def _https_only() -> cloudfront.CustomOriginConfig:
    return cloudfront.CustomOriginConfig(OriginProtocolPolicy="https-only", OriginSSLProtocols=["TLSv1.2"])


def _api_origin(stage: Stage) -> cloudfront.Origin:
    more: JsonDict = {}
    if is_gated(stage):
        more["OriginCustomHeaders"] = [cloudfront.OriginCustomHeader(HeaderName=HEADER, HeaderValue=edge_key())]
    if wiring.API_STAGE.name in stage.backend.outputs:
        more["OriginPath"] = Sub("/${ApiStage}", ApiStage=wiring.API_STAGE.read(stage))
    elif stage.backend.api.type == "rest" and not stage.backend.template:
        more["OriginPath"] = f"/{naming.api_stage_name(stage)}"
    return cloudfront.Origin(
        Id="api",
        DomainName=Sub("${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}", Api=wiring.API.read(stage)),
        CustomOriginConfig=_https_only(),
        **more,
    )
