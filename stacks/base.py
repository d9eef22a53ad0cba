"""The base stack: what the other stacks stand on. Audit trail, network, buckets for logs and code, shared rights.

A person deploys it, once and when it changes; the other stacks read its outputs.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from awacs.aws import PolicyDocument, Principal, Statement
from troposphere import GetAtt, GetAZs, Ref, Select, Sub, Template, apigateway, cloudtrail, ec2, iam, kms

from stacks import naming, wiring
from stacks.parts.backend.rights import within_boundary
from stacks.parts.buckets import bucket_policy, private_bucket
from stacks.parts.policies import (
    ACCOUNT,
    allow,
    arn,
    deny,
    from_source,
    managed_policy,
    objects_of,
    policy,
    service,
    tagged,
    trust,
    when,
)
from stacks.parts.templates import empty_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.app import App, Stage, Vpc
    from stacks.rendering import Rendered

STACK = "base"
_LOG_DAYS = 400
_SUBNET_PREFIX = 20


def template(app: App, stage: Stage, deployed: Sequence[Rendered] = ()) -> Template:
    """The base stack of one stage; ``deployed`` are its other stacks, for the pipelines and roles that deploy them."""
    made = empty_template(f"{app.name} {stage.name}: audit trail, network, log and artifact buckets")
    _add_log_bucket(made, app, stage)
    _add_artifact_bucket(made, app, stage)
    _add_boundary(made, app, stage)
    if any(function.gradual for function in stage.backend.functions.values()):
        from stacks.parts.backend.aliases import add_code_deploy_role  # noqa: PLC0415 - brings its part of troposphere

        add_code_deploy_role(made, app, stage)
    if stage.base.trail:
        _add_trail(made, app, stage)
    if stage.base.vpc:
        _add_network(made, app, stage, stage.base.vpc)
        if any(function.vpc for function in stage.backend.functions.values()):
            from stacks.parts.backend.function_network import add_function_network  # noqa: PLC0415 - few stages need it

            add_function_network(made, stage.base.vpc, app, stage)
    if stage.base.api_gateway_logs:
        _add_api_gateway_account(made, app, stage)
    if stage.base.pipelines and deployed:
        from stacks.pipelines.resources import add_pipelines  # noqa: PLC0415 - brings the registry, which few stages need

        add_pipelines(made, app, stage, stage.base.pipelines, deployed)
    return made


def _add_log_bucket(made: Template, app: App, stage: Stage) -> None:
    bucket = private_bucket("LogBucket", app, stage, stack=STACK, purpose="logs", log_to=None, expire_after=_LOG_DAYS)
    statements = [_access_log_writer(app, stage)]
    if stage.base.vpc:
        statements += _flow_log_writer()
    made.add_resource(bucket)
    made.add_resource(bucket_policy(bucket, *statements))
    made.add_output(wiring.LOG_BUCKET.declare(Ref(bucket), "Bucket for access logs"))


def _access_log_writer(app: App, stage: Stage) -> Statement:
    ours = Sub(f"arn:${{AWS::Partition}}:s3:::{naming.prefix(app, stage)}-*")
    return allow(
        "s3:PutObject",
        on=objects_of("LogBucket"),
        Sid="S3AccessLogs",
        Principal=service("logging.s3"),
        Condition=from_source(ours),
    )


def _flow_log_writer() -> list[Statement]:
    """What VPC flow logs need to be delivered.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    """
    delivery, source = service("delivery.logs"), from_source(arn("logs", "*"))
    owned = when(
        StringEquals={"aws:SourceAccount": Sub(ACCOUNT), "s3:x-amz-acl": "bucket-owner-full-control"},
        ArnLike={"aws:SourceArn": arn("logs", "*")},
    )
    return [
        allow("s3:PutObject", on=objects_of("LogBucket"), Sid="FlowLogs", Principal=delivery, Condition=owned),
        allow(
            "s3:GetBucketAcl",
            "s3:ListBucket",
            on=GetAtt("LogBucket", "Arn"),
            Sid="FlowLogsAsk",
            Principal=delivery,
            Condition=source,
        ),
    ]


def _add_artifact_bucket(made: Template, app: App, stage: Stage) -> None:
    bucket = private_bucket("ArtifactBucket", app, stage, stack=STACK, purpose="code", log_to=Ref("LogBucket"))
    made.add_resource(bucket)
    made.add_resource(bucket_policy(bucket, _denied_to_functions("ArtifactBucket", app, stage)))
    made.add_output(wiring.ARTIFACT_BUCKET.declare(Ref(bucket), "Bucket for Lambda code and large templates"))


def _denied_to_functions(bucket: str, app: App, stage: Stage) -> Statement:
    """What the application runs as has no business in the platform's buckets."""
    functions = arn("iam", f"role{naming.role_path(app, stage, 'backend')}*", region="")
    return deny(
        "s3:*",
        on=[GetAtt(bucket, "Arn"), objects_of(bucket)],
        Sid="NotForFunctions",
        Principal=Principal("*"),
        Condition=when(ArnLike={"aws:PrincipalArn": functions}),
    )


