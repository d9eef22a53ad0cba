"""Weaknesses of further members of the kinds that rules of ours see: each is put in alone, and its rule finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.checks import callers, opened, outgoing
from stacks.checks.run import RULES
from tests.checks.breaking import GONE, Copy
from tests.checks.test_broken_controls import rendered_wide, wide

if TYPE_CHECKING:
    from stacks.checks import Rule

__all__ = ["rendered_wide", "wide"]
BY_ID = {rule.id: rule for rule in RULES}
OTHER = "999999999999"
BUS = f"arn:aws:events:eu-west-1:{OTHER}:event-bus/x"
CDN, BUILD, WEB = "frontend.Distribution", "base.BackendBuild", "backend.WebFunction"
DEFAULT = "DistributionConfig.DefaultCacheBehavior"
DEPLOYS = "role/notes-dev/platform/notes-dev-backend-deploy"
CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
EVERY = {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"]}
FOREIGN_URL = "https://theirs.s3.amazonaws.com/t.yaml"
WILD = {"Name": "AWS::Include", "Parameters": {"Location": "s3://theirs/x.yaml"}}
EC2 = {"Service": ["cloudformation.amazonaws.com", "ec2.amazonaws.com"]}
TEMPLATED = {"SecretStringTemplate": '{"password": "open-sesame-1"}', "GenerateStringKey": "x"}


def _allow(action: str, resource: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


def _trust(service: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]}


def _variable(name: str, value: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value}]


# rule, resource, property, what it is set to
PUT: list[tuple[str, str, str, Any]] = [
    ("BUILD-READS", BUILD, "Source", {"Type": "GITHUB", "Location": "https://github.com/x/y", "BuildSpec": "a: b\n"}),
    ("BUILD-READS", BUILD, "SecondarySources", [{"Type": "GITHUB", "SourceIdentifier": "x"}]),
    ("BUILD-READS", BUILD, "Triggers", {"Webhook": True}),
    ("BUILD-READS", BUILD, "Source.InsecureSsl", True),
    ("BUILD-READS", BUILD, "ResourceAccessRole", "x"),
    ("BUILD-READS", BUILD, "Environment.EnvironmentVariables", _variable("PIP_INDEX_URL", "http://x/simple")),
    ("BUILD-READS", BUILD, "Environment.EnvironmentVariables", _variable("npm_config_registry", "http://x")),
    ("BUILD-READS", BUILD, "Environment.EnvironmentVariables", _variable("PIP_TRUSTED_HOST", "x")),
    ("REACH-BUILD", BUILD, "Source.BuildSpec", "arn:aws:s3:::theirs/buildspec.yml"),
    ("REACH-OUT", BUILD, "Cache", {"Type": "S3", "Location": "theirs/x"}),
    ("REACH-OUT", BUILD, "LogsConfig", {"S3Logs": {"Status": "ENABLED", "Location": "theirs/x"}}),
    ("REACH-OUT", "base.BackendPipeline", "ArtifactStore.Location", "theirs"),
    ("REACH-OUT", CDN, "DistributionConfig.Origins[0].DomainName", "theirs.s3.eu-west-1.amazonaws.com"),
    ("REACH-OUT", CDN, "DistributionConfig.Logging", {"Bucket": "theirs.s3.amazonaws.com"}),
    ("REACH-OUT", CDN, "DistributionConfig.CacheBehaviors[1].TrustedSigners", [OTHER]),
    ("REACH-OUT", "frontend-edge.WafLog", "LogDestinationConfigs", ["arn:aws:s3:::aws-waf-logs-theirs"]),
    (
        "REACH-OUT",
        "frontend.SiteBucket",
        "WebsiteConfiguration",
        {"RedirectAllRequestsTo": {"HostName": "example.org"}},
    ),
    ("FN-RUNTIME", BUILD, "Environment.Image", "aws/codebuild/standard:4.0"),
    ("FN-RUNTIME", WEB, "RuntimeManagementConfig", {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": "x"}),
    ("FN-FOREIGN", WEB, "Environment.Variables.AWS_ENDPOINT_URL_DYNAMODB", "https://example.org"),
    ("FN-FOREIGN", WEB, "Environment.Variables.https_proxy", "http://example.org:8080"),
    ("FN-FOREIGN", WEB, "Environment.Variables.REQUESTS_CA_BUNDLE", "/opt/ca.pem"),
    ("FN-FOREIGN", WEB, "Environment.Variables.NODE_TLS_REJECT_UNAUTHORIZED", "0"),
    (
        "TRUST-OTHERS",
        "backend.WebRole",
        "AssumeRolePolicyDocument.Statement[0].Principal",
        {"Service": "ec2.amazonaws.com"},
    ),
    ("TRUST-OTHERS", "base.BackendDeployRole", "AssumeRolePolicyDocument.Statement[0].Principal", EC2),
    ("BOUNDARY-WIDE", "backend.WebRole", "PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ("REACH-INTO", "backend.WebPolicy", "PolicyDocument", _allow("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/x")),
    ("REACH-INTO", "backend.WebPolicy", "PolicyDocument", _allow("iam:PassRole", f"arn:aws:iam::{OTHER}:role/x")),
    ("REACH-INTO", "backend.WebPolicy", "PolicyDocument", _allow("sts:AssumeRole", f"arn:aws:iam::{OTHER}:{DEPLOYS}")),
    ("REACH-INTO", "backend.WebPolicy", "PolicyDocument", _allow("iam:*", f"arn:aws:iam::{OTHER}:{DEPLOYS}")),
    ("REACH-INTO", "backend.WebPolicy", "PolicyDocument", _allow("sqs:SendMessage", f"arn:aws:sqs:x:{OTHER}:q")),
    ("REACH-INTO", "backend.WebPolicy", "PolicyDocument", _allow("s3:PutObject", "arn:aws:s3:::theirs/*")),
    ("IAM-ANY", "backend.WebPolicy", "PolicyDocument", _allow("ssm:GetParameter*", "*")),
    ("IAM-ANY", "backend.WebPolicy", "PolicyDocument", _allow("cognito-idp:Admin*", "*")),
    ("CORS-OPEN", "frontend.SiteBucket", "CorsConfiguration", {"CorsRules": [EVERY]}),
    ("API-CACHE", "backend.ApiStage", "MethodSettings[0].CachingEnabled", True),
    ("CDN-CACHE", CDN, f"{DEFAULT}.CachePolicyId", {"Ref": "Long"}),
    ("CDN-FUNCTION", CDN, f"{DEFAULT}.FunctionAssociations", GONE),
]

# rule, type, properties
ADD: list[tuple[str, str, dict[str, Any]]] = [
    ("CORS-OPEN", "AWS::Lambda::Url", {"Cors": {"AllowOrigins": ["*"], "AllowCredentials": True}}),
    (
        "CORS-OPEN",
        "AWS::ApiGatewayV2::Api",
        {"CorsConfiguration": {"AllowOrigins": ["https://*"], "AllowCredentials": True}},
    ),
    (
        "CORS-OPEN",
        "AWS::ApiGateway::GatewayResponse",
        {
            "ResponseParameters": {
                "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
                "gatewayresponse.header.Access-Control-Allow-Credentials": "'true'",
            }
        },
    ),
    ("REACH-OUT", "AWS::CloudFormation::Stack", {"TemplateURL": FOREIGN_URL}),
    ("REACH-OUT", "AWS::CloudFormation::Stack", {"TemplateURL": {"Fn::Sub": "https://s3.amazonaws.com/theirs/t"}}),
    ("REACH-OUT", "AWS::CloudFormation::Stack", {"TemplateURL": "https://example.org/t.yaml"}),
    ("REACH-OUT", "AWS::CloudFormation::StackSet", {"TemplateURL": FOREIGN_URL}),
    ("REACH-OUT", "AWS::CloudFormation::ModuleVersion", {"ModulePackage": "s3://theirs/x.zip"}),
    ("REACH-OUT", "AWS::CloudFormation::HookVersion", {"SchemaHandlerPackage": "s3://theirs/x.zip"}),
    ("REACH-OUT", "AWS::StepFunctions::StateMachine", {"DefinitionS3Location": {"Bucket": "theirs", "Key": "x"}}),
    ("REACH-OUT", "AWS::CloudFront::KeyValueStore", {"ImportSource": {"SourceArn": "arn:aws:s3:::theirs/x"}}),
    ("REACH-OUT", "AWS::AppConfig::ConfigurationProfile", {"LocationUri": "s3://theirs/x"}),
    ("REACH-OUT", "AWS::Athena::WorkGroup", {"Configuration": {"OutputLocation": "s3://theirs/"}}),
    ("REACH-OUT", "AWS::CodeBuild::ReportGroup", {"ExportConfig": {"S3Destination": {"Bucket": "theirs"}}}),
    ("REACH-OUT", "AWS::SES::ReceiptRule", {"Rule": {"Actions": [{"S3Action": {"BucketName": "theirs"}}]}}),
    ("REACH-OUT", "AWS::Events::Archive", {"SourceArn": BUS}),
    ("REACH-OUT", "AWS::Events::Rule", {"EventBusName": BUS}),
    ("REACH-OUT", "AWS::Events::Rule", {"EventBusName": {"Fn::If": ["A", BUS, "default"]}}),
    ("REACH-OUT", "AWS::SNS::Subscription", {"Protocol": "https", "Endpoint": "https://example.org/hook"}),
    (
        "REACH-OUT",
        "AWS::KinesisFirehose::DeliveryStream",
        {"HttpEndpointDestinationConfiguration": {"EndpointConfiguration": {"Url": "https://example.org"}}},
    ),
    ("REACH-FUNCTION", "AWS::Lambda::LayerVersionPermission", {"Principal": OTHER}),
    (
        "FN-FOREIGN",
        "AWS::Lambda::CodeSigningConfig",
        {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"}},
    ),
    ("TEMPLATE-MACRO", "AWS::SNS::Topic", {"Fn::Transform": WILD}),
    ("IAM-LASTING", "AWS::RolesAnywhere::TrustAnchor", {"Source": {}}),
    ("IAM-LASTING", "AWS::AppSync::ApiKey", {"ApiId": "x"}),
    ("IAM-LASTING", "AWS::IAM::UserPolicy", {"UserName": "x"}),
    ("IAM-LASTING", "AWS::Cognito::UserPoolUser", {"Username": "root"}),
    ("NET-OPEN", "AWS::RDS::DBInstance", {"PubliclyAccessible": True}),
    ("NET-OPEN", "AWS::EC2::VPCEndpointServicePermissions", {"AllowedPrincipals": ["*"]}),
    ("NET-OPEN", "AWS::EC2::SecurityGroupIngress", {"CidrIpv6": "::/0", "FromPort": 22, "ToPort": 22}),
    ("NET-OPEN", "AWS::MSK::Cluster", {"ClientAuthentication": {"Unauthenticated": {"Enabled": True}}}),
    ("TRUST-OTHERS", "AWS::IAM::Role", {"AssumeRolePolicyDocument": _trust("ec2.amazonaws.com")}),
    ("PIPELINE-WEBHOOK", "AWS::CodePipeline::Webhook", {"Authentication": "UNAUTHENTICATED"}),
    (
        "PIPELINE-WEBHOOK",
        "AWS::CodePipeline::Webhook",
        {"Authentication": "IP", "AuthenticationConfiguration": {"AllowedIPRange": "0.0.0.0/0"}},
    ),
    ("REACH-SECRET", "AWS::CodeBuild::SourceCredential", {"Token": "open-sesame-1"}),
    ("REACH-SECRET", "AWS::SecretsManager::Secret", {"GenerateSecretString": TEMPLATED}),
    ("SECRET-SHORT", "AWS::SecretsManager::Secret", {"GenerateSecretString": {"PasswordLength": 4}}),
    (
        "SECRET-SHORT",
        "AWS::SecretsManager::Secret",
        {"GenerateSecretString": {"ExcludeLowercase": True, "ExcludeUppercase": True}},
    ),
    ("MAIL-SIGNED", "AWS::SES::EmailIdentity", {"EmailIdentity": ""}),
    ("MAIL-SIGNED", "AWS::SES::EmailIdentity", {"EmailIdentity": "*"}),
    ("MAIL-SIGNED", "AWS::SES::EmailIdentity", {"EmailIdentity": "a.b", "DkimAttributes": {"SigningEnabled": False}}),
    ("MAIL-SIGNED", "AWS::SES::ConfigurationSet", {"DeliveryOptions": {"TlsPolicy": "OPTIONAL"}}),
    ("DNS-DANGLING", "AWS::Route53::RecordSet", {"ResourceRecords": ["gone.cloudfront.net"]}),
    (
        "DNS-DANGLING",
        "AWS::Route53::RecordSetGroup",
        {"RecordSets": [{"ResourceRecords": ["gone.s3-website-eu-west-1.amazonaws.com."]}]},
    ),
]


@pytest.mark.parametrize(("rule", "place", "path", "value"), PUT)
def test_a_weakness_is_noticed(wide: Copy, rule: str, place: str, path: str, value: Any) -> None:
    if value == {"Ref": "Long"}:
        times = {"MinTTL": 0, "DefaultTTL": 86400, "MaxTTL": 86400}
        wide.add("frontend.Long", "AWS::CloudFront::CachePolicy", CachePolicyConfig={"Name": "x", **times})
    wide.put(place, path, value)
    assert (rule, place.partition(".")[0]) in {(finding.rule, finding.stack) for finding in wide.findings(BY_ID[rule])}


@pytest.mark.parametrize(("rule", "kind", "properties"), ADD)
def test_a_weakness_that_is_added_is_noticed(wide: Copy, rule: str, kind: str, properties: dict[str, Any]) -> None:
    wide.add("backend.Extra", kind, **properties)
    assert (rule, "Extra") in {(finding.rule, finding.logical_id) for finding in wide.findings(BY_ID[rule])}


def test_answers_of_an_api_behind_a_name_of_its_own_are_not_kept(wide: Copy) -> None:
    wide.put(CDN, "DistributionConfig.Origins[1].DomainName", "api.example.com")
    wide.put(CDN, f"{DEFAULT}.CachePolicyId", CACHED)
    assert "CDN-CACHE" in {finding.rule for finding in wide.findings(BY_ID["CDN-CACHE"])}


def test_functions_that_are_taken_off_a_distribution_and_out_of_the_template_are_noticed(wide: Copy) -> None:
    config = wide.resource(CDN)["Properties"]["DistributionConfig"]
    for behavior in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]):
        behavior.pop("FunctionAssociations", None)
    for name in ("SiteRouter", "ApiViewer"):
        del wide.stacks["frontend"].template["Resources"][name]
    whats = [finding.what for finding in wide.findings(BY_ID["CDN-FUNCTION"])]
    assert sum("SiteRouter" in what for what in whats) == 2
    assert sum("ApiViewer" in what for what in whats) == 1


def test_a_trail_that_is_gone_is_noticed(wide: Copy) -> None:
    del wide.stacks["base"].template["Resources"]["Trail"]
    assert "TRAIL-GONE" in {finding.rule for finding in wide.findings(BY_ID["TRAIL-GONE"])}


@pytest.mark.parametrize("transform", [WILD, ["Evil"], "Evil", [{"Name": "AWS::Serverless-2016-10-31"}, WILD]])
def test_a_template_that_a_macro_changes_is_noticed(wide: Copy, transform: Any) -> None:
    rule = BY_ID["TEMPLATE-MACRO"]
    template: Any = wide.stacks["backend"].template
    template["Transform"] = transform
    assert "TEMPLATE-MACRO" in {finding.rule for finding in wide.findings(rule)}
    template["Transform"] = "AWS::LanguageExtensions"
    assert "TEMPLATE-MACRO" not in {finding.rule for finding in wide.findings(rule)}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Lambda::Url", {"Cors": {"AllowOrigins": ["*"]}}),
        ("AWS::Lambda::Url", {"Cors": {"AllowOrigins": ["https://www.example.com"], "AllowCredentials": True}}),
        ("AWS::CloudFormation::Stack", {"TemplateURL": {"Fn::Sub": "https://s3.amazonaws.com/x-${AWS::AccountId}/t"}}),
        ("AWS::StepFunctions::StateMachine", {"DefinitionS3Location": {"Bucket": {"Ref": "Own"}, "Key": "x"}}),
        ("AWS::SES::EmailIdentity", {"EmailIdentity": "mail@example.com"}),
        ("AWS::SES::EmailIdentity", {"EmailIdentity": {"Ref": "Domain"}}),
        ("AWS::SecretsManager::Secret", {"GenerateSecretString": {"PasswordLength": 32}}),
        ("AWS::Route53::RecordSet", {"ResourceRecords": ["mail.example.com"]}),
        ("AWS::EC2::SecurityGroupIngress", {"CidrIp": "0.0.0.0/0", "FromPort": 443, "ToPort": 443}),
    ],
)
def test_what_is_meant_so_is_not_reported(wide: Copy, kind: str, properties: dict[str, Any]) -> None:
    wide.add("backend.Extra", kind, **properties)
    rules = (*opened.RULES, *outgoing.RULES, BY_ID["DNS-DANGLING"])
    assert "Extra" not in {finding.logical_id for finding in wide.findings(*rules)}


@pytest.mark.parametrize("rule", [*opened.RULES, *outgoing.RULES])
def test_every_rule_of_these_kinds_is_broken(rule: Rule) -> None:
    assert rule.id in {entry[0] for entry in (*PUT, *ADD)} | {"TRAIL-GONE"}


def test_a_limit_above_what_the_account_has_limits_no_route_of_an_http_api(wide: Copy) -> None:
    limits = {"ThrottlingRateLimit": 9, "ThrottlingBurstLimit": 9}
    routes = {"GET /": {**limits, "ThrottlingRateLimit": 1_000_000}, "GET /few": limits}
    wide.add("backend.Extra", "AWS::ApiGatewayV2::Stage", DefaultRouteSettings=limits, RouteSettings=routes)
    hits = [(hit.path, hit.what) for hit in wide.findings(*callers.RULES) if hit.logical_id == "Extra"]
    assert hits == [("ThrottlingRateLimit", "is 1,000,000: no limit")]
