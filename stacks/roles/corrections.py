"""What is wrong with the registry's handler permissions, line by line, each with its source.

Measured against the schemas of cfn-lint 1.58: the lists name hundreds of actions that IAM does not know (those are
dropped by ``authorization``), ask for other services' rights that only an optional property needs, for data, and for
rights over IAM that no pipeline may hold; some lack what AWS documents elsewhere. "handler" as a source means: the
schema lists the action, and the property named here is the only one whose documentation mentions that service.
Other sources are pages under https://docs.aws.amazon.com/. A new line needs one, or the call that CloudTrail showed to
be denied: none of these roles has deployed to an AWS account yet.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Never:
    """Actions that no deploy role gets although a handler lists them."""

    actions: tuple[str, ...]
    why: str
    base_too: bool = True
    """Whether the person who deploys base does without them as well."""


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """Actions that a type needs only where ``path`` is set; ``Path~text`` asks that its value mentions ``text``."""

    type: str
    path: str
    actions: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Missing:
    """An action that the handler does not list; needed where ``path`` is set (always when it is empty)."""

    type: str
    path: str
    action: str
    why: str


_ITEMS = ("Scan", "Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "BatchGetItem")

NEVER: tuple[Never, ...] = (
    Never(tuple(f"dynamodb:{name}" for name in _ITEMS), "data: creating a table reads and writes no item"),
    Never(("dynamodb:DeleteTable", "dynamodb:DeleteTableReplica"), "data: to take a replica away"),
    Never(("s3:DeleteObject", "s3:PutObjectAcl", "s3:PutObject"), "data: objects are not part of a bucket"),
    Never(("secretsmanager:GetSecretValue",), "data: CloudFormation never reads a secret's value back"),
    Never(("cognito-idp:ListUserPoolClientSecrets",), "data: a client's secret is not a property of it"),
    Never(("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"), "data: written by functions"),
    Never(
        ("iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary"),
        "anyone who changes a boundary has none",
    ),
    Never(("iam:UpdateAssumeRolePolicy",), "who may take a role is decided when it is made", base_too=False),
    Never(
        ("iam:AttachUserPolicy", "iam:DetachUserPolicy", "iam:AttachGroupPolicy", "iam:DetachGroupPolicy"),
        "users and groups are people's; no stack has any",
    ),
    Never(("wafv2:GetPermissionPolicy", "wafv2:PutPermissionPolicy"), "that shares rule groups with other accounts"),
    Never(("codedeploy:RegisterOnPremisesInstance",), "no function runs on a machine of your own"),
    Never(
        ("backup:DeleteBackupVaultLockConfiguration",),
        "who may lift the lock of copies decides over all of them: a person",
        base_too=False,
    ),
    Never(("cloudtrail:StopLogging",), "the audit trail is not stopped, not even for a moment"),
)  # fmt: skip

_CODE = ("s3:GetObject", "s3:GetObjectVersion")
_VPC = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs")
_LAMBDA_KMS = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")
_SIGNING = (
    "lambda:GetCodeSigningConfig", "lambda:PutFunctionCodeSigningConfig", "lambda:DeleteFunctionCodeSigningConfig",
)  # fmt: skip
_IMPORT = (
    "dynamodb:ImportTable", "dynamodb:DescribeImport", "s3:GetObject", "s3:ListBucket", "logs:CreateLogGroup",
    "logs:DescribeLogGroups", "logs:PutRetentionPolicy",
)  # fmt: skip
_KINESIS = (
    "dynamodb:EnableKinesisStreamingDestination", "dynamodb:DisableKinesisStreamingDestination",
    "dynamodb:UpdateKinesisStreamingDestination", "kinesis:DescribeStream", "kinesis:PutRecords",
)  # fmt: skip
_SCALING = (
    "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeleteScheduledAction",
    "application-autoscaling:DeregisterScalableTarget", "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:PutScheduledAction", "application-autoscaling:RegisterScalableTarget",
    "cloudwatch:PutMetricData", "dynamodb:UpdateTableReplicaAutoScaling",
)  # fmt: skip
_CONCURRENCY = tuple(f"lambda:{verb}ProvisionedConcurrencyConfig" for verb in ("Put", "Get", "Delete"))
_GLOBAL_KMS = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:ListAliases", "kms:RevokeGrant")
_TABLE_KMS = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListAliases", "kms:RevokeGrant")
_POOL_KMS = (
    "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
)  # fmt: skip
_METADATA = (
    "s3:CreateBucketMetadataTableConfiguration", "s3:DeleteBucketMetadataTableConfiguration",
    "s3:UpdateBucketMetadataAnnotationTableConfiguration", "s3:UpdateBucketMetadataInventoryTableConfiguration",
    "s3:UpdateBucketMetadataJournalTableConfiguration", "s3tables:CreateNamespace", "s3tables:CreateTable",
    "s3tables:CreateTableBucket", "s3tables:GetTable", "s3tables:GetTableMetadataLocation",
    "s3tables:PutTableBucketPolicy", "s3tables:PutTableEncryption", "s3tables:PutTablePolicy",
    "s3tables:UpdateTableMetadataLocation",
)  # fmt: skip
_LISTING = ("iam:CreateServiceLinkedRole", "organizations:DescribeOrganization",
            "organizations:ListAWSServiceAccessForOrganization")  # fmt: skip

_GUARDED = {
    "amplify": ("amplify:AssociateWebACL", "amplify:DisassociateWebACL", "amplify:GetWebACLForResource"),
    "apigateway": ("apigateway:SetWebACL",),
    "apprunner": (
        "apprunner:AssociateWebAcl", "apprunner:DescribeWebAclForService", "apprunner:DisassociateWebAcl",
    ),
    "appsync": (
        "appsync:AssociateWebACL", "appsync:DisassociateWebACL", "appsync:GetWebACLForResource", "appsync:SetWebACL",
    ),
    "bedrock-agentcore": (
        "bedrock-agentcore:GatewayAssociateWebACL", "bedrock-agentcore:GatewayDisassociateWebACL",
        "bedrock-agentcore:GatewayGetWebACLForResource",
    ),
    "userpool": (
        "cognito-idp:AssociateWebACL", "cognito-idp:DisassociateWebACL", "cognito-idp:GetWebACLForResource",
    ),
    "verified-access": (
        "ec2:AssociateVerifiedAccessInstanceWebAcl", "ec2:DescribeVerifiedAccessInstanceWebAclAssociations",
        "ec2:DisassociateVerifiedAccessInstanceWebAcl", "ec2:GetVerifiedAccessInstanceWebAcl",
    ),
    "loadbalancer": (
        "elasticloadbalancing:CreateWebACLAssociation", "elasticloadbalancing:DeleteWebACLAssociation",
        "elasticloadbalancing:GetLoadBalancerWebACL", "elasticloadbalancing:SetWebACL",
    ),
}  # fmt: skip
"""What a web ACL can guard, as ARNs name it → what guarding it needs."""

_FUNCTION, _API, _BUCKET = "AWS::Lambda::Function", "AWS::ApiGateway::RestApi", "AWS::S3::Bucket"
_GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
_TABLE, _POOL, _CLIENT = "AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"
_GROUP, _CDN, _TRAIL = "AWS::Logs::LogGroup", "AWS::CloudFront::Distribution", "AWS::CloudTrail::Trail"
_WAF_LOG, _ROLE, _FLOW = "AWS::WAFv2::LoggingConfiguration", "AWS::IAM::Role", "AWS::EC2::FlowLog"
_SECRET, _POLICY, _ENDPOINT = "AWS::SecretsManager::Secret", "AWS::IAM::ManagedPolicy", "AWS::EC2::VPCEndpoint"

_PIPELINE = "AWS::CodePipeline::Pipeline"
_ADDRESS, _NAT = "AWS::EC2::EIP", "AWS::EC2::NatGateway"

_LOG_SOURCE, _VENDED = "AWS::Logs::DeliverySource", "AllowVendedLogDeliveryForResource"
_TO_GROUP = ("DescribeLogGroups", "DescribeResourcePolicies", "PutResourcePolicy")
_CDN_LOG = "AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"
_LEGACY_LOG = "AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html"
_DELIVERY = "AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html"

ONLY_IF: tuple[OnlyIf, ...] = (
    OnlyIf(_FUNCTION, "Code.S3Bucket", _CODE, "lambda/latest/dg/configuration-function-zip.html"),
    OnlyIf(_FUNCTION, "VpcConfig", _VPC, "lambda/latest/dg/configuration-vpc.html"),
    OnlyIf(_FUNCTION, "KmsKeyArn", _LAMBDA_KMS, "lambda/latest/dg/security-encryption-at-rest.html"),
    OnlyIf(_FUNCTION, "CodeSigningConfigArn", _SIGNING, "lambda/latest/dg/configuration-codesigning.html"),
    OnlyIf(_FUNCTION, "Layers", ("lambda:GetLayerVersion",), "lambda/latest/dg/adding-layers.html"),
    OnlyIf(
        _FUNCTION,
        "FileSystemConfigs",
        ("elasticfilesystem:DescribeMountTargets", "s3files:ListMountTargets"),
        "lambda/latest/dg/configuration-filesystem.html",
    ),
    OnlyIf(_FUNCTION, "CapacityProviderConfig", ("lambda:PassCapacityProvider",), "handler"),
    OnlyIf(_FUNCTION, "FunctionScalingConfig", ("lambda:PutFunctionScalingConfig",), "handler"),
    OnlyIf(_FUNCTION, "PublishToLatestPublished", ("lambda:PublishVersion",), "handler"),
    *(
        OnlyIf("AWS::Backup::BackupVault", name, tuple(f"backup:{verb}BackupVault{name}" for verb in verbs), "handler")
        for name, verbs in {
            "AccessPolicy": ("Delete", "Put"),
            "LockConfiguration": ("Put",),
            "Notifications": ("Delete", "Put"),
        }.items()
    ),
    OnlyIf("AWS::Lambda::EventSourceMapping", "KmsKeyArn", ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"),
           "handler"),
    OnlyIf("AWS::ApiGatewayV2::DomainName", "MutualTlsAuthentication", _CODE, "handler"),
    OnlyIf("AWS::CertificateManager::Certificate", "CertificateAuthorityArn",
           ("acm-pca:GetCertificate", "acm-pca:IssueCertificate"), "handler"),
    OnlyIf("AWS::CertificateManager::Certificate", "DomainValidationOptions~HostedZoneId",
           ("route53:ChangeResourceRecordSets",), "acm/latest/userguide/dns-validation.html"),
    OnlyIf("AWS::ApiGatewayV2::Api", "BodyS3Location", ("s3:GetObject",), "handler"),
    OnlyIf("AWS::Lambda::Alias", "ProvisionedConcurrencyConfig", _CONCURRENCY[:1], "handler"),
    OnlyIf("AWS::ApplicationAutoScaling::ScalableTarget", "ServiceNamespace~lambda", _CONCURRENCY, "handler"),
    OnlyIf("AWS::ApplicationAutoScaling::ScalingPolicy", "PredictiveScalingPolicyConfiguration",
           ("cloudwatch:GetMetricData",), "handler"),
    OnlyIf("AWS::SNS::Topic", "DeliveryStatusLogging", ("iam:GetRole",), "handler"),
    OnlyIf("AWS::SNS::Topic", "Subscription", ("sns:Subscribe", "sns:Unsubscribe"), "handler"),
    OnlyIf("AWS::SNS::Topic", "DataProtectionPolicy", ("sns:PutDataProtectionPolicy",), "handler"),
    OnlyIf("AWS::SNS::Subscription", "SubscriptionRoleArn", ("iam:GetRole",), "handler"),
    OnlyIf(_API, "Policy", ("apigateway:UpdateRestApiPolicy",), "handler"),
    OnlyIf(_API, "BodyS3Location", ("s3:GetObject",), "handler"),
    OnlyIf(_TABLE, "ImportSourceSpecification", _IMPORT, "handler"),
    OnlyIf(_TABLE, "KinesisStreamSpecification", _KINESIS, "handler"),
    OnlyIf(_TABLE, "SSESpecification.KMSMasterKeyId", _TABLE_KMS, "handler"),
    OnlyIf(_TABLE, "ResourcePolicy", ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"), "handler"),
    OnlyIf(
        _TABLE,
        "ContributorInsightsSpecification",
        ("dynamodb:UpdateContributorInsights", "iam:CreateServiceLinkedRole"),
        "amazondynamodb/latest/developerguide/contributorinsights_IAM.html",
    ),
    OnlyIf(_TABLE, "TimeToLiveSpecification", ("dynamodb:UpdateTimeToLive",), "handler; it deletes items"),
    OnlyIf(_TABLE, "Replicas", ("dynamodb:AssociateTableReplica", "dynamodb:CreateTableReplica"),
           "handler; the type has no such property, AWS::DynamoDB::GlobalTable has"),
    OnlyIf(_GLOBAL_TABLE, "WriteProvisionedThroughputSettings", _SCALING, "handler"),
    OnlyIf(_GLOBAL_TABLE, "Replicas~KMSMasterKeyId", _GLOBAL_KMS, "handler; a replica's own key"),
    OnlyIf(_GLOBAL_TABLE, "Replicas~KinesisStreamSpecification", (*_KINESIS, "kinesis:ListStreams"), "handler"),
    OnlyIf(
        _GLOBAL_TABLE,
        "Replicas~ResourcePolicy",
        ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"),
        "handler",
    ),
    OnlyIf(_GLOBAL_TABLE, "TimeToLiveSpecification", ("dynamodb:UpdateTimeToLive",), "handler; it deletes items"),
    OnlyIf(
        "AWS::Cognito::UserPoolDomain",
        "CustomDomainConfig",
        ("cloudfront:updateDistribution", *(name for name in _POOL_KMS if name != "kms:GenerateDataKey")),
        "cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html",
    ),
    OnlyIf(_POOL, "EmailConfiguration", ("iam:CreateServiceLinkedRole",), "handler"),
    OnlyIf(_POOL, "LambdaConfig.KMSKeyID", _POOL_KMS, "handler"),
    OnlyIf(_POOL, "Schema", ("cognito-idp:AddCustomAttributes",), "handler"),
    OnlyIf("AWS::Cognito::IdentityPool", "CognitoStreams", ("iam:PassRole",), "handler"),
    OnlyIf(
        "AWS::Cognito::IdentityPool",
        "CognitoEvents",
        ("cognito-sync:SetCognitoEvents", "cognito-sync:SetIdentityPoolConfiguration"),
        "handler; for Cognito Sync, which new accounts do not have",
    ),
    OnlyIf(
        _CLIENT,
        "AnalyticsConfiguration",
        ("iam:CreateServiceLinkedRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy"),
        "handler; for Amazon Pinpoint",
    ),
    OnlyIf(_CDN, "DistributionConfig.ConnectionMode",
           ("cloudfront:CreateConnectionGroup", "cloudfront:GetConnectionGroup"), "handler; multi-tenant only"),
    OnlyIf(_CDN, "DistributionConfig.Origins~VpcOriginConfig", ("cloudfront:GetVpcOrigin",), "handler"),
    OnlyIf(_CDN, "DistributionConfig.ContinuousDeploymentPolicyId",
           ("cloudfront:UpdateDistributionWithStagingConfig",), "handler"),
    OnlyIf(_GROUP, "KmsKeyId", ("logs:AssociateKmsKey", "logs:DisassociateKmsKey"), "handler"),
    OnlyIf(
        _GROUP,
        "DataProtectionPolicy",
        ("logs:PutDataProtectionPolicy", "logs:DeleteDataProtectionPolicy", "logs:CreateLogDelivery",
         "firehose:TagDeliveryStream"),
        "AmazonCloudWatch/latest/logs/mask-sensitive-log-data.html",
    ),
    OnlyIf(_GROUP, "ResourcePolicyDocument", ("logs:PutResourcePolicy", "logs:DeleteResourcePolicy"), "handler"),
    OnlyIf(_GROUP, "FieldIndexPolicies", ("logs:PutIndexPolicy", "logs:DeleteIndexPolicy"), "handler"),
    OnlyIf(_GROUP, "DeletionProtectionEnabled", ("logs:PutLogGroupDeletionProtection",), "handler"),
    OnlyIf(_GROUP, "BearerTokenAuthenticationEnabled", ("logs:PutBearerTokenAuthentication",), "handler"),
    OnlyIf(
        _WAF_LOG,
        "LogDestinationConfigs~firehose",
        ("firehose:ListDeliveryStreams", "iam:CreateServiceLinkedRole"),
        "waf/latest/developerguide/logging-kinesis.html",
    ),
    OnlyIf(
        _WAF_LOG,
        "LogDestinationConfigs~s3",
        ("s3:GetBucketPolicy", "s3:PutBucketPolicy"),
        "waf/latest/developerguide/logging-s3.html",
    ),
    OnlyIf(_ROLE, "Policies", ("iam:PutRolePolicy", "iam:DeleteRolePolicy"), "handler; inline policies only"),
    OnlyIf(_ROLE, "Description", ("iam:UpdateRoleDescription",), "handler"),
    OnlyIf(_POLICY, "Roles", ("iam:AttachRolePolicy", "iam:DetachRolePolicy"), "handler"),
    OnlyIf(
        _SECRET,
        "ReplicaRegions",
        ("secretsmanager:ReplicateSecretToRegions", "secretsmanager:RemoveRegionsFromReplication"),
        "handler",
    ),
    OnlyIf(_BUCKET, "ReplicationConfiguration", ("s3:PutReplicationConfiguration",), "handler"),
    OnlyIf(_BUCKET, "MetadataConfiguration", _METADATA, "handler"),
    OnlyIf(_BUCKET, "AccelerateConfiguration", ("s3:PutAccelerateConfiguration",), "handler"),
    OnlyIf(_BUCKET, "AnalyticsConfigurations", ("s3:PutAnalyticsConfiguration",), "handler"),
    OnlyIf(_BUCKET, "AbacStatus", ("s3:PutBucketAbac",), "handler"),
    OnlyIf(_BUCKET, "AccessControl", ("s3:PutBucketAcl", "s3:GetBucketAcl"), "handler; an ACL can make public"),
    OnlyIf(_BUCKET, "CorsConfiguration", ("s3:PutBucketCORS",), "handler"),
    OnlyIf(_BUCKET, "InventoryConfigurations", ("s3:PutInventoryConfiguration",), "handler"),
    OnlyIf(_BUCKET, "IntelligentTieringConfigurations", ("s3:PutIntelligentTieringConfiguration",), "handler"),
    OnlyIf(_BUCKET, "MetricsConfigurations", ("s3:PutMetricsConfiguration",), "handler"),
    OnlyIf(_BUCKET, "ObjectLockConfiguration", ("s3:PutBucketObjectLockConfiguration",), "handler"),
    OnlyIf(_BUCKET, "WebsiteConfiguration", ("s3:PutBucketWebsite", "s3:DeleteBucketWebsite"), "handler"),
    OnlyIf(_TRAIL, "IsOrganizationTrail", _LISTING, "handler; the account's own trail needs none of them"),
    OnlyIf(_FLOW, "LogDestinationType~s3", ("s3:GetBucketPolicy", "s3:PutBucketPolicy"), "handler"),
    OnlyIf(_ENDPOINT, "ServiceNetworkArn", ("vpc-lattice:CreateServiceNetworkVpcEndpointAssociation",), "handler"),
    OnlyIf(_ENDPOINT, "ServiceRegion", ("vpce:AllowMultiRegion",), "handler"),
    OnlyIf(_PIPELINE, "Stages~CodeStarSourceConnection", ("codestar-connections:PassConnection",), "handler"),
    OnlyIf(_ADDRESS, "TransferAddress", ("ec2:AcceptAddressTransfer",), "handler"),
    OnlyIf(_ADDRESS, "InstanceId", ("ec2:AssociateAddress", "ec2:DisassociateAddress"), "handler"),
    OnlyIf(_NAT, "SecondaryAllocationIds",
           ("ec2:AssociateNatGatewayAddress", "ec2:DisassociateNatGatewayAddress"), "handler"),
    OnlyIf(_NAT, "SecondaryPrivateIpAddresses",
           ("ec2:AssignPrivateNatGatewayAddress", "ec2:UnassignPrivateNatGatewayAddress"), "handler"),
    OnlyIf("AWS::EC2::VPCGatewayAttachment", "VpnGatewayId",
           ("ec2:AttachVpnGateway", "ec2:DescribeVpnGateways", "ec2:DetachVpnGateway"), "handler"),
)  # fmt: skip

ONLY_IF += tuple(
    OnlyIf(_LOG_SOURCE, f"ResourceArn~{service}", (f"{service}:{_VENDED}",), "handler; each service for its own")
    for service in ("codewhisperer", "workmail")
)
ONLY_IF += tuple(
    OnlyIf(
        "AWS::WAFv2::WebACLAssociation",
        f"ResourceArn~{kind}",
        actions,
        "waf/latest/developerguide/security_iam_service-with-iam.html",
    )
    for kind, actions in _GUARDED.items()
)

MISSING: tuple[Missing, ...] = (
    Missing(
        _CDN,
        "DistributionConfig.WebACLId",
        "wafv2:GetWebACL",
        "unconfirmed: CloudFront is said to look at the web ACL as the caller",
    ),
    *(
        Missing(
            _GLOBAL_TABLE,
            "Replicas",
            f"dynamodb:Describe{name}",
            "handler; it lists dynamodb:Describe*, which is not an action",
        )
        for name in ("ContinuousBackups", "ContributorInsights", "Table", "TimeToLive")
    ),
    *(Missing(_CDN, "DistributionConfig.Logging", f"s3:{verb}BucketAcl", _LEGACY_LOG) for verb in ("Get", "Put")),
    Missing(_LOG_SOURCE, "ResourceArn~cloudfront", f"cloudfront:{_VENDED}", _CDN_LOG),
    *(Missing("AWS::Logs::Delivery", "", f"logs:{name}", _DELIVERY) for name in _TO_GROUP),
    Missing(
        _PIPELINE,
        "Stages~CodeStarSourceConnection",
        "codeconnections:PassConnection",
        "dtconsole/latest/userguide/security-iam.html; the handler lists the service's former name only",
    ),
    *(
        Missing(
            f"AWS::{service}::DomainName",
            "",
            "iam:CreateServiceLinkedRole",
            "apigateway/latest/developerguide/using-service-linked-roles.html",
        )
        for service in ("ApiGateway", "ApiGatewayV2")
    ),
    Missing(_SECRET, "KmsKeyId", "kms:GenerateDataKey", "secretsmanager/latest/userguide/security-encryption.html"),
    Missing(_SECRET, "KmsKeyId", "kms:Decrypt", "secretsmanager/latest/userguide/security-encryption.html"),
)

_HTTP_LOG = (
    "CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies", "GetLogDelivery",
    "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery",
)  # fmt: skip
MISSING += tuple(
    Missing(
        "AWS::ApiGatewayV2::Stage",
        "AccessLogSettings",
        f"logs:{name}",
        "apigateway/latest/developerguide/http-api-logging.html",
    )
    for name in _HTTP_LOG
)
