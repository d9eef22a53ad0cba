"""Security controls that hold in every rendered stage, from the first day: the rows that cost nothing.

One test a control, over the rendered templates of the example, so that a broken control has a name.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks import naming, render
from stacks.template.openapi import routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App

Resource = tuple[str, dict[str, Any]]


class Rendering:
    """The resources of every stack of one stage."""

    def __init__(self, app: App, stage: str) -> None:
        self.stacks = {stack.stack: stack.template for stack in render(app, app.stages[stage])}

    def of(self, kind: str) -> list[Resource]:
        """Every resource of a type, with its name; there is at least one."""
        results = [
            (f"{stack}.{name}", body)
            for stack, template in self.stacks.items()
            for name, body in template["Resources"].items()
            if body["Type"] == kind
        ]
        assert results, kind
        return results

    def properties(self, kind: str) -> list[tuple[str, Any]]:
        """The properties of every resource of a type."""
        return [(name, body["Properties"]) for name, body in self.of(kind)]

    def statements(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every policy statement with its resource's name and type."""
        for stack, template in self.stacks.items():
            for name, body in template["Resources"].items():
                for key in ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy"):
                    for statement in body["Properties"].get(key, {}).get("Statement", []):
                        yield f"{stack}.{name}", body["Type"], statement


@pytest.fixture(scope="module", params=["dev", "prod"])
def rendering(request: pytest.FixtureRequest, example: App) -> Rendering:
    return Rendering(example, request.param)


def test_buckets_block_the_public(rendering: Rendering) -> None:
    for name, bucket in rendering.properties("AWS::S3::Bucket"):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, name
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, name
        assert "AccessControl" not in bucket, name


