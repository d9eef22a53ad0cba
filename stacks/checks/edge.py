"""Rules for CloudFront, its buckets, and web ACLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stacks.checks.documents import statements
from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import at, items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DISTRIBUTION = "AWS::CloudFront::Distribution"
_WEB_ACL = "AWS::WAFv2::WebACL"
_EDGE_REGION = "us-east-1"
_CLOUDFRONT = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
_WAF = "https://docs.aws.amazon.com/waf/latest/developerguide"


@rule(
    "OAC-SOURCE",
    why="any distribution of any account could read the bucket",
    fix="Add a condition with aws:SourceArn, the distribution's ARN",
    source=f"{_CLOUDFRONT}/private-content-restricting-access-to-s3.html",
)
def buckets_are_read_by_their_own_distribution(stacks: Stacks) -> Iterator[Hit]:
    """A policy that lets CloudFront in says which distribution."""
    for statement in statements(stacks, "resource"):
        source = statement.keys & {"aws:sourcearn", "aws:sourceaccount"}
        needed = "aws:sourcearn" in source or (source and statement.document.owner.type == "AWS::KMS::Key")
        if statement.allows and "cloudfront" in statement.services and not needed:
            yield statement.hit("lets every CloudFront distribution in")


@rule(
    "CDN-HEADERS",
    why="browsers are not told to use HTTPS only, to keep types and to refuse frames",
    fix="Set ResponseHeadersPolicyId to a policy with SecurityHeadersConfig",
    source=f"{_CLOUDFRONT}/understanding-response-headers-policies.html",
)
def answers_carry_security_headers(stacks: Stacks) -> Iterator[Hit]:
    """Every behaviour of a distribution has a response headers policy."""
    for one in stacks.of(_DISTRIBUTION):
        for path, behavior in _behaviors(one):
            if not behavior.get("ResponseHeadersPolicyId"):
                yield one.hit(f"{path}.ResponseHeadersPolicyId", "has no response headers policy")


def _behaviors(distribution: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    config = "DistributionConfig"
    yield f"{config}.DefaultCacheBehavior", mapping(distribution.at(config, "DefaultCacheBehavior"))
    for index, behavior in enumerate(items(distribution.at(config, "CacheBehaviors"))):
        yield f"{config}.CacheBehaviors[{index}]", mapping(behavior)


@rule(
    "CDN-CERT-REGION",
    why="CloudFront takes certificates from us-east-1 only",
    fix="Make the certificate in us-east-1 and name its ARN",
    source=f"{_CLOUDFRONT}/cnames-and-https-requirements.html",
)
def certificates_are_in_us_east_1(stacks: Stacks) -> Iterator[Hit]:
    """A distribution's certificate is in us-east-1, wherever the reference to it leads."""
    for one in stacks.of(_DISTRIBUTION):
        certificate = one.at("DistributionConfig", "ViewerCertificate", "AcmCertificateArn")
        region = _region_of(certificate, one, stacks)
        if region not in {None, _EDGE_REGION}:
            yield one.hit("DistributionConfig.ViewerCertificate.AcmCertificateArn", f"is a certificate in {region}")


def _region_of(certificate: Any, user: Resource, stacks: Stacks) -> str | None:
    """Where a certificate is: by its ARN, the stack that makes it, or the stack whose output is read."""
    output = mapping(_copied(certificate, user, stacks)).get("Fn::GetStackOutput")
    if output is not None:
        return text(at(output, "Region")) or user.region
    if stacks.meant(certificate, user, "AWS::CertificateManager::Certificate"):
        return user.region
    found = re.match(r"arn:[^:]+:acm:([a-z0-9-]+):", text(certificate) or "")
    return found[1] if found else None


def _copied(value: Any, user: Resource, stacks: Stacks) -> Any:
    """What a value stands for: itself, or what the parameter holds that it is the value of (see ``template.wired``)."""
    copy = stacks.meant(value, user, "AWS::SSM::Parameter")
    return copy.at("Value") if copy else value


@rule(
    "CDN-ALIAS",
    why="CloudFront refuses an alias that its certificate does not cover",
    fix="Set ViewerCertificate.AcmCertificateArn, or leave Aliases out",
    source=f"{_CLOUDFRONT}/cnames-and-https-requirements.html",
)
def aliases_have_a_certificate(stacks: Stacks) -> Iterator[Hit]:
    """A distribution with names of its own has a certificate of its own."""
    for one in stacks.of(_DISTRIBUTION):
        certificate = mapping(one.at("DistributionConfig", "ViewerCertificate"))
        own = certificate.get("AcmCertificateArn") or certificate.get("IamCertificateId")
        if items(one.at("DistributionConfig", "Aliases")) and not own:
            yield one.hit("DistributionConfig.Aliases", "has aliases, but no certificate of its own")


@rule(
    "CDN-ORIGIN-DOMAIN",
    why="CloudFront refuses an origin's domain with a scheme, port or path in it",
    fix="Name the host alone; the path belongs into OriginPath",
    source=f"{_CLOUDFRONT}/DownloadDistValuesOrigin.html",
)
def origins_are_hosts(stacks: Stacks) -> Iterator[Hit]:
    """An origin's ``DomainName`` is a host name."""
    for one in stacks.of(_DISTRIBUTION):
        for index, origin in enumerate(items(one.at("DistributionConfig", "Origins"))):
            domain = text(mapping(origin).get("DomainName")) or ""
            if re.search(r"[/:]", re.sub(r"\$\{[^}]*\}", "", domain)):
                yield one.hit(f"DistributionConfig.Origins[{index}].DomainName", f"{domain!r} is more than a host")


