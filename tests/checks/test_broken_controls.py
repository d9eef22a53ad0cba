"""Each control that is on without asking, broken once in the rendered stacks: a rule of ours finds it, or cfn-lint.

The application here has what the example leaves out: domains, pipelines, a queue and a gradual deployment. Nothing is
suppressed for its sake, so what is broken would reach nobody's account in silence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks import render
from stacks.linting import lint
from stacks.loading import validated
from tests.checks.breaking import GONE, Copy

if TYPE_CHECKING:
    from pathlib import Path

    from stacks import Rendered

ACCOUNT = "111111111111"
CONNECTION = f"arn:aws:codeconnections:eu-west-1:{ACCOUNT}:connection/0aa1b2c3-d4e5-46f7-8899-aabbccddeeff"
ZONE = "Z0123456789ABCDEFGHIJ"
WIDE: dict[str, Any] = {
    "region": "eu-west-1",
    "account": ACCOUNT,
    "base": {
        "trail": True,
        "pipelines": {
            "repository": "someone/notes",
            "connection": CONNECTION,
            "notify": "team@example.com",
        },
    },
    "frontend": {"domain": {"name": "www.example.com", "zone": ZONE}, "waf": {"direct_api": True}},
    "backend": {
        "api": {"domain": {"name": "api.example.com", "zone": ZONE}},
        "queues": {"jobs": {}},
        "functions": {"list-notes": {"gradual": "canary-5m", "events": {"queues": ["jobs"]}}},
    },
}

# control, resource, property, what it is set to
BROKEN: list[tuple[str, str, str, Any]] = [
    ("public access block", "base.LogBucket", "PublicAccessBlockConfiguration.BlockPublicAcls", False),
    ("public access block", "base.TrailBucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", False),
    ("public access block", "base.ArtifactBucket", "PublicAccessBlockConfiguration.IgnorePublicAcls", GONE),
    ("public access block", "frontend.SiteBucket", "PublicAccessBlockConfiguration.RestrictPublicBuckets", GONE),
    ("TLS only", "base.LogBucketPolicy", "PolicyDocument.Statement[0].Condition", GONE),
    ("TLS only", "frontend.SiteBucketPolicy", "PolicyDocument.Statement[0].Effect", "Allow"),
    ("encryption", "base.ArtifactBucket", "BucketEncryption", GONE),
    ("versioning", "frontend.SiteBucket", "VersioningConfiguration", GONE),
    ("lifecycle", "base.LogBucket", "LifecycleConfiguration.Rules", []),
    ("lifecycle", "frontend.SiteBucket", "LifecycleConfiguration", GONE),
    ("lists off", "base.TrailBucket", "OwnershipControls", GONE),
    ("access log", "base.ArtifactBucket", "LoggingConfiguration", GONE),
    ("events", "frontend.SiteBucket", "NotificationConfiguration", GONE),
    ("names nobody can take", "base.ArtifactBucket", "BucketName", "notes-dev-artifacts"),
    ("log writers", "base.LogBucketPolicy", "PolicyDocument.Statement[1].Condition", GONE),
    ("private origin", "frontend.OriginAccess", "OriginAccessControlConfig.SigningBehavior", "no-override"),
    ("private origin", "frontend.OriginAccess", "OriginAccessControlConfig.SigningProtocol", "sigv2"),
    ("private origin", "frontend.SiteBucketPolicy", "PolicyDocument.Statement[1].Condition", GONE),
    (
        "default root object",
        "frontend.Distribution",
        "DistributionConfig.DefaultCacheBehavior.TargetOriginId",
        "bucket",
    ),
    ("HTTPS", "frontend.Distribution", "DistributionConfig.CacheBehaviors[0].ViewerProtocolPolicy", "allow-all"),
    ("HTTPS", "frontend.Distribution", "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", "allow-all"),
    ("TLS 1.2", "frontend.Distribution", "DistributionConfig.ViewerCertificate.MinimumProtocolVersion", "TLSv1.1_2016"),
    ("TLS 1.2", "frontend.Distribution", "DistributionConfig.ViewerCertificate.SslSupportMethod", "vip"),
    ("web ACL rules", "frontend-edge.WebAcl", "Rules[0].OverrideAction", {"Count": {}}),
    ("web ACL rules", "frontend-edge.WebAcl", "Rules", []),
    ("web ACL metrics", "frontend-edge.WebAcl", "VisibilityConfig.CloudWatchMetricsEnabled", False),
    ("web ACL log", "frontend-edge.WafLog", "RedactedFields", []),
    (
        "security headers",
        "frontend.ResponseHeaders",
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy",
        GONE,
    ),
    (
        "security headers",
        "frontend.ResponseHeaders",
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec",
        3600,
    ),
    (
        "security headers",
        "frontend.ResponseHeaders",
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ReferrerPolicy",
        GONE,
    ),
    ("authorizer", "backend.PathApiNotes798562Get", "AuthorizationType", "NONE"),
    ("request validation", "backend.PathApiNotes798562Post", "RequestValidatorId", GONE),
    ("API access log", "backend.ApiStage", "AccessLogSetting.DestinationArn", GONE),
    ("execution log", "backend.ApiStage", "MethodSettings[0].LoggingLevel", "OFF"),
    ("no bodies in logs", "backend.ApiStage", "MethodSettings[0].DataTraceEnabled", True),
    ("throttling", "backend.ApiStage", "MethodSettings[0].ThrottlingRateLimit", GONE),
    ("throttling", "backend.ApiStage", "MethodSettings[0].ThrottlingBurstLimit", GONE),
    ("TLS of the API's domain", "backend.ApiDomain", "SecurityPolicy", "TLS_1_0"),
    ("permission", "backend.WebPermission", "SourceArn", GONE),
    ("permission", "backend.WebPermission", "Principal", "*"),
    ("log group", "backend.WebFunction", "LoggingConfig", GONE),
    ("log group", "backend.WebFunction", "LoggingConfig.LogFormat", "Text"),
    ("log group", "backend.WebLogGroup", "RetentionInDays", GONE),
    ("boundary", "backend.WebRole", "PermissionsBoundary", GONE),
    ("least privilege", "backend.WebPolicy", "PolicyDocument.Statement[0].Action", ["dynamodb:*"]),
    ("least privilege", "backend.WebPolicy", "PolicyDocument.Statement[0].Resource", "*"),
    ("recursion", "backend.WebFunction", "RecursiveLoop", GONE),
    ("timeout said", "backend.WebFunction", "Timeout", GONE),
    ("memory said", "backend.WebFunction", "MemorySize", GONE),
    ("restorable", "data.NotesTable", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False),
    ("scaling", "data.NotesTable", "OnDemandThroughput", GONE),
    ("table protection", "data.NotesTable", "DeletionProtectionEnabled", False),
    ("password", "data.UserPool", "Policies.PasswordPolicy.MinimumLength", 8),
    ("password", "data.UserPool", "Policies.PasswordPolicy.PasswordHistorySize", GONE),
    ("password", "data.UserPool", "Policies.PasswordPolicy.TemporaryPasswordValidityDays", 7),
    ("pool protection", "data.UserPool", "DeletionProtection", GONE),
    ("client", "data.UserPoolClient", "PreventUserExistenceErrors", GONE),
    ("client", "data.UserPoolClient", "ExplicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH"]),
    ("client", "data.UserPoolClient", "EnableTokenRevocation", False),
    ("client", "data.UserPoolClient", "AccessTokenValidity", 1440),
    ("client", "data.UserPoolClient", "RefreshTokenValidity", 60 * 24 * 30),
    ("client", "data.UserPoolClient", "ReadAttributes", GONE),
    ("client", "data.UserPoolClient", "WriteAttributes", GONE),
    ("sign-up", "data.UserPool", "UserAttributeUpdateSettings", GONE),
    (
        "sign-up",
        "data.UserPool",
        "AccountRecoverySetting.RecoveryMechanisms",
        [{"Name": "verified_phone_number", "Priority": 1}],
    ),
    ("trail", "base.Trail", "IsMultiRegionTrail", GONE),
    ("trail", "base.Trail", "EnableLogFileValidation", False),
    ("trail", "base.Trail", "IncludeGlobalServiceEvents", False),
    ("trail", "base.Trail", "IsLogging", False),
    ("trail key", "base.Trail", "KMSKeyId", GONE),
    ("keys", "base.TrailKey", "EnableKeyRotation", GONE),
    ("keys", "base.TrailKey", "PendingWindowInDays", 7),
    ("keys", "base.PipelineKey", "KeyPolicy.Statement[0].Principal", "*"),
    ("private subnets", "base.PrivateSubnet1", "MapPublicIpOnLaunch", True),
    ("flow log", "base.FlowLog", "TrafficType", "ACCEPT"),
    ("endpoint policy", "base.S3Endpoint", "PolicyDocument", GONE),
    ("endpoint policy", "base.DynamoDBEndpoint", "PolicyDocument", GONE),
    ("build key", "base.BackendBuild", "EncryptionKey", GONE),
    ("build log", "base.BackendBuild", "LogsConfig", GONE),
    ("build is no root", "base.BackendBuild", "Environment.PrivilegedMode", True),
    ("build image", "base.BackendBuild", "Environment.Image", "docker.io/someone/image:latest"),
    ("build source", "base.BackendBuild", "Source.Type", "GITHUB"),
    ("pipeline type", "base.BackendPipeline", "PipelineType", "V1"),
    ("artifact key", "base.BackendPipeline", "ArtifactStore.EncryptionKey", GONE),
    ("no inline policies", "base.BackendBuildRole", "Policies", [{"PolicyName": "x", "PolicyDocument": {}}]),
    ("no managed policies of AWS", "backend.WebRole", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/PowerUserAccess"]),
    ("trust", "base.BackendBuildRole", "AssumeRolePolicyDocument.Statement[0].Condition", GONE),
    ("messages", "backend.JobsQueue", "SqsManagedSseEnabled", False),
    ("messages", "backend.JobsQueuePolicy", "PolicyDocument.Statement", []),
    ("messages", "base.PipelineTopicPolicy", "PolicyDocument.Statement", []),
    ("messages", "base.PipelineTopic", "KmsMasterKeyId", GONE),
]


@pytest.fixture(scope="module")
def rendered_wide(root: Path) -> tuple[Rendered, ...]:
    """The example with domains, pipelines, a queue and a gradual deployment."""
    data = yaml.safe_load((root / "app.yaml").read_text())
    app = validated({**data, "stages": {"dev": WIDE}})
    return render(app, app.stages["dev"])


@pytest.fixture
def wide(rendered_wide: tuple[Rendered, ...]) -> Copy:
    """Its stacks, to be broken."""
    return Copy(rendered_wide)


def test_nothing_is_wrong_before_it_is_broken(wide: Copy) -> None:
    assert wide.findings() == ()


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case[0]}: {case[1]}.{case[2]}")
def test_a_broken_control_is_found(wide: Copy, case: tuple[str, str, str, Any]) -> None:
    _, place, path, value = case
    wide.put(place, path, value)
    assert wide.findings() != ()


def test_a_runtime_that_has_ended_is_found_by_cfn_lint(rendered_wide: tuple[Rendered, ...], tmp_path: Path) -> None:
    (backend,) = (one for one in rendered_wide if one.stack == "backend")
    broken = replace(backend, body=backend.body.replace("Runtime: python3.14", "Runtime: python3.8"))
    assert {(one.rule, one.fails) for one in lint([broken], tmp_path)} == {("W2531", True)}