def test_buckets_are_encrypted_versioned_cleaned_up_and_send_events(rendering: Rendering) -> None:
    for name, bucket in rendering.properties("AWS::S3::Bucket"):
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in {"AES256", "aws:kms"}, name
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}, name
        cleaning = bucket["LifecycleConfiguration"]["Rules"][0]
        assert cleaning["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}, name
        assert cleaning["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}, name
        assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"] == {"EventBridgeEnabled": True}, name


def test_every_bucket_but_the_log_bucket_is_logged(rendering: Rendering) -> None:
    unlogged = [
        name for name, bucket in rendering.properties("AWS::S3::Bucket") if "LoggingConfiguration" not in bucket
    ]
    assert unlogged == ["base.LogBucket"]


def test_buckets_are_in_the_accounts_own_namespace(rendering: Rendering, example: App) -> None:
    """Nobody else can take such a name; Bahrain and the UAE have global names only.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """
    for name, bucket in rendering.properties("AWS::S3::Bucket"):
        assert bucket["BucketName"]["Fn::Sub"].endswith("-${AWS::AccountId}-${AWS::Region}-an"), name
        assert bucket["BucketNamespace"] == "account-regional", name
    for region in ("me-south-1", "me-central-1"):
        bucket_name = naming.bucket_name(replace(example.stages["dev"], region=region), "code")
        assert bucket_name == "notes-dev-code-${AWS::AccountId}-${AWS::Region}"
        assert naming.bucket_namespace(bucket_name) == "global"


def test_every_bucket_refuses_requests_without_tls(rendering: Rendering) -> None:
    buckets = {name for name, _ in rendering.of("AWS::S3::Bucket")}
    policies = dict(rendering.properties("AWS::S3::BucketPolicy"))
    assert {name.removesuffix("Policy") for name in policies} == buckets
    for name, policy in policies.items():
        first = policy["PolicyDocument"]["Statement"][0]
        assert (first["Effect"], first["Principal"], first["Action"]) == ("Deny", "*", ["s3:*"]), name
        assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, name
        bucket = policy["Bucket"]["Ref"]
        arn = {"Fn::GetAtt": [bucket, "Arn"]}
        assert first["Resource"] == [arn, {"Fn::Join": ["", [arn, "/*"]]}], name


@pytest.mark.parametrize(
    "kind",
    ["AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::KMS::Key"],
)
def test_what_holds_data_is_retained(rendering: Rendering, kind: str) -> None:
    on_delete = "RetainExceptOnCreate" if kind == "AWS::KMS::Key" else "Retain"
    for name, body in rendering.of(kind):
        assert (body["DeletionPolicy"], body["UpdateReplacePolicy"]) == (on_delete, "Retain"), name


def test_services_are_no_confused_deputies(rendering: Rendering) -> None:
    """Every resource policy that lets a service in says for which account or resource."""
    for name, kind, statement in rendering.statements():
        principal = statement.get("Principal")
        if kind == "AWS::IAM::Role" or statement["Effect"] == "Deny" or not isinstance(principal, dict):
            continue
        if "Service" in principal:
            keys = {key for values in statement["Condition"].values() for key in values}
            assert keys & {"aws:SourceArn", "aws:SourceAccount"}, (name, statement)


def test_no_policy_allows_everything(rendering: Rendering) -> None:
    for name, kind, statement in rendering.statements():
        if kind == "AWS::IAM::ManagedPolicy" and statement["Effect"] == "Allow":
            assert "*" not in statement["Action"], name
            assert not [action for action in statement["Action"] if action.endswith(":*")], name
            assert "*" not in statement["Resource"], name


def test_roles_have_no_inline_and_no_aws_managed_policies(rendering: Rendering) -> None:
    for name, role in rendering.properties("AWS::IAM::Role"):
        assert "Policies" not in role, name
        assert all("Ref" in policy for policy in role["ManagedPolicyArns"]), name


def test_functions_roles_stay_within_the_boundary(rendering: Rendering) -> None:
    roles = [(name, role) for name, role in rendering.properties("AWS::IAM::Role") if name.startswith("backend.")]
    assert roles
    for name, role in roles:
        assert role["PermissionsBoundary"]["Fn::Sub"].endswith("-boundary"), name
        assert role["Path"].endswith("/backend/"), name


def test_functions_touch_their_own_tables_only(rendering: Rendering) -> None:
    statements = {name: s for name, _, s in rendering.statements() if any("dynamodb" in a for a in s["Action"])}
    reading = statements["backend.ListNotesPolicy"]
    assert "dynamodb:Query" in reading["Action"]
    assert "dynamodb:PutItem" not in reading["Action"]
    assert reading["Resource"][0]["Fn::Sub"].endswith("-notes")
    everywhere = [a for name, s in statements.items() if name.startswith("backend.") for a in s["Action"]]
    assert "dynamodb:Scan" not in everywhere


def test_functions_own_their_log_groups(rendering: Rendering) -> None:
    groups = dict(rendering.properties("AWS::Logs::LogGroup"))
    for name, function in rendering.properties("AWS::Lambda::Function"):
        logging = function["LoggingConfig"]
        assert logging["LogFormat"] == "JSON", name
        group = groups[f"backend.{logging['LogGroup']['Ref']}"]
        assert group["LogGroupName"] == f"/aws/lambda/{function['FunctionName']}", name
    assert {group["RetentionInDays"] for group in groups.values()} == {365}


def test_functions_say_memory_timeout_and_stop_loops(rendering: Rendering) -> None:
    for name, function in rendering.properties("AWS::Lambda::Function"):
        assert function["RecursiveLoop"] == "Terminate", name
        assert {"MemorySize", "Timeout", "Runtime"} <= function.keys(), name


def test_only_the_api_calls_functions(rendering: Rendering) -> None:
    for name, permission in rendering.properties("AWS::Lambda::Permission"):
        assert permission["Principal"] == "apigateway.amazonaws.com", name
        assert "${Api}/" in permission["SourceArn"]["Fn::Sub"], name
    sources = {name: body["SourceArn"]["Fn::Sub"] for name, body in rendering.properties("AWS::Lambda::Permission")}
    assert sources["backend.ListNotesPermission"].endswith("/GET/api/notes")


def test_every_route_that_is_not_public_needs_a_token(rendering: Rendering) -> None:
    ((_, api),) = rendering.properties("AWS::ApiGateway::RestApi")
    asked = {route.text: set(route.asks) for route in routes_of(api)}
    assert asked == {
        "ANY /": set(),
        "ANY /{proxy+}": set(),
        "GET /api/notes": {"cognito_user_pools"},
        "POST /api/notes": {"cognito_user_pools"},
    }


def test_requests_are_validated_and_bodies_never_logged(rendering: Rendering) -> None:
    for name, api in rendering.properties("AWS::ApiGateway::RestApi"):
        assert all(route.validated for route in routes_of(api)), name
    for name, stage in rendering.properties("AWS::ApiGateway::Stage"):
        (settings,) = stage["MethodSettings"]
        assert (settings["LoggingLevel"], settings["DataTraceEnabled"]) == ("ERROR", False), name
        assert settings["ThrottlingRateLimit"] == 100, name
        logged = json.loads(stage["AccessLogSetting"]["Format"])
        assert not [value for value in logged.values() if "body" in value.lower() or "authorization" in value.lower()]


def test_tables_are_restorable_capped_and_protected(rendering: Rendering) -> None:
    for name, table in rendering.properties("AWS::DynamoDB::Table"):
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name
        assert table["DeletionProtectionEnabled"] is True, name
        assert table["BillingMode"] == "PAY_PER_REQUEST", name
        assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 1000, "MaxWriteRequestUnits": 1000}, name


def test_passwords_are_strong_and_pools_protected(rendering: Rendering) -> None:
    for name, pool in rendering.properties("AWS::Cognito::UserPool"):
        policy = pool["Policies"]["PasswordPolicy"]
        assert policy["MinimumLength"] >= 12, name
        assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols")), name
        assert policy["TemporaryPasswordValidityDays"] == 1, name
        assert pool["DeletionProtection"] == "ACTIVE", name
        assert pool["MfaConfiguration"] == "OPTIONAL", name
        assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}, name


