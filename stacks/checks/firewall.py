"""Rules for what web ACLs let through: allow lists, exceptions, limits, and whether another rule backs them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import leaves, network_of, text, texts
from stacks.json_types import at, items, mapping
from stacks.suppressions.when import MOST_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import StatementData

_WAF = "https://docs.aws.amazon.com/waf/latest/developerguide"
_ACL = "AWS::WAFv2::WebACL"
_WIDEST = {4: 8, 6: 19}
"""Bits: no single owner has more addresses (an IPv4 /8; the largest IPv6 allocations are /19).
https://www.iana.org/assignments/ipv4-address-space/ipv4-address-space.xhtml"""


@rule(
    "WAF-ALLOW",
    why="an Allow ends the evaluation: none of the rules after it looks at those requests",
    fix="Allow narrow networks only (IPSet), or turn the rule round: Block what does not match",
    source=f"{_WAF}/web-acl-processing-order.html",
)
def web_acls_allow_only_few(stacks: Stacks) -> Iterator[Hit]:
    """A web ACL lets nothing past its rules but narrow networks; behind a gate, what carries its secret."""
    for acl in stacks.of(_ACL):
        closed = acl.at("DefaultAction", "Block") is not None
        for index, entry in enumerate(items(acl.properties.get("Rules"))):
            if "Allow" not in mapping(at(entry, "Action")):
                continue
            wide = _wide(stacks, acl, mapping(at(entry, "Statement")), closed=closed)
            if wide:
                yield acl.hit(f"Rules[{index}]", f"{text(at(entry, 'Name'))} lets through {wide}")


def _wide(stacks: Stacks, acl: Resource, statement: StatementData, *, closed: bool) -> str | None:
    """What a statement matches that is more than it should, in words; None for what is narrow."""
    kind, content = next(iter(statement.items()), ("", {}))
    match kind:
        case "IPSetReferenceStatement":
            return _wide_addresses(stacks, acl, content)
        case "OrStatement":
            results = (_wide(stacks, acl, mapping(entry), closed=closed) for entry in items(at(content, "Statements")))
            return next((result for result in results if result), None)
        case "AndStatement":
            inner = [_wide(stacks, acl, mapping(entry), closed=closed) for entry in items(at(content, "Statements"))]
            return None if None in inner else next(iter(inner), "everything")
        case "ByteMatchStatement":
            secret = "{{resolve:" in (text(at(content, "SearchString")) or "")
            return None if secret and at(content, "PositionalConstraint") == "EXACTLY" else "what a caller can claim"
        case _:
            return "what is not a list of addresses"


def _wide_addresses(stacks: Stacks, acl: Resource, content: object) -> str | None:
    """What an allowed list of addresses comes to, when that is more than one owner can have."""
    listed = stacks.meant(at(content, "Arn"), acl, "AWS::WAFv2::IPSet")
    if listed is None:
        return None if "${" in (text(at(content, "Arn")) or "") else "a list that is not of this stack"
    if at(content, "IPSetForwardedIPConfig") is not None:
        return "addresses that a caller can claim in a header"
    known = [network for item in texts(listed.properties.get("Addresses")) if (network := network_of(item))]
    for version in (4, 6):
        same: Any = [entry for entry in known if entry.version == version]
        for network in ipaddress.collapse_addresses(same):
            if network.prefixlen < _WIDEST[version]:
                return f"the network {network}"
    return None


@rule(
    "WAF-EXCEPT",
    why="what the rule group recognises as an attack is let through",
    fix="Remove the exception, or limit the rule group by a label",
    source=f"{_WAF}/web-acl-rule-group-override-options.html",
)
def rule_groups_have_no_exceptions(stacks: Stacks) -> Iterator[Hit]:
    """No rule of a group is disabled or scoped down; the size rule may count if another rule limits the size."""
    for acl in stacks.of(_ACL):
        sized = any("SizeConstraintStatement" in mapping(at(item, "Statement")) for item in items(acl.at("Rules")))
        for index, entry in enumerate(items(acl.properties.get("Rules"))):
            group = mapping(at(entry, "Statement", "ManagedRuleGroupStatement"))
            for override in items(group.get("RuleActionOverrides")):
                weak = {"Count", "Allow"} & mapping(at(override, "ActionToUse")).keys()
                if weak and not (sized and text(at(override, "Name")) == "SizeRestrictions_BODY"):
                    yield acl.hit(f"Rules[{index}]", f"takes {text(at(override, 'Name'))} out of the group")
            for excluded in items(group.get("ExcludedRules")):
                yield acl.hit(f"Rules[{index}]", f"takes {text(at(excluded, 'Name'))} out of the group")
            if group.get("ScopeDownStatement") is not None:
                yield acl.hit(f"Rules[{index}].ScopeDownStatement", "looks at some requests only")
            if "CONTINUE" in set(leaves(at(entry, "Statement"))):
                yield acl.hit(f"Rules[{index}]", "lets through what is too large to look at")


