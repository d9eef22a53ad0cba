"""What WAF refuses: scopes, priorities, rules without an action, destinations of logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.refused.reading import own, plain
from stacks.checks.rule import Hit, Stacks, refusal
from stacks.checks.values import known_list, text
from stacks.intrinsics.functions import is_function
from stacks.json_types import at, items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator


_DISTRIBUTION = "AWS::CloudFront::Distribution"
_WEB_ACL = "AWS::WAFv2::WebACL"
_EDGE_REGION = "us-east-1"
_WAF = "https://docs.aws.amazon.com/waf/latest/developerguide"


@refusal(
    "CDN-WAF-SCOPE",
    why="CloudFront takes web ACLs with the scope CLOUDFRONT only",
    fix="Use a web ACL with Scope CLOUDFRONT, made in us-east-1",
    source=f"{_WAF}/cloudfront-features.html",
)
def distributions_have_web_acls_of_their_scope(stacks: Stacks) -> Iterator[Hit]:
    """The web ACL of a distribution is not a regional one."""
    for resource in stacks.of(_DISTRIBUTION):
        named = resource.at("DistributionConfig", "WebACLId")
        acl = stacks.meant(named, resource, _WEB_ACL)
        if ":regional/" in (text(named) or "") or (acl and acl.properties.get("Scope") == "REGIONAL"):
            yield resource.hit("DistributionConfig.WebACLId", "is a regional web ACL")


@refusal(
    "WAF-REGION",
    why="web ACLs for CloudFront, and what is in them, can be made in us-east-1 only",
    fix="Put it into a stack in us-east-1",
    source=f"{_WAF}/cloudfront-features.html",
)
def web_acls_of_cloudfront_are_in_us_east_1(stacks: Stacks) -> Iterator[Hit]:
    """A web ACL, or a part of one, with the scope CLOUDFRONT is in a stack of us-east-1."""
    for acl in stacks.of(_WEB_ACL, "AWS::WAFv2::IPSet", "AWS::WAFv2::RegexPatternSet", "AWS::WAFv2::RuleGroup"):
        if acl.properties.get("Scope") == "CLOUDFRONT" and acl.region != _EDGE_REGION:
            yield acl.hit("Scope", f"is made for CloudFront in {acl.region}")


@refusal(
    "WAF-PRIORITY",
    why="WAF refuses a web ACL with two rules of one priority",
    fix="Number the rules, each once",
    source=f"{_WAF}/web-acl-processing-order.html",
)
def priorities_are_used_once(stacks: Stacks) -> Iterator[Hit]:
    """No two rules of a web ACL have the same priority."""
    for acl in stacks.of(_WEB_ACL, "AWS::WAFv2::RuleGroup"):
        seen: dict[str, int] = {}
        for index, rule in enumerate(items(acl.properties.get("Rules"))):
            priority = text(mapping(rule).get("Priority")) or f"rule {index}"
            other = seen.setdefault(priority, index)
            if other != index:
                yield acl.hit(f"Rules[{index}].Priority", f"is {priority}, as that of Rules[{other}]")


@refusal(
    "WAF-RULE",
    why="WAF refuses a rule without exactly one statement, an own rule without an action, a group with one",
    fix="Set one Statement; Action for own rules, OverrideAction for rule groups",
    source="https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html",
)
def rules_have_a_statement_and_an_action(stacks: Stacks) -> Iterator[Hit]:
    """Each rule of a web ACL has one statement, and the action that belongs to it."""
    for acl in stacks.of(_WEB_ACL):
        default = acl.at("DefaultAction")
        if not is_function(default) and len(set(mapping(default)) & {"Allow", "Block"}) != 1:
            yield acl.hit("DefaultAction", "is not one of Allow and Block")
        for index, entry in enumerate(known_list(acl.at("Rules"))):
            statement = mapping(at(entry, "Statement"))
            if is_function(entry) or is_function(statement):
                continue
            if len(statement) != 1:
                yield acl.hit(f"Rules[{index}].Statement", f"has {len(statement)} statements")
            group = set(statement) & {"ManagedRuleGroupStatement", "RuleGroupReferenceStatement"}
            wanted, other = ("OverrideAction", "Action") if group else ("Action", "OverrideAction")
            if wanted not in mapping(entry) or other in mapping(entry):
                yield acl.hit(f"Rules[{index}].{wanted}", f"is missing, or {other} is set")


@refusal(
    "WAF-LOG-NAME",
    why="WAF refuses to log to anything whose name does not begin with aws-waf-logs-",
    fix="Rename the log group, bucket or stream",
    source=f"{_WAF}/logging-destinations.html",
)
def web_acls_log_to_named_destinations(stacks: Stacks) -> Iterator[Hit]:
    """The destination of a web ACL's log has the name that WAF asks for."""
    for log in stacks.of("AWS::WAFv2::LoggingConfiguration"):
        for destination in known_list(log.at("LogDestinationConfigs")):
            resource = own(stacks, destination, log, "AWS::Logs::LogGroup", "AWS::S3::Bucket")
            written = resource and (resource.at("LogGroupName") or resource.at("BucketName"))
            name = plain(written, log.region)
            arn = plain(destination, log.region) or ""
            named = re.search(r":(?:log-group:|s3:::|deliverystream/)([^:/]+)", arn)
            result = name or (named[1] if named else None)
            if (result and not result.startswith("aws-waf-logs-")) or (resource and written is None):
                yield log.hit("LogDestinationConfigs", f"names {result or (resource and resource.id)}")


RULES = (
    distributions_have_web_acls_of_their_scope,
    web_acls_of_cloudfront_are_in_us_east_1,
    priorities_are_used_once,
    rules_have_a_statement_and_an_action,
    web_acls_log_to_named_destinations,
)
