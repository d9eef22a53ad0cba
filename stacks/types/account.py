"""Types of roles, keys, logs, alarms, the trail and budgets."""

from __future__ import annotations

from stacks.types.record import Document, Erasure, Missing, OnlyIf, Quota, Type, TypeScope, arn

_IAM_REFERENCE_IAM_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
ACCOUNT: dict[str, Type] = {
    "AWS::Budgets::Budget": Type(
        name="Budget.BudgetName", scope=TypeScope((arn("budgets", "budget/{name}", region=""),))
    ),
    "AWS::CloudTrail::EventDataStore": Type(holds_data=True),
    "AWS::CloudTrail::Trail": Type(
        name="TrailName",
        scope=TypeScope((arn("cloudtrail", "trail/{name}"),), exact=True),
        deleted_by_people=True,
        linked_role="cloudtrail.amazonaws.com",
        hands_roles={"CloudWatchLogsRoleArn": "cloudtrail"},
        only_if=(
            OnlyIf(
                "IsOrganizationTrail",
                (
                    "iam:CreateServiceLinkedRole",
                    "organizations:DescribeOrganization",
                    "organizations:ListAWSServiceAccessForOrganization",
                ),
                "handler; the account's own trail needs none of them",
            ),
        ),
    ),
    "AWS::CloudWatch::Alarm": Type(
        name="AlarmName", unique=True, scope=TypeScope((arn("cloudwatch", "alarm:{name}"),))
    ),
    "AWS::IAM::AccessKey": Type(credential="an access key"),
    "AWS::IAM::ManagedPolicy": Type(
        name="ManagedPolicyName",
        unique=True,
        create_only=("Description", "Path"),
        scope=TypeScope((arn("iam", "policy{path}*", region=""),)),
        identifier="arn:${AWS::Partition}:iam::${AWS::AccountId}:policy${Path}${ManagedPolicyName}",
        only_if=(OnlyIf("Roles", ("iam:AttachRolePolicy", "iam:DetachRolePolicy"), "handler"),),
        document=Document("PolicyDocument", 6144),
        count=Quota(
            "", 1500, "policies (of an account)", "Use fewer functions", source=_IAM_REFERENCE_IAM_QUOTAS, raisable=True
        ),
    ),
    "AWS::IAM::OIDCProvider": Type(
        name="Url",
        scope=TypeScope((arn("iam", "oidc-provider/{name}", region=""),), exact=True),
        identifier="arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/${Url}",
    ),
    "AWS::IAM::Role": Type(
        name="RoleName",
        longest_name=64,
        unique=True,
        create_only=("Path",),
        scope=TypeScope((arn("iam", "role{path}*", region=""),)),
        quotas=(
            Quota(
                "ManagedPolicyArns",
                10,
                "managed policies of a role",
                "Join some of them",
                source=_IAM_REFERENCE_IAM_QUOTAS,
                raisable=True,
            ),
        ),
        only_if=(
            OnlyIf("Policies", ("iam:PutRolePolicy", "iam:DeleteRolePolicy"), "handler; inline policies only"),
            OnlyIf("Description", ("iam:UpdateRoleDescription",), "handler"),
        ),
        document=Document("AssumeRolePolicyDocument", 2048, raised=8192),
        count=Quota(
            "", 1000, "roles (of an account)", "Use fewer functions", source=_IAM_REFERENCE_IAM_QUOTAS, raisable=True
        ),
    ),
    "AWS::IAM::SAMLProvider": Type(credential="a provider that decides who is signed in"),
    "AWS::IAM::User": Type(credential="a user of IAM"),
    "AWS::IAM::UserPolicy": Type(credential="rights of a user of IAM"),
    "AWS::IAM::UserToGroupAddition": Type(credential="rights of a user of IAM"),
    "AWS::KMS::Alias": Type(name="AliasName", scope=TypeScope((arn("kms", "{name}"),), exact=True)),
    "AWS::KMS::Key": Type(
        erasure=Erasure({arn("kms", "key/*"): ("kms:DescribeKey", "kms:ScheduleKeyDeletion")}, tagged=True),
        deleted_by_people=True,
        document=Document("KeyPolicy", 32768),
    ),
    "AWS::KMS::ReplicaKey": Type(holds_data=True),
    "AWS::Logs::Delivery": Type(
        scope=TypeScope(
            (arn("logs", "delivery:*"), arn("logs", "delivery-destination:*"), arn("logs", "delivery-source:*")),
            tagged=True,
        ),
        missing=(
            Missing(
                "",
                "logs:DescribeLogGroups",
                "AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html",
            ),
            Missing(
                "",
                "logs:DescribeResourcePolicies",
                "AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html",
            ),
            Missing(
                "",
                "logs:PutResourcePolicy",
                "AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-CloudWatchLogs.html",
            ),
        ),
    ),
    "AWS::Logs::DeliveryDestination": Type(
        name="Name", longest_name=60, scope=TypeScope((arn("logs", "delivery-destination:{name}"),), exact=True)
    ),
    "AWS::Logs::DeliverySource": Type(
        name="Name",
        longest_name=60,
        scope=TypeScope((arn("logs", "delivery-source:{name}"),), exact=True),
        only_if=(
            OnlyIf(
                "ResourceArn~codewhisperer",
                ("codewhisperer:AllowVendedLogDeliveryForResource",),
                "handler; each service for its own",
            ),
            OnlyIf(
                "ResourceArn~workmail",
                ("workmail:AllowVendedLogDeliveryForResource",),
                "handler; each service for its own",
            ),
        ),
        missing=(
            Missing(
                "ResourceArn~cloudfront",
                "cloudfront:AllowVendedLogDeliveryForResource",
                "AmazonCloudFront/latest/DeveloperGuide/standard-logging.html",
            ),
        ),
    ),
    "AWS::Logs::LogGroup": Type(
        name="LogGroupName",
        unique=True,
        scope=TypeScope((arn("logs", "log-group:{name}"),)),
        only_if=(
            OnlyIf("KmsKeyId", ("logs:AssociateKmsKey", "logs:DisassociateKmsKey"), "handler"),
            OnlyIf(
                "DataProtectionPolicy",
                (
                    "logs:PutDataProtectionPolicy",
                    "logs:DeleteDataProtectionPolicy",
                    "logs:CreateLogDelivery",
                    "firehose:TagDeliveryStream",
                ),
                "AmazonCloudWatch/latest/logs/mask-sensitive-log-data.html",
            ),
            OnlyIf("ResourcePolicyDocument", ("logs:PutResourcePolicy", "logs:DeleteResourcePolicy"), "handler"),
            OnlyIf("FieldIndexPolicies", ("logs:PutIndexPolicy", "logs:DeleteIndexPolicy"), "handler"),
            OnlyIf("DeletionProtectionEnabled", ("logs:PutLogGroupDeletionProtection",), "handler"),
            OnlyIf("BearerTokenAuthenticationEnabled", ("logs:PutBearerTokenAuthentication",), "handler"),
        ),
    ),
    "AWS::Logs::MetricFilter": Type(scope=TypeScope((arn("logs", "log-group:{name}"),), name="LogGroupName")),
    "AWS::RolesAnywhere::TrustAnchor": Type(credential="a certificate authority that decides who takes roles"),
}
