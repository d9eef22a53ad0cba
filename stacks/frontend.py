"""The frontend stack: one CloudFront distribution in front of a private bucket and the API.

One origin for the browser: static files and the single-page application come from the bucket, the rest from
the API, so there is no CORS and the web ACL sees every request.

CloudFront's web ACLs and certificates exist in us-east-1 only. Where the stage is elsewhere, ``edge_template`` is a
second stack there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Join, Ref, Sub, Template, cloudfront

from stacks import naming, wiring
from stacks.parts.backend.api_gate import add_gate
from stacks.parts.buckets import bucket_policy, log_bucket, private_bucket, written_once
from stacks.parts.frontend.access_log import add_delivery, add_log_bucket, legacy_logging
from stacks.parts.frontend.behaviors import (
    behaviors,
    default_behavior,
    has_api,
    has_bucket,
    is_at_root,
    kinds,
    origin_groups,
    origins,
)
from stacks.parts.frontend.domain import add_certificate, add_records, viewer_certificate
from stacks.parts.frontend.edge_functions import edge_functions, routes_parameter
from stacks.parts.frontend.error_pages import error_pages
from stacks.parts.frontend.response_headers import response_headers
from stacks.parts.frontend.waf import add_web_acl
from stacks.parts.policies import allow, deny, objects_of, service, tagged, when
from stacks.parts.templates import empty_template
from stacks.stages.serving import is_gated, signs_in_below_site
from stacks.stages.stacks import EDGE, FRONTEND, LOGS_EDGE, stacks_of
from stacks.template.edge_functions import KEY, functions_of

if TYPE_CHECKING:
    from awacs.aws import Statement

    from stacks.app import Stage
    from stacks.json_types import JsonDict


RECORDS = ".stacks/"
"""Where the bucket keeps the records of releases (``stacks.publishing.releases``)."""


def template(stage: Stage) -> Template:
    """The frontend stack of one stage."""
    stack_template = empty_template(stage, "site bucket and CloudFront distribution")
    if has_bucket(stage):
        _add_bucket(stack_template, stage)
    stack_template.add_resource(response_headers(stage))
    if stage.frontend.site:
        stack_template.add_parameter(routes_parameter())
    for function in edge_functions(kinds(stage), stage):
        stack_template.add_resource(function)
    if stage.region == naming.EDGE_REGION:
        _add_edge(stack_template, stage, FRONTEND)
    if is_gated(stage) and has_api(stage):
        add_gate(stack_template, stage)
    stack_template.add_resource(distribution(stage))
    _add_log(stack_template, stage)
    _add_plan(stack_template, stage)
    _add_outputs(stack_template, stage)
    _add_clients(stack_template, stage)
    _add_sign_in(stack_template, stage)
    return stack_template


def _add_bucket(stack_template: Template, stage: Stage) -> None:
    bucket = private_bucket("SiteBucket", stage, stack=FRONTEND, purpose="site", log_to=log_bucket(stage))
    stack_template.add_resource(bucket)
    stack_template.add_resource(
        bucket_policy(bucket, *_cdn_reads(), written_once(bucket, RECORDS, "ReleasesAreWrittenOnce"))
    )
    stack_template.add_resource(_origin_access(stage))
    stack_template.add_output(wiring.SITE_BUCKET.declare(Ref("SiteBucket"), "Bucket of the site's files"))


def _add_sign_in(stack_template: Template, stage: Stage) -> None:
    """The domain of the sign-in pages, where it needs the site's records first."""
    users = stage.data.users
    if users and users.domain and signs_in_below_site(stage):
        from stacks.kinds.users.resources.pool import add_sign_in_domain  # noqa: PLC0415 - rare

        records = [
            name
            for name, resource in stack_template.resources.items()
            if resource.resource_type == "AWS::Route53::RecordSet"
        ]
        pool = wiring.USER_POOL.read(stage)
        add_sign_in_domain(stack_template, users.domain, wiring.SITE_SIGN_IN_TARGET, pool, DependsOn=records)


