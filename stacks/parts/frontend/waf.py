"""The web ACL in front of the site: AWS's rule groups, a rate limit, lists of networks and countries, and its log.

Rules are tried in this order: allowed networks, all but the only allowed ones, blocked networks and countries, body
size, AWS's groups, rate limit.
The log leaves out the headers that carry credentials. ``stacks.limits`` counts its capacity, 927 of 5,000 by default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Template, wafv2

from stacks import naming
from stacks.parts.logs import log_group
from stacks.parts.policies import tagged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere import logs

    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.model.frontend import Waf

_GROUPS = {
    "reputation": "AWSManagedRulesAmazonIpReputationList",
    "anonymous": "AWSManagedRulesAnonymousIpList",
    "common": "AWSManagedRulesCommonRuleSet",
    "bad-inputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "bots": "AWSManagedRulesBotControlRuleSet",
}
_TITLES = {"allow": "AllowedNetworks", "allow-only": "OnlyNetworks", "block": "BlockedNetworks"}
_REDACTED = ("authorization", "cookie")
LOG_PREFIX = "aws-waf-logs-"
"""How the name of a log group must start that takes a web ACL's log.
https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html"""
_FREE_BODY = 16 * 1024
"""Bytes of a body that a web ACL of CloudFront looks at without a charge.
https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html"""


def add_web_acl(template: Template, waf: Waf, stage: Stage, stack: str) -> wafv2.WebACL:
    """Put the web ACL, its lists and its log into a template: for an API into its own, else into one of us-east-1."""
    scope = _scope(stack)
    networks = {"allow": waf.allow, "allow-only": waf.allow_only, "block": waf.block}
    lists = {name: tuple(_ip_sets(name, some, stage, stack)) for name, some in networks.items()}
    for ip_set in (entry for several in lists.values() for entry in several):
        template.add_resource(ip_set)
    rules = list(_rules(waf, lists))
    acl = wafv2.WebACL(
        "WebAcl",
        Name=naming.prefix(stage),
        Scope=scope,
        DefaultAction=wafv2.DefaultAction(Allow=wafv2.AllowAction()),
        Rules=[_rule(name, priority, waf, **what) for priority, (name, what) in enumerate(rules)],
        VisibilityConfig=visible(naming.prefix(stage)),
        DataProtectionConfig=protected(),
        Tags=tagged(stage, stack),
        **_body_inspection(waf, scope),
    )
    template.add_resource(acl)
    name = f"{LOG_PREFIX}{naming.prefix(stage)}{'' if scope == 'CLOUDFRONT' else '-api'}"
    group = template.add_resource(log_group("WafLogGroup", stage, stack=stack, name=name))
    template.add_resource(logged(acl, group))
    return acl


def logged(
    acl: wafv2.WebACL, group: logs.LogGroup, *, name: str = "WafLog", hidden: Sequence[str] = ()
) -> wafv2.LoggingConfiguration:
    """The log of what a web ACL does, without credentials and the headers ``hidden``."""
    return wafv2.LoggingConfiguration(
        name,
        ResourceArn=GetAtt(acl, "Arn"),
        LogDestinationConfigs=[GetAtt(group, "Arn")],
        RedactedFields=[_header(item) for item in (*_REDACTED, *hidden)],
    )


def protected(*hidden: str) -> wafv2.DataProtectionConfig:
    """Headers that a web ACL shows nowhere, its samples of requests in the console among it.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_DataProtectionConfig.html
    """
    headers = wafv2.FieldToProtect(FieldType="SINGLE_HEADER", FieldKeys=[*_REDACTED, *hidden])
    return wafv2.DataProtectionConfig(DataProtections=[wafv2.DataProtect(Action="SUBSTITUTION", Field=headers)])


def _scope(stack: str) -> str:
    return "REGIONAL" if stack == "backend" else "CLOUDFRONT"


def _ip_sets(name: str, networks: Sequence[str], stage: Stage, stack: str) -> Iterator[wafv2.IPSet]:
    """One list for each version of IP, as WAF wants them."""
    for version, held in (("IPV4", "."), ("IPV6", ":")):
        results = sorted({network for network in networks if held in network and (held == ":" or ":" not in network)})
        if results:
            yield wafv2.IPSet(
                f"{_TITLES[name]}{version[-2:].capitalize()}",
                Name=f"{naming.prefix(stage)}-{name}-{version.lower()}",
                Scope=_scope(stack),
                IPAddressVersion=version,
                Addresses=results,
                Tags=tagged(stage, stack),
            )


def _rules(waf: Waf, lists: dict[str, tuple[wafv2.IPSet, ...]]) -> Iterator[tuple[str, JsonDict]]:
    """Each rule's name and what it is made from."""
    if lists["allow"]:
        yield "allow", {"Statement": _from(lists["allow"]), "Action": wafv2.RuleAction(Allow=wafv2.AllowAction())}
    if lists["allow-only"]:
        others = wafv2.NotStatement(Statement=_from(lists["allow-only"]))
        yield "allow-only", {"Statement": wafv2.Statement(NotStatement=others)}
    if lists["block"]:
        yield "block", {"Statement": _from(lists["block"])}
    if waf.block_countries:
        countries = wafv2.GeoMatchStatement(CountryCodes=list(waf.block_countries))
        yield "countries", {"Statement": wafv2.Statement(GeoMatchStatement=countries)}
    if waf.body_limit:
        yield "body-size", {"Statement": _body_over(waf.body_limit)}
    for name in dict.fromkeys(waf.groups):
        yield _GROUPS[name], _group(name, waf)
    rate = wafv2.RateBasedStatement(Limit=waf.rate_limit, AggregateKeyType="IP")
    yield "rate-limit", {"Statement": wafv2.Statement(RateBasedStatement=rate)}


