"""A bucket behind CloudFront, or one that is a website → ``frontend``. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from stacks.json_types import at, items, mapping
from stacks.migrating.located import Map, Place
from stacks.migrating.references import ReferenceTarget

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.recognised import Recogniser
    from stacks.migrating.references import References
    from stacks.migrating.service import Service

_WITH_IT = {
    "AWS::CloudFront::CloudFrontOriginAccessIdentity",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::OriginRequestPolicy",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudFront::Function",
}
"""What a distribution has next to it, and the frontend brings of its own."""
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9A-Za-z-]+")


def take_site(service: Service, references: References, recogniser: Recogniser, obstacles: Obstacles) -> None:
    """Describe the site of a service, and take out the resources that make it."""
    distributions = _of(service, "AWS::CloudFront::Distribution")
    websites = [name for name, body in _of(service, "AWS::S3::Bucket").items() if "WebsiteConfiguration" in _set(body)]
    buckets = sorted({bucket for body in distributions.values() for bucket in _buckets(body, service)} | set(websites))
    if not buckets and not service.site_folder:
        return
    folder = service.site_folder or "dist"
    place = service.resources[buckets[0]][1] if buckets else service.place
    service.frontend["site"] = folder
    if service.functions:
        service.frontend.setdefault("waf", {"direct_api": True})
    recogniser.result.places["frontend",] = place
    if not service.site_folder:
        what, fix = (
            "becomes 'frontend.site', whose folder of built files is not known",
            "Write the folder in place of 'dist'",
        )
        obstacles.changed(place, f"resources.{buckets[0]}", what, fix)
    else:
        what = "becomes 'frontend.site': a private bucket behind CloudFront, published with each deployment"
        obstacles.changed(place, "site", what, "Switch the domain when the new site answers: see docs/migrating.md")
    for body in distributions.values():
        _domain(body, service, obstacles)
    _firewall(service, obstacles)
    for name in buckets:
        _take(
            name,
            ReferenceTarget(),
            service,
            references,
            obstacles,
            "is the site's bucket: SiteBucketName of 'frontend'",
        )
    for name in distributions:
        _take(name, ReferenceTarget(), service, references, obstacles, "is the distribution of 'frontend'")
    for name, (body, _) in list(service.resources.items()):
        kind = str(body.get("Type")) if isinstance(body, Mapping) else ""
        is_policy = kind == "AWS::S3::BucketPolicy" and any(
            bucket in str(_set(body).get("Bucket")) for bucket in buckets
        )
        if kind in _WITH_IT or is_policy:
            _take(name, ReferenceTarget(), service, references, obstacles, "comes with 'frontend'")
        elif kind in {"AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup"} and any(
            distribution in str(body) for distribution in distributions
        ):
            _take(
                name, ReferenceTarget(), service, references, obstacles, "comes with 'frontend.domain' and its 'zone'"
            )


def _of(service: Service, kind: str) -> JsonDict:
    return {
        name: body
        for name, (body, _) in service.resources.items()
        if isinstance(body, Map) and body.get("Type") == kind
    }


def _set(body: object) -> JsonObject:
    return mapping(at(body, "Properties"))


def _take(  # noqa: PLR0913, PLR0917 - one resource, and why it goes
    name: str, target: ReferenceTarget, service: Service, references: References, obstacles: Obstacles, what: str
) -> None:
    _, place = service.resources.pop(name)
    references.targets[name] = target
    obstacles.note(place, f"resources.{name}", what, "Nothing to do")


def _buckets(distribution: object, service: Service) -> list[str]:
    """The buckets of the service that a distribution has as origins."""
    names = _of(service, "AWS::S3::Bucket")
    buckets: list[str] = []
    for origin in items(at(_set(distribution), "DistributionConfig", "Origins")):
        text = str(mapping(origin).get("DomainName", ""))
        for name, body in names.items():
            called = _set(body).get("BucketName")
            if re.search(rf"\b{re.escape(name)}\b", text) or (isinstance(called, str) and called in text):
                buckets.append(name)
    return buckets


def _domain(distribution: object, service: Service, obstacles: Obstacles) -> None:
    config = _set(distribution).get("DistributionConfig")
    if not isinstance(config, Map):
        return
    aliases = [item for item in config.get("Aliases") or [] if isinstance(item, str)]
    arn = at(config, "ViewerCertificate", "AcmCertificateArn")
    if aliases and isinstance(arn, str) and _CERTIFICATE.fullmatch(arn) and "domain" not in service.frontend:
        service.frontend["domain"] = {"name": aliases[0], "certificate": arn}
        aliases = aliases[1:]
    if aliases:
        fix = f"Write 'domain: {{name: {aliases[0]}, zone: Z…}}' under 'frontend'"
        obstacles.lost(config.at("Aliases"), "Aliases", f"{', '.join(aliases)} is not carried over", fix)
    for key in ("CustomErrorResponses", "CacheBehaviors", "Logging", "PriceClass", "Restrictions", "WebACLId"):
        if key in config and key not in {"PriceClass", "Logging", "Restrictions", "WebACLId"}:
            fix = "Compare with 'frontend.paths' and 'frontend.errors'; paths without a file get index.html"
            obstacles.changed(config.at(key), key, "is decided by 'frontend' now", fix)


def _firewall(service: Service, obstacles: Obstacles) -> None:
    for name, body in _of(service, "AWS::WAFv2::WebACL").items():
        if _set(body).get("Scope") == "CLOUDFRONT":
            place: Place = service.resources.pop(name)[1]
            what = "becomes 'frontend.waf', with AWS's rules for bad addresses and known attacks and a rate limit"
            obstacles.changed(place, f"resources.{name}", what, "Write rules of its own under 'frontend.waf'")
