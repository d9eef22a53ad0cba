"""What CloudFormation documents of an update, for single edits over the example's resource types.

The expected behaviour is the "Update requires" of each property in the CloudFormation template reference (held
against it in November 2026). ``refused`` are updates that AWS documents to fail, though the reference calls them
"no interruption". https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from __future__ import annotations

import copy
from typing import Any, Literal, NamedTuple

import pytest

from stacks import registry
from stacks.forecast import compare
from stacks.forecast.behaviour import replacement_by_registry
from stacks.forecast.difference import Difference
from stacks.forecast.documented import CHECKED, FACTS

Behaviour = Literal["no interruption", "some interruptions", "replacement", "refused"]
NONE: Behaviour = "no interruption"
SOME: Behaviour = "some interruptions"
NEW: Behaviour = "replacement"
FAILS: Behaviour = "refused"

ALLOW = {"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}]}
DENY = {"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*"}]}


class Edit(NamedTuple):
    """One property, its value before and after (None: not there), and what the guide says of it."""

    type: str
    path: str
    old: Any
    new: Any
    documented: Behaviour


def keys(name: str) -> list[dict[str, str]]:
    return [{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": name, "KeyType": "RANGE"}]


def attribute(kind: str) -> dict[str, str]:
    return {"AttributeName": "owner", "AttributeType": kind}


def index(name: str, key: str = "owner") -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }


TABLE, POOL, CLIENT = "AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
GROUP, DOMAIN = "AWS::Cognito::UserPoolGroup", "AWS::Cognito::UserPoolDomain"
BUCKET, BUCKET_POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
FUNCTION, PERMISSION = "AWS::Lambda::Function", "AWS::Lambda::Permission"
API, RESOURCE, METHOD = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Resource", "AWS::ApiGateway::Method"
DEPLOYMENT, API_STAGE = "AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage"
AUTHORIZER, VALIDATOR = "AWS::ApiGateway::Authorizer", "AWS::ApiGateway::RequestValidator"
DISTRIBUTION, EDGE_FUNCTION = "AWS::CloudFront::Distribution", "AWS::CloudFront::Function"
ACCESS, HEADERS = "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::ResponseHeadersPolicy"
WEB_ACL, WAF_LOG = "AWS::WAFv2::WebACL", "AWS::WAFv2::LoggingConfiguration"
ROLE, POLICY = "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"
LOGS, KEY, TRAIL, SECRET = (
    "AWS::Logs::LogGroup",
    "AWS::KMS::Key",
    "AWS::CloudTrail::Trail",
    "AWS::SecretsManager::Secret",
)
VPC, SUBNET, ENDPOINT = "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::VPCEndpoint"
FLOW_LOG, ROUTES, SECURITY_GROUP = "AWS::EC2::FlowLog", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup"

EDITS = (
    Edit(TABLE, "TableName", "a", "b", NEW),
    Edit(TABLE, "TableName", None, "b", NEW),
    Edit(TABLE, "KeySchema", keys("id"), keys("when"), NEW),
    Edit(TABLE, "AttributeDefinitions", [attribute("S")], [attribute("N")], NEW),
    Edit(
        TABLE,
        "AttributeDefinitions",
        [attribute("S")],
        [attribute("S"), {"AttributeName": "id", "AttributeType": "S"}],
        SOME,
    ),
    Edit(TABLE, "SSESpecification", {"SSEEnabled": False}, {"SSEEnabled": True}, SOME),
    Edit(TABLE, "LocalSecondaryIndexes", [index("a")], [index("a"), index("b")], NEW),
    Edit(TABLE, "GlobalSecondaryIndexes", [index("a")], [index("a"), index("b")], NONE),
    Edit(TABLE, "GlobalSecondaryIndexes", [index("a")], [index("a", "id")], FAILS),
    Edit(GLOBAL_TABLE, "GlobalSecondaryIndexes", [index("a")], [index("a"), index("b")], NONE),
    Edit(GLOBAL_TABLE, "GlobalSecondaryIndexes", [index("a")], [index("a", "id")], FAILS),
    Edit(TABLE, "BillingMode", "PAY_PER_REQUEST", "PROVISIONED", NONE),
    Edit(TABLE, "TimeToLiveSpecification", None, {"AttributeName": "gone", "Enabled": True}, NONE),
    Edit(TABLE, "StreamSpecification", None, {"StreamViewType": "NEW_IMAGE"}, NONE),
    Edit(TABLE, "TableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS", NONE),
    Edit(TABLE, "DeletionProtectionEnabled", True, False, NONE),
    Edit(TABLE, "OnDemandThroughput", {"MaxReadRequestUnits": 1}, {"MaxReadRequestUnits": 2}, NONE),
    Edit(TABLE, "Tags", [{"Key": "a", "Value": "1"}], [{"Key": "a", "Value": "2"}], NONE),
    Edit(POOL, "UserPoolName", "a", "b", NONE),
    Edit(POOL, "MfaConfiguration", "OFF", "OPTIONAL", NONE),
    Edit(POOL, "UserPoolTier", "ESSENTIALS", "PLUS", NONE),
    Edit(POOL, "AutoVerifiedAttributes", None, ["email"], NONE),
    Edit(POOL, "Schema", [{"Name": "a"}], [{"Name": "a"}, {"Name": "b"}], NONE),
    Edit(POOL, "Schema", [{"Name": "a", "Mutable": True}], [{"Name": "a", "Mutable": False}], FAILS),
    Edit(POOL, "UsernameAttributes", ["email"], ["phone_number"], FAILS),
    Edit(POOL, "AliasAttributes", None, ["email"], FAILS),
    Edit(POOL, "UsernameConfiguration", {"CaseSensitive": False}, {"CaseSensitive": True}, FAILS),
    Edit(CLIENT, "ClientName", "a", "b", NONE),
    Edit(CLIENT, "AccessTokenValidity", 60, 30, NONE),
    Edit(CLIENT, "CallbackURLs", ["https://a"], ["https://b"], NONE),
    Edit(CLIENT, "GenerateSecret", False, True, NEW),
    Edit(CLIENT, "UserPoolId", "a", "b", NEW),
    Edit(GROUP, "GroupName", "a", "b", NEW),
    Edit(GROUP, "Precedence", 1, 2, NONE),
    Edit(DOMAIN, "Domain", "a", "b", NEW),
    Edit(BUCKET, "BucketName", "a", "b", NEW),
    Edit(BUCKET, "VersioningConfiguration", None, {"Status": "Enabled"}, NONE),
    Edit(BUCKET, "PublicAccessBlockConfiguration", {"BlockPublicAcls": True}, {"BlockPublicAcls": False}, NONE),
    Edit(BUCKET, "LifecycleConfiguration", None, {"Rules": []}, NONE),
    Edit(BUCKET_POLICY, "Bucket", "a", "b", NEW),
    Edit(BUCKET_POLICY, "PolicyDocument", ALLOW, DENY, NONE),
    Edit(FUNCTION, "FunctionName", "a", "b", NEW),
    Edit(FUNCTION, "PackageType", "Zip", "Image", NEW),
    Edit(FUNCTION, "Runtime", "python3.13", "python3.14", NONE),
    Edit(FUNCTION, "MemorySize", 128, 256, NONE),
    Edit(FUNCTION, "Environment", {"Variables": {"A": "1"}}, {"Variables": {"A": "2"}}, NONE),
    Edit(FUNCTION, "Role", "a", "b", NONE),
    Edit(FUNCTION, "Architectures", ["arm64"], ["x86_64"], NONE),
    Edit(FUNCTION, "Code", {"S3Bucket": "b", "S3Key": "a"}, {"S3Bucket": "b", "S3Key": "b"}, NONE),
    Edit(PERMISSION, "Principal", "a", "b", NEW),
    Edit(PERMISSION, "SourceArn", "a", "b", NEW),
    Edit(API, "Name", "a", "b", NONE),
    Edit(API, "EndpointConfiguration", {"Types": ["EDGE"]}, {"Types": ["REGIONAL"]}, NONE),
    Edit(API, "BinaryMediaTypes", ["a/b"], ["*/*"], NONE),
    Edit(RESOURCE, "PathPart", "a", "b", NEW),
    Edit(RESOURCE, "ParentId", "a", "b", NEW),
    Edit(METHOD, "HttpMethod", "GET", "POST", NEW),
    Edit(METHOD, "AuthorizationType", "NONE", "AWS_IAM", NONE),
    Edit(DEPLOYMENT, "Description", "a", "b", NONE),
    Edit(DEPLOYMENT, "RestApiId", "a", "b", NEW),
    Edit(API_STAGE, "StageName", "a", "b", NEW),
    Edit(API_STAGE, "Variables", {"a": "1"}, {"a": "2"}, NONE),
    Edit(AUTHORIZER, "Name", "a", "b", NONE),
    Edit(AUTHORIZER, "RestApiId", "a", "b", NEW),
    Edit(VALIDATOR, "Name", "a", "b", NEW),
    Edit(VALIDATOR, "ValidateRequestBody", True, False, NONE),
    Edit(DISTRIBUTION, "DistributionConfig", {"Enabled": True}, {"Enabled": False}, NONE),
    Edit(EDGE_FUNCTION, "FunctionCode", "a", "b", NONE),
    Edit(EDGE_FUNCTION, "Name", "a", "b", NEW),
    Edit(ACCESS, "OriginAccessControlConfig", {"Name": "a"}, {"Name": "b"}, NONE),
    Edit(HEADERS, "ResponseHeadersPolicyConfig", {"Name": "a"}, {"Name": "b"}, NONE),
    Edit(WEB_ACL, "Name", "a", "b", NEW),
    Edit(WEB_ACL, "Scope", "REGIONAL", "CLOUDFRONT", NEW),
    Edit(WEB_ACL, "DefaultAction", {"Allow": {}}, {"Block": {}}, NONE),
    Edit(WAF_LOG, "ResourceArn", "a", "b", NEW),
    Edit(WAF_LOG, "LogDestinationConfigs", ["a"], ["b"], NONE),
    Edit(ROLE, "RoleName", "a", "b", NEW),
    Edit(ROLE, "Path", "/a/", "/b/", NEW),
    Edit(ROLE, "AssumeRolePolicyDocument", ALLOW, DENY, NONE),
    Edit(ROLE, "ManagedPolicyArns", ["a"], ["b"], NONE),
    Edit(POLICY, "PolicyDocument", ALLOW, DENY, NONE),
    Edit(POLICY, "Description", "a", "b", NEW),
    Edit(POLICY, "Path", "/a/", "/b/", NEW),
    Edit(LOGS, "LogGroupName", "a", "b", NEW),
    Edit(LOGS, "RetentionInDays", 7, 30, NONE),
    Edit(KEY, "KeyPolicy", ALLOW, DENY, NONE),
    Edit(KEY, "EnableKeyRotation", True, False, NONE),
    Edit(KEY, "KeySpec", "SYMMETRIC_DEFAULT", "RSA_2048", FAILS),
    Edit(KEY, "KeyUsage", "ENCRYPT_DECRYPT", "SIGN_VERIFY", FAILS),
    Edit(KEY, "MultiRegion", False, True, FAILS),
    Edit(TRAIL, "TrailName", "a", "b", NEW),
    Edit(TRAIL, "IsLogging", True, False, NONE),
    Edit(SECRET, "Name", "a", "b", NEW),
    Edit(SECRET, "Description", "a", "b", NONE),
    Edit(VPC, "CidrBlock", "10.0.0.0/16", "10.1.0.0/16", NEW),
    Edit(VPC, "EnableDnsHostnames", True, False, NONE),
    Edit(VPC, "InstanceTenancy", "default", "dedicated", NEW),
    Edit(VPC, "InstanceTenancy", "dedicated", "default", NONE),
    Edit(SUBNET, "CidrBlock", "10.0.0.0/24", "10.0.1.0/24", NEW),
    Edit(SUBNET, "AvailabilityZone", "a", "b", NEW),
    Edit(SUBNET, "MapPublicIpOnLaunch", False, True, NONE),
    Edit(ENDPOINT, "ServiceName", "a", "b", NEW),
    Edit(ENDPOINT, "PolicyDocument", ALLOW, DENY, NONE),
    Edit(FLOW_LOG, "TrafficType", "ALL", "REJECT", NEW),
    Edit(FLOW_LOG, "LogFormat", "a", "b", NEW),
    Edit(ROUTES, "VpcId", "a", "b", NEW),
    Edit(SECURITY_GROUP, "GroupDescription", "a", "b", NEW),
    Edit(SECURITY_GROUP, "SecurityGroupIngress", [], [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}], NONE),
)


def template(edit: Edit, value: Any) -> dict[str, Any]:
    properties = {"Unrelated": "same", **({edit.path: copy.deepcopy(value)} if value is not None else {})}
    return {"Resources": {"It": {"Type": edit.type, "Properties": properties}}}


def foretold(edit: Edit) -> Behaviour:
    (change,) = compare(template(edit, edit.old), template(edit, edit.new))
    if any(entry.refused for entry in change.properties):
        return FAILS
    if any(entry.interrupts for entry in change.properties) and change.replacement == "never":
        return SOME
    return {"never": NONE, "always": NEW, "maybe": SOME}[change.replacement]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.type}.{edit.path}: {edit.old} to {edit.new}"[:90])
def test_the_forecast_of_an_edit_is_what_is_documented(edit: Edit) -> None:
    assert foretold(edit) == edit.documented


def test_the_table_has_sixty_edits_of_properties_that_exist() -> None:
    assert len(EDITS) >= 60
    unknown = {(row.type, row.path) for row in EDITS if row.path not in (registry.schema(row.type) or {})["properties"]}
    assert unknown == set()


def test_no_fact_of_ours_is_in_the_registry_by_now() -> None:
    stale = []
    for fact in FACTS:
        change = Difference(fact.keys, "changed", "a", "default" if fact.replacement == "never" else "b")
        if fact.replacement and replacement_by_registry(fact.type, change) == fact.replacement:
            stale.append(fact)
        if fact.refused and replacement_by_registry(fact.type, change) != "never":
            stale.append(fact)
    assert stale == []
    assert CHECKED.startswith("2026-")
