"""Small templates that AWS refuses, by the rule that says so, as ``Case``; and ones like them that it takes.

A template is what people write by hand or get from SAM, Serverless or Zappa: only what the rule is about is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "Role": "arn:aws:iam::123456789012:role/app",
        "Code": {"ZipFile": "def handler(*_): pass"},
    },
}
API = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}}
HTTP = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api", "ProtocolType": "HTTP"}}
POOL = {"Type": "AWS::Cognito::UserPool", "Properties": {}}
BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {}}
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
ROOT = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}
MANAGED = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
ALLOW_ALL = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A template, and what AWS refuses of it: ``rule`` is empty for one that it takes."""

    rule: str
    name: str
    resources: dict[str, Any]
    region: str = "eu-west-1"
    more: dict[str, Any] = field(default_factory=dict)
    """Other sections of the template."""


def of(kind: str, **properties: Any) -> dict[str, Any]:
    """A resource."""
    return {"Type": kind, "Properties": properties}


def function(**properties: Any) -> dict[str, Any]:
    """A function, with other properties than the usual ones."""
    return {**FUNCTION, "Properties": {**FUNCTION["Properties"], **properties}}  # type: ignore[dict-item]


def path(part: str, parent: Any = None) -> dict[str, Any]:
    """A resource of the API: part of a path."""
    parent = parent or {"Fn::GetAtt": ["Api", "RootResourceId"]}
    return of("AWS::ApiGateway::Resource", RestApiId={"Ref": "Api"}, ParentId=parent, PathPart=part)


def method(verb: str = "GET", **more: Any) -> dict[str, Any]:
    """A method of the API's root."""
    properties: dict[str, Any] = {"AuthorizationType": "NONE", "Integration": {"Type": "MOCK"}, **more}
    place = {"Fn::GetAtt": ["Api", "RootResourceId"]}
    return of("AWS::ApiGateway::Method", RestApiId={"Ref": "Api"}, ResourceId=place, HttpMethod=verb, **properties)


def body(paths: dict[str, Any]) -> dict[str, Any]:
    """An API with its routes in an OpenAPI document."""
    return of("AWS::ApiGateway::RestApi", Name="api", Body={"openapi": "3.0.1", "paths": paths})


def site(behavior: dict[str, Any] | None = None, **config: Any) -> dict[str, Any]:
    """A distribution with one origin."""
    origin = {"Id": "o", "DomainName": "example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}
    plain = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "x"}
    config_of = {"Enabled": True, "Origins": [origin], "DefaultCacheBehavior": {**plain, **(behavior or {})}, **config}
    return of("AWS::CloudFront::Distribution", DistributionConfig=config_of)


def table(**properties: Any) -> dict[str, Any]:
    """A table on demand, with other properties than the usual ones."""
    usual = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }
    return of("AWS::DynamoDB::Table", **{**usual, **properties})


def client(**properties: Any) -> dict[str, Any]:
    """A client of the pool."""
    return of("AWS::Cognito::UserPoolClient", UserPoolId={"Ref": "Pool"}, **properties)


