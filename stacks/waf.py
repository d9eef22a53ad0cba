"""The web ACL in front of the site: AWS's rule groups, a rate limit, and a log without credentials in it.

Its capacity is about 930 of 1,500 units: reputation 25, common 700, known bad inputs 200, rate limit 2.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Template, wafv2

from stacks import naming
from stacks.parts.logs import log_group
from stacks.parts.policies import tagged

if TYPE_CHECKING:
    from stacks.app import App, Stage, Waf

_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
_REDACTED = ("authorization", "cookie")


def add_web_acl(made: Template, waf: Waf, app: App, stage: Stage, stack: str) -> wafv2.WebACL:
    """Put the web ACL and its log into a template that is deployed in us-east-1."""
    acl = wafv2.WebACL(
        "WebAcl",
        Name=naming.prefix(app, stage),
        Scope="CLOUDFRONT",
        DefaultAction=wafv2.DefaultAction(Allow=wafv2.AllowAction()),
        Rules=[*(_group(name, priority) for priority, name in enumerate(_GROUPS)), _rate_limit(waf, len(_GROUPS))],
        VisibilityConfig=_visible(naming.prefix(app, stage)),
        Tags=tagged(app, stage, stack),
    )
    # CloudWatch Logs takes a web ACL's log only in a group whose name starts with aws-waf-logs-.
    # https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    group = log_group("WafLogGroup", app, stage, stack=stack, name=f"aws-waf-logs-{naming.prefix(app, stage)}")
    made.add_resource(acl)
    made.add_resource(group)
    made.add_resource(
        wafv2.LoggingConfiguration(
            "WafLog",
            ResourceArn=GetAtt(acl, "Arn"),
            LogDestinationConfigs=[GetAtt(group, "Arn")],
            RedactedFields=[_header(name) for name in _REDACTED],
        )
    )
    return acl


def _group(name: str, priority: int) -> wafv2.WebACLRule:
    statement = wafv2.ManagedRuleGroupStatement(VendorName="AWS", Name=name)
    return wafv2.WebACLRule(
        Name=name,
        Priority=priority,
        OverrideAction=wafv2.OverrideAction.from_dict("OverrideAction", {"None": {}}),
        Statement=wafv2.Statement(ManagedRuleGroupStatement=statement),
        VisibilityConfig=_visible(name),
    )


def _rate_limit(waf: Waf, priority: int) -> wafv2.WebACLRule:
    return wafv2.WebACLRule(
        Name="rate-limit",
        Priority=priority,
        Action=wafv2.RuleAction(Block=wafv2.BlockAction()),
        Statement=wafv2.Statement(
            RateBasedStatement=wafv2.RateBasedStatement(Limit=waf.rate_limit, AggregateKeyType="IP")
        ),
        VisibilityConfig=_visible("rate-limit"),
    )


def _visible(metric: str) -> wafv2.VisibilityConfig:
    return wafv2.VisibilityConfig(CloudWatchMetricsEnabled=True, MetricName=metric, SampledRequestsEnabled=True)


def _header(name: str) -> wafv2.LoggingConfigurationFieldToMatch:
    return wafv2.LoggingConfigurationFieldToMatch(SingleHeader=wafv2.SingleHeader(Name=name))
