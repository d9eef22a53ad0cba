"""Each rule finds the weakness it is for, and nothing else finds it; the example has none."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.checks.refused import ADVICE as QUOTAS
from stacks.checks.run import RULES, check
from tests.checks.breaking import GONE, INVARIANTS, Copy, of_rule

if TYPE_CHECKING:
    from stacks.app import App

_FOR_ALL = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:x"}
MODERN = {"MinimumProtocolVersion": "TLSv1.2_2021", "SslSupportMethod": "sni-only"}

# rule, resource, property, what it is set to
CHANGED: list[tuple[str, str, str, Any]] = [
    ("DEPUTY-POLICY", "base.LogBucketPolicy", "PolicyDocument.Statement[1].Condition", GONE),
    ("OAC-SOURCE", "frontend.SiteBucketPolicy", "PolicyDocument.Statement[1].Condition", GONE),
    (
        "OAC-SOURCE",
        "frontend.SiteBucketPolicy",
        "PolicyDocument.Statement[1].Condition",
        {"StringEquals": {"aws:SourceAccount": "1"}},
    ),
    ("TRAIL-SOURCE", "base.TrailBucketPolicy", "PolicyDocument.Statement[2].Condition", GONE),
    ("VPCE-POLICY", "base.S3Endpoint", "PolicyDocument", GONE),
    ("VPCE-POLICY", "base.S3Endpoint", "PolicyDocument.Statement[0].Condition", GONE),
    ("IAM-STAR", "backend.WebPolicy", "PolicyDocument.Statement[0].Action", ["*"]),
    (
        "IAM-STAR",
        "backend.WebPolicy",
        "PolicyDocument.Statement[0]",
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::notes"},
    ),
    (
        "IAM-STAR",
        "backend.WebPolicy",
        "PolicyDocument.Statement[0]",
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    ),
    ("IAM-ARN", "backend.WebPolicy", "PolicyDocument.Statement[0].Resource", ["arn:aws:*:eu-west-1:*:*"]),
    ("IAM-ARN", "backend.WebPolicy", "PolicyDocument.Statement[0].Resource", "table/notes"),
    ("PASS-ROLE", "backend.WebPolicy", "PolicyDocument.Statement[0].Action", ["iam:PassRole"]),
    ("PASS-ROLE", "backend.WebPolicy", "PolicyDocument.Statement[0].Action", "iam:Pass*"),
    ("FN-BOUNDARY", "backend.WebRole", "PermissionsBoundary", GONE),
    (
        "POLICY-SIZE",
        "backend.WebPolicy",
        "PolicyDocument.Statement[0].Resource",
        [f"arn:aws:s3:::{n:060}" for n in range(99)],
    ),
    (
        "TRUST-SIZE",
        "backend.WebRole",
        "AssumeRolePolicyDocument.Statement[0].Condition",
        {"StringEquals": {"aws:SourceArn": [f"arn:{n:060}" for n in range(40)]}},
    ),
    (
        "IAM-MANAGED",
        "backend.WebRole",
        "ManagedPolicyArns",
        ["arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"],
    ),
    (
        "IAM-MANAGED-NAME",
        "backend.WebRole",
        "ManagedPolicyArns",
        [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonS3ReadOnlyAcces"}],
    ),
    (
        "CDN-HEADERS",
        "frontend.Distribution",
        "DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId",
        GONE,
    ),
    ("CDN-HEADERS", "frontend.Distribution", "DistributionConfig.CacheBehaviors[0].ResponseHeadersPolicyId", GONE),
    (
        "CDN-CERT-REGION",
        "frontend.Distribution",
        "DistributionConfig.ViewerCertificate",
        {"AcmCertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1", **MODERN},
    ),
    (
        "CDN-CERT-REGION",
        "frontend.Distribution",
        "DistributionConfig.ViewerCertificate",
        {
            "AcmCertificateArn": {"Fn::GetStackOutput": {"StackName": "notes-dev-base", "OutputName": "Certificate"}},
            **MODERN,
        },
    ),
    ("CDN-ALIAS", "frontend.Distribution", "DistributionConfig.Aliases", ["www.example.com"]),
    (
        "CDN-ORIGIN-DOMAIN",
        "frontend.Distribution",
        "DistributionConfig.Origins[0].DomainName",
        {"Fn::Sub": "${Api}.execute-api.${AWS::Region}.amazonaws.com/dev"},
    ),
    ("CDN-ORIGIN-DOMAIN", "frontend.Distribution", "DistributionConfig.Origins[0].DomainName", "https://example.com"),
    (
        "CDN-WAF-SCOPE",
        "frontend.Distribution",
        "DistributionConfig.WebACLId",
        "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/notes/1",
    ),
    ("WAF-RATE", "frontend-edge.WebAcl", "Rules[3]", GONE),
    ("WAF-REDACT", "frontend-edge.WafLog", "RedactedFields", GONE),
    ("WAF-REDACT", "frontend-edge.WafLog", "RedactedFields[0].SingleHeader.Name", "accept"),
    ("WAF-PROTECT", "frontend-edge.WebAcl", "DataProtectionConfig", GONE),
    ("WAF-PROTECT", "frontend.ApiGate", "DataProtectionConfig.DataProtections[0].Field.FieldKeys", ["accept"]),
    ("WAF-PRIORITY", "frontend-edge.WebAcl", "Rules[1].Priority", 0),
    ("API-TRACE", "backend.ApiStage", "MethodSettings[0].DataTraceEnabled", True),
    (
        "FN-PERMISSION-WIDE",
        "backend.WebPermission",
        "SourceArn",
        {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:*"},
    ),
    ("FN-PERMISSION-WIDE", "backend.WebPermission", "SourceArn", GONE),
    ("FN-PERMISSION-GONE", "backend.WebPermission", "FunctionName", "notes-dev-wbe"),
    (
        "FN-PERMISSION-GONE",
        "backend.WebPermission",
        "FunctionName",
        {"Fn::Sub": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:notes-dev-wbe"},
    ),
    ("FN-VARIABLES", "backend.WebFunction", "Environment.Variables.AWS_REGION", "eu-west-1"),
    ("FN-VARIABLES", "backend.WebFunction", "Environment.Variables.a-b", "x"),
    ("FN-VARIABLES", "backend.WebFunction", "Environment.Variables.WORDS", ["x"]),
    ("FN-VARIABLES", "backend.WebFunction", "Environment.Variables.WORDS", "x" * 4097),
    ("FN-SECRET", "backend.WebFunction", "Environment.Variables.MAIL_PASSWORD", "hunter2"),
    ("FN-SECRET", "backend.WebFunction", "Environment.Variables.MAIL", "{{resolve:secretsmanager:mail}}"),
    ("USERS-SIGN-UP", "data.UserPool", "AdminCreateUserConfig", GONE),
    ("CLIENT-EXISTENCE", "data.UserPoolClient", "PreventUserExistenceErrors", "LEGACY"),
    ("CLIENT-IMPLICIT", "data.UserPoolClient", "AllowedOAuthFlows", ["implicit"]),
    ("CLIENT-PASSWORD", "data.UserPoolClient", "ExplicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH"]),
    ("CLIENT-PASSWORD", "data.UserPoolClient", "ExplicitAuthFlows", ["ADMIN_NO_SRP_AUTH"]),
    ("CLIENT-CALLBACK", "data.UserPoolClient", "CallbackURLs", ["http://example.com/back"]),
    ("CLIENT-CALLBACK", "data.UserPoolClient", "LogoutURLs", ["http://localhost.example.com/"]),
    ("CLIENT-REVOCATION", "data.UserPoolClient", "EnableTokenRevocation", GONE),
    ("CLIENT-REFRESH", "data.UserPoolClient", "RefreshTokenValidity", 721),
    ("CLIENT-WRITES", "data.UserPoolClient", "WriteAttributes", GONE),
    ("CLIENT-WRITES", "data.UserPoolClient", "WriteAttributes", ["email", "custom:role"]),
    (
        "CLIENT-SECRET",
        "data.UserPoolClient",
        "AllowedOAuthFlows",
        ["client_credentials"],
    ),
    ("TABLE-PROTECTION", "data.NotesTable", "DeletionProtectionEnabled", GONE),
    (
        "TABLE-INDEXES-QUOTA",
        "data.NotesTable",
        "GlobalSecondaryIndexes",
        [{"IndexName": f"index-{n}"} for n in range(21)],
    ),
    ("TABLE-NAME", "data.NotesTable", "TableName", "my notes"),
    ("TABLE-NAME", "data.NotesTable", "LocalSecondaryIndexes", [{"IndexName": "by"}]),
    ("BUCKET-NAME", "frontend.SiteBucket", "BucketName", {"Fn::Sub": "Notes-${AWS::AccountId}"}),
    (
        "BUCKET-NAME",
        "frontend.SiteBucket",
        "BucketName",
        {"Fn::Sub": f"{'a' * 41}-${{AWS::AccountId}}-${{AWS::Region}}"},
    ),
    ("BUCKET-NAME", "frontend.SiteBucket", "BucketName", {"Fn::Sub": "${AWS::AccountId}-s3alias"}),
    ("TAGS", "data.NotesTable", "Tags", [{"Key": f"k{n}", "Value": "v"} for n in range(51)]),
    ("TAGS", "data.NotesTable", "Tags", [{"Key": "k", "Value": "v"}, {"Key": "k", "Value": "w"}]),
    ("TAGS", "data.UserPool", "UserPoolTags", {"aws:app": "x"}),
    ("BUCKET-PUBLIC", "base.LogBucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", False),
    ("BUCKET-PUBLIC", "base.LogBucket", "PublicAccessBlockConfiguration", GONE),
    ("BUCKET-ENCRYPTION", "base.LogBucket", "BucketEncryption", GONE),
    ("BUCKET-VERSIONS", "base.LogBucket", "VersioningConfiguration.Status", "Suspended"),
    ("BUCKET-CLEANUP", "base.LogBucket", "LifecycleConfiguration", GONE),
    ("BUCKET-ACL", "base.LogBucket", "OwnershipControls.Rules[0].ObjectOwnership", "ObjectWriter"),
    ("BUCKET-EVENTS", "base.LogBucket", "NotificationConfiguration", GONE),
    ("BUCKET-SQUAT", "base.LogBucket", "BucketName", "notes-dev-logs"),
    ("BUCKET-LOG", "frontend.SiteBucket", "LoggingConfiguration", GONE),
    ("TABLE-RESTORE", "data.NotesTable", "PointInTimeRecoverySpecification", GONE),
    ("TABLE-CEILING", "data.NotesTable", "OnDemandThroughput", GONE),
    ("USERS-PASSWORD", "data.UserPool", "Policies.PasswordPolicy.MinimumLength", 8),
    ("USERS-PASSWORD", "data.UserPool", "Policies.PasswordPolicy.RequireSymbols", False),
    ("USERS-PROTECTION", "data.UserPool", "DeletionProtection", "INACTIVE"),
    ("USERS-ADDRESS", "data.UserPool", "UserAttributeUpdateSettings", GONE),
    ("API-LOG", "backend.ApiStage", "AccessLogSetting", GONE),
    ("API-ERRORS", "backend.ApiStage", "MethodSettings[0].LoggingLevel", "OFF"),
    ("API-THROTTLE", "backend.ApiStage", "MethodSettings[0].ThrottlingRateLimit", GONE),
    ("FN-LOG", "backend.WebFunction", "LoggingConfig", GONE),
    ("FN-LOOP", "backend.WebFunction", "RecursiveLoop", "Allow"),
    ("FN-PUBLIC", "backend.WebPermission", "Principal", "*"),
    ("FN-FORMAT", "backend.WebFunction", "LoggingConfig.LogFormat", "Text"),
    ("FN-TIMEOUT", "backend.WebFunction", "Timeout", GONE),
    ("FN-MEMORY", "backend.WebFunction", "MemorySize", GONE),
    ("LOG-RETENTION", "backend.WebLogGroup", "RetentionInDays", GONE),
    ("KEY-ROTATION", "base.TrailKey", "EnableKeyRotation", False),
    ("KEY-WINDOW", "base.TrailKey", "PendingWindowInDays", 7),
    ("KEY-OPEN", "base.TrailKey", "KeyPolicy.Statement[0].Principal", "*"),
    ("KEY-OPEN", "base.TrailKey", "KeyPolicy.Statement[0].Principal", {"AWS": "*"}),
    ("KEY-OPEN", "data.NotesTable", "ResourcePolicy", {"PolicyDocument": {"Statement": [_FOR_ALL]}}),
    ("TRAIL-REGIONS", "base.Trail", "IsMultiRegionTrail", False),
    ("TRAIL-VALIDATION", "base.Trail", "EnableLogFileValidation", GONE),
    ("TRAIL-KEY", "base.Trail", "KMSKeyId", GONE),
    ("TRAIL-LOGGING", "base.Trail", "IsLogging", False),
    ("TRAIL-GLOBAL", "base.Trail", "IncludeGlobalServiceEvents", GONE),
    (
        "HEADERS-COMPLETE",
        "frontend.ResponseHeaders",
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity",
        GONE,
    ),
    (
        "HEADERS-HSTS",
        "frontend.ResponseHeaders",
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec",
        3600,
    ),
    ("WAF-METRICS", "frontend-edge.WebAcl", "VisibilityConfig.CloudWatchMetricsEnabled", False),
    ("WAF-COUNTS", "frontend-edge.WebAcl", "Rules[0].OverrideAction", {"Count": {}}),
    ("WAF-GROUPS", "frontend-edge.WebAcl", "Rules[0]", GONE),
    ("WAF-GROUPS", "frontend-edge.WebAcl", "Rules[1].Statement", {"GeoMatchStatement": {"CountryCodes": ["KP"]}}),
    ("CDN-ROOT", "frontend.Distribution", "DistributionConfig.DefaultCacheBehavior.TargetOriginId", "bucket"),
    ("USERS-RECOVERY", "data.UserPool", "AccountRecoverySetting", GONE),
    ("CLIENT-READS", "data.UserPoolClient", "ReadAttributes", GONE),
    ("CLIENT-ACCESS", "data.UserPoolClient", "AccessTokenValidity", 1440),
    ("IAM-AWS", "backend.WebRole", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    (
        "IAM-ANY",
        "backend.WebPolicy",
        "PolicyDocument.Statement[0]",
        {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"},
    ),
    ("SUBNET-PUBLIC", "base.PrivateSubnet1", "MapPublicIpOnLaunch", True),
    (
        "CDN-HTTPS",
        "frontend.Distribution",
        "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy",
        "allow-all",
    ),
    (
        "CDN-TLS",
        "frontend.Distribution",
        "DistributionConfig.ViewerCertificate",
        {"AcmCertificateArn": "arn:aws:acm:us-east-1:1:certificate/1", **MODERN, "MinimumProtocolVersion": "TLSv1"},
    ),
    ("OAC-SIGNS", "frontend.OriginAccess", "OriginAccessControlConfig.SigningBehavior", "never"),
    (
        "IAM-INLINE",
        "backend.WebRole",
        "Policies",
        [{"PolicyName": "x", "PolicyDocument": {"Statement": []}}],
    ),
]


OTHER_PATH = {"CLIENT-SECRET", "TAGS"}
"""Rules that tell another property than the one broken here."""


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_example_has_no_findings(example: App, stage: str) -> None:
    assert check(render(example, example.stages[stage])) == ()


@pytest.mark.parametrize(("rule", "place", "path", "value"), CHANGED)
def test_a_broken_resource_is_found_by_its_rule_alone(dev: Copy, rule: str, place: str, path: str, value: Any) -> None:
    dev.unskip(rule)
    dev.put(place, path, value)
    findings = of_rule(dev.findings(), rule)
    assert [(finding.rule, f"{finding.stack}.{finding.logical_id}") for finding in findings] == [(rule, place)]
    assert (
        findings[0].path.partition("[")[0].split(".")[0] == path.partition("[")[0].split(".")[0] or rule in OTHER_PATH
    )


def source(role: str) -> dict[str, Any]:
    return {"Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}, "Sid": role}


def trust(service: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    return {"Version": "2012-10-17", "Statement": [statement | more]}


def writes(resource: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": resource}]}


def pipeline(*actions: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Name": f"stage-{index}", "Actions": [action]} for index, action in enumerate(actions)]


APPROVAL = {"Name": "approve", "ActionTypeId": {"Category": "Approval", "Provider": "Manual"}}
EXECUTE = {
    "Name": "execute",
    "ActionTypeId": {"Category": "Deploy", "Provider": "CloudFormation"},
    "Configuration": {"ActionMode": "CHANGE_SET_EXECUTE"},
}
PROTECTED = {"DataProtections": [{"Action": "HASH", "Field": {"FieldType": "SINGLE_HEADER"}}]}
METRICS = {"CloudWatchMetricsEnabled": True, "MetricName": "x", "SampledRequestsEnabled": True}
BUILD = {
    "EncryptionKey": "key",
    "LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED"}},
    "Source": {"Type": "CODEPIPELINE"},
    "Environment": {"Image": "aws/codebuild/amazonlinux-aarch64-standard:3.0", "PrivilegedMode": False},
}
STORE = {"Type": "S3", "Location": {"Ref": "ArtifactBucket"}, "EncryptionKey": {"Id": "key", "Type": "KMS"}}
PREFIXED = {"Fn::Sub": "${ArtifactBucket.Arn}/frontend/out/*"}
WHOLE_BUCKET = {"Fn::Sub": "${ArtifactBucket.Arn}/*"}

# rule, type of a resource that the example lacks, its properties, the one that is broken, and to what
ADDED: list[tuple[str, str, dict[str, Any], str, Any]] = [
    *(
        (
            "DEPUTY-TRUST",
            "AWS::IAM::Role",
            {"AssumeRolePolicyDocument": trust(name, **source("x"))},
            "AssumeRolePolicyDocument",
            trust(name),
        )
        for name in ("codebuild", "codepipeline", "cloudformation", "events", "vpc-flow-logs")
    ),
    (
        "PIPELINE-APPROVAL",
        "AWS::CodePipeline::Pipeline",
        {"ArtifactStore": STORE, "PipelineType": "V2", "Stages": pipeline(APPROVAL, EXECUTE)},
        "Stages",
        pipeline(EXECUTE, APPROVAL),
    ),
    (
        "PIPELINE-KEY",
        "AWS::CodePipeline::Pipeline",
        {"ArtifactStore": STORE, "PipelineType": "V2", "Stages": pipeline(APPROVAL, EXECUTE)},
        "ArtifactStore.EncryptionKey",
        GONE,
    ),
    (
        "BUILD-SECRET",
        "AWS::CodeBuild::Project",
        BUILD | {"Source": {"Type": "CODEPIPELINE", "BuildSpec": "env:\n  variables:\n    TOKEN: $TOKEN\n"}},
        "Source.BuildSpec",
        "phases:\n  build:\n    commands: ['curl -H token=abcdefgh12345678 https://example.com']\n",
    ),
    (
        "BUILD-SECRET",
        "AWS::CodeBuild::Project",
        BUILD
        | {
            "Environment": {
                "Image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
                "EnvironmentVariables": [{"Name": "API_TOKEN", "Value": "token-arn", "Type": "SECRETS_MANAGER"}],
            }
        },
        "Environment.EnvironmentVariables[0].Type",
        "PLAINTEXT",
    ),
    (
        "SCHEDULE",
        "AWS::Events::Rule",
        {"ScheduleExpression": "cron(0 3 ? * 1-5 *)"},
        "ScheduleExpression",
        "cron(0 3 ? * 0 *)",
    ),
    (
        "SCHEDULE",
        "AWS::Scheduler::Schedule",
        {"ScheduleExpression": "cron(0 3 ? * SUN *)"},
        "ScheduleExpression",
        "cron(0 3 ? * 0-4 *)",
    ),
    (
        "DNS-DANGLING",
        "AWS::Route53::RecordSet",
        {"AliasTarget": {"DNSName": {"Fn::GetAtt": ["Distribution", "DomainName"]}}},
        "AliasTarget.DNSName",
        "d111111abcdef8.cloudfront.net",
    ),
    (
        "WAF-REGION",
        "AWS::WAFv2::WebACL",
        {
            "Scope": "REGIONAL",
            "DefaultAction": {"Block": {}},
            "Rules": [{"Statement": {"RateBasedStatement": {"Limit": 10}}}],
            "VisibilityConfig": METRICS,
            "DataProtectionConfig": PROTECTED,
        },
        "Scope",
        "CLOUDFRONT",
    ),
    (
        "API-CORS",
        "AWS::ApiGatewayV2::Api",
        {"CorsConfiguration": {"AllowOrigins": ["https://example.com"]}},
        "CorsConfiguration.AllowOrigins",
        ["*"],
    ),
    (
        "API-TRACE",
        "AWS::ApiGatewayV2::Stage",
        {"AccessLogSettings": {"DestinationArn": "arn"}, "DefaultRouteSettings": {"DataTraceEnabled": False}},
        "DefaultRouteSettings.DataTraceEnabled",
        True,
    ),
    (
        "FN-SIGNING",
        "AWS::Lambda::CodeSigningConfig",
        {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"}},
        "CodeSigningPolicies.UntrustedArtifactOnDeployment",
        "Warn",
    ),
    (
        "USERS-GUESTS",
        "AWS::Cognito::IdentityPool",
        {"AllowUnauthenticatedIdentities": False},
        "AllowUnauthenticatedIdentities",
        True,
    ),
    (
        "USERS-CLASSIC",
        "AWS::Cognito::IdentityPool",
        {"AllowUnauthenticatedIdentities": False},
        "AllowClassicFlow",
        True,
    ),
    ("API-TLS", "AWS::ApiGateway::DomainName", {"SecurityPolicy": "TLS_1_2"}, "SecurityPolicy", "TLS_1_0"),
    ("FN-URL", "AWS::Lambda::Url", {"AuthType": "AWS_IAM"}, "AuthType", "NONE"),
    (
        "GROUP-OPEN",
        "AWS::EC2::SecurityGroup",
        {"SecurityGroupIngress": [{"CidrIp": "10.0.0.0/16"}]},
        "SecurityGroupIngress[0].CidrIp",
        "0.0.0.0/0",
    ),
    (
        "BUILD-PRIVILEGED",
        "AWS::CodeBuild::Project",
        BUILD,
        "Environment.PrivilegedMode",
        True,
    ),
    ("BUILD-KEY", "AWS::CodeBuild::Project", BUILD, "EncryptionKey", GONE),
    ("BUILD-LOG", "AWS::CodeBuild::Project", BUILD, "LogsConfig.CloudWatchLogs.Status", "DISABLED"),
    ("BUILD-IMAGE", "AWS::CodeBuild::Project", BUILD, "Environment.Image", "someone/image:latest"),
    ("BUILD-SOURCE", "AWS::CodeBuild::Project", BUILD, "Source.Type", "GITHUB"),
    ("PIPELINE-TYPE", "AWS::CodePipeline::Pipeline", {"PipelineType": "V2"}, "PipelineType", GONE),
    (
        "API-LOG-V2",
        "AWS::ApiGatewayV2::Stage",
        {"AccessLogSettings": {"DestinationArn": "arn"}},
        "AccessLogSettings",
        GONE,
    ),
    (
        "API-AUTH",
        "AWS::ApiGatewayV2::Route",
        {"AuthorizationType": "JWT", "RouteKey": "GET /a"},
        "AuthorizationType",
        "NONE",
    ),
    ("IAM-INLINE", "AWS::IAM::User", {}, "Policies", [{"PolicyName": "x"}]),
    (
        "DATABASE-PROTECTION",
        "AWS::DSQL::Cluster",
        {"DeletionProtectionEnabled": True},
        "DeletionProtectionEnabled",
        False,
    ),
    (
        "TABLE-PROTECTION",
        "AWS::DynamoDB::GlobalTable",
        {"Replicas": [{"Region": "eu-west-1", "DeletionProtectionEnabled": True}]},
        "Replicas[0].DeletionProtectionEnabled",
        False,
    ),
]


@pytest.mark.parametrize("case", ADDED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_broken_addition_is_found_by_its_rule_alone(
    dev: Copy, case: tuple[str, str, dict[str, Any], str, Any]
) -> None:
    rule, kind, properties, path, value = case
    dev.skip("backend", "FN-SIGNING")["resources"] = [
        "AddNoteFunction",
        "ListNotesFunction",
        "WebFunction",
    ]
    dev.add("backend.Extra", kind, **deepcopy(properties))
    assert of_rule(dev.findings(), rule) == []
    dev.put("backend.Extra", path, value)
    assert {(finding.rule, finding.logical_id) for finding in of_rule(dev.findings(), rule)} == {(rule, "Extra")}


def test_an_unsigned_function_is_found_when_it_is_not_meant_to_be(dev: Copy) -> None:
    dev.unskip("FN-SIGNING")
    assert {finding.rule for finding in dev.findings()} == {"FN-SIGNING"}


def test_missing_threat_protection_is_found_when_it_is_not_meant_to_be(dev: Copy) -> None:
    dev.unskip("USERS-THREATS")
    assert [finding.rule for finding in dev.findings()] == ["USERS-THREATS"]


def test_a_trail_that_applications_can_reach_is_found(dev: Copy) -> None:
    dev.put("base.TrailBucketPolicy", "PolicyDocument.Statement[3]", GONE)
    assert [(finding.rule, finding.logical_id) for finding in dev.findings()] == [("TRAIL-DENY", "TrailBucket")]


def test_an_api_behind_a_domain_closes_its_own_address(dev: Copy) -> None:
    dev.add("backend.Mapping", "AWS::ApiGateway::BasePathMapping", RestApiId={"Ref": "Api"})
    assert [(finding.rule, finding.logical_id) for finding in dev.findings()] == [("API-ENDPOINT", "Api")]
    dev.put("backend.Api", "DisableExecuteApiEndpoint", True)
    assert dev.findings() == ()


METHOD = {"RestApiId": {"Ref": "Own"}, "HttpMethod": "GET", "AuthorizationType": "AWS_IAM", "RequestValidatorId": "x"}


def test_a_deployment_waits_for_every_method(dev: Copy) -> None:
    """Of an API that stands in resources and methods, as users may write it."""
    dev.add("backend.Own", "AWS::ApiGateway::RestApi", Name="own")
    dev.add("backend.OwnGet", "AWS::ApiGateway::Method", Integration={"Type": "MOCK"}, **METHOD)
    dev.add("backend.OwnDeployment", "AWS::ApiGateway::Deployment", RestApiId={"Ref": "Own"})
    assert [(finding.rule, finding.what) for finding in dev.findings()] == [
        ("API-DEPLOYMENT", "does not wait for OwnGet")
    ]
    dev.resource("backend.OwnDeployment")["DependsOn"] = ["OwnGet"]
    assert dev.findings() == ()


@pytest.mark.parametrize("properties", [{}, {"Body": {"openapi": "3.0.1", "paths": {}}}])
def test_a_deployment_has_methods_to_deploy(dev: Copy, properties: dict[str, Any]) -> None:
    dev.add("backend.Own", "AWS::ApiGateway::RestApi", Name="own", **properties)
    dev.add("backend.OwnDeployment", "AWS::ApiGateway::Deployment", RestApiId={"Ref": "Own"})
    (finding,) = dev.findings()
    assert (finding.rule, finding.what) == ("API-EMPTY", "deploys an API without methods")


@pytest.mark.parametrize("place", ["options", "DEFAULT_4XX"])
def test_an_answer_in_a_body_that_names_every_origin_is_found(dev: Copy, place: str) -> None:
    """Both kinds of answers that the body of a REST API writes: preflights and gateway responses."""
    body = dev.resource("backend.Api")["Properties"]["Body"]
    if place == "options":
        headers = {"method.response.header.Access-Control-Allow-Origin": "'*'"}
        answer = {"default": {"statusCode": "204", "responseParameters": headers}}
        integration = {"type": "mock", "responses": answer}
        body["paths"]["/api/notes"]["options"] = {"x-amazon-apigateway-integration": integration}
    else:
        headers = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
        body["x-amazon-apigateway-gateway-responses"] = {"DEFAULT_4XX": {"responseParameters": headers}}
    (finding,) = of_rule(dev.findings(), "API-CORS")
    assert (finding.rule, finding.logical_id) == ("API-CORS", "Api")
    assert place in finding.path


def test_a_certificate_of_the_same_stack_counts_where_the_stack_is(dev: Copy) -> None:
    dev.add("frontend.Certificate", "AWS::CertificateManager::Certificate", DomainName="example.com")
    dev.put(
        "frontend.Distribution",
        "DistributionConfig.ViewerCertificate",
        {"AcmCertificateArn": {"Ref": "Certificate"}, **MODERN},
    )
    (finding,) = dev.findings()
    assert (finding.rule, finding.what) == ("CDN-CERT-REGION", "is a certificate in eu-west-1")


def test_a_regional_web_acl_of_the_same_stack_is_found(dev: Copy) -> None:
    rate = {"Priority": 0, "Action": {"Block": {}}, "Statement": {"RateBasedStatement": {"Limit": 10}}}
    dev.add(
        "frontend.Regional",
        "AWS::WAFv2::WebACL",
        Scope="REGIONAL",
        DefaultAction={"Block": {}},
        Rules=[rate],
        VisibilityConfig=METRICS,
        DataProtectionConfig=PROTECTED,
    )
    dev.put("frontend.Distribution", "DistributionConfig.WebACLId", {"Fn::GetAtt": ["Regional", "Arn"]})
    assert [finding.rule for finding in dev.findings()] == ["CDN-WAF-SCOPE", "REACH-GATE"]


def test_a_build_that_writes_everywhere_is_found(dev: Copy) -> None:
    dev.add("backend.Build", "AWS::IAM::Role", AssumeRolePolicyDocument=trust("codebuild", **source("x")))
    dev.add("backend.Writes", "AWS::IAM::ManagedPolicy", PolicyDocument=writes(PREFIXED), Roles=[{"Ref": "Build"}])
    assert dev.findings() == ()
    dev.put("backend.Writes", "PolicyDocument", writes(WHOLE_BUCKET))
    assert [(finding.rule, finding.logical_id) for finding in dev.findings()] == [("ARTIFACT-PREFIX", "Writes")]


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("BUCKET-TLS", "base.LogBucketPolicy"),
        ("WAF-LOG", "frontend-edge.WafLog"),
        ("NET-FLOW", "base.FlowLog"),
    ],
)
def test_what_belongs_to_another_is_missed(dev: Copy, rule: str, place: str) -> None:
    stack, _, name = place.partition(".")
    del dev.stacks[stack].template["Resources"][name]
    assert [finding.rule for finding in dev.findings()] == [rule]


@pytest.mark.parametrize("place", ["base.LogBucket", "data.NotesTable", "data.UserPool", "base.TrailKey"])
@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_data_that_goes_with_its_stack_is_found(dev: Copy, place: str, policy: str) -> None:
    dev.resource(place)[policy] = "Delete"
    assert [(finding.rule, finding.path) for finding in dev.findings()] == [("DATA-KEPT", policy)]


def test_a_route_without_an_authorizer_is_found_though_others_are_public(dev: Copy) -> None:
    operation = dev.resource("backend.Api")["Properties"]["Body"]["paths"]["/api/notes"]["get"]
    security = operation.pop("security")
    (finding,) = of_rule(dev.findings(), "API-AUTH")
    assert (finding.rule, finding.logical_id, finding.part) == ("API-AUTH", "Api", "GET /api/notes")
    operation["security"] = [{"api_key": []}]
    assert [entry.rule for entry in of_rule(dev.findings(), "API-AUTH")] == ["API-AUTH"]
    operation["security"] = security
    assert dev.findings() == ()


def test_an_origin_that_is_not_private_is_found(dev: Copy) -> None:
    origins = dev.resource("frontend.Distribution")["Properties"]["DistributionConfig"]["Origins"]
    (bucket,) = (origin for origin in origins if "S3OriginConfig" in origin)
    (api,) = (origin for origin in origins if "CustomOriginConfig" in origin)
    access = bucket.pop("OriginAccessControlId")
    assert [finding.rule for finding in dev.findings()] == ["CDN-ORIGIN"]
    bucket["OriginAccessControlId"] = access
    api["CustomOriginConfig"]["OriginProtocolPolicy"] = "match-viewer"
    assert [finding.what for finding in dev.findings()] == ["is asked over plain HTTP"]
    api["CustomOriginConfig"] = {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1"]}
    assert [finding.what for finding in dev.findings()] == ["is asked with old versions of TLS"]


def test_a_queue_is_encrypted_and_refuses_plain_http(dev: Copy) -> None:
    tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    dev.add("backend.Jobs", "AWS::SQS::Queue")
    assert [finding.rule for finding in dev.findings()] == ["MESSAGE-TLS"]
    dev.add("backend.Policy", "AWS::SQS::QueuePolicy", Queues=[{"Ref": "Jobs"}], PolicyDocument={"Statement": [tls]})
    assert dev.findings() == ()
    dev.put("backend.Jobs", "SqsManagedSseEnabled", False)
    assert [finding.rule for finding in dev.findings()] == ["QUEUE-ENCRYPTION"]


def test_a_topic_is_encrypted(dev: Copy) -> None:
    dev.add("backend.News", "AWS::SNS::Topic")
    assert {finding.rule for finding in dev.findings()} == {"MESSAGE-TLS", "TOPIC-ENCRYPTION"}
    dev.put("backend.News", "KmsMasterKeyId", "alias/aws/sns")
    assert {finding.rule for finding in dev.findings()} == {"MESSAGE-TLS"}


def test_every_rule_is_broken_once_above() -> None:
    alone = {
        "ARTIFACT-PREFIX",
        "BUCKET-TLS",
        "WAF-LOG",
        "NET-FLOW",
        "DATA-KEPT",
        "API-AUTH",
        "API-VALIDATOR",
        "CDN-ORIGIN",
    }
    alone |= {
        "MESSAGE-TLS",
        "QUEUE-ENCRYPTION",
        "TOPIC-ENCRYPTION",
        "TRAIL-DENY",
        "API-ENDPOINT",
        "API-DEPLOYMENT",
        "USERS-THREATS",
        "USERS-MFA",
    }
    # The invariants over the whole stage have a list of their own: ``test_weaknesses``; quotas too: ``test_refused``.
    advice = {rule.id for rule in RULES if rule.grade == "advice"} - INVARIANTS - {rule.id for rule in QUOTAS}
    assert advice - {case[0] for case in (*CHANGED, *ADDED)} <= alone
