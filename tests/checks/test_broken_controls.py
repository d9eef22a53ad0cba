"""Controls that are on without asking, broken in what a stage really renders: the one rule for each finds it.

``test_rules`` breaks the example once for each rule. Here are the other properties of such a control, and the resources
that the example lacks: of pipelines, domains, a queue and a gradual deployment. Nothing is suppressed for their sake.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks import render
from stacks.linting import lint
from stacks.loading import validated
from tests.checks.breaking import GONE, Copy, of_rule

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

# rule, resource, property, what it is set to
BROKEN: list[tuple[str, str, str, Any]] = [
    ("BUCKET-PUBLIC", "base.LogBucket", "PublicAccessBlockConfiguration.BlockPublicAcls", False),
    ("BUCKET-PUBLIC", "base.ArtifactBucket", "PublicAccessBlockConfiguration.IgnorePublicAcls", GONE),
    ("BUCKET-PUBLIC", "frontend.SiteBucket", "PublicAccessBlockConfiguration.RestrictPublicBuckets", GONE),
    ("BUCKET-TLS", "base.LogBucketPolicy", "PolicyDocument.Statement[0].Condition", GONE),
    ("BUCKET-TLS", "frontend.SiteBucketPolicy", "PolicyDocument.Statement[0].Effect", "Allow"),
    ("BUCKET-VERSIONS", "frontend.SiteBucket", "VersioningConfiguration", GONE),
    ("BUCKET-CLEANUP", "base.LogBucket", "LifecycleConfiguration.Rules", []),
    ("BUCKET-ACL", "base.TrailBucket", "OwnershipControls", GONE),
    ("OAC-SIGNS", "frontend.OriginAccess", "OriginAccessControlConfig.SigningProtocol", "sigv2"),
    ("CDN-TLS", "frontend.Distribution", "DistributionConfig.ViewerCertificate.MinimumProtocolVersion", "TLSv1.1_2016"),
    ("CDN-TLS", "frontend.Distribution", "DistributionConfig.ViewerCertificate.SslSupportMethod", "vip"),
    (
        "HEADERS-COMPLETE",
        "frontend.ResponseHeaders",
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy",
        GONE,
    ),
    (
        "HEADERS-COMPLETE",
        "frontend.ResponseHeaders",
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ReferrerPolicy",
        GONE,
    ),
    ("API-AUTH", "backend.Api", "Body.paths./api/notes.get.security", GONE),
    ("API-AUTH", "backend.Api", "Body.paths./api/notes.post.security", []),
    ("API-AUTH", "backend.Api", "Body.components.securitySchemes.users", GONE),
    ("API-VALIDATOR", "backend.Api", "Body.x-amazon-apigateway-request-validator", GONE),
    ("API-LOG", "backend.ApiStage", "AccessLogSetting.DestinationArn", GONE),
    ("API-THROTTLE", "backend.ApiStage", "MethodSettings[0].ThrottlingBurstLimit", GONE),
    ("API-TLS", "backend.ApiDomain", "SecurityPolicy", "TLS_1_0"),
    ("IAM-ANY", "backend.WebPolicy", "PolicyDocument.Statement[0].Resource", "*"),
    ("TABLE-RESTORE", "data.NotesTable", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False),
    ("USERS-PASSWORD", "data.UserPool", "Policies.PasswordPolicy.PasswordHistorySize", GONE),
    ("USERS-PASSWORD", "data.UserPool", "Policies.PasswordPolicy.TemporaryPasswordValidityDays", 7),
    (
        "USERS-RECOVERY",
        "data.UserPool",
        "AccountRecoverySetting.RecoveryMechanisms",
        [{"Name": "verified_phone_number", "Priority": 1}],
    ),
    ("KEY-OPEN", "base.PipelineKey", "KeyPolicy.Statement[0].Principal", "*"),
    ("NET-FLOW", "base.FlowLog", "TrafficType", "ACCEPT"),
    ("BUILD-KEY", "base.BackendBuild", "EncryptionKey", GONE),
    ("BUILD-LOG", "base.BackendBuild", "LogsConfig", GONE),
    ("BUILD-PRIVILEGED", "base.BackendBuild", "Environment.PrivilegedMode", True),
    ("BUILD-IMAGE", "base.BackendBuild", "Environment.Image", "docker.io/someone/image:latest"),
    ("BUILD-SOURCE", "base.BackendBuild", "Source.Type", "GITHUB"),
    ("PIPELINE-TYPE", "base.BackendPipeline", "PipelineType", "V1"),
    ("PIPELINE-KEY", "base.BackendPipeline", "ArtifactStore.EncryptionKey", GONE),
    ("IAM-INLINE", "base.BackendBuildRole", "Policies", [{"PolicyName": "x", "PolicyDocument": {}}]),
    ("DEPUTY-TRUST", "base.BackendBuildRole", "AssumeRolePolicyDocument.Statement[0].Condition", GONE),
    ("QUEUE-ENCRYPTION", "backend.JobsQueue", "SqsManagedSseEnabled", False),
    ("MESSAGE-TLS", "backend.JobsQueuePolicy", "PolicyDocument.Statement", []),
    ("MESSAGE-TLS", "base.PipelineTopicPolicy", "PolicyDocument.Statement", []),
    ("TOPIC-ENCRYPTION", "base.PipelineTopic", "KmsMasterKeyId", GONE),
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


@pytest.mark.parametrize(("rule", "place", "path", "value"), BROKEN)
def test_a_broken_control_is_found_by_its_rule_alone(wide: Copy, rule: str, place: str, path: str, value: Any) -> None:
    wide.put(place, path, value)
    assert {finding.rule for finding in of_rule(wide.findings(), rule)} == {rule}


def test_a_runtime_that_has_ended_is_found_by_cfn_lint(rendered_wide: tuple[Rendered, ...]) -> None:
    (backend,) = (stack for stack in rendered_wide if stack.stack == "backend")
    broken = replace(backend, body=backend.body.replace("Runtime: python3.14", "Runtime: python3.8"))
    assert {(finding.rule, finding.fails) for finding in lint([broken])} == {("W2531", True)}
