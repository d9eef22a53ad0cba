"""Templates that AWS refuses because their values do not agree, or their lists are too long; and ones that it takes."""

from __future__ import annotations

from typing import Any

from tests.checks.refused_cases import TRUST, Case, function, of

_CACHED = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "658327ea"}
_ORIGIN = {"Id": "o", "DomainName": "a.example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}
_LAYER = "arn:aws:lambda:{}:123456789012:layer:tools:7"
_COUNTER = "TargetTrackingScalingPolicyConfiguration"


def _site(**config: Any) -> dict[str, Any]:
    base = {"Enabled": True, "Origins": [_ORIGIN], "DefaultCacheBehavior": _CACHED}
    return of("AWS::CloudFront::Distribution", DistributionConfig={**base, **config})


def _table(*keys: str, **more: Any) -> dict[str, Any]:
    schema = [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
    used = {
        *keys,
        *(attribute["AttributeName"] for result in more.values() for attribute in _keys_of(result)),
    }
    defined = [{"AttributeName": name, "AttributeType": "S"} for name in sorted(used)]
    base = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": schema, "AttributeDefinitions": defined}
    return of("AWS::DynamoDB::Table", **base, **more)


def _keys_of(indexes: Any) -> list[dict[str, str]]:
    results = indexes if isinstance(indexes, list) else []
    return [schema for index in results for schema in index["KeySchema"]]


def _index(name: str, *keys: str) -> dict[str, Any]:
    schema = [{"AttributeName": item, "KeyType": kind} for item, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}


def _machine(states: dict[str, Any], start: str = "A") -> dict[str, Any]:
    role = "arn:aws:iam::123456789012:role/machine"
    return of("AWS::StepFunctions::StateMachine", RoleArn=role, Definition={"StartAt": start, "States": states})


def _triggered(patterns: int) -> dict[str, Any]:
    push = [{"FilePaths": {"Includes": [f"p{n}/**" for n in range(patterns)]}}]
    trigger = {"ProviderType": "CodeStarSourceConnection", "GitConfiguration": {"SourceActionName": "s", "Push": push}}
    stages = [
        {"Name": "Source", "Actions": [{"Name": "s", "ActionTypeId": {"Category": "Source"}}]},
        {"Name": "Build", "Actions": [{"Name": "b", "ActionTypeId": {"Category": "Build"}}]},
    ]
    return of("AWS::CodePipeline::Pipeline", Stages=stages, Triggers=[trigger])


def _scaled(metric: str, target: float) -> dict[str, Any]:
    config = {"TargetValue": target, "PredefinedMetricSpecification": {"PredefinedMetricType": metric}}
    return of("AWS::ApplicationAutoScaling::ScalingPolicy", PolicyName="p", **{_COUNTER: config})


def _set(version: str, *addresses: str, scope: str = "REGIONAL") -> dict[str, Any]:
    return of("AWS::WAFv2::IPSet", Scope=scope, IPAddressVersion=version, Addresses=list(addresses))


def _subscribed(protocol: str, endpoint: Any) -> dict[str, Any]:
    topic = "arn:aws:sns:eu-west-1:123456789012:news"
    return of("AWS::SNS::Subscription", TopicArn=topic, Protocol=protocol, Endpoint=endpoint)


def _case(rule: str, name: str, *resources: dict[str, Any], region: str = "eu-west-1") -> Case:
    return Case(
        rule=rule, name=name, resources={f"R{n}": resource for n, resource in enumerate(resources)}, region=region
    )


def _ready(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    ready = {"ProvisionedConcurrentExecutions": number}
    version = of("AWS::Lambda::Version", FunctionName={"Ref": "R0"}, ProvisionedConcurrencyConfig=ready)
    return function(ReservedConcurrentExecutions=5), version


_POLICY = "arn:aws:iam::123456789012:policy/p{}"
_CSV = {"Csv": {"Delimiter": ";"}}
_FROM = {"S3BucketSource": {"S3Bucket": "b"}, "InputCompressionType": "NONE"}
CASES: tuple[Case, ...] = (
    _case("CDN-TARGET", "one path twice", _site(CacheBehaviors=[{**_CACHED, "PathPattern": "/a/*"}] * 2)),
    _case("", "75 behaviours", _site(CacheBehaviors=[{**_CACHED, "PathPattern": f"/{n}"} for n in range(74)])),
    _case("CDN-TARGET", "one id twice", _site(Origins=[_ORIGIN, _ORIGIN])),
    _case("CDN-PATH-PATTERN", "a space", _site(CacheBehaviors=[{**_CACHED, "PathPattern": "/a b"}])),
    _case("CDN-PATH-PATTERN", "256 characters", _site(CacheBehaviors=[{**_CACHED, "PathPattern": "/" + "a" * 255}])),
    _case(
        "CDN-VIEWER",
        "CloudFront's own certificate served by SNI",
        _site(ViewerCertificate={"CloudFrontDefaultCertificate": True, "SslSupportMethod": "sni-only"}),
    ),
    _case(
        "",
        "61 rules, a quota that can be raised",
        of(
            "AWS::EC2::SecurityGroup",
            GroupDescription="x",
            SecurityGroupIngress=[
                {"IpProtocol": "tcp", "FromPort": n, "ToPort": n, "CidrIp": "10.0.0.0/8"} for n in range(61)
            ],
        ),
    ),
    _case(
        "ROLE-POLICIES",
        "26 policies",
        of("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, ManagedPolicyArns=[_POLICY.format(n) for n in range(26)]),
    ),
    _case("PIPELINE-PATTERNS", "nine", _triggered(9)),
    _case("", "eight patterns", _triggered(8)),
    _case(
        "TABLE-INDEX-NAMES",
        "one name twice",
        _table("a", GlobalSecondaryIndexes=[_index("same", "b"), _index("same", "c")]),
    ),
    _case("FN-LAYER-ARN", "another region", function(Layers=[_LAYER.format("us-east-1")])),
    _case("", "a layer of the region", function(Layers=[_LAYER.format("eu-west-1")])),
    _case("", "a layer of any region", function(Layers=[{"Fn::Sub": _LAYER.format("${AWS::Region}")}])),
    _case("FN-RESERVED", "six of five", *_ready(6)),
    _case("", "five of five", *_ready(5)),
    _case(
        "TABLE-KEY-SCHEMA",
        "another partition key",
        _table("a", "b", LocalSecondaryIndexes=[_index("loc", "c", "b")]),
    ),
    _case("TABLE-KEY-SCHEMA", "no sort key", _table("a", LocalSecondaryIndexes=[_index("loc", "a", "c")])),
    _case(
        "TABLE-KEY-SCHEMA",
        "a local and a global index of one name",
        _table(
            "a", "b", LocalSecondaryIndexes=[_index("same", "a", "c")], GlobalSecondaryIndexes=[_index("same", "d")]
        ),
    ),
    _case("", "a local index", _table("a", "b", LocalSecondaryIndexes=[_index("loc", "a", "c")])),
    _case(
        "TABLE-IMPORT-FORMAT",
        "ION",
        _table("a", ImportSourceSpecification={**_FROM, "InputFormat": "ION", "InputFormatOptions": _CSV}),
    ),
    _case(
        "",
        "CSV with its options",
        _table("a", ImportSourceSpecification={**_FROM, "InputFormat": "CSV", "InputFormatOptions": _CSV}),
    ),
    _case("SCALING", "95 %", _scaled("DynamoDBReadCapacityUtilization", 95)),
    _case("", "a target of another service", _scaled("ECSServiceAverageCPUUtilization", 95)),
    _case("SCALING", "from 10 to 5", of("AWS::ApplicationAutoScaling::ScalableTarget", MinCapacity=10, MaxCapacity=5)),
    _case(
        "BUCKET-NAMESPACE",
        "no -an",
        of("AWS::S3::Bucket", BucketName="uploads-x", BucketNamespace="account-regional"),
    ),
    _case(
        "BUCKET-NAMESPACE",
        "another region",
        of("AWS::S3::Bucket", BucketName="a-123456789012-us-east-1-an", BucketNamespace="account-regional"),
    ),
    _case(
        "",
        "a name of the namespace",
        of(
            "AWS::S3::Bucket",
            BucketName={"Fn::Sub": "a-${AWS::AccountId}-${AWS::Region}-an"},
            BucketNamespace="account-regional",
        ),
    ),
    _case("WAF-ADDRESS", "IPv6 among IPv4", _set("IPV4", "10.0.0.0/8", "2001:db8::/32")),
    _case("", "IPv6", _set("IPV6", "2001:db8::/32")),
    _case("WAF-REGION", "a set for CloudFront", _set("IPV4", scope="CLOUDFRONT")),
    _case("", "a set for CloudFront in us-east-1", _set("IPV4", scope="CLOUDFRONT"), region="us-east-1"),
    _case("SNS-ENDPOINT", "e-mail to nobody", _subscribed("email", "nobody")),
    _case("SNS-ENDPOINT", "https over http", _subscribed("https", "http://example.com/hook")),
    _case("SNS-ENDPOINT", "a queue by its address", _subscribed("sqs", "https://sqs.eu-west-1.amazonaws.com/1/q")),
    _case(
        "SNS-ENDPOINT",
        "in a topic",
        of("AWS::SNS::Topic", Subscription=[{"Protocol": "email-json", "Endpoint": "nobody"}]),
    ),
    _case("", "a queue of the stack", _subscribed("sqs", {"Fn::GetAtt": ["R1", "Arn"]}), of("AWS::SQS::Queue")),
    _case("WORKFLOW-STATES", "no such start", _machine({"A": {"Type": "Succeed"}}, start="B")),
    _case("WORKFLOW-STATES", "no such next", _machine({"A": {"Type": "Pass", "Next": "B"}})),
    _case(
        "WORKFLOW-STATES",
        "no such choice, inside of a branch",
        _machine(
            {
                "A": {
                    "Type": "Parallel",
                    "End": True,
                    "Branches": [{"StartAt": "C", "States": {"C": {"Type": "Choice", "Default": "D"}}}],
                }
            }
        ),
    ),
    _case(
        "",
        "a map",
        _machine({"A": {"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "B", "States": {"B": {}}}}}),
    ),
    _case(
        "",
        "a text with substitutions",
        of("AWS::StepFunctions::StateMachine", DefinitionString='{"StartAt": ${start}, "States": {}}'),
    ),
    _case(
        "API-BODY",
        "a response that there is not",
        of(
            "AWS::ApiGateway::RestApi",
            Name="a",
            Body={
                "openapi": "3.0.1",
                "x-amazon-apigateway-gateway-responses": {"TOO_LARGE": {"statusCode": 413}},
                "paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}},
            },
        ),
    ),
    _case("EVENT-BUS-NAME", "the account's own", of("AWS::Events::EventBus", Name="default")),
    _case("", "a partner's bus", of("AWS::Events::EventBus", Name="aws.partner/example.com/orders")),
)

_HEADERS = "AWS::CloudFront::ResponseHeadersPolicy"
_TRUSTED = [{**TRUST["Statement"][0], "Sid": f"S{n}"} for n in range(20)]
ADVICE: tuple[Case, ...] = (
    _case(
        "CDN-BEHAVIORS", "76 of them", _site(CacheBehaviors=[{**_CACHED, "PathPattern": f"/{n}"} for n in range(75)])
    ),
    _case("CDN-ORIGINS", "101 origins", _site(Origins=[_ORIGIN, *({**_ORIGIN, "Id": f"o{n}"} for n in range(100))])),
    _case(
        "ROLE-POLICIES-QUOTA",
        "eleven",
        of("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, ManagedPolicyArns=[_POLICY.format(n) for n in range(11)]),
    ),
    _case(
        "IAM-MANAGED-NAME",
        "a letter is missing",
        of(
            "AWS::IAM::Role",
            AssumeRolePolicyDocument=TRUST,
            ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcces"],
        ),
    ),
    _case("TRUST-SIZE", "20 statements", of("AWS::IAM::Role", AssumeRolePolicyDocument={"Statement": _TRUSTED})),
    _case(
        "TABLE-INDEXES-QUOTA",
        "21 global indexes",
        _table("a", GlobalSecondaryIndexes=[_index(f"by-{n}", "b") for n in range(21)]),
    ),
    _case("FN-TIMEOUT-QUOTA", "901 seconds", function(Timeout=901)),
    _case("API-STAGE-HYPHEN", "a stage", of("AWS::ApiGateway::Stage", RestApiId="a", StageName="prod-eu")),
    _case("API-STAGE-HYPHEN", "of a deployment", of("AWS::ApiGateway::Deployment", RestApiId="a", StageName="prod-eu")),
    _case("API-RESPONSE-LARGE", "a resource", of("AWS::ApiGateway::GatewayResponse", ResponseType="REQUEST_TOO_LARGE")),
    _case(
        "API-RESPONSE-LARGE",
        "in a body",
        of(
            "AWS::ApiGateway::RestApi",
            Name="a",
            Body={"x-amazon-apigateway-gateway-responses": {"REQUEST_TOO_LARGE": {"statusCode": 413}}},
        ),
    ),
)
"""What AWS refuses of accounts whose quota has not been raised, and where its documents disagree: advice."""