@rule(
    "CDN-WAF-SCOPE",
    why="CloudFront takes web ACLs with the scope CLOUDFRONT only",
    fix="Use a web ACL with Scope CLOUDFRONT, made in us-east-1",
    source=f"{_WAF}/cloudfront-features.html",
)
def distributions_have_web_acls_of_their_scope(stacks: Stacks) -> Iterator[Hit]:
    """The web ACL of a distribution is no regional one."""
    for one in stacks.of(_DISTRIBUTION):
        named = one.at("DistributionConfig", "WebACLId")
        acl = stacks.meant(named, one, _WEB_ACL)
        if ":regional/" in (text(named) or "") or (acl and acl.properties.get("Scope") == "REGIONAL"):
            yield one.hit("DistributionConfig.WebACLId", "is a regional web ACL")


@rule(
    "WAF-REGION",
    why="web ACLs for CloudFront can be made in us-east-1 only",
    fix="Put it into a stack in us-east-1",
    source=f"{_WAF}/cloudfront-features.html",
)
def web_acls_of_cloudfront_are_in_us_east_1(stacks: Stacks) -> Iterator[Hit]:
    """A web ACL with the scope CLOUDFRONT stands in a stack of us-east-1."""
    for acl in stacks.of(_WEB_ACL):
        if acl.properties.get("Scope") == "CLOUDFRONT" and acl.region != _EDGE_REGION:
            yield acl.hit("Scope", f"is made for CloudFront in {acl.region}")


@rule(
    "WAF-RATE",
    why="one address can send as many requests as it likes",
    fix="Add a rule with a RateBasedStatement and the action Block",
    source=f"{_WAF}/waf-rule-statement-type-rate-based.html",
)
def web_acls_limit_the_rate(stacks: Stacks) -> Iterator[Hit]:
    """Every web ACL that lets through what no rule names has a rate rule."""
    for acl in stacks.of(_WEB_ACL):
        limited = any(at(one, "Statement", "RateBasedStatement") for one in items(acl.properties.get("Rules")))
        if not limited and acl.at("DefaultAction", "Block") is None:
            yield acl.hit("Rules", "has no rule that limits the rate of an address")


@rule(
    "WAF-REDACT",
    why="tokens and cookies of every request would be readable in the log",
    fix="Add the headers authorization and cookie to RedactedFields",
    source=f"{_WAF}/logging-management-configure.html",
)
def web_acl_logs_hide_credentials(stacks: Stacks) -> Iterator[Hit]:
    """A web ACL's log leaves out the headers that carry credentials."""
    for log in stacks.of("AWS::WAFv2::LoggingConfiguration"):
        fields = (text(at(field, "SingleHeader", "Name")) for field in items(log.properties.get("RedactedFields")))
        missing = {"authorization", "cookie"} - {str(name).lower() for name in fields}
        if missing:
            yield log.hit("RedactedFields", f"logs the header {' and '.join(sorted(missing))}")


@rule(
    "WAF-PROTECT",
    why="tokens and cookies would be readable in the samples of requests that the console shows",
    fix="Add the headers authorization and cookie to DataProtectionConfig, as SINGLE_HEADER",
    source="https://docs.aws.amazon.com/waf/latest/APIReference/API_DataProtectionConfig.html",
)
def web_acls_hide_credentials(stacks: Stacks) -> Iterator[Hit]:
    """A web ACL protects the headers that carry credentials, or all headers, wherever it shows requests."""
    for acl in stacks.of(_WEB_ACL):
        fields = [mapping(at(one, "Field")) for one in items(acl.at("DataProtectionConfig", "DataProtections"))]
        keys = [items(field.get("FieldKeys")) for field in fields if field.get("FieldType") == "SINGLE_HEADER"]
        missing = {"authorization", "cookie"} - {str(key).lower() for some in keys for key in some}
        if missing and [] not in [list(some) for some in keys]:
            yield acl.hit("DataProtectionConfig", f"shows the header {' and '.join(sorted(missing))}")


@rule(
    "WAF-PRIORITY",
    why="WAF refuses a web ACL with two rules of one priority",
    fix="Number the rules, each once",
    source=f"{_WAF}/web-acl-processing-order.html",
)
def priorities_are_used_once(stacks: Stacks) -> Iterator[Hit]:
    """No two rules of a web ACL have the same priority."""
    for acl in stacks.of(_WEB_ACL, "AWS::WAFv2::RuleGroup"):
        seen: dict[str, int] = {}
        for index, one in enumerate(items(acl.properties.get("Rules"))):
            priority = text(mapping(one).get("Priority")) or f"rule {index}"
            other = seen.setdefault(priority, index)
            if other != index:
                yield acl.hit(f"Rules[{index}].Priority", f"is {priority}, as that of Rules[{other}]")


@rule(
    "DNS-DANGLING",
    why="a record that outlives what it points to can be taken over by others",
    fix="Refer to the distribution or API domain with Ref or Fn::GetAtt",
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html",
)
def alias_records_go_with_their_target(stacks: Stacks) -> Iterator[Hit]:
    """An alias record points to a resource by reference."""
    for record in stacks.of("AWS::Route53::RecordSet"):
        if isinstance(record.at("AliasTarget", "DNSName"), str):
            yield record.hit("AliasTarget.DNSName", "is written out")


RULES = (
    buckets_are_read_by_their_own_distribution,
    answers_carry_security_headers,
    certificates_are_in_us_east_1,
    aliases_have_a_certificate,
    origins_are_hosts,
    distributions_have_web_acls_of_their_scope,
    web_acls_of_cloudfront_are_in_us_east_1,
    web_acls_limit_the_rate,
    web_acl_logs_hide_credentials,
    web_acls_hide_credentials,
    priorities_are_used_once,
    alias_records_go_with_their_target,
)
