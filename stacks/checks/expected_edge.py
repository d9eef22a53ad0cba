"""Rules that a property has a value: headers for browsers, and the web ACL in front of them.

Each control costs nothing; scanners report each; here they are reported while rendering, without a scanner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.checks.row import HUB, Row, is_one_of
from stacks.checks.rule import rule
from stacks.checks.values import text
from stacks.json_types import at, items, mapping
from stacks.suppressions.when import ATTACKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.checks.rule import Hit, Stacks

_HEADERS = ("ContentSecurityPolicy", "ContentTypeOptions", "FrameOptions", "ReferrerPolicy", "StrictTransportSecurity")
_YEAR = 31_536_000


def _is_long(transport: object) -> bool:
    seconds = at(transport, "AccessControlMaxAgeSec")
    return transport is None or (isinstance(seconds, int) and seconds >= _YEAR)


_ROWS = (
    Row(
        id="HEADERS-COMPLETE",
        type="AWS::CloudFront::ResponseHeadersPolicy",
        path="ResponseHeadersPolicyConfig.SecurityHeadersConfig",
        right=lambda headers: all(at(headers, name) for name in _HEADERS),
        what=f"leaves out one of {', '.join(_HEADERS)}",
        why="each keeps browsers from another kind of attack",
        fix="Set all of them",
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html",
    ),
    Row(
        id="HEADERS-HSTS",
        type="AWS::CloudFront::ResponseHeadersPolicy",
        path="ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity",
        right=_is_long,
        what="lets browsers forget within a year that the site is HTTPS only",
        why="the first request after that can be answered by anybody, over plain HTTP",
        fix=f"Set AccessControlMaxAgeSec to {_YEAR} at least",
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html",
    ),
    Row(
        id="WAF-METRICS",
        type="AWS::WAFv2::WebACL",
        path="VisibilityConfig.CloudWatchMetricsEnabled",
        right=is_one_of(True),
        what="counts nothing",
        why="an attack, or a rule that blocks customers, goes unnoticed",
        fix="Set VisibilityConfig.CloudWatchMetricsEnabled to true",
        source=f"{HUB}/waf-controls.html#waf-12",
    ),
)


@rule(
    "WAF-COUNTS",
    why="what the group recognises as an attack is let through",
    fix="Set OverrideAction to None, or suppress this with the reason why it only counts",
    source="https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rule-group-override-options.html",
)
def rule_groups_block(stacks: Stacks) -> Iterator[Hit]:
    """No rule or rule group of a web ACL is only there to count."""
    for acl in stacks.of("AWS::WAFv2::WebACL"):
        for index, entry in enumerate(items(acl.properties.get("Rules"))):
            for name in ("Action", "OverrideAction"):
                if "Count" in mapping(at(entry, name)):
                    yield acl.hit(f"Rules[{index}].{name}", f"only counts what {at(entry, 'Name')} finds")


@rule(
    "WAF-GROUPS",
    why="addresses and requests that AWS knows from attacks are let through",
    fix="Add the rule group, or suppress this with the reason why it is left out",
    source="https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html",
)
def web_acls_have_rule_groups(stacks: Stacks) -> Iterator[Hit]:
    """Every web ACL that lets through what no rule names has AWS's rule groups against attacks."""
    for acl in stacks.of("AWS::WAFv2::WebACL"):
        rules = items(acl.properties.get("Rules"))
        missing = ATTACKS - {text(at(rule, "Statement", "ManagedRuleGroupStatement", "Name")) for rule in rules}
        if missing and acl.at("DefaultAction", "Block") is None:
            yield acl.hit("Rules", f"leaves out {', '.join(sorted(missing))}")


@rule(
    "CDN-ROOT",
    why="a bucket has no page at /: requests for the site get an error",
    fix="Set DefaultRootObject to index.html",
    source=f"{HUB}/cloudfront-controls.html#cloudfront-1",
)
def sites_in_buckets_have_a_first_page(stacks: Stacks) -> Iterator[Hit]:
    """A distribution whose ``/`` comes from a bucket names the file."""
    for resource in stacks.of("AWS::CloudFront::Distribution"):
        config = mapping(resource.at("DistributionConfig"))
        target = at(config, "DefaultCacheBehavior", "TargetOriginId")
        buckets = {
            text(at(origin, "Id"))
            for origin in items(config.get("Origins"))
            if at(origin, "S3OriginConfig") is not None
        }
        for group in items(at(config, "OriginGroups", "Items")):
            members = {text(at(member, "OriginId")) for member in items(at(group, "Members", "Items"))}
            buckets |= {text(at(group, "Id"))} if members & (buckets - {None}) else set()
        if text(target) in buckets - {None} and not config.get("DefaultRootObject"):
            yield resource.hit("DistributionConfig.DefaultRootObject", "names no page for /")


RULES = (
    *(row.rule() for row in _ROWS),
    rule_groups_block,
    web_acls_have_rule_groups,
    sites_in_buckets_have_a_first_page,
)
