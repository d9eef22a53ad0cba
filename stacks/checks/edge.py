"""Rules for CloudFront, its buckets, and web ACLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.documents import statements
from stacks.checks.places import places
from stacks.checks.refused.reading import behaviors_of
from stacks.checks.rule import Hit, Stacks, rule
from stacks.checks.values import text
from stacks.json_types import at, items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    why="browsers get no headers that require HTTPS, fix content types and refuse frames",
    fix="Set ResponseHeadersPolicyId to a policy with SecurityHeadersConfig",
    source=f"{_CLOUDFRONT}/understanding-response-headers-policies.html",
)
def answers_carry_security_headers(stacks: Stacks) -> Iterator[Hit]:
    """Every behaviour of a distribution has a response headers policy."""
    for resource in stacks.of(_DISTRIBUTION):
        for path, behavior in behaviors_of(resource):
            if not behavior.get("ResponseHeadersPolicyId"):
                yield resource.hit(f"{path}.ResponseHeadersPolicyId", "has no response headers policy")


@rule(
    "WAF-RATE",
    why="one address can send as many requests as it likes",
    fix="Add a rule with a RateBasedStatement and the action Block",
    source=f"{_WAF}/waf-rule-statement-type-rate-based.html",
)
def web_acls_limit_the_rate(stacks: Stacks) -> Iterator[Hit]:
    """Every web ACL that lets through what no rule names has a rate rule."""
    for acl in stacks.of(_WEB_ACL):
        limited = any(at(entry, "Statement", "RateBasedStatement") for entry in items(acl.properties.get("Rules")))
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
        fields = [mapping(at(entry, "Field")) for entry in items(acl.at("DataProtectionConfig", "DataProtections"))]
        keys = [items(field.get("FieldKeys")) for field in fields if field.get("FieldType") == "SINGLE_HEADER"]
        missing = {"authorization", "cookie"} - {str(key).lower() for some in keys for key in some}
        if missing and [] not in [list(some) for some in keys]:
            yield acl.hit("DataProtectionConfig", f"shows the header {' and '.join(sorted(missing))}")


_TAKEN_OVER = re.compile(
    r"(?<![$}])\b(?:[\w.-]+\.(?:s3[.-][\w.-]*amazonaws\.com|cloudfront\.net|elasticbeanstalk\.com|elb\.amazonaws\.com"
    r"|execute-api\.[\w-]+\.amazonaws\.com|azurewebsites\.net|github\.io|herokuapp\.com))\.?$"
)
"""Hosts whose names others can get."""


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
    for resource in stacks.of("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup"):
        for place in places(resource.properties):
            if place.name == "ResourceRecords" and _TAKEN_OVER.search(place.text):
                yield resource.hit(place.path, f"leads to {place.text}, which anybody may take once it is gone")


RULES = (
    buckets_are_read_by_their_own_distribution,
    answers_carry_security_headers,
    web_acls_limit_the_rate,
    web_acl_logs_hide_credentials,
    web_acls_hide_credentials,
    alias_records_go_with_their_target,
)