def test_clients_hide_who_exists_and_never_see_a_password(rendering: Rendering) -> None:
    for name, client in rendering.properties("AWS::Cognito::UserPoolClient"):
        assert client["PreventUserExistenceErrors"] == "ENABLED", name
        assert client["EnableTokenRevocation"] is True, name
        assert client["GenerateSecret"] is False, name
        assert set(client["ExplicitAuthFlows"]) <= {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}, name
        assert "AllowedOAuthFlows" not in client, name
        assert client["AccessTokenValidity"] <= 60, name
        assert client["RefreshTokenValidity"] <= 24, name
        assert client["WriteAttributes"] == ["email"], name


def test_the_bucket_is_read_by_this_distribution_only(rendering: Rendering) -> None:
    (policy,) = (body for name, body in rendering.properties("AWS::S3::BucketPolicy") if "Site" in name)
    allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert [statement["Action"] for statement in allowed] == [["s3:GetObject"], ["s3:ListBucket"]]
    for statement in allowed:
        assert statement["Principal"] == {"Service": ["cloudfront.amazonaws.com"]}
        source = statement["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"]
        assert source.endswith(":distribution/${Distribution}")


def test_the_distribution_can_ask_for_a_file_but_list_none(rendering: Rendering) -> None:
    """The bucket is asked for keys only: no query string, cookie or header goes there, and no path is the bucket."""
    ((_, distribution),) = rendering.properties("AWS::CloudFront::Distribution")
    for behavior in distribution["DistributionConfig"]["CacheBehaviors"]:
        assert behavior["TargetOriginId"] in {"bucket", "bucket-then-api"}  # the application has what it lacks
        assert behavior["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"  # CachingOptimized
        assert "OriginRequestPolicyId" not in behavior
        assert behavior["PathPattern"] not in {"/", "*", "/*"}


def test_the_distribution_speaks_https_and_signs_its_reads(rendering: Rendering) -> None:
    ((name, distribution),) = rendering.properties("AWS::CloudFront::Distribution")
    config = distribution["DistributionConfig"]
    behaviors = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]
    assert {behavior["ViewerProtocolPolicy"] for behavior in behaviors} == {"redirect-to-https"}, name
    assert {json.dumps(behavior["ResponseHeadersPolicyId"]) for behavior in behaviors} == {'{"Ref": "ResponseHeaders"}'}
    origins = {origin["Id"]: origin for origin in config["Origins"]}
    assert origins["bucket"]["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert origins["api"]["CustomOriginConfig"] == {
        "OriginProtocolPolicy": "https-only",
        "OriginSSLProtocols": ["TLSv1.2"],
    }
    ((_, access),) = rendering.properties("AWS::CloudFront::OriginAccessControl")
    assert access["OriginAccessControlConfig"]["SigningBehavior"] == "always"


def test_answers_carry_security_headers(rendering: Rendering) -> None:
    ((_, policy),) = rendering.properties("AWS::CloudFront::ResponseHeadersPolicy")
    headers = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 63_072_000
    assert headers["FrameOptions"] == {"FrameOption": "DENY", "Override": False}
    assert headers["ContentTypeOptions"] == {"Override": True}
    csp = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "unsafe" not in csp
    assert "default-src 'self'" in csp


