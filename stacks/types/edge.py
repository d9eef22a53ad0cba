"""Types of CloudFront, WAF, certificates and DNS."""

from __future__ import annotations

from stacks.types.record import Missing, OnlyIf, Quota, Type, TypeScope, Wait, arn

_AMAZONCLOUDFRONT_CLOUDFRONT_LIMITS = (
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"
)
EDGE: dict[str, Type] = {
    "AWS::CertificateManager::Certificate": Type(
        wait=Wait(
            "ACM waits until the DNS record validates the certificate",
            "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html",
        ),
        only_if=(
            OnlyIf("CertificateAuthorityArn", ("acm-pca:GetCertificate", "acm-pca:IssueCertificate"), "handler"),
            OnlyIf(
                "DomainValidationOptions~HostedZoneId",
                ("route53:ChangeResourceRecordSets",),
                "acm/latest/userguide/dns-validation.html",
            ),
        ),
        quotas=(
            Quota(
                "SubjectAlternativeNames",
                9,
                "more names of a certificate",
                "Bring a certificate of your own",
                source="https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html",
                raisable=True,
            ),
        ),
    ),
    "AWS::CloudFront::Distribution": Type(
        wait=Wait(
            "CloudFront updates all edge locations, which takes 3 to 10 minutes",
            "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html",
        ),
        scope=TypeScope((arn("cloudfront", "distribution/*", region=""),), tagged=True),
        only_if=(
            OnlyIf(
                "DistributionConfig.ConnectionMode",
                ("cloudfront:CreateConnectionGroup", "cloudfront:GetConnectionGroup"),
                "handler; multi-tenant only",
            ),
            OnlyIf("DistributionConfig.Origins~VpcOriginConfig", ("cloudfront:GetVpcOrigin",), "handler"),
            OnlyIf(
                "DistributionConfig.ContinuousDeploymentPolicyId",
                ("cloudfront:UpdateDistributionWithStagingConfig",),
                "handler",
            ),
        ),
        missing=(
            Missing(
                "DistributionConfig.WebACLId",
                "wafv2:GetWebACL",
                "unconfirmed: CloudFront is said to look at the web ACL as the caller",
            ),
            Missing(
                "DistributionConfig.Logging",
                "s3:GetBucketAcl",
                "AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html",
            ),
            Missing(
                "DistributionConfig.Logging",
                "s3:PutBucketAcl",
                "AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html",
            ),
        ),
        quotas=(
            Quota(
                "DistributionConfig.Aliases",
                100,
                "domain names of a distribution",
                "Use fewer names",
                source=_AMAZONCLOUDFRONT_CLOUDFRONT_LIMITS,
                raisable=True,
            ),
            Quota(
                "DistributionConfig.CacheBehaviors",
                74,
                "cache behaviors in addition to the default one",
                "Serve fewer paths apart",
                source=_AMAZONCLOUDFRONT_CLOUDFRONT_LIMITS,
                raisable=True,
            ),
            Quota(
                "DistributionConfig.Origins",
                100,
                "origins of a distribution",
                "Lead fewer paths to other hosts",
                source=_AMAZONCLOUDFRONT_CLOUDFRONT_LIMITS,
                raisable=True,
            ),
        ),
        emulator_drops=("DistributionConfig.WebACLId", "DistributionConfig.Logging"),
    ),
    "AWS::CloudFront::Function": Type(
        name="Name",
        longest_name=64,
        scope=TypeScope((arn("cloudfront", "function/{name}", region=""),), exact=True),
        identifier="arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:function/${Name}",
    ),
    "AWS::CloudFront::CachePolicy": Type(scope=TypeScope((arn("cloudfront", "cache-policy/*", region=""),))),
    "AWS::CloudFront::OriginAccessControl": Type(
        scope=TypeScope((arn("cloudfront", "origin-access-control/*", region=""),))
    ),
    "AWS::CloudFront::OriginRequestPolicy": Type(
        scope=TypeScope((arn("cloudfront", "origin-request-policy/*", region=""),))
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": Type(
        scope=TypeScope((arn("cloudfront", "response-headers-policy/*", region=""),)),
        quotas=(
            Quota(
                "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy",
                1783,
                "characters of Content-Security-Policy",
                "Name fewer sources under 'frontend.csp.sources', or whole schemes such as https:",
                source=_AMAZONCLOUDFRONT_CLOUDFRONT_LIMITS,
                raisable=True,
            ),
            Quota(
                "ResponseHeadersPolicyConfig.CustomHeadersConfig.Items.*.Value",
                1783,
                "characters of a header",
                "Name fewer sources under 'frontend.csp.sources', or whole schemes such as https:",
                source=_AMAZONCLOUDFRONT_CLOUDFRONT_LIMITS,
            ),
            Quota(
                "ResponseHeadersPolicyConfig.CustomHeadersConfig.Items",
                10,
                "headers of a policy",
                "Use fewer headers",
                source=_AMAZONCLOUDFRONT_CLOUDFRONT_LIMITS,
                raisable=True,
            ),
        ),
    ),
    "AWS::Route53::RecordSet": Type(
        scope=TypeScope((arn("route53", "hostedzone/{name}", region="", account=""),), name="HostedZoneId", exact=True)
    ),
    "AWS::WAFv2::IPSet": Type(
        name="Name",
        scope=TypeScope((arn("wafv2", "{name}/*"),), exact=True),
        quotas=(
            Quota(
                "Addresses",
                10000,
                "networks of a list",
                "Join some into larger networks",
                source="https://docs.aws.amazon.com/waf/latest/developerguide/limits.html",
            ),
        ),
    ),
    "AWS::WAFv2::LoggingConfiguration": Type(
        scope=TypeScope((arn("wafv2", "{name}/*"),), name="ResourceArn", exact=True),
        linked_role="wafv2.amazonaws.com",
        only_if=(
            OnlyIf(
                "LogDestinationConfigs~firehose",
                ("firehose:ListDeliveryStreams", "iam:CreateServiceLinkedRole"),
                "waf/latest/developerguide/logging-kinesis.html",
            ),
            OnlyIf(
                "LogDestinationConfigs~s3",
                ("s3:GetBucketPolicy", "s3:PutBucketPolicy"),
                "waf/latest/developerguide/logging-s3.html",
            ),
        ),
    ),
    "AWS::WAFv2::WebACL": Type(
        name="Name", scope=TypeScope((arn("wafv2", "{name}/*"),), exact=True), emulator_drops=("Rules",)
    ),
    "AWS::WAFv2::WebACLAssociation": Type(
        scope=TypeScope((arn("wafv2", "{name}/*"),), name="WebACLArn", exact=True),
        only_if=(
            OnlyIf(
                "ResourceArn~amplify",
                ("amplify:AssociateWebACL", "amplify:DisassociateWebACL", "amplify:GetWebACLForResource"),
                "waf/latest/developerguide/security_iam_service-with-iam.html",
            ),
            OnlyIf(
                "ResourceArn~apigateway",
                ("apigateway:SetWebACL",),
                "waf/latest/developerguide/security_iam_service-with-iam.html",
            ),
            OnlyIf(
                "ResourceArn~apprunner",
                ("apprunner:AssociateWebAcl", "apprunner:DescribeWebAclForService", "apprunner:DisassociateWebAcl"),
                "waf/latest/developerguide/security_iam_service-with-iam.html",
            ),
            OnlyIf(
                "ResourceArn~appsync",
                (
                    "appsync:AssociateWebACL",
                    "appsync:DisassociateWebACL",
                    "appsync:GetWebACLForResource",
                    "appsync:SetWebACL",
                ),
                "waf/latest/developerguide/security_iam_service-with-iam.html",
            ),
            OnlyIf(
                "ResourceArn~bedrock-agentcore",
                (
                    "bedrock-agentcore:GatewayAssociateWebACL",
                    "bedrock-agentcore:GatewayDisassociateWebACL",
                    "bedrock-agentcore:GatewayGetWebACLForResource",
                ),
                "waf/latest/developerguide/security_iam_service-with-iam.html",
            ),
            OnlyIf(
                "ResourceArn~userpool",
                ("cognito-idp:AssociateWebACL", "cognito-idp:DisassociateWebACL", "cognito-idp:GetWebACLForResource"),
                "waf/latest/developerguide/security_iam_service-with-iam.html",
            ),
            OnlyIf(
                "ResourceArn~verified-access",
                (
                    "ec2:AssociateVerifiedAccessInstanceWebAcl",
                    "ec2:DescribeVerifiedAccessInstanceWebAclAssociations",
                    "ec2:DisassociateVerifiedAccessInstanceWebAcl",
                    "ec2:GetVerifiedAccessInstanceWebAcl",
                ),
                "waf/latest/developerguide/security_iam_service-with-iam.html",
            ),
            OnlyIf(
                "ResourceArn~loadbalancer",
                (
                    "elasticloadbalancing:CreateWebACLAssociation",
                    "elasticloadbalancing:DeleteWebACLAssociation",
                    "elasticloadbalancing:GetLoadBalancerWebACL",
                    "elasticloadbalancing:SetWebACL",
                ),
                "waf/latest/developerguide/security_iam_service-with-iam.html",
            ),
        ),
    ),
}
