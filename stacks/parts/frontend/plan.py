"""A flat-rate pricing plan for the distribution: CDN, web ACL and logs at a fixed price a month, without overage.

A subscription has exactly one distribution and one web ACL. CloudFormation activates the free plan; a paid one waits
for a person who approves it, and no update changes the tier. The type is in the registry of every region, although its
API is in us-east-1, as CloudFront's is.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-pricingplanmanager-subscription.html
https://docs.aws.amazon.com/pricingplanmanager/latest/APIReference/API_CreateSubscription.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Sub, pricingplanmanager

if TYPE_CHECKING:
    from stacks.model.frontend import PricingPlan


def subscription(plan: PricingPlan, *, web_acl: object) -> pricingplanmanager.Subscription:
    """The subscription of the distribution in the same template, and of its web ACL (an ARN)."""
    arn = Sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}")
    return pricingplanmanager.Subscription(
        "SitePlan", PlanFamily="CloudFront", PlanTier=plan.upper(), ResourceArns=[arn, web_acl]
    )