def test_the_web_acl_is_in_us_east_1_logs_and_redacts(rendering: Rendering) -> None:
    ((name, acl),) = [pair for pair in rendering.properties("AWS::WAFv2::WebACL") if pair[1]["Scope"] == "CLOUDFRONT"]
    assert name.startswith(("frontend-edge.", "frontend."))
    groups = [rule["Statement"].get("ManagedRuleGroupStatement", {}).get("Name") for rule in acl["Rules"]]
    assert groups[:3] == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]
    assert acl["Rules"][3]["Statement"]["RateBasedStatement"] == {"AggregateKeyType": "IP", "Limit": 2000}
    assert len({rule["Priority"] for rule in acl["Rules"]}) == len(acl["Rules"])
    for _, log in rendering.properties("AWS::WAFv2::LoggingConfiguration"):
        assert [field["SingleHeader"]["Name"] for field in log["RedactedFields"]][:2] == ["authorization", "cookie"]


def test_the_api_cannot_be_reached_around_the_web_acl(rendering: Rendering) -> None:
    ((_, gate),) = [pair for pair in rendering.properties("AWS::WAFv2::WebACL") if pair[1]["Scope"] == "REGIONAL"]
    assert gate["DefaultAction"] == {"Block": {}}
    (rule,) = gate["Rules"]
    shown = rule["Statement"]["ByteMatchStatement"]
    assert (rule["Action"], shown["PositionalConstraint"]) == ({"Allow": {}}, "EXACTLY")
    ((_, distribution),) = rendering.properties("AWS::CloudFront::Distribution")
    (api,) = [origin for origin in distribution["DistributionConfig"]["Origins"] if origin["Id"] == "api"]
    (header,) = api["OriginCustomHeaders"]
    assert header["HeaderName"] == shown["FieldToMatch"]["SingleHeader"]["Name"]
    assert header["HeaderValue"] == shown["SearchString"]
    assert not header["HeaderName"].startswith(("x-edge-", "x-amz-"))  # CloudFront adds none of these
    assert header["HeaderValue"]["Fn::Sub"].startswith("{{resolve:secretsmanager:")
    ((_, association),) = rendering.properties("AWS::WAFv2::WebACLAssociation")
    assert "/restapis/${BackendApiId}/stages/" in association["ResourceArn"]["Fn::Sub"]
    logs = dict(rendering.properties("AWS::WAFv2::LoggingConfiguration"))
    hidden = [field["SingleHeader"]["Name"] for field in logs["frontend.GateLog"]["RedactedFields"]]
    assert header["HeaderName"] in hidden
    (shown_nowhere,) = gate["DataProtectionConfig"]["DataProtections"]
    assert shown_nowhere["Field"]["FieldKeys"] == hidden


def test_the_trail_sees_every_region_and_is_validated(rendering: Rendering) -> None:
    ((_, trail),) = rendering.properties("AWS::CloudTrail::Trail")
    for wanted in ("IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation"):
        assert trail[wanted] is True, wanted
    assert trail["KMSKeyId"] == {"Fn::GetAtt": ["TrailKey", "Arn"]}
    ((_, key),) = rendering.properties("AWS::KMS::Key")
    assert (key["EnableKeyRotation"], key["PendingWindowInDays"]) == (True, 30)


def test_functions_are_kept_out_of_trail_and_artifacts(rendering: Rendering) -> None:
    policies = dict(rendering.properties("AWS::S3::BucketPolicy"))
    for name in ("base.TrailBucketPolicy", "base.ArtifactBucketPolicy"):
        denied = [s for s in policies[name]["PolicyDocument"]["Statement"] if s.get("Sid") == "NotForFunctions"]
        assert [statement["Effect"] for statement in denied] == ["Deny"], name
        assert "/backend/*" in json.dumps(denied[0]["Condition"]), name


def test_the_network_is_private_and_watched(rendering: Rendering) -> None:
    assert {subnet["MapPublicIpOnLaunch"] for _, subnet in rendering.properties("AWS::EC2::Subnet")} == {False}
    assert [log["TrafficType"] for _, log in rendering.properties("AWS::EC2::FlowLog")] == ["ALL"]
    for name, endpoint in rendering.properties("AWS::EC2::VPCEndpoint"):
        (statement,) = endpoint["PolicyDocument"]["Statement"]
        assert set(statement["Condition"]["StringEquals"]) == {"aws:PrincipalAccount", "aws:ResourceAccount"}, name


def test_what_can_be_tagged_says_its_stack(rendering: Rendering) -> None:
    for stack, template in rendering.stacks.items():
        for name, body in template["Resources"].items():
            tags = body["Properties"].get("Tags") or body["Properties"].get("UserPoolTags")
            if isinstance(tags, list):
                assert {"stack"} <= {tag["Key"] for tag in tags}, f"{stack}.{name}"
