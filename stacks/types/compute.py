"""Types of functions, workflows, and what starts and scales them."""

from __future__ import annotations

from stacks.types.record import OnlyIf, Quota, Type, TypeScope, Wait, arn

_EVENTBRIDGE_EB_QUOTA = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"
COMPUTE: dict[str, Type] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": Type(
        linked_role="dynamodb.application-autoscaling.amazonaws.com",
        only_if=(
            OnlyIf(
                "ServiceNamespace~lambda",
                (
                    "lambda:PutProvisionedConcurrencyConfig",
                    "lambda:GetProvisionedConcurrencyConfig",
                    "lambda:DeleteProvisionedConcurrencyConfig",
                ),
                "handler",
            ),
        ),
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Type(
        scope=TypeScope((arn("application-autoscaling", "scalable-target/*"),), tagged=True),
        only_if=(OnlyIf("PredictiveScalingPolicyConfiguration", ("cloudwatch:GetMetricData",), "handler"),),
    ),
    "AWS::CodeDeploy::DeploymentGroup": Type(hands_roles={"ServiceRoleArn": "codedeploy"}),
    "AWS::Events::EventBus": Type(
        name="Name",
        scope=TypeScope((arn("events", "event-bus/{name}"),)),
        count=Quota(
            "", 100, "event buses (of a region's account)", "Use fewer", source=_EVENTBRIDGE_EB_QUOTA, raisable=True
        ),
    ),
    "AWS::Events::Rule": Type(
        name="Name",
        longest_name=64,
        unique=True,
        scope=TypeScope((arn("events", "rule/{name}"), arn("events", "rule/*/{name}"))),
        identifier="arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${Name}",
        hands_roles={"RoleArn": "events", "Targets~RoleArn": "events"},
        count=Quota(
            "",
            300,
            "EventBridge rules (of a region's account)",
            "Use fewer schedules",
            source=_EVENTBRIDGE_EB_QUOTA,
            raisable=True,
        ),
        quotas=(
            Quota(
                "EventPattern",
                2048,
                "characters of an event pattern",
                "Compare fewer values, or use several rules",
                source=_EVENTBRIDGE_EB_QUOTA,
                raisable=True,
                measure="json",
            ),
        ),
    ),
    "AWS::Lambda::Alias": Type(
        scope=TypeScope((arn("lambda", "function:{name}"),), name="FunctionName"),
        only_if=(OnlyIf("ProvisionedConcurrencyConfig", ("lambda:PutProvisionedConcurrencyConfig",), "handler"),),
    ),
    "AWS::Lambda::EventInvokeConfig": Type(scope=TypeScope((arn("lambda", "function:{name}"),), name="FunctionName")),
    "AWS::Lambda::EventSourceMapping": Type(
        scope=TypeScope((arn("lambda", "event-source-mapping:*"),), key="lambda:FunctionArn"),
        only_if=(OnlyIf("KmsKeyArn", ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"), "handler"),),
    ),
    "AWS::Lambda::Function": Type(
        name="FunctionName",
        longest_name=64,
        unique=True,
        create_only=("PackageType", "TenancyConfig"),
        scope=TypeScope((arn("lambda", "function:{name}"),)),
        hands_roles={"Role": "lambda"},
        only_if=(
            OnlyIf(
                "Code.S3Bucket",
                ("s3:GetObject", "s3:GetObjectVersion"),
                "lambda/latest/dg/configuration-function-zip.html",
            ),
            OnlyIf(
                "VpcConfig",
                (
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                ),
                "lambda/latest/dg/configuration-vpc.html",
            ),
            OnlyIf(
                "KmsKeyArn",
                ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
                "lambda/latest/dg/security-encryption-at-rest.html",
            ),
            OnlyIf(
                "CodeSigningConfigArn",
                (
                    "lambda:GetCodeSigningConfig",
                    "lambda:PutFunctionCodeSigningConfig",
                    "lambda:DeleteFunctionCodeSigningConfig",
                ),
                "lambda/latest/dg/configuration-codesigning.html",
            ),
            OnlyIf("Layers", ("lambda:GetLayerVersion",), "lambda/latest/dg/adding-layers.html"),
            OnlyIf(
                "FileSystemConfigs",
                ("elasticfilesystem:DescribeMountTargets", "s3files:ListMountTargets"),
                "lambda/latest/dg/configuration-filesystem.html",
            ),
            OnlyIf("CapacityProviderConfig", ("lambda:PassCapacityProvider",), "handler"),
            OnlyIf("FunctionScalingConfig", ("lambda:PutFunctionScalingConfig",), "handler"),
            OnlyIf("PublishToLatestPublished", ("lambda:PublishVersion",), "handler"),
        ),
        quotas=(
            Quota("Layers", 5, "layers", "Join some of them"),
            Quota("VpcConfig.SubnetIds", 16, "subnets of a function", "Name fewer under 'base.vpc.subnets'"),
            Quota(
                "Environment.Variables",
                4096,
                "bytes of environment variables",
                "Keep large values in a parameter or a file of the code",
                source="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
                measure="pairs",
            ),
        ),
        wait=Wait(
            "Lambda attaches functions to a VPC by network interfaces, which takes minutes",
            "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
        ),
        emulator_drops=("VpcConfig", "CodeSigningConfigArn"),
    ),
    "AWS::Lambda::LayerVersion": Type(
        name="LayerName",
        longest_name=140,
        scope=TypeScope((arn("lambda", "layer:{name}"), arn("lambda", "layer:{name}:*")), exact=True),
    ),
    "AWS::Lambda::Permission": Type(scope=TypeScope((arn("lambda", "function:{name}"),), name="FunctionName")),
    "AWS::Lambda::Url": Type(
        scope=TypeScope((arn("lambda", "function:{name}"),), name="TargetFunctionArn"),
        quotas=(
            Quota("Cors.AllowHeaders", 100, "headers of a URL's CORS", "Name fewer"),
            Quota("Cors.AllowOrigins", 100, "origins of a URL's CORS", "Name fewer, or '*'"),
        ),
    ),
    "AWS::Lambda::Version": Type(
        snapshot=True,
        scope=TypeScope((arn("lambda", "function:{name}"),), name="FunctionName"),
        quotas=(
            Quota("Description", 256, "characters of what a version is made of", "Let the function read fewer values"),
        ),
    ),
    "AWS::Scheduler::Schedule": Type(
        name="Name",
        longest_name=64,
        scope=TypeScope((arn("scheduler", "schedule/*/{name}"),), exact=True),
        hands_roles={"Target.RoleArn": "scheduler"},
    ),
    "AWS::StepFunctions::StateMachine": Type(
        name="StateMachineName",
        scope=TypeScope((arn("states", "stateMachine:{name}"),)),
        hands_roles={"RoleArn": "states"},
    ),
}
