"""What CloudFront refuses: certificates, origins, behaviours, methods."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from stacks.checks.refused.reading import behaviors_of, number, own, plain, values_at
from stacks.checks.rule import Hit, Resource, Stacks, refusal
from stacks.checks.values import known_list, text, texts
from stacks.intrinsics.functions import GetStackOutput, function, is_function
from stacks.intrinsics.references import blanked, references
from stacks.json_types import at, items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject

_DISTRIBUTION = "AWS::CloudFront::Distribution"
_EDGE_REGION = "us-east-1"
_CLOUDFRONT = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
_REFERENCE = "https://docs.aws.amazon.com/cloudfront/latest/APIReference"
_ORIGINS = ("S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig")
_READS, _ASKS = {"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"}
_ALL = {*_ASKS, "PUT", "POST", "PATCH", "DELETE"}


@refusal(
    "CDN-CERT-REGION",
    why="CloudFront takes certificates from us-east-1 only",
    fix="Make the certificate in us-east-1 and name its ARN",
    source=f"{_CLOUDFRONT}/cnames-and-https-requirements.html",
)
def certificates_are_in_us_east_1(stacks: Stacks) -> Iterator[Hit]:
    """A distribution's certificate is in us-east-1, wherever the reference to it leads."""
    for resource in stacks.of(_DISTRIBUTION):
        certificate = resource.at("DistributionConfig", "ViewerCertificate", "AcmCertificateArn")
        region = _region_of(certificate, resource, stacks)
        if region not in {None, _EDGE_REGION}:
            yield resource.hit(
                "DistributionConfig.ViewerCertificate.AcmCertificateArn", f"is a certificate in {region}"
            )


@refusal(
    "CDN-ALIAS",
    why="CloudFront refuses an alias that its certificate does not cover",
    fix="Set ViewerCertificate.AcmCertificateArn, or leave Aliases out",
    source=f"{_CLOUDFRONT}/cnames-and-https-requirements.html",
)
def aliases_have_a_certificate(stacks: Stacks) -> Iterator[Hit]:
    """A distribution with names of its own has a certificate of its own."""
    for resource in stacks.of(_DISTRIBUTION):
        certificate = mapping(resource.at("DistributionConfig", "ViewerCertificate"))
        own = certificate.get("AcmCertificateArn") or certificate.get("IamCertificateId")
        if items(resource.at("DistributionConfig", "Aliases")) and not own:
            yield resource.hit("DistributionConfig.Aliases", "has aliases, but no certificate of its own")


@refusal(
    "CDN-ORIGIN-DOMAIN",
    why="CloudFront refuses an origin's domain with a scheme, port or path in it",
    fix="Name the host alone; the path belongs into OriginPath",
    source=f"{_CLOUDFRONT}/DownloadDistValuesOrigin.html",
)
def origins_are_hosts(stacks: Stacks) -> Iterator[Hit]:
    """An origin's ``DomainName`` is a host name."""
    for resource in stacks.of(_DISTRIBUTION):
        for index, origin in enumerate(items(resource.at("DistributionConfig", "Origins"))):
            domain = text(mapping(origin).get("DomainName")) or ""
            if re.search(r"[/:]", blanked(domain)):
                yield resource.hit(f"DistributionConfig.Origins[{index}].DomainName", f"{domain!r} is more than a host")


def _region_of(certificate: object, user: Resource, stacks: Stacks) -> str | None:
    """Where a certificate is: by its ARN, the stack that makes it, or the stack whose output is read."""
    output = function(_copied(certificate, user, stacks))
    if isinstance(output, GetStackOutput):
        return output.region or user.region
    if stacks.meant(certificate, user, "AWS::CertificateManager::Certificate"):
        return user.region
    match = re.match(r"arn:[^:]+:acm:([a-z0-9-]+):", text(certificate) or "")
    return match[1] if match else None