def _add_boundary(made: Template, app: App, stage: Stage) -> None:
    boundary = managed_policy(
        "ApplicationBoundary", app, stage, "platform", within_boundary(_boundary(app, stage), app, stage)
    )
    boundary.Description = f"The most that functions of {naming.prefix(app, stage)} may ever do"
    made.add_resource(boundary)
    made.add_output(wiring.BOUNDARY.declare(Ref(boundary), "Permissions boundary of every function's role"))


def _boundary(app: App, stage: Stage) -> PolicyDocument:
    """Run-time work on the stage's own things; no IAM, no STS, no administration of anything."""
    ours = naming.prefix(app, stage)
    of_this_stage = when(
        StringEquals={"aws:ResourceTag/app": app.name, "aws:ResourceTag/stage": stage.name},
    )
    return policy(
        allow("logs:CreateLogStream", "logs:PutLogEvents", on=arn("logs", f"log-group:/aws/lambda/{ours}-*")),
        allow(
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
            on=[arn("dynamodb", f"table/{ours}-*"), arn("dynamodb", f"table/{ours}-*/index/*")],
        ),
        allow("secretsmanager:GetSecretValue", on=arn("secretsmanager", "secret:*"), Condition=of_this_stage),
    )


def _add_trail(made: Template, app: App, stage: Stage) -> None:
    name = f"{naming.prefix(app, stage)}-trail"
    bucket = private_bucket(
        "TrailBucket",
        app,
        stage,
        stack=STACK,
        purpose="trail",
        log_to=Ref("LogBucket"),
        key=GetAtt("TrailKey", "Arn"),
        expire_after=_LOG_DAYS,
    )
    writer = _trail_writer(arn("cloudtrail", f"trail/{name}"))
    made.add_resource(_trail_key(app, stage, name))
    made.add_resource(bucket)
    made.add_resource(bucket_policy(bucket, *writer, _denied_to_functions("TrailBucket", app, stage)))
    made.add_resource(
        cloudtrail.Trail(
            "Trail",
            TrailName=name,
            S3BucketName=Ref(bucket),
            KMSKeyId=GetAtt("TrailKey", "Arn"),
            IsLogging=True,
            IsMultiRegionTrail=True,
            IncludeGlobalServiceEvents=True,
            EnableLogFileValidation=True,
            Tags=tagged(app, stage, STACK),
            DependsOn="TrailBucketPolicy",
        )
    )


def _trail_writer(trail: Sub) -> list[Statement]:
    """What CloudTrail needs to write.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    owned = when(StringEquals={"aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"})
    return [
        allow(
            "s3:GetBucketAcl",
            on=GetAtt("TrailBucket", "Arn"),
            Sid="TrailAsks",
            Principal=service("cloudtrail"),
            Condition=when(StringEquals={"aws:SourceArn": trail}),
        ),
        allow(
            "s3:PutObject",
            on=objects_of("TrailBucket"),
            Sid="TrailWrites",
            Principal=service("cloudtrail"),
            Condition=owned,
        ),
    ]


def _trail_key(app: App, stage: Stage, trail: str) -> kms.Key:
    """The key of the trail: used by CloudTrail, administered by the account, granted to nobody.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    by_trail = when(
        StringEquals={"aws:SourceArn": arn("cloudtrail", f"trail/{trail}")},
        StringLike={"kms:EncryptionContext:aws:cloudtrail:arn": arn("cloudtrail", "trail/*", region="*")},
    )
    no_service = when(BoolIfExists={"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"})
    owner = Principal("AWS", [arn("iam", "root", region="")])
    return kms.Key(
        "TrailKey",
        Description=f"Encrypts the audit trail of {naming.prefix(app, stage)}",
        EnableKeyRotation=True,
        PendingWindowInDays=30,
        KeyPolicy=policy(
            allow("kms:*", on="*", Sid="Owner", Principal=owner),
            allow("kms:GenerateDataKey*", on="*", Sid="Trail", Principal=service("cloudtrail"), Condition=by_trail),
            deny("kms:CreateGrant", on="*", Sid="NoGrants", Principal=Principal("AWS", ["*"]), Condition=no_service),
        ),
        DeletionPolicy="Retain",
        UpdateReplacePolicy="Retain",
        Tags=tagged(app, stage, STACK),
    )


