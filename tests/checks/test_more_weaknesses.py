"""More weaknesses, one at a time, of the kinds that scanners see least: each is noticed by a rule of ours.

Caches, content policies, web ACLs, foreign accounts in any kind of policy or property, secrets under any name, and
what callers of an API no longer have to show.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import pytest

from stacks.checks import callers, firewall, web, written
from stacks.checks.run import RULES
from tests.checks.breaking import GONE, Copy
from tests.checks.test_broken_controls import rendered_wide, wide

if TYPE_CHECKING:
    from stacks.checks import Rule

__all__ = ["rendered_wide", "wide"]
OTHER = "999999999999"
OTHER_ACCOUNT = f"arn:aws:iam::{OTHER}:root"
CSP = "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy"
STRICT = "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
HEADERS = "frontend.ResponseHeaders"
CDN = "frontend.Distribution"
API = "DistributionConfig.DefaultCacheBehavior"
ACL = "frontend-edge.WebAcl"
CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYzzAAAAKEYq"
DIGITS = "AKIA" + "QRSTUVWX23456723"
ALLOW: dict[str, Any] = {
    "Action": {"Allow": {}},
    "Name": "some",
    "Priority": 99,
    "VisibilityConfig": {"CloudWatchMetricsEnabled": True, "MetricName": "x", "SampledRequestsEnabled": True},
}

BY_ID = {rule.id: rule for rule in RULES}


def _policy(**statement: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": "x:Get", "Resource": "*", **statement}]}


def _allow(**statement: Any) -> list[dict[str, Any]]:
    return [{**ALLOW, "Statement": statement}]


def _byte(where: str, text: str = "open-sesame", how: str = "EXACTLY") -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "FieldToMatch": {"SingleHeader": {"Name": where}},
            "PositionalConstraint": how,
            "SearchString": text,
        }
    }


def _condition(operator: str, key: str, value: Any) -> dict[str, Any]:
    return _policy(Principal="*", Condition={operator: {key: value}})


# rule, resource, property, what it is set to
PUT: list[tuple[str, str, str, Any]] = [
    *(
        ("CSP-WEAK", HEADERS, CSP, policy)
        for policy in (
            "default-src *",
            f"{STRICT}; script-src 'self' 'unsafe-inline'",
            f"{STRICT}; script-src 'self' 'unsafe-eval'",
            f"{STRICT}; script-src-elem https:",
            f"{STRICT}; script-src data:",
            f"{STRICT}; script-src *.com",
            f"{STRICT}; style-src 'unsafe-inline'",
            f"{STRICT}; connect-src *",
            f"{STRICT}; connect-src http://example.com",
            f"{STRICT}; object-src blob:",
            f"{STRICT}; img-src *",
            "script-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
            "default-src 'self'; form-action 'self'; frame-ancestors 'none'",
            STRICT.replace("frame-ancestors 'none'", "frame-ancestors *"),
            STRICT.replace("form-action 'self'", "form-action https:"),
            "upgrade-insecure-requests",
        )
    ),
    (
        "HEADERS-KEPT",
        HEADERS,
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ReferrerPolicy.ReferrerPolicy",
        "unsafe-url",
    ),
    ("HEADERS-KEPT", HEADERS, "ResponseHeadersPolicyConfig.RemoveHeadersConfig.Items", [{"Header": "X-Frame-Options"}]),
    ("HEADERS-KEPT", CDN, f"{API}.ResponseHeadersPolicyId", "60669652-455b-4ae9-85a4-c4c02393f86c"),
    ("CDN-CACHE", CDN, f"{API}.CachePolicyId", CACHED),
    ("CDN-CACHE", CDN, f"{API}.CachePolicyId", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
    ("CDN-CACHE", CDN, f"{API}.CachePolicyId", {"Ref": "Elsewhere"}),
    ("CDN-CACHE", CDN, f"{API}.CachePolicyId", GONE),
    ("CDN-FUNCTION", CDN, f"{API}.FunctionAssociations", GONE),
    ("CDN-FUNCTION", CDN, f"{API}.FunctionAssociations", []),
    ("CDN-FUNCTION", CDN, "DistributionConfig.CacheBehaviors[1].FunctionAssociations", GONE),
    ("CDN-FUNCTION", CDN, "DistributionConfig.CacheBehaviors[2].FunctionAssociations", GONE),
    (
        "REACH-OUT",
        CDN,
        f"{API}.FunctionAssociations",
        [{"EventType": "viewer-request", "FunctionARN": f"arn:aws:cloudfront::{OTHER}:function/x"}],
    ),
    ("REACH-GATE", CDN, "DistributionConfig.WebACLId", GONE),
    ("WAF-ALLOW", ACL, "Rules", _allow(GeoMatchStatement={"CountryCodes": ["DE"]})),
    ("WAF-ALLOW", ACL, "Rules", _allow(**_byte("user-agent"))),
    ("WAF-ALLOW", ACL, "Rules", _allow(NotStatement={"Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}})),
    ("WAF-ALLOW", ACL, "Rules", _allow(OrStatement={"Statements": [_byte("x-debug"), _byte("x-test")]})),
    ("WAF-ALLOW", ACL, "Rules", _allow(IPSetReferenceStatement={"Arn": "arn:aws:wafv2:us-east-1:1:global/ipset/x"})),
    ("WAF-ALLOW", ACL, "Rules", _allow(SizeConstraintStatement={"ComparisonOperator": "GE", "Size": 0})),
    ("WAF-EXCEPT", ACL, "Rules[1].Statement.ManagedRuleGroupStatement.ExcludedRules", [{"Name": "NoUserAgent_HEADER"}]),
    (
        "WAF-EXCEPT",
        ACL,
        "Rules[1].Statement.ManagedRuleGroupStatement.RuleActionOverrides",
        [{"Name": "CrossSiteScripting_BODY", "ActionToUse": {"Count": {}}}],
    ),
    (
        "WAF-EXCEPT",
        ACL,
        "Rules[1].Statement.ManagedRuleGroupStatement.RuleActionOverrides",
        [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Allow": {}}}],
    ),
    ("WAF-EXCEPT", ACL, "Rules[1].Statement.ManagedRuleGroupStatement.ScopeDownStatement", _byte("x")),
    ("WAF-LIMIT", ACL, "Rules[3].Statement.RateBasedStatement.Limit", 2_000_000_000),
    ("WAF-LIMIT", ACL, "Rules[3].Statement.RateBasedStatement.ScopeDownStatement", _byte("x")),
    ("WAF-LIMIT", ACL, "Rules[3].Statement.RateBasedStatement.AggregateKeyType", "CONSTANT"),
    ("WAF-LIMIT", ACL, "Rules[3].Action", {"Allow": {}}),
    ("WAF-COUNTS", ACL, "Rules[3].Action", {"Count": {}}),
    ("FN-FOREIGN", "backend.WebFunction", "Layers", [f"arn:aws:lambda:eu-west-1:{OTHER}:layer:tools:1"]),
    ("FN-FOREIGN", "backend.WebFunction", "Code.S3Bucket", "somebodys-bucket"),
    ("FN-FOREIGN", "backend.WebFunction", "Code.ImageUri", f"{OTHER}.dkr.ecr.eu-west-1.amazonaws.com/x:1"),
    ("FN-FOREIGN", "backend.WebFunction", "Environment.Variables.LD_PRELOAD", "/opt/x.so"),
    ("FN-FOREIGN", "backend.WebFunction", "Environment.Variables.AWS_LAMBDA_EXEC_WRAPPER", "/opt/x"),
    ("FN-FOREIGN", "backend.WebFunction", "Environment.Variables.PYTHONPATH", "/opt"),
    ("REACH-OUT", "backend.JobsQueue", "RedrivePolicy.deadLetterTargetArn", f"arn:aws:sqs:eu-west-1:{OTHER}:x"),
    ("REACH-OUT", "base.Trail", "S3BucketName", "somebodys-bucket"),
    ("REACH-OUT", "base.Trail", "SnsTopicName", f"arn:aws:sns:eu-west-1:{OTHER}:x"),
    ("REACH-OUT", "base.LogBucket", "LoggingConfiguration", {"DestinationBucketName": "somebodys-bucket"}),
    (
        "REACH-OUT",
        "frontend.SiteBucket",
        "ReplicationConfiguration",
        {"Role": "x", "Rules": [{"Destination": {"Bucket": "arn:aws:s3:::theirs", "Account": OTHER}}]},
    ),
    (
        "REACH-OUT",
        "frontend.SiteBucket",
        "NotificationConfiguration.QueueConfigurations",
        [{"Event": "s3:ObjectCreated:*", "Queue": f"arn:aws:sqs:eu-west-1:{OTHER}:x"}],
    ),
    ("REACH-OUT", "data.NotesTable", "KinesisStreamSpecification.StreamArn", f"arn:aws:kinesis:x:{OTHER}:stream/x"),
    ("REACH-OUT", "data.UserPool", "LambdaConfig.PreTokenGeneration", f"arn:aws:lambda:eu-west-1:{OTHER}:function:x"),
    ("REACH-OUT", "base.FlowLog", "LogDestination", f"arn:aws:logs:eu-west-1:{OTHER}:log-group:x"),
    ("REACH-OUT", "base.BackendPipeline", "RoleArn", f"arn:aws:iam::{OTHER}:user/x"),
    ("REACH-OUT", "backend.WebLogGroup", "KmsKeyId", f"arn:aws:kms:eu-west-1:{OTHER}:key/x"),
    ("REACH-FUNCTION", "backend.WebPermission", "SourceAccount", OTHER),
    ("REACH-FUNCTION", "backend.WebPermission", "SourceArn", f"arn:aws:execute-api:eu-west-1:{OTHER}:abc/dev/*/*"),
    ("REACH-FUNCTION", "backend.WebPermission", "Action", "lambda:*"),
    (
        "REACH-PRINCIPAL",
        "base.LogBucketPolicy",
        "PolicyDocument.Statement[0]",
        {"Effect": "Allow", "Principal": {"CanonicalUser": "abc"}, "Action": "s3:GetObject", "Resource": "*"},
    ),
    (
        "REACH-PRINCIPAL",
        "base.LogBucketPolicy",
        "PolicyDocument.Statement[0]",
        {
            "Effect": "Allow",
            "Principal": {"AWS": [{"Ref": "X"}, OTHER_ACCOUNT]},
            "Action": "s3:GetObject",
            "Resource": "*",
        },
    ),
    *(
        (rule, "base.LogBucketPolicy", "PolicyDocument", _condition(*condition))
        for rule, *condition in (
            ("REACH-PRINCIPAL", "StringEquals", "aws:SourceAccount", OTHER),
            ("KEY-OPEN", "StringLike", "aws:SourceAccount", "*"),
            ("KEY-OPEN", "StringNotEquals", "aws:PrincipalAccount", "1"),
            ("KEY-OPEN", "ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*"),
            ("KEY-OPEN", "ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin"),
            ("REACH-PRINCIPAL", "StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"),
            ("REACH-PRINCIPAL", "ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/*"),
            ("KEY-OPEN", "Null", "aws:SourceArn", "false"),
            ("REACH-PRINCIPAL", "IpAddress", "aws:SourceIp", "0.0.0.0/0"),
            ("REACH-PRINCIPAL", "Bool", "aws:SecureTransport", "true"),
        )
    ),
    (
        "OAC-SOURCE",
        "frontend.SiteBucketPolicy",
        "PolicyDocument.Statement[1].Condition",
        {"ArnLike": {"aws:SourceArn": "*"}},
    ),
    (
        "DEPUTY-TRUST",
        "base.BackendBuildRole",
        "AssumeRolePolicyDocument.Statement[0].Condition",
        {"ArnLike": {"aws:SourceArn": "arn:aws:codebuild:*:*:project/*"}},
    ),
    (
        "REACH-FEDERATED",
        "backend.WebRole",
        "AssumeRolePolicyDocument",
        _policy(
            Principal={"Federated": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"},
            Condition={"StringLike": {"t:sub": "repo:*", "t:aud": "sts.amazonaws.com"}},
        ),
    ),
    (
        "REACH-FEDERATED",
        "backend.WebRole",
        "AssumeRolePolicyDocument",
        _policy(Principal={"Federated": "accounts.google.com"}),
    ),
    ("TRAIL-EVENTS", "base.Trail", "EventSelectors", [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]),
    (
        "TRAIL-EVENTS",
        "base.Trail",
        "AdvancedEventSelectors",
        [
            {
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Management"]},
                    {"Field": "eventSource", "NotEquals": ["iam.amazonaws.com"]},
                ]
            }
        ],
    ),
    ("FN-RUNTIME", "backend.WebFunction", "Runtime", "python3.10"),
    ("FN-RUNTIME", "backend.ListNotesFunction", "Runtime", "nodejs20.x"),
    ("FN-RUNTIME", "frontend.SiteRouter", "FunctionConfig.Runtime", "cloudfront-js-1.0"),
    ("USERS-MFA", "data.UserPool", "MfaConfiguration", "OFF"),
    ("USERS-MFA", "data.UserPool", "MfaConfiguration", GONE),
    ("API-ACCESS", "backend.Api", "Body.paths./api/notes.get.security", []),
    ("API-ACCESS", "backend.Api", "Body.paths./api/notes.get.security", [{"users": ["notes/none"]}]),
    ("API-ACCESS", "backend.Api", "Body.components.securitySchemes.users.type", "http"),
    ("API-BURST", "backend.ApiStage", "MethodSettings[0].ThrottlingRateLimit", 1_000_000),
    ("API-BURST", "backend.ApiStage", "MethodSettings[0].ThrottlingBurstLimit", -1),
    ("REACH-SECRET", "backend.WebFunction", "Description", SECRET_KEY),
    ("REACH-SECRET", "backend.WebFunction", "Environment.Variables.COLOR", DIGITS),
    (
        "REACH-SECRET",
        "backend.WebFunction",
        "Environment.Variables.DATABASE",
        "postgres://app:hunter22@db.example.com/x",
    ),
    ("REACH-SECRET", "backend.ApiStage", "Variables.authToken", "open-sesame-1"),
    (
        "REACH-SECRET",
        "base.BackendBuild",
        "Environment.EnvironmentVariables",
        [{"Name": "NPM_AUTH_TOKEN", "Value": "open-sesame-1"}],
    ),
    ("REACH-SECRET", "base.LogBucket", "Tags[0]", {"Key": "password", "Value": "open-sesame-1"}),
]

# rule, type, properties
ADD: list[tuple[str, str, dict[str, Any]]] = [
    *(
        ("REACH-PRINCIPAL", kind, {name: _policy(Principal={"AWS": OTHER_ACCOUNT})})
        for kind, name in (
            ("AWS::ECR::Repository", "RepositoryPolicyText"),
            ("AWS::EFS::FileSystem", "FileSystemPolicy"),
            ("AWS::OpenSearchService::Domain", "AccessPolicies"),
            ("AWS::S3::MultiRegionAccessPointPolicy", "Policy"),
            ("AWS::S3Tables::TableBucketPolicy", "ResourcePolicy"),
            ("AWS::CodeArtifact::Repository", "PermissionsPolicyDocument"),
            ("AWS::EventSchemas::RegistryPolicy", "Policy"),
            ("AWS::Kinesis::ResourcePolicy", "ResourcePolicy"),
            ("AWS::SES::EmailIdentityPolicy", "PolicyDocument"),
            ("AWS::VpcLattice::AuthPolicy", "Policy"),
            ("AWS::DynamoDB::GlobalTable", "Replicas"),
        )
    ),
    (
        "REACH-PRINCIPAL",
        "AWS::Logs::ResourcePolicy",
        {"PolicyDocument": json.dumps(_policy(Principal={"AWS": OTHER_ACCOUNT}))},
    ),
    ("REACH-PRINCIPAL", "AWS::Logs::Destination", {"DestinationPolicy": json.dumps(_policy(Principal={"AWS": OTHER}))}),
    (
        "REACH-PRINCIPAL",
        "AWS::Events::EventBusPolicy",
        {"StatementId": "x", "Principal": OTHER, "Action": "events:PutEvents"},
    ),
    ("KEY-OPEN", "AWS::Events::EventBusPolicy", {"StatementId": "x", "Principal": "*", "Action": "events:PutEvents"}),
    (
        "REACH-PRINCIPAL",
        "AWS::Events::EventBusPolicy",
        {"StatementId": "x", "Statement": _policy(Principal={"AWS": OTHER_ACCOUNT})["Statement"][0]},
    ),
    (
        "REACH-OUT",
        "AWS::Events::Rule",
        {"Targets": [{"Id": "x", "Arn": f"arn:aws:events:eu-west-1:{OTHER}:event-bus/x"}]},
    ),
    ("REACH-OUT", "AWS::Scheduler::Schedule", {"Target": {"Arn": f"arn:aws:lambda:eu-west-1:{OTHER}:function:x"}}),
    ("REACH-OUT", "AWS::Pipes::Pipe", {"Target": f"arn:aws:sqs:eu-west-1:{OTHER}:x"}),
    ("REACH-OUT", "AWS::Oam::Link", {"SinkIdentifier": f"arn:aws:oam:eu-west-1:{OTHER}:sink/x"}),
    ("REACH-OUT", "AWS::SNS::Subscription", {"Protocol": "sqs", "Endpoint": f"arn:aws:sqs:eu-west-1:{OTHER}:x"}),
    ("REACH-OUT", "AWS::SNS::Subscription", {"Protocol": "http", "Endpoint": "http://example.com"}),
    ("REACH-OUT", "AWS::CloudWatch::Alarm", {"AlarmActions": [f"arn:aws:sns:eu-west-1:{OTHER}:x"]}),
    (
        "REACH-OUT",
        "AWS::Backup::BackupPlan",
        {"BackupPlan": {"CopyActions": [{"DestinationBackupVaultArn": f"arn:aws:backup:x:{OTHER}:backup-vault:x"}]}},
    ),
    ("REACH-OUT", "AWS::RAM::ResourceShare", {"Principals": [f"arn:aws:iam::{OTHER}:root"]}),
    ("REACH-OUT", "AWS::EC2::VPCPeeringConnection", {"PeerRoleArn": f"arn:aws:iam::{OTHER}:role/x"}),
    (
        "REACH-OUT",
        "AWS::Events::ApiDestination",
        {"HttpMethod": "POST", "InvocationEndpoint": "http://evil.example.com"},
    ),
    ("REACH-OUT", "AWS::ApiGatewayV2::Integration", {"ApiId": "x", "IntegrationUri": "http://evil.example.com"}),
    (
        "REACH-OUT",
        "AWS::StepFunctions::StateMachine",
        {"Definition": {"States": {"A": {"Parameters": {"ApiEndpoint": "http://evil.example.com"}}}}},
    ),
    ("REACH-OUT", "AWS::IAM::OIDCProvider", {"Url": "https://evil.example.com", "ClientIdList": ["sts.amazonaws.com"]}),
    ("IAM-LASTING", "AWS::IAM::User", {"UserName": "helper"}),
    ("IAM-LASTING", "AWS::IAM::AccessKey", {"UserName": "helper"}),
    ("IAM-LASTING", "AWS::IAM::SAMLProvider", {"SamlMetadataDocument": "x"}),
    ("IAM-LASTING", "AWS::SSM::Parameter", {"Type": "String", "Value": {"Fn::GetAtt": ["Helper", "SecretAccessKey"]}}),
    ("API-KEYS", "AWS::ApiGateway::ApiKey", {"Enabled": True}),
    ("API-KEYS", "AWS::ApiGateway::UsagePlan", {"UsagePlanName": "x"}),
    ("API-BURST", "AWS::ApiGatewayV2::Stage", {"StageName": "x", "AccessLogSettings": {"DestinationArn": "x"}}),
    ("REACH-SECRET", "AWS::RDS::DBInstance", {"MasterUserPassword": "open-sesame-1"}),
    ("REACH-SECRET", "AWS::Amplify::App", {"OauthToken": "open-sesame-1"}),
    ("REACH-SECRET", "AWS::Cognito::UserPoolIdentityProvider", {"ProviderDetails": {"client_secret": "open-sesame-1"}}),
    ("REACH-SECRET", "AWS::SSM::Parameter", {"Type": "String", "Value": DIGITS}),
    ("REACH-SECRET", "AWS::CodePipeline::Webhook", {"AuthenticationConfiguration": {"SecretToken": "open-sesame-1"}}),
    ("REACH-SECRET", "AWS::ElastiCache::ReplicationGroup", {"AuthToken": "open-sesame-open-sesame"}),
    (
        "REACH-GATE",
        "AWS::WAFv2::WebACLAssociation",
        {"ResourceArn": f"arn:aws:lambda:x:{OTHER}:function:x", "WebACLArn": "x"},
    ),
]


@pytest.mark.parametrize(
    ("networks", "wide_open"),
    [
        (["0.0.0.0/1"], True),
        (["0.0.0.0/1", "128.0.0.0/1"], True),
        ([f"{first}.0.0.0/8" for first in range(256)], True),
        (["::/1"], True),
        (["2000::/3"], True),
        (["203.0.113.0/24", "10.0.0.0/8"], False),
        (["2001:db8::/32"], False),
    ],
)
def test_an_allowed_network_is_narrow(wide: Copy, networks: list[str], wide_open: Literal[True, False]) -> None:
    wide.add("frontend-edge.Listed", "AWS::WAFv2::IPSet", Scope="CLOUDFRONT", Addresses=networks)
    listed = {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Listed", "Arn"]}}}
    wide.put(ACL, "Rules", [*wide.resource(ACL)["Properties"]["Rules"], *_allow(**listed)])
    assert ("WAF-ALLOW" in {finding.rule for finding in wide.findings(BY_ID["WAF-ALLOW"])}) is wide_open


def test_the_gate_of_the_api_stands(dev: Copy) -> None:
    resources = dev.stacks["frontend"].template["Resources"]
    gate = resources["ApiGate"]["Properties"]
    for broken in (_byte("x-origin-verify"), _byte("x-origin-verify", "{{resolve:x}}", "CONTAINS"), _byte("host")):
        kept = gate["Rules"][0]["Statement"]
        gate["Rules"][0]["Statement"] = broken
        assert "WAF-ALLOW" in {finding.rule for finding in dev.findings(BY_ID["WAF-ALLOW"])}
        gate["Rules"][0]["Statement"] = kept
    assert dev.findings() == ()
    del resources["ApiGateAssociation"]
    assert {(finding.rule, finding.stack) for finding in dev.findings()} == {
        ("REACH-GATE", "backend"),
        ("REACH-GATE", "frontend"),
    }
    del resources["ApiGate"], resources["GateLog"]
    assert {(finding.rule, finding.stack) for finding in dev.findings()} == {
        ("REACH-GATE", "backend"),
        ("REACH-GATE", "frontend"),
    }


@pytest.mark.parametrize(
    ("section", "content"),
    [
        ("Parameters", {"DatabasePassword": {"Type": "String", "Default": "open-sesame-1"}}),
        ("Parameters", {"Anything": {"Type": "String", "NoEcho": True, "Default": "x"}}),
        ("Mappings", {"Stages": {"dev": {"color": DIGITS}}}),
        ("Outputs", {"Color": {"Value": DIGITS}}),
        ("Metadata", {"note": DIGITS}),
    ],
)
def test_a_secret_outside_of_the_resources_is_noticed(dev: Copy, section: str, content: dict[str, Any]) -> None:
    template: Any = dev.stacks["backend"].template
    template[section] = {**template.get(section, {}), **content}
    findings = dev.findings(BY_ID["REACH-SECRET"])
    assert section in {finding.path.partition(".")[0] for finding in findings}


@pytest.mark.parametrize("rule", [*callers.RULES, *firewall.RULES, *web.RULES, *written.RULES])
def test_every_rule_of_these_kinds_is_broken_above(rule: Rule) -> None:
    assert rule in RULES
    assert rule.id in {entry[0] for entry in (*PUT, *ADD)}