def _copied(value: object, user: Resource, stacks: Stacks) -> Any:
    """What a value stands for: itself, or what the parameter holds that it is the value of (see ``template.wired``)."""
    copy = stacks.meant(value, user, "AWS::SSM::Parameter")
    return copy.at("Value") if copy else value


@refusal(
    "CDN-METHODS",
    why="CloudFront takes three sets of methods only",
    fix="Use GET, HEAD; or these and OPTIONS; or all seven (GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE); cache GET, "
    "HEAD and perhaps OPTIONS",
    source=f"{_REFERENCE}/API_AllowedMethods.html",
)
def methods_are_one_of_three_sets(stacks: Stacks) -> Iterator[Hit]:
    """A behaviour's methods are one of CloudFront's three sets, those it caches one of two within it."""
    for resource in stacks.of(_DISTRIBUTION):
        for place, behavior in behaviors_of(resource):
            allowed, cached = behavior.get("AllowedMethods"), behavior.get("CachedMethods")
            methods = set(texts(known_list(allowed))) or _READS
            kept = set(texts(known_list(cached))) or _READS
            if is_function(allowed) or is_function(cached) or any("${" in name for name in methods | kept):
                continue
            if methods not in (_READS, _ASKS, _ALL):
                yield resource.hit(f"{place}.AllowedMethods", f"is {', '.join(sorted(methods))}")
            if kept not in (_READS, _ASKS) or not kept <= methods:
                yield resource.hit(f"{place}.CachedMethods", f"is {', '.join(sorted(kept))}")


@refusal(
    "CDN-TARGET",
    why="CloudFront refuses a behaviour without an origin (NoSuchOrigin), and two origins or behaviours of one name",
    fix="Name the Id of one of the Origins or OriginGroups in TargetOriginId, and each id and path once",
    source=f"{_REFERENCE}/API_CacheBehavior.html",
)
def behaviors_have_an_origin(stacks: Stacks) -> Iterator[Hit]:
    """Every behaviour leads to an origin; origins and paths exist once."""
    for resource in stacks.of(_DISTRIBUTION):
        config = mapping(resource.at("DistributionConfig"))
        groups = known_list(at(config, "OriginGroups", "Items"))
        ids = [text(at(origin, "Id")) for origin in (*known_list(config.get("Origins")), *groups)]
        known = None not in ids and not is_function(config.get("Origins"))
        for place, behavior in behaviors_of(resource):
            target = text(behavior.get("TargetOriginId"))
            if known and target is not None and target not in ids:
                yield resource.hit(f"{place}.TargetOriginId", f"{target!r} is not an origin")
        for name, count in Counter(ids).items():
            if name and count > 1:
                yield resource.hit("DistributionConfig.Origins", f"have {name!r} {count} times")
        paths = Counter(text(behavior.get("PathPattern")) for _, behavior in behaviors_of(resource))
        for path, count in paths.items():
            if path and count > 1:
                yield resource.hit("DistributionConfig.CacheBehaviors", f"have {path!r} {count} times")


@refusal(
    "CDN-ORIGIN-KIND",
    why="CloudFront refuses an origin without exactly one kind, and two ways to sign requests",
    fix="Set S3OriginConfig for a bucket (empty with an OriginAccessControlId), CustomOriginConfig for anything else",
    source=f"{_REFERENCE}/API_Origin.html",
)
def origins_are_of_one_kind(stacks: Stacks) -> Iterator[Hit]:
    """An origin is a bucket, a server or a VPC origin; bucket websites are servers."""
    for resource in stacks.of(_DISTRIBUTION):
        for index, origin in enumerate(known_list(resource.at("DistributionConfig", "Origins"))):
            place = f"DistributionConfig.Origins[{index}]"
            kinds = [kind for kind in _ORIGINS if kind in mapping(origin)]
            domain = text(at(origin, "DomainName")) or ""
            if len(kinds) != 1 and not is_function(origin):
                yield resource.hit(place, f"has {' and '.join(kinds) or 'no kind of origin'}")
            if at(origin, "S3OriginConfig", "OriginAccessIdentity") and at(origin, "OriginAccessControlId"):
                yield resource.hit(place, "has an origin access identity and an origin access control")
            if "S3OriginConfig" in kinds and ("s3-website" in domain or domain.endswith(".WebsiteURL}")):
                yield resource.hit(f"{place}.DomainName", "is a bucket's website, which is a custom origin")