def _add_clients(stack_template: Template, stage: Stage) -> None:
    """The clients of the user pool that come back to a path of the site, whose address is known here."""
    users = stage.data.users
    if users and any(client.needs_site for client in users.clients.values()):
        from stacks.kinds.users.resources.clients import add_clients  # noqa: PLC0415 - rare

        add_clients(stack_template, stage, site=lambda path: _address(stage, path))


def _add_log(stack_template: Template, stage: Stage) -> None:
    kind = stage.frontend.access_log
    if kind == "legacy":
        add_log_bucket(stack_template, stage, stack=FRONTEND)
    elif any(stack.key == LOGS_EDGE for stack in stacks_of(stage)):
        cdn = stack_template.resources["Distribution"]
        cdn.Metadata = {**getattr(cdn, "Metadata", {}), "AccessLog": LOGS_EDGE}
    elif kind:
        add_delivery(stack_template, Ref("Distribution"), stage, stack=FRONTEND)


def _add_plan(stack_template: Template, stage: Stage) -> None:
    if plan := stage.frontend.plan:
        from stacks.parts.frontend.plan import subscription  # noqa: PLC0415 - few stages have one

        stack_template.add_resource(subscription(plan, web_acl=_web_acl(stage)))


def _web_acl(stage: Stage) -> Any:
    """The ARN of the web ACL of the site; None without one."""
    waf = stage.frontend.waf
    if waf is None:
        return None
    own = GetAtt("WebAcl", "Arn") if stage.region == naming.EDGE_REGION else wiring.WEB_ACL.read(stage)
    return waf.existing or own


def _add_outputs(stack_template: Template, stage: Stage) -> None:
    domain = stage.frontend.domain
    stack_template.add_output(wiring.SITE_URL.declare(_address(stage), "Where the site is"))
    stack_template.add_output(wiring.DISTRIBUTION.declare(Ref("Distribution"), "The CloudFront distribution"))
    own = GetAtt("Distribution", "DomainName")
    stack_template.add_output(wiring.DISTRIBUTION_DOMAIN.declare(own, "The distribution's own domain"))
    if domain:
        add_records(stack_template, domain)


def _address(stage: Stage, path: str = "") -> str | Sub:
    """The site's address, or that of a path of it."""
    domain = stage.frontend.domain
    return f"https://{domain.name}{path}" if domain else Sub(f"https://${{Distribution.DomainName}}{path}")


def edge_template(stage: Stage) -> Template:
    """What a stage outside us-east-1 needs there: the web ACL and the certificate."""
    stack_template = empty_template(stage, "web ACL of the site, in us-east-1 as CloudFront asks")
    _add_edge(stack_template, stage, EDGE)
    if "WebAcl" in stack_template.resources:
        stack_template.add_output(wiring.WEB_ACL.declare(GetAtt("WebAcl", "Arn"), "The web ACL"))
    if "Certificate" in stack_template.resources:
        stack_template.add_output(wiring.CERTIFICATE.declare(Ref("Certificate"), "The site's certificate"))
    return stack_template


def _add_edge(stack_template: Template, stage: Stage, stack: str) -> None:
    """What must be in us-east-1."""
    waf, domain = stage.frontend.waf, stage.frontend.domain
    if waf and not waf.existing:
        add_web_acl(stack_template, waf, stage, stack)
    if domain and domain.certificate is None:
        add_certificate(stack_template, domain, stage, stack)
    if domain and stage.alarms:
        _add_certificate_alarm(stack_template, stage, stack)