@rule(
    "WAF-LIMIT",
    why="one address can send as many requests as it likes",
    fix=f"Let the rule Block, for all requests, above at most {MOST_REQUESTS:,}",
    source=f"{_WAF}/waf-rule-statement-type-rate-based.html",
)
def rate_rules_limit_something(stacks: Stacks) -> Iterator[Hit]:
    """A rate rule blocks, counts by address, looks at every request and has a limit that is one."""
    for acl in stacks.of(_ACL):
        for index, entry in enumerate(items(acl.properties.get("Rules"))):
            rate = at(entry, "Statement", "RateBasedStatement")
            limit = at(rate, "Limit")
            if rate is None:
                continue
            if isinstance(limit, int) and limit > MOST_REQUESTS:
                yield acl.hit(f"Rules[{index}]", f"lets an address send {limit:,} requests")
            if at(rate, "ScopeDownStatement") is not None:
                yield acl.hit(f"Rules[{index}]", "limits some requests only")
            if "Allow" in mapping(at(entry, "Action")):
                yield acl.hit(f"Rules[{index}].Action", "lets through what is above the limit")
            if text(at(rate, "AggregateKeyType")) in {"CONSTANT", "FORWARDED_IP", "CUSTOM_KEYS"}:
                yield acl.hit(f"Rules[{index}]", "counts by what a caller can choose")


@rule(
    "REACH-GATE",
    why="requests reach the site or the API without passing the web ACL that protects it",
    fix="Add an AWS::WAFv2::WebACLAssociation, or set WebACLId of the distribution",
    source=f"{_WAF}/web-acl-associating-aws-resource.html",
)
def web_acls_stand_before_something(stacks: Stacks) -> Iterator[Hit]:
    """A web ACL is associated with what it protects, and what relies on one has it."""
    used = {(item.stack, text(item.at("WebACLArn"))) for item in stacks.of("AWS::WAFv2::WebACLAssociation")}
    distributions = list(stacks.of("AWS::CloudFront::Distribution"))
    bare = [distribution for distribution in distributions if not distribution.at("DistributionConfig", "WebACLId")]
    for acl in stacks.of(_ACL):
        if acl.at("Scope") == "REGIONAL" and (acl.stack, f"${{{acl.id}.Arn}}") not in used:
            yield acl.hit("WebACLAssociation", "protects nothing")
        if acl.at("Scope") == "CLOUDFRONT" and bare:
            yield bare[0].hit("DistributionConfig.WebACLId", f"leaves out the web ACL {acl.id}")
    for resource in stacks.of("AWS::WAFv2::WebACLAssociation"):
        if not _is_door(text(resource.at("ResourceArn")) or ""):
            yield resource.hit("ResourceArn", "is not an API, pool or load balancer of the stage")
    for entry in stacks.of("AWS::ApiGateway::Stage"):
        if at(entry.body, "Metadata", "WebAcl") == "frontend" and not used:
            yield entry.hit("WebACLAssociation", "has lost the web ACL that closes it to all but the site")
    yield from _unasked_secrets(stacks, distributions)


def _is_door(arn: str) -> bool:
    """Whether an ARN is one of a resource that takes a web ACL; what cannot be read is."""
    kinds = (":apigateway:", ":cognito-idp:", ":elasticloadbalancing:", ":appsync:", ":apprunner:")
    return not arn or "${" in arn or any(kind in arn for kind in kinds)


def _unasked_secrets(stacks: Stacks, distributions: list[Resource]) -> Iterator[Hit]:
    """Headers with a secret that the CDN sends, and no rule of a web ACL asks for."""
    asked = {
        text(at(field, "SingleHeader", "Name"))
        for acl in stacks.of(_ACL)
        for entry in items(acl.properties.get("Rules"))
        for field in [at(entry, "Statement", "ByteMatchStatement", "FieldToMatch")]
    }
    for distribution in distributions:
        for origin in items(distribution.at("DistributionConfig", "Origins")):
            for header in items(at(origin, "OriginCustomHeaders")):
                if (
                    "{{resolve:" in (text(at(header, "HeaderValue")) or "")
                    and text(at(header, "HeaderName")) not in asked
                ):
                    yield distribution.hit(
                        "DistributionConfig.Origins", f"sends {at(header, 'HeaderName')}, which nothing asks"
                    )


RULES = (
    web_acls_allow_only_few,
    rule_groups_have_no_exceptions,
    rate_rules_limit_something,
    web_acls_stand_before_something,
)