@refusal(
    "CDN-ERROR-PAGE",
    why="CloudFront refuses a page without a code, and a code without a page",
    fix="Set both ResponsePagePath and ResponseCode, or neither",
    source=f"{_REFERENCE}/API_CustomErrorResponse.html",
)
def error_pages_have_a_code(stacks: Stacks) -> Iterator[Hit]:
    """An error page has a path and a code, or only how long the error is kept; each error exists once."""
    for resource in stacks.of(_DISTRIBUTION):
        pages = list(values_at(resource.properties, "DistributionConfig.CustomErrorResponses.*"))
        for place, page in pages:
            if (at(page, "ResponsePagePath") is None) != (at(page, "ResponseCode") is None):
                yield resource.hit(place, "has only one of ResponsePagePath and ResponseCode")
        for code, count in Counter(text(at(page, "ErrorCode")) for _, page in pages).items():
            if code and count > 1:
                yield resource.hit("DistributionConfig.CustomErrorResponses", f"have {code} {count} times")


@refusal(
    "CDN-TTL",
    why="CloudFront refuses times that do not rise from MinTTL over DefaultTTL to MaxTTL",
    fix="Order them, or leave out those that are not needed",
    source=f"{_CLOUDFRONT}/Expiration.html",
)
def lifetimes_rise(stacks: Stacks) -> Iterator[Hit]:
    """MinTTL ≤ DefaultTTL ≤ MaxTTL, in behaviours and in cache policies."""
    for resource in stacks.of(_DISTRIBUTION):
        for place, behavior in behaviors_of(resource):
            if not _rises(behavior):
                yield resource.hit(f"{place}.MinTTL", "is more than DefaultTTL or MaxTTL")
    for entry in stacks.of("AWS::CloudFront::CachePolicy"):
        if not _rises(mapping(entry.at("CachePolicyConfig"))):
            yield entry.hit("CachePolicyConfig.MinTTL", "is more than DefaultTTL or MaxTTL")


def _rises(settings: JsonObject) -> bool:
    results = [number(settings.get(name)) for name in ("MinTTL", "DefaultTTL", "MaxTTL")]
    known = [value for value in results if value is not None]
    return known == sorted(known)


@refusal(
    "CDN-CACHE-SETTINGS",
    why="CloudFront refuses old cache settings together with a cache policy, and a behaviour with neither",
    fix="Set CachePolicyId alone, without ForwardedValues and TTLs",
    source=f"{_REFERENCE}/API_CacheBehavior.html",
)
def behaviors_have_one_kind_of_settings(stacks: Stacks) -> Iterator[Hit]:
    """A behaviour has a cache policy, or the settings of before there were any."""
    for resource in stacks.of(_DISTRIBUTION):
        for place, behavior in behaviors_of(resource):
            if behavior.get("CachePolicyId") and behavior.get("ForwardedValues"):
                yield resource.hit(f"{place}.ForwardedValues", "is set together with CachePolicyId")
            if behavior and not behavior.get("CachePolicyId") and not behavior.get("ForwardedValues"):
                yield resource.hit(f"{place}.CachePolicyId", "is missing, and so is ForwardedValues")