def role(trust: Any = None, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A role with an inline policy of the statements."""
    inline = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}]
    policies = {"Policies": inline} if statements else {}
    return of("AWS::IAM::Role", AssumeRolePolicyDocument=trust or TRUST, **policies, **more)


def bucket_policy(**statement: Any) -> dict[str, Any]:
    """The policy of the bucket, of one statement."""
    usual = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
    return of("AWS::S3::BucketPolicy", Bucket={"Ref": "Bucket"}, PolicyDocument={"Statement": [{**usual, **statement}]})


def permission(**properties: Any) -> dict[str, Any]:
    """A permission to call the function."""
    usual = {"FunctionName": {"Ref": "Fn"}, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    return of("AWS::Lambda::Permission", **{**usual, **properties})


_OUTPUT = {"Fn::GetStackOutput": {"StackName": "data", "OutputName": "Pool"}}
_QUEUE = of("AWS::SQS::Queue")
_RULE = of("AWS::Events::Rule", ScheduleExpression="rate(1 hour)", Targets=[])
_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
_PLAN = {"Api": API, "Root": method(), "Deployment": of("AWS::ApiGateway::Deployment", RestApiId={"Ref": "Api"})}

CASES: tuple[Case, ...] = (
    # Templates as a whole.
    Case(
        rule="TEMPLATE-SIZE",
        name="201 parameters",
        resources={"B": BUCKET},
        more={"Parameters": {f"P{n}": {"Type": "String", "Default": "x"} for n in range(201)}},
    ),
    Case(rule="TEMPLATE-SIZE", name="501 resources", resources={f"B{n}": BUCKET for n in range(501)}),
    Case(
        rule="TEMPLATE-SIZE",
        name="201 outputs",
        resources={"B": BUCKET},
        more={"Outputs": {f"O{n}": {"Value": "x"} for n in range(201)}},
    ),
    Case(rule="TEMPLATE-SIZE", name="long description", resources={"B": BUCKET}, more={"Description": "x" * 1025}),
    Case(
        rule="TEMPLATE-NAMES",
        name="dash in an output",
        resources={"B": BUCKET},
        more={"Outputs": {"a-b": {"Value": 1}}},
    ),
    Case(
        rule="TEMPLATE-PARAMETER",
        name="default that is not allowed",
        resources={"B": BUCKET},
        more={"Parameters": {"Size": {"Type": "String", "Default": "m", "AllowedValues": ["s", "l"]}}},
    ),
    # References.
    Case(
        rule="REFERENCE-POSITION",
        name="in a map of Sub",
        resources={"B": of("AWS::S3::Bucket", BucketName={"Fn::Sub": ["${A}-x", {"A": _OUTPUT}]})},
    ),
    Case(
        rule="REFERENCE-POSITION",
        name="in Base64, below Join",
        resources={"B": of("AWS::S3::Bucket", BucketName={"Fn::Base64": {"Fn::Join": ["", [_OUTPUT]]}})},
    ),
    Case(
        rule="REFERENCE-POSITION",
        name="in an output",
        resources={"B": BUCKET},
        more={"Outputs": {"O": {"Value": _OUTPUT}}},
    ),
    Case(
        rule="REFERENCE-POSITION",
        name="in a condition",
        resources={"B": BUCKET},
        more={"Conditions": {"C": {"Fn::Equals": [_OUTPUT, "x"]}}},
    ),
    Case(
        rule="",
        name="reference in Join and alone",
        resources={
            "B": of(
                "AWS::S3::Bucket", BucketName={"Fn::Join": ["-", [_OUTPUT, "x"]]}, Tags=[{"Key": "a", "Value": _OUTPUT}]
            )
        },
    ),
    # API Gateway.
    Case(rule="API-SIBLINGS", name="two variables", resources={"Api": API, "A": path("{id}"), "B": path("{name}")}),
    Case(
        rule="API-SIBLINGS", name="variable and proxy", resources={"Api": API, "A": path("{id}"), "B": path("{proxy+}")}
    ),
    Case(
        rule="API-SIBLINGS", name="the same part twice", resources={"Api": API, "A": path("notes"), "B": path("notes")}
    ),
    Case(
        rule="API-SIBLINGS",
        name="two variables in a body",
        resources={"Api": body({"/notes/{id}": {"get": {}}, "/notes/{name}/tags": {"get": {}}})},
    ),
    Case(
        rule="API-SIBLINGS",
        name="two variables of an HTTP API",
        resources={
            "Api": HTTP,
            "A": of("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="GET /notes/{id}"),
            "B": of("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="POST /notes/{name}/tags"),
        },
    ),
    Case(
        rule="API-SIBLINGS",
        name="two variables in the body of an HTTP API",
        resources={
            "Api": of(
                "AWS::ApiGatewayV2::Api",
                Body={"openapi": "3.0.1", "paths": {"/a/{id}": {"get": {}}, "/a/{name}/b": {"get": {}}}},
            )
        },
    ),
    Case(
        rule="",
        name="a variable and a greedy one of an HTTP API",
        resources={
            "Api": HTTP,
            "A": of("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="GET /notes/{id}"),
            "B": of("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="GET /notes/{rest+}"),
        },
    ),
    Case(
        rule="",
        name="variables at different places",
        resources={"Api": API, "A": path("{id}"), "B": path("notes"), "C": path("{name}", {"Ref": "B"})},
    ),
    Case(rule="API-PATH-PART", name="slash", resources={"Api": API, "A": path("notes/{id}")}),
    Case(rule="API-PATH-PART", name="half a variable", resources={"Api": API, "A": path("note-{id}")}),
    Case(
        rule="API-GREEDY",
        name="below proxy",
        resources={"Api": API, "A": path("{proxy+}"), "B": path("x", {"Ref": "A"})},
    ),
    Case(rule="API-GREEDY", name="in a body", resources={"Api": body({"/{proxy+}/x": {"get": {}}})}),
    Case(rule="API-METHOD-NAME", name="small letters", resources={"Api": API, "M": method("get")}),
    Case(rule="API-BODY", name="method in capitals", resources={"Api": body({"/notes": {"GET": {}}})}),
    Case(rule="API-BODY", name="path without slash", resources={"Api": body({"notes": {"get": {}}})}),
    Case(
        rule="API-ROUTE-KEY",
        name="small letters",
        resources={"Api": HTTP, "R": of("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="get /notes")},
    ),
    Case(
        rule="API-ROUTE-KEY",
        name="twice",
        resources={
            "Api": HTTP,
            "A": of("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="GET /notes"),
            "B": of("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="GET /notes"),
        },
    ),
    Case(rule="API-METHOD-TWICE", name="twice", resources={"Api": API, "A": method(), "B": method()}),
    Case(rule="API-STAGE-NAME", name="dot", resources={"S": of("AWS::ApiGateway::Stage", StageName="prod.eu")}),
    Case(
        rule="API-STAGE-NAME",
        name="dot by a parameter's default",
        resources={"S": of("AWS::ApiGateway::Stage", StageName={"Ref": "Stage"})},
        more={"Parameters": {"Stage": {"Type": "String", "Default": "prod.eu"}}},
    ),
    Case(
        rule="API-STAGE-NAME",
        name="dot in the branch that a condition chooses",
        resources={"S": of("AWS::ApiGateway::Stage", StageName={"Fn::If": ["Eu", "prod.eu", "prod"]})},
        more={"Conditions": {"Eu": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}},
    ),
    Case(
        rule="",
        name="dot in the other branch",
        resources={"S": of("AWS::ApiGateway::Stage", StageName={"Fn::If": ["Eu", "prod", "prod.us"]})},
        more={"Conditions": {"Eu": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}},
    ),
    Case(
        rule="API-INTEGRATION",
        name="ARN of a function",
        resources={
            "Fn": FUNCTION,
            "Api": API,
            "M": method(Integration={"Type": "AWS_PROXY", "Uri": {"Fn::GetAtt": ["Fn", "Arn"]}}),
        },
    ),
    Case(
        rule="API-INTEGRATION",
        name="none",
        resources={**_PLAN, "M": method("POST", Integration={"Ref": "AWS::NoValue"})},
    ),
    Case(rule="API-EMPTY", name="no method", resources={"Api": API, "D": _PLAN["Deployment"]}),
    Case(rule="API-EMPTY", name="no method in the body", resources={"Api": body({}), "D": _PLAN["Deployment"]}),
    Case(rule="API-AUTHORIZER", name="no function", resources={"A": of("AWS::ApiGateway::Authorizer", Type="TOKEN")}),
    Case(rule="API-AUTHORIZER", name="no authorizer", resources={"Api": API, "M": method(AuthorizationType="CUSTOM")}),
    Case(
        rule="API-AUTHORIZER",
        name="issuer over http",
        resources={
            "A": of(
                "AWS::ApiGatewayV2::Authorizer",
                AuthorizerType="JWT",
                JwtConfiguration={"Issuer": "http://example.com", "Audience": ["x"]},
            )
        },
    ),
    Case(
        rule="API-PRIVATE",
        name="no policy",
        resources={**_PLAN, "Api": of("AWS::ApiGateway::RestApi", EndpointConfiguration={"Types": ["PRIVATE"]})},
    ),
    Case(
        rule="API-CERT-REGION",
        name="edge-optimized outside of us-east-1",
        resources={
            "D": of("AWS::ApiGateway::DomainName", CertificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/x")
        },
    ),
    Case(
        rule="WAF-TARGET",
        name="HTTP API",
        resources={
            "Api": HTTP,
            "W": of(
                "AWS::WAFv2::WebACLAssociation",
                ResourceArn={"Fn::Sub": "arn:aws:apigateway:${AWS::Region}::/apis/${Api}/stages/$default"},
            ),
        },
    ),
    Case(
        rule="API-PATH-TWICE",
        name="twice",
        resources={n: of("AWS::ApiGateway::BasePathMapping", DomainName="api.example.com") for n in ("A", "B")},
    ),
    Case(rule="", name="API with methods", resources=_PLAN),
    # Lambda.
    Case(rule="FN-MEMORY-RANGE", name="20,000 MB", resources={"Fn": function(MemorySize=20_000)}),
    Case(rule="FN-MEMORY-RANGE", name="as text", resources={"Fn": function(MemorySize="64")}),
    Case(
        rule="FN-MEMORY-RANGE",
        name="by a mapping",
        resources={"Fn": function(MemorySize={"Fn::FindInMap": ["Sizes", "large", "memory"]})},
        more={"Mappings": {"Sizes": {"large": {"memory": 20_000}}}},
    ),
    Case(
        rule="FN-VARIABLES",
        name="nested map",
        resources={"Fn": function(Environment={"Variables": {"DB": {"host": "x"}}})},
    ),
    Case(rule="FN-VARIABLES", name="not below Variables", resources={"Fn": function(Environment={"Stage": "dev"})}),
    Case(
        rule="FN-VARIABLES", name="reserved", resources={"Fn": function(Environment={"Variables": {"AWS_REGION": "x"}})}
    ),
    Case(
        rule="FN-VARIABLES", name="too many", resources={"Fn": function(Environment={"Variables": {"BIG": "x" * 4096}})}
    ),
    Case(rule="FN-PACKAGE", name="no handler", resources={"Fn": function(Handler="")}),
    Case(rule="FN-PACKAGE", name="image with a handler", resources={"Fn": function(PackageType="Image")}),
    Case(
        rule="FN-LAYERS",
        name="six",
        resources={"Fn": function(Layers=[f"arn:aws:lambda:eu-west-1:123456789012:layer:l{n}:1" for n in range(6)])},
    ),
    Case(
        rule="FN-LAYERS",
        name="no version",
        resources={"Fn": function(Layers=["arn:aws:lambda:eu-west-1:123456789012:layer:l"])},
    ),
    Case(rule="FN-NETWORK", name="no groups", resources={"Fn": function(VpcConfig={"SubnetIds": ["subnet-1"]})}),
    Case(
        rule="FN-SNAPSTART",
        name="old Python",
        resources={"Fn": function(Runtime="python3.11", SnapStart={"ApplyOn": "PublishedVersions"})},
    ),
    Case(
        rule="FN-ALIAS",
        name="provisioned on $LATEST",
        resources={
            "A": of(
                "AWS::Lambda::Alias",
                FunctionVersion="$LATEST",
                ProvisionedConcurrencyConfig={"ProvisionedConcurrentExecutions": 1},
            )
        },
    ),
    Case(
        rule="EVENT-PERMISSION",
        name="SourceAccount",
        resources={"Fn": FUNCTION, "P": permission(SourceAccount={"Ref": "AWS::AccountId"})},
    ),
    Case(
        rule="FN-PERMISSION-SOURCE",
        name="objects of a bucket",
        resources={"Fn": FUNCTION, "P": permission(Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::b/*")},
    ),
    Case(
        rule="BUCKET-NOTIFICATION",
        name="no permission",
        resources={
            "Fn": FUNCTION,
            "Bucket": of(
                "AWS::S3::Bucket",
                NotificationConfiguration={
                    "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": {"Fn::GetAtt": ["Fn", "Arn"]}}]
                },
            ),
        },
    ),
    Case(
        rule="SOURCE-SETTINGS",
        name="large batch without a window",
        resources={
            "Q": _QUEUE,
            "M": of("AWS::Lambda::EventSourceMapping", EventSourceArn={"Fn::GetAtt": ["Q", "Arn"]}, BatchSize=100),
        },
    ),
    Case(
        rule="SOURCE-SETTINGS",
        name="stream without a position",
        resources={
            "T": table(),
            "M": of("AWS::Lambda::EventSourceMapping", EventSourceArn={"Fn::GetAtt": ["T", "StreamArn"]}),
        },
    ),
    Case(
        rule="SOURCE-VISIBILITY",
        name="function runs longer",
        resources={
            "Q": _QUEUE,
            "Fn": function(Timeout=60),
            "M": of(
                "AWS::Lambda::EventSourceMapping",
                EventSourceArn={"Fn::GetAtt": ["Q", "Arn"]},
                FunctionName={"Ref": "Fn"},
            ),
        },
    ),
    Case(
        rule="FN-DEAD-LETTERS",
        name="FIFO queue",
        resources={
            "Q": of("AWS::SQS::Queue", FifoQueue=True, QueueName="q.fifo"),
            "Fn": function(DeadLetterConfig={"TargetArn": {"Fn::GetAtt": ["Q", "Arn"]}}),
        },
    ),
    Case(
        rule="FN-STATEMENT-ACTION",
        name="no service",
        resources={"Fn": FUNCTION, "P": permission(Action="InvokeFunction")},
    ),
    Case(
        rule="FN-PERMISSION-PRINCIPAL",
        name="half a service",
        resources={"Fn": FUNCTION, "P": permission(Principal="events")},
    ),
    Case(
        rule="",
        name="a function and its permission",
        resources={"Fn": FUNCTION, "R": _RULE, "P": permission(SourceArn={"Fn::GetAtt": ["R", "Arn"]})},
    ),
    # CloudFront and WAF.
    Case(
        rule="CDN-METHODS",
        name="none of the three sets",
        resources={"D": site({"AllowedMethods": ["GET", "HEAD", "POST"]})},
    ),
    Case(
        rule="CDN-METHODS",
        name="cached, not allowed",
        resources={"D": site({"CachedMethods": ["GET", "HEAD", "OPTIONS"]})},
    ),
    Case(
        rule="",
        name="all methods",
        resources={"D": site({"AllowedMethods": _METHODS, "CachedMethods": ["HEAD", "GET"]})},
    ),
    Case(rule="CDN-TARGET", name="no such origin", resources={"D": site({"TargetOriginId": "x"})}),
    Case(
        rule="CDN-ORIGIN-KIND",
        name="no kind",
        resources={"D": site(Origins=[{"Id": "o", "DomainName": "example.com"}])},
    ),
    Case(
        rule="CDN-ERROR-PAGE",
        name="no code",
        resources={"D": site(CustomErrorResponses=[{"ErrorCode": 404, "ResponsePagePath": "/404.html"}])},
    ),
    Case(rule="CDN-TTL", name="least over most", resources={"D": site({"MinTTL": 10, "MaxTTL": 5})}),
    Case(rule="CDN-CACHE-SETTINGS", name="both", resources={"D": site({"ForwardedValues": {"QueryString": False}})}),
    Case(
        rule="CDN-FUNCTIONS",
        name="$LATEST",
        resources={
            "D": site(
                {
                    "LambdaFunctionAssociations": [
                        {
                            "EventType": "viewer-request",
                            "LambdaFunctionARN": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
                        }
                    ]
                }
            )
        },
    ),
    Case(
        rule="CDN-VIEWER",
        name="no method",
        resources={
            "D": site(ViewerCertificate={"AcmCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/x"})
        },
    ),
    Case(
        rule="CDN-CERT-REGION",
        name="another region",
        resources={
            "D": site(
                ViewerCertificate={
                    "AcmCertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x",
                    "SslSupportMethod": "sni-only",
                }
            )
        },
    ),
    Case(rule="CDN-ALIAS", name="no certificate", resources={"D": site(Aliases=["www.example.com"])}),
    Case(
        rule="CDN-ORIGIN-DOMAIN",
        name="scheme",
        resources={"D": site(Origins=[{"Id": "o", "DomainName": "https://example.com", "CustomOriginConfig": {}}])},
    ),
    Case(
        rule="CDN-LOG-LISTS",
        name="bucket without lists",
        resources={"L": BUCKET, "D": site(Logging={"Bucket": {"Fn::GetAtt": ["L", "DomainName"]}})},
    ),
    Case(
        rule="CDN-WAF-SCOPE",
        name="regional",
        resources={"D": site(WebACLId="arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b")},
    ),
    Case(
        rule="WAF-REGION",
        name="outside of us-east-1",
        resources={"W": of("AWS::WAFv2::WebACL", Scope="CLOUDFRONT", DefaultAction={"Allow": {}})},
    ),
    Case(
        rule="WAF-PRIORITY",
        name="twice",
        resources={
            "W": of(
                "AWS::WAFv2::WebACL",
                Scope="REGIONAL",
                DefaultAction={"Allow": {}},
                Rules=[{"Priority": 1, "Action": {"Block": {}}, "Statement": {"GeoMatchStatement": {}}}] * 2,
            )
        },
    ),
    Case(
        rule="WAF-RULE",
        name="group with an action",
        resources={
            "W": of(
                "AWS::WAFv2::WebACL",
                DefaultAction={"Allow": {}},
                Rules=[{"Priority": 1, "Action": {"Block": {}}, "Statement": {"ManagedRuleGroupStatement": {}}}],
            )
        },
    ),
    Case(
        rule="WAF-LOG-NAME",
        name="another name",
        resources={
            "G": of("AWS::Logs::LogGroup", LogGroupName="waf"),
            "L": of("AWS::WAFv2::LoggingConfiguration", LogDestinationConfigs=[{"Fn::GetAtt": ["G", "Arn"]}]),
        },
    ),
    # Cognito.
    Case(rule="USERS-PREFIX", name="aws", resources={"D": of("AWS::Cognito::UserPoolDomain", Domain="my-aws-app")}),
    Case(rule="CLIENT-CALLBACK", name="http", resources={"C": client(CallbackURLs=["http://example.com"])}),
    Case(
        rule="CLIENT-SECRET",
        name="no secret",
        resources={
            "C": client(
                AllowedOAuthFlowsUserPoolClient=True,
                AllowedOAuthFlows=["client_credentials"],
                AllowedOAuthScopes=["a/b"],
            )
        },
    ),
    Case(
        rule="CLIENT-OAUTH",
        name="no scopes",
        resources={
            "C": client(AllowedOAuthFlowsUserPoolClient=True, AllowedOAuthFlows=["code"], CallbackURLs=["https://a.b"])
        },
    ),
    Case(
        rule="CLIENT-FLOWS",
        name="both generations",
        resources={"C": client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ADMIN_NO_SRP_AUTH"])},
    ),
    Case(
        rule="CLIENT-LIFETIME",
        name="a minute",
        resources={"C": client(AccessTokenValidity=1, TokenValidityUnits={"AccessToken": "minutes"})},
    ),
    Case(
        rule="CLIENT-LIFETIME",
        name="outlives refresh",
        resources={
            "C": client(AccessTokenValidity=24, RefreshTokenValidity=2, TokenValidityUnits={"RefreshToken": "hours"})
        },
    ),
    Case(
        rule="CLIENT-ATTRIBUTES",
        name="not described",
        resources={"Pool": POOL, "C": client(WriteAttributes=["custom:team"])},
    ),
    Case(
        rule="USERS-NAMES",
        name="both",
        resources={"Pool": of("AWS::Cognito::UserPool", UsernameAttributes=["email"], AliasAttributes=["email"])},
    ),
    Case(
        rule="USERS-FACTORS", name="no factor", resources={"Pool": of("AWS::Cognito::UserPool", MfaConfiguration="ON")}
    ),
    Case(
        rule="",
        name="a second factor by SMS, as pools of before EnabledMfas",
        resources={
            "Pool": of(
                "AWS::Cognito::UserPool",
                MfaConfiguration="OPTIONAL",
                SmsConfiguration={"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"},
            )
        },
    ),
    Case(
        rule="",
        name="an access point, and an operator in small letters",
        resources={
            "R": role(
                Policies=[
                    {
                        "PolicyName": "p",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "s3:GetObject",
                                    "Resource": "arn:aws:s3:eu-west-1:123456789012:accesspoint/a/object/*",
                                    "Condition": {"bool": {"aws:SecureTransport": "true"}},
                                }
                            ],
                        },
                    }
                ]
            )
        },
    ),
    Case(
        rule="USERS-FACTORS",
        name="recovery by the factor",
        resources={
            "Pool": of(
                "AWS::Cognito::UserPool",
                MfaConfiguration="OPTIONAL",
                EnabledMfas=["EMAIL_OTP"],
                EmailConfiguration={
                    "EmailSendingAccount": "DEVELOPER",
                    "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/a",
                },
                AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
            )
        },
    ),
    Case(
        rule="USERS-TIER",
        name="protection without PLUS",
        resources={"Pool": of("AWS::Cognito::UserPool", UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"})},
    ),
    Case(
        rule="USERS-MAIL",
        name="no identity",
        resources={"Pool": of("AWS::Cognito::UserPool", EmailConfiguration={"EmailSendingAccount": "DEVELOPER"})},
    ),
    Case(
        rule="USERS-SCHEMA",
        name="required",
        resources={"Pool": of("AWS::Cognito::UserPool", Schema=[{"Name": "team", "Required": True}])},
    ),
    Case(
        rule="USERS-DOMAIN-CERT",
        name="another region",
        resources={
            "D": of(
                "AWS::Cognito::UserPoolDomain",
                Domain="auth.example.com",
                CustomDomainConfig={"CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x"},
            )
        },
    ),
    # Tables, buckets, queues, secrets, tags.
    Case(
        rule="TABLE-KEYS",
        name="not defined",
        resources={"T": table(AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "S"}])},
    ),
    Case(rule="TABLE-CAPACITY", name="neither", resources={"T": table(BillingMode="PROVISIONED")}),
    Case(
        rule="TABLE-PROJECTION",
        name="names without INCLUDE",
        resources={
            "T": table(
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": "by-id",
                        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL", "NonKeyAttributes": ["a"]},
                    }
                ]
            )
        },
    ),
    Case(
        rule="TABLE-REPLICAS",
        name="elsewhere",
        resources={
            "T": {**table(Replicas=[{"Region": "us-east-1"}]), "Type": "AWS::DynamoDB::GlobalTable"},
        },
    ),
    Case(
        rule="TABLE-IMPORT",
        name="local index",
        resources={
            "T": table(
                ImportSourceSpecification={"InputFormat": "CSV"},
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "no", "KeyType": "RANGE"}],
                AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("id", "no", "at")],
                LocalSecondaryIndexes=[
                    {
                        "IndexName": "by-at",
                        "KeySchema": [
                            {"AttributeName": "id", "KeyType": "HASH"},
                            {"AttributeName": "at", "KeyType": "RANGE"},
                        ],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
            )
        },
    ),
    Case(rule="TABLE-NAME", name="space", resources={"T": table(TableName="my table")}),
    Case(
        rule="TABLE-INDEXES",
        name="six local ones",
        resources={
            "T": of(
                "AWS::DynamoDB::Table",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("id", "at", *"abcdef")],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
                LocalSecondaryIndexes=[
                    {
                        "IndexName": f"by-{name}",
                        "KeySchema": [
                            {"AttributeName": "id", "KeyType": "HASH"},
                            {"AttributeName": name, "KeyType": "RANGE"},
                        ],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                    for name in "abcdef"
                ],
            )
        },
    ),
    Case(rule="BUCKET-NAME", name="capitals", resources={"B": of("AWS::S3::Bucket", BucketName="MyBucket")}),
    Case(
        rule="BUCKET-LISTS",
        name="public website of old",
        resources={"B": of("AWS::S3::Bucket", AccessControl="PublicRead")},
    ),
    Case(
        rule="BUCKET-POLICY-PUBLIC",
        name="blocked by default",
        resources={"Bucket": BUCKET, "P": bucket_policy(Effect="Allow", Action="s3:GetObject")},
    ),
    Case(
        rule="BUCKET-LIFECYCLE",
        name="too early",
        resources={
            "B": of(
                "AWS::S3::Bucket",
                LifecycleConfiguration={
                    "Rules": [
                        {"Status": "Enabled", "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 7}]}
                    ]
                },
            )
        },
    ),
    Case(
        rule="BUCKET-SETTINGS",
        name="replication without versions",
        resources={"B": of("AWS::S3::Bucket", ReplicationConfiguration={"Role": "x", "Rules": []})},
    ),
    Case(
        rule="MESSAGES-FIFO",
        name="dead letters of another kind",
        resources={
            "D": _QUEUE,
            "Q": of(
                "AWS::SQS::Queue",
                FifoQueue=True,
                RedrivePolicy={"deadLetterTargetArn": {"Fn::GetAtt": ["D", "Arn"]}, "maxReceiveCount": 3},
            ),
        },
    ),
    Case(
        rule="SECRET-VALUE",
        name="a text, and one generated as usual",
        resources={"S": of("AWS::SecretsManager::Secret", SecretString="x", GenerateSecretString={})},
    ),
    Case(
        rule="SECRET-VALUE",
        name="both",
        resources={
            "S": of(
                "AWS::SecretsManager::Secret", SecretString="{{resolve:x}}", GenerateSecretString={"PasswordLength": 32}
            )
        },
    ),
    Case(
        rule="PARAMETER-VALUE",
        name="too long",
        resources={"P": of("AWS::SSM::Parameter", Type="String", Value="x" * 4097)},
    ),
    Case(
        rule="PARAMETER-NAME",
        name="reserved",
        resources={"P": of("AWS::SSM::Parameter", Type="String", Value="x", Name="/aws/x")},
    ),
    Case(
        rule="PARAMETER-TYPE",
        name="SecureString",
        resources={"P": of("AWS::SSM::Parameter", Type="SecureString", Value="x")},
    ),
    Case(rule="TAGS", name="reserved", resources={"B": of("AWS::S3::Bucket", Tags=[{"Key": "aws:x", "Value": "y"}])}),
    # Policies and keys.
    Case(
        rule="POLICY-GRAMMAR",
        name="principal in a role's policy",
        resources={"R": role(None, {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})},
    ),
    Case(
        rule="POLICY-GRAMMAR",
        name="no resource",
        resources={"R": role(None, {"Effect": "Allow", "Action": "s3:GetObject"})},
    ),
    Case(
        rule="POLICY-GRAMMAR",
        name="resource in a trust",
        resources={"R": role({"Statement": [{**TRUST["Statement"][0], "Resource": "*"}]})},
    ),
    Case(
        rule="POLICY-GRAMMAR",
        name="other actions in a trust",
        resources={"R": role({"Statement": [{**TRUST["Statement"][0], "Action": "s3:GetObject"}]})},
    ),
    Case(
        rule="POLICY-GRAMMAR",
        name="unknown operator",
        resources={
            "R": role(
                None,
                {
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": "*",
                    "Condition": {"StringMatches": {"a": "b"}},
                },
            )
        },
    ),
    Case(
        rule="POLICY-ACTION",
        name="no service",
        resources={"R": role(None, {"Effect": "Allow", "Action": "GetObject", "Resource": "*"})},
    ),
    Case(
        rule="POLICY-ARN",
        name="service with a star",
        resources={
            "R": role(None, {"Effect": "Allow", "Action": "tag:GetResources", "Resource": "arn:aws:*:eu-west-1:*:*"})
        },
    ),
    Case(
        rule="POLICY-ARN",
        name="region in IAM",
        resources={
            "R": role(
                None,
                {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam:eu-west-1:123456789012:role/x"},
            )
        },
    ),
    Case(
        rule="POLICY-PRINCIPAL",
        name="wildcard",
        resources={
            "R": role(
                {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": "arn:aws:iam::123456789012:role/*"},
                            "Action": "sts:AssumeRole",
                        }
                    ]
                }
            )
        },
    ),
    Case(
        rule="POLICY-PRINCIPAL",
        name="service without a domain",
        resources={
            "R": role(
                {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda"}, "Action": "sts:AssumeRole"}]}
            )
        },
    ),
    Case(
        rule="POLICY-SIZE",
        name="long",
        resources={
            "R": role(
                None,
                *(
                    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{'x' * 40}{n:04}/*"}
                    for n in range(120)
                ),
            )
        },
    ),
    Case(
        rule="IAM-MANAGED",
        name="without its path",
        resources={"R": role(ManagedPolicyArns=["arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"])},
    ),
    Case(
        rule="BUCKET-POLICY-RESOURCE",
        name="another bucket",
        resources={
            "Bucket": of("AWS::S3::Bucket", BucketName="mine"),
            "P": bucket_policy(Resource="arn:aws:s3:::other/*"),
        },
    ),
    Case(
        rule="BUCKET-POLICY-RESOURCE",
        name="objects of the bucket alone",
        resources={
            "Bucket": BUCKET,
            "P": bucket_policy(Action="s3:GetObject", Resource={"Fn::GetAtt": ["Bucket", "Arn"]}),
        },
    ),
    Case(
        rule="TOPIC-POLICY",
        name="sns:*",
        resources={
            "P": of(
                "AWS::SNS::TopicPolicy",
                Topics=["x"],
                PolicyDocument={
                    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": "*"}]
                },
            )
        },
    ),
    Case(
        rule="QUEUE-POLICY",
        name="eight actions",
        resources={
            "P": of(
                "AWS::SQS::QueuePolicy",
                Queues=["x"],
                PolicyDocument={
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": "*",
                            "Action": [f"sqs:A{n}" for n in range(8)],
                            "Resource": "*",
                        }
                    ]
                },
            )
        },
    ),
    Case(
        rule="KEY-LOCKED",
        name="nobody",
        resources={
            "K": of(
                "AWS::KMS::Key",
                KeyPolicy={
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "logs.amazonaws.com"},
                            "Action": "kms:*",
                            "Resource": "*",
                        }
                    ]
                },
            )
        },
    ),
    Case(
        rule="TRAIL-KEY-POLICY",
        name="may encrypt, not describe",
        resources={
            "K": of(
                "AWS::KMS::Key",
                KeyPolicy={
                    "Statement": [
                        MANAGED,
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudtrail.amazonaws.com"},
                            "Action": "kms:GenerateDataKey*",
                            "Resource": "*",
                        },
                    ]
                },
            ),
            "T": of("AWS::CloudTrail::Trail", S3BucketName="x", KMSKeyId={"Fn::GetAtt": ["K", "Arn"]}),
        },
    ),
    Case(
        rule="TRAIL-BUCKET-POLICY",
        name="none",
        resources={"B": BUCKET, "T": of("AWS::CloudTrail::Trail", S3BucketName={"Ref": "B"})},
    ),
    Case(
        rule="LOG-KEY-POLICY",
        name="key for others",
        resources={
            "K": of("AWS::KMS::Key", KeyPolicy={"Statement": [MANAGED]}),
            "G": of("AWS::Logs::LogGroup", KmsKeyId={"Fn::GetAtt": ["K", "Arn"]}),
        },
    ),
    # Networks.
    Case(rule="CIDR", name="plain text", resources={"V": of("AWS::EC2::VPC", CidrBlock="ten-dot-zero")}),
    Case(rule="CIDR", name="no prefix", resources={"V": of("AWS::EC2::VPC", CidrBlock="10.0.0.0")}),
    Case(
        rule="CIDR",
        name="an octet too large",
        resources={
            "G": of(
                "AWS::EC2::SecurityGroup",
                GroupDescription="x",
                SecurityGroupIngress=[{"IpProtocol": "-1", "CidrIp": "10.0.0.256/32"}],
            )
        },
    ),
    Case(rule="CIDR-SIZE", name="/8", resources={"V": of("AWS::EC2::VPC", CidrBlock="10.0.0.0/8")}),
    Case(
        rule="SUBNET-RANGE",
        name="outside",
        resources={"V": VPC, "S": of("AWS::EC2::Subnet", VpcId={"Ref": "V"}, CidrBlock="10.1.0.0/24")},
    ),
    Case(
        rule="SUBNET-RANGE",
        name="overlapping",
        resources={
            "V": VPC,
            **{
                n: of("AWS::EC2::Subnet", VpcId={"Ref": "V"}, CidrBlock=c)
                for n, c in (("A", "10.0.0.0/23"), ("B", "10.0.1.0/24"))
            },
        },
    ),
    Case(
        rule="PORT-RANGE",
        name="backwards",
        resources={
            "G": of(
                "AWS::EC2::SecurityGroup",
                GroupDescription="x",
                SecurityGroupIngress=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 80, "CidrIp": "10.0.0.0/8"}],
            )
        },
    ),
    # Events, alarms, builds, pipelines.
    Case(
        rule="SCHEDULE",
        name="five fields",
        resources={"R": of("AWS::Events::Rule", ScheduleExpression="cron(0 4 * * ?)")},
    ),
    Case(rule="SCHEDULE", name="plural", resources={"R": of("AWS::Events::Rule", ScheduleExpression="rate(1 hours)")}),
    Case(
        rule="SCHEDULE", name="day 0", resources={"R": of("AWS::Events::Rule", ScheduleExpression="cron(0 4 ? * 0 *)")}
    ),
    Case(rule="EVENT-RULE", name="neither", resources={"R": of("AWS::Events::Rule", Name="x")}),
    Case(
        rule="EVENT-RULE",
        name="value that is not a list",
        resources={"R": of("AWS::Events::Rule", EventPattern={"source": "aws.s3"})},
    ),
    Case(
        rule="ALARM",
        name="no period",
        resources={
            "A": of("AWS::CloudWatch::Alarm", MetricName="m", Namespace="n", Statistic="Sum", EvaluationPeriods=1)
        },
    ),
    Case(
        rule="PIPELINE-STAGES",
        name="one stage",
        resources={
            "P": of(
                "AWS::CodePipeline::Pipeline",
                Stages=[{"Name": "Source", "Actions": [{"Name": "s", "ActionTypeId": {"Category": "Source"}}]}],
            )
        },
    ),
    Case(
        rule="BUILD-SOURCE-KIND",
        name="mixed",
        resources={
            "B": of("AWS::CodeBuild::Project", Source={"Type": "CODEPIPELINE"}, Artifacts={"Type": "NO_ARTIFACTS"})
        },
    ),
)