def _add_certificate_alarm(stack_template: Template, stage: Stage, stack: str) -> None:
    """An alarm for the site's certificate; beyond the stage's region with a topic, since topics are of one region."""
    from stacks.parts.backend.app_alarms import certificate_alarm  # noqa: PLC0415 - few stages have alarms

    domain, alarms = stage.frontend.domain, stage.alarms
    if alarms and stage.region != naming.EDGE_REGION:
        from stacks.parts.base.alarm_topic import add_alarm_topic  # noqa: PLC0415

        add_alarm_topic(stack_template, stage, alarms.email, stack=stack)
    certificate = (domain.certificate if domain else None) or Ref("Certificate")
    stack_template.add_resource(certificate_alarm("CertificateAlarm", certificate, stage, stack=stack))


def _cdn_reads() -> tuple[Statement, ...]:
    """Only this distribution reads objects, but for the records of releases.

    It may ask whether an object exists (``s3:ListBucket``), so that a missing one is 404 and not 403. That lists
    nothing: the bucket's behaviours send no query string to S3, and no path of theirs is the bucket itself. A path is
    under /static/ or the application's, whose routes become its index.html; at the root ``/`` is index.html, too.
    """
    arn = Sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}")
    condition: JsonDict = {
        "Principal": service("cloudfront"),
        "Condition": when(StringEquals={"aws:SourceArn": arn}),
    }
    records = Join("", [GetAtt("SiteBucket", "Arn"), f"/{RECORDS}*"])
    return (
        allow("s3:GetObject", on=objects_of("SiteBucket"), Sid="CloudFrontReads", **condition),
        allow("s3:ListBucket", on=GetAtt("SiteBucket", "Arn"), Sid="CloudFrontMisses", **condition),
        deny("s3:GetObject", on=records, Sid="NoRecords", Principal=service("cloudfront")),
    )


def _origin_access(stage: Stage) -> cloudfront.OriginAccessControl:
    return cloudfront.OriginAccessControl(
        "OriginAccess",
        OriginAccessControlConfig=cloudfront.OriginAccessControlConfig(
            Name=f"{naming.prefix(stage)}-site",
            OriginAccessControlOriginType="s3",
            SigningBehavior="always",
            SigningProtocol="sigv4",
        ),
    )


def distribution(stage: Stage) -> cloudfront.Distribution:
    """The distribution: the site at its path, static files, and the API for the rest."""
    frontend = stage.frontend
    prices = {"100": "PriceClass_100", "200": "PriceClass_200", "all": "PriceClass_All"}
    resource = cloudfront.Distribution(
        "Distribution",
        DistributionConfig=cloudfront.DistributionConfig(
            Comment=naming.prefix(stage),
            Enabled=True,
            HttpVersion="http2and3",
            IPV6Enabled=True,
            PriceClass=prices[frontend.price_class],
            Origins=origins(stage),
            DefaultCacheBehavior=default_behavior(stage),
            CacheBehaviors=behaviors(stage),
            ViewerCertificate=viewer_certificate(stage),
            **_chosen(stage),
        ),
        Tags=tagged(stage, FRONTEND),
    )
    if functions := functions_of(resource.to_dict()["Properties"]["DistributionConfig"]):
        resource.Metadata = {"stacks": {KEY: functions}}
    return resource


def _chosen(stage: Stage) -> JsonDict:
    """What only some distributions have."""
    frontend, result = stage.frontend, dict[str, Any]()
    if groups := origin_groups(stage):
        result["OriginGroups"] = groups
    if frontend.domain:
        result["Aliases"] = list(frontend.domain.names)
    if is_at_root(stage):
        result["DefaultRootObject"] = "index.html"
    if frontend.waf:
        result["WebACLId"] = _web_acl(stage)
    if frontend.access_log == "legacy":
        result["Logging"] = legacy_logging()
    if pages := error_pages(stage):
        result["CustomErrorResponses"] = pages
    if frontend.countries:
        kind = "whitelist" if frontend.countries.only else "blacklist"
        listed = list(frontend.countries.only or frontend.countries.none_of)
        geo = cloudfront.GeoRestriction(RestrictionType=kind, Locations=listed)
        result["Restrictions"] = cloudfront.Restrictions(GeoRestriction=geo)
    return result