@refusal(
    "CDN-FUNCTIONS",
    why="CloudFront refuses two functions for one event, a Lambda function with a CloudFront function, "
    "and Lambda functions that are no numbered version in us-east-1",
    fix="Associate one function with each event; name a version of a function in us-east-1",
    source=f"{_CLOUDFRONT}/edge-functions-restrictions.html",
)
def events_have_one_function(stacks: Stacks) -> Iterator[Hit]:
    """Each event of a behaviour has one function, of a kind that it takes."""
    for resource in stacks.of(_DISTRIBUTION):
        for place, behavior in behaviors_of(resource):
            light = [
                text(at(light_association, "EventType"))
                for light_association in known_list(behavior.get("FunctionAssociations"))
            ]
            heavy = known_list(behavior.get("LambdaFunctionAssociations"))
            events = [text(at(association, "EventType")) for association in heavy]
            for event, count in Counter([*light, *events]).items():
                if event and count > 1:
                    yield resource.hit(f"{place}.FunctionAssociations", f"have {count} functions for {event}")
            if any(event and event.startswith("origin-") for event in light):
                yield resource.hit(
                    f"{place}.FunctionAssociations", "have a CloudFront function for an event of the origin"
                )
            for association in heavy:
                arn = plain(at(association, "LambdaFunctionARN"), resource.region)
                if arn and not re.fullmatch(r"arn:[^:]+:lambda:us-east-1:\d{12}:function:[^:]+:\d+", arn):
                    yield resource.hit(
                        f"{place}.LambdaFunctionAssociations", f"{arn!r} is not a numbered version in us-east-1"
                    )


@refusal(
    "CDN-VIEWER",
    why="CloudFront refuses a certificate of your own without saying how it is served, and its own with that",
    fix="Set SslSupportMethod to sni-only with a certificate of your own, and leave it out otherwise",
    source=f"{_REFERENCE}/API_ViewerCertificate.html",
)
def certificates_are_served_somehow(stacks: Stacks) -> Iterator[Hit]:
    """A certificate of your own says how it is served."""
    for resource in stacks.of(_DISTRIBUTION):
        viewer = mapping(resource.at("DistributionConfig", "ViewerCertificate"))
        own_one = viewer.get("AcmCertificateArn") or viewer.get("IamCertificateId")
        place = "DistributionConfig.ViewerCertificate.SslSupportMethod"
        if own_one and not viewer.get("SslSupportMethod"):
            yield resource.hit(place, "is missing")
        if viewer.get("CloudFrontDefaultCertificate") is True and viewer.get("SslSupportMethod"):
            yield resource.hit(place, "is set for CloudFront's own certificate")


@refusal(
    "CDN-LOG-LISTS",
    why="CloudFront refuses a bucket for its log that takes no access control lists",
    fix="Set the bucket's OwnershipControls to BucketOwnerPreferred, or log with AWS::Logs::Delivery",
    source=f"{_CLOUDFRONT}/standard-logging-legacy-s3.html",
)
def logs_go_to_buckets_with_lists(stacks: Stacks) -> Iterator[Hit]:
    """The bucket of a legacy access log takes access control lists."""
    for resource in stacks.of(_DISTRIBUTION):
        named = next(references(resource.at("DistributionConfig", "Logging", "Bucket")), None)
        bucket = own(stacks, named.value, resource, "AWS::S3::Bucket") if named else None
        if bucket is None or named is None:
            continue
        if not named.attribute:
            yield resource.hit("DistributionConfig.Logging.Bucket", f"is the name of {bucket.id}, not its DomainName")
        owner = at(known_list(bucket.at("OwnershipControls", "Rules")), 0, "ObjectOwnership")
        if owner in {None, "BucketOwnerEnforced"}:
            yield bucket.hit("OwnershipControls", f"takes no lists, which the log of {resource.id} needs")


RULES = (
    certificates_are_in_us_east_1,
    aliases_have_a_certificate,
    origins_are_hosts,
    methods_are_one_of_three_sets,
    behaviors_have_an_origin,
    origins_are_of_one_kind,
    error_pages_have_a_code,
    lifetimes_rise,
    behaviors_have_one_kind_of_settings,
    events_have_one_function,
    certificates_are_served_somehow,
    logs_go_to_buckets_with_lists,
)