def _rule(name: str, priority: int, waf: Waf, **what: Any) -> wafv2.WebACLRule:
    if "Action" not in what and "OverrideAction" not in what:
        counts = name in waf.count
        action = wafv2.RuleAction(Count=wafv2.CountAction()) if counts else wafv2.RuleAction(Block=wafv2.BlockAction())
        what["Action"] = action
    return wafv2.WebACLRule(Name=name, Priority=priority, VisibilityConfig=visible(name), **what)


def _group(name: str, waf: Waf) -> JsonDict:
    more: JsonDict = {}
    if name == "common" and waf.body_limit:
        count = wafv2.RuleAction(Count=wafv2.CountAction())
        more["RuleActionOverrides"] = [wafv2.RuleActionOverride(Name="SizeRestrictions_BODY", ActionToUse=count)]
    statement = wafv2.ManagedRuleGroupStatement(VendorName="AWS", Name=_GROUPS[name], **more)
    override: JsonDict = {"Count": {}} if name in waf.count else {"None": {}}
    return {
        "OverrideAction": wafv2.OverrideAction.from_dict("OverrideAction", override),
        "Statement": wafv2.Statement(ManagedRuleGroupStatement=statement),
    }


def _from(sets: Sequence[wafv2.IPSet]) -> wafv2.Statement:
    statements = [
        wafv2.Statement(IPSetReferenceStatement=wafv2.IPSetReferenceStatement(Arn=GetAtt(ip_set, "Arn")))
        for ip_set in sets
    ]
    return (
        statements[0] if len(statements) == 1 else wafv2.Statement(OrStatement=wafv2.OrStatement(Statements=statements))
    )


def _body_over(limit: int) -> wafv2.Statement:
    """A body that is larger, or larger than WAF can see."""
    field = wafv2.FieldToMatch(Body=wafv2.Body(OversizeHandling="MATCH"))
    size = wafv2.SizeConstraintStatement(
        ComparisonOperator="GT",
        FieldToMatch=field,
        Size=limit,
        TextTransformations=[wafv2.TextTransformation(Priority=0, Type="NONE")],
    )
    return wafv2.Statement(SizeConstraintStatement=size)


def _body_inspection(waf: Waf, scope: str) -> JsonDict:
    """Let WAF see as much of a body as the limit allows; beyond 16 kB that costs 0.30 USD for a million requests."""
    if not waf.body_limit or waf.body_limit <= _FREE_BODY:
        return {}
    size = next(f"KB_{kb}" for kb in (32, 48, 64) if waf.body_limit <= kb * 1024)
    resource = "CLOUDFRONT" if scope == "CLOUDFRONT" else "API_GATEWAY"
    body = {resource: wafv2.RequestBodyAssociatedResourceTypeConfig(DefaultSizeInspectionLimit=size)}
    return {"AssociationConfig": wafv2.AssociationConfig(RequestBody=body)}


def visible(metric: str) -> wafv2.VisibilityConfig:
    """A metric for each rule, and samples of what it met."""
    return wafv2.VisibilityConfig(CloudWatchMetricsEnabled=True, MetricName=metric, SampledRequestsEnabled=True)


def _header(name: str) -> wafv2.LoggingConfigurationFieldToMatch:
    return wafv2.LoggingConfigurationFieldToMatch(SingleHeader=wafv2.SingleHeader(Name=name))