def _add_network(made: Template, app: App, stage: Stage, vpc: Vpc) -> None:
    made.add_resource(
        ec2.VPC(
            "Vpc", CidrBlock=vpc.cidr, EnableDnsHostnames=True, EnableDnsSupport=True, Tags=tagged(app, stage, STACK)
        )
    )
    made.add_resource(ec2.RouteTable("PrivateRoutes", VpcId=Ref("Vpc"), Tags=tagged(app, stage, STACK)))
    blocks = IPv4Network(vpc.cidr).subnets(new_prefix=_SUBNET_PREFIX)
    for zone, block in zip(range(vpc.zones), blocks, strict=False):
        subnet = ec2.Subnet(
            f"PrivateSubnet{zone + 1}",
            VpcId=Ref("Vpc"),
            AvailabilityZone=Select(zone, GetAZs("")),
            CidrBlock=str(block),
            MapPublicIpOnLaunch=False,
            Tags=tagged(app, stage, STACK),
        )
        made.add_resource(subnet)
        made.add_resource(
            ec2.SubnetRouteTableAssociation(
                f"{subnet.title}Routes", SubnetId=Ref(subnet), RouteTableId=Ref("PrivateRoutes")
            )
        )
    made.add_resource(_endpoint("S3", "s3", "s3:*"))
    made.add_resource(_endpoint("DynamoDB", "dynamodb", "dynamodb:*"))
    made.add_resource(
        ec2.FlowLog(
            "FlowLog",
            ResourceId=Ref("Vpc"),
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=GetAtt("LogBucket", "Arn"),
            Tags=tagged(app, stage, STACK),
            DependsOn="LogBucketPolicy",
        )
    )


def _endpoint(title: str, name: str, action: str) -> ec2.VPCEndpoint:
    """A gateway endpoint, free, open for this account's principals and this account's resources only."""
    account = Sub(ACCOUNT)
    inside = when(StringEquals={"aws:PrincipalAccount": account, "aws:ResourceAccount": account})
    return ec2.VPCEndpoint(
        f"{title}Endpoint",
        VpcId=Ref("Vpc"),
        VpcEndpointType="Gateway",
        ServiceName=Sub(f"com.amazonaws.${{AWS::Region}}.{name}"),
        RouteTableIds=[Ref("PrivateRoutes")],
        PolicyDocument=policy(allow(action, on="*", Principal=Principal("*"), Condition=inside)),
    )


def _add_api_gateway_account(made: Template, app: App, stage: Stage) -> None:
    """API Gateway writes execution logs with one role per account and region.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    writes = policy(
        allow(
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "logs:PutLogEvents",
            on=arn("logs", "*"),
        )
    )
    # The account's setting outlives the stack, since other APIs use it; so does what it names.
    kept: dict[str, Any] = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    made.add_resource(managed_policy("ApiGatewayLogPolicy", app, stage, "platform", writes, **kept))
    made.add_resource(
        iam.Role(
            "ApiGatewayLogRole",
            Path=naming.role_path(app, stage, "platform"),
            AssumeRolePolicyDocument=trust("apigateway"),
            ManagedPolicyArns=[Ref("ApiGatewayLogPolicy")],
            Tags=tagged(app, stage, STACK),
            **kept,
        )
    )
    made.add_resource(
        apigateway.Account(
            "ApiGatewayAccount",
            CloudWatchRoleArn=GetAtt("ApiGatewayLogRole", "Arn"),
            **kept,
        )
    )
