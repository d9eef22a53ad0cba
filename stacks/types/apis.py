"""Types of API Gateway (REST and HTTP APIs) and of AppSync."""

from __future__ import annotations

from stacks.types.record import Missing, OnlyIf, Quota, Type, TypeScope, Wait, arn

_APIGATEWAY_REST_QUOTAS = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
)
_DOMAINS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html"
_FEWER_ROUTES = "Use 'api: {type: rest}', whose routes fit into one resource, or one proxy route for several"
_APIGATEWAY_HTTP_API_QUOTAS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"
APIS: dict[str, Type] = {
    "AWS::ApiGateway::Account": Type(
        scope=TypeScope((arn("apigateway", "/account", account=""),)), hands_roles={"CloudWatchRoleArn": "apigateway"}
    ),
    "AWS::ApiGateway::ApiKey": Type(
        scope=TypeScope(
            (arn("apigateway", "/apikeys/*", account=""),),
            tagged=True,
            creates_on=arn("apigateway", "/apikeys", account=""),
        ),
        count=Quota(
            "",
            10000,
            "API keys (of a region's account)",
            "Use fewer",
            source=_APIGATEWAY_REST_QUOTAS,
        ),
    ),
    "AWS::ApiGateway::Authorizer": Type(
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True),
        hands_roles={"AuthorizerCredentials": "apigateway"},
        each_api=Quota(
            "",
            10,
            "authorizers of an API",
            "Let several routes have one authorizer",
            source=_APIGATEWAY_REST_QUOTAS,
            raisable=True,
        ),
    ),
    "AWS::ApiGateway::BasePathMapping": Type(
        scope=TypeScope((arn("apigateway", "/domainnames/{name}/*", account=""),), name="DomainName", exact=True)
    ),
    "AWS::ApiGateway::Deployment": Type(
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True),
        snapshot=True,
        stage_of="RestApiId",
    ),
    "AWS::ApiGateway::DocumentationPart": Type(
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True)
    ),
    "AWS::ApiGateway::DomainName": Type(
        name="DomainName",
        scope=TypeScope(
            (arn("apigateway", "/domainnames/{name}", account=""),),
            exact=True,
            creates_on=arn("apigateway", "/domainnames", account=""),
        ),
        wait=Wait("API Gateway deploys the domain, which takes minutes", _DOMAINS),
        linked_role="ops.apigateway.amazonaws.com",
        missing=(
            Missing(
                "", "iam:CreateServiceLinkedRole", "apigateway/latest/developerguide/using-service-linked-roles.html"
            ),
        ),
    ),
    "AWS::ApiGateway::GatewayResponse": Type(
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True)
    ),
    "AWS::ApiGateway::Method": Type(
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True),
        hands_roles={"Integration.Credentials": "apigateway"},
    ),
    "AWS::ApiGateway::Model": Type(
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True),
        each_api=Quota(
            "",
            60,
            "models of an API",
            "Let several routes have one schema",
            source=_APIGATEWAY_REST_QUOTAS,
            raisable=True,
        ),
    ),
    "AWS::ApiGateway::RequestValidator": Type(
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True)
    ),
    "AWS::ApiGateway::Resource": Type(
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True),
        each_api=Quota(
            "",
            300,
            "API resources",
            "Use fewer paths, or one proxy path for a WSGI application",
            source=_APIGATEWAY_REST_QUOTAS,
            raisable=True,
        ),
    ),
    "AWS::ApiGateway::RestApi": Type(
        is_api=True,
        scope=TypeScope(
            (arn("apigateway", "/restapis/*", account=""),),
            tagged=True,
            creates_on=arn("apigateway", "/restapis", account=""),
        ),
        only_if=(
            OnlyIf("Policy", ("apigateway:UpdateRestApiPolicy",), "handler"),
            OnlyIf("BodyS3Location", ("s3:GetObject",), "handler"),
        ),
    ),
    "AWS::ApiGateway::Stage": Type(
        stage_of="RestApiId",
        scope=TypeScope((arn("apigateway", "/restapis/*", account=""),), tagged=True),
        emulator_drops=("AccessLogSetting", "ClientCertificateId"),
    ),
    "AWS::ApiGateway::UsagePlan": Type(
        scope=TypeScope(
            (arn("apigateway", "/usageplans/*", account=""),),
            tagged=True,
            creates_on=arn("apigateway", "/usageplans", account=""),
        )
    ),
    "AWS::ApiGateway::UsagePlanKey": Type(
        scope=TypeScope((arn("apigateway", "/usageplans/*", account=""),), tagged=True)
    ),
    "AWS::ApiGatewayV2::Api": Type(
        is_api=True,
        scope=TypeScope(
            (arn("apigateway", "/apis/*", account=""),), tagged=True, creates_on=arn("apigateway", "/apis", account="")
        ),
        only_if=(OnlyIf("BodyS3Location", ("s3:GetObject",), "handler"),),
    ),
    "AWS::ApiGatewayV2::ApiMapping": Type(
        scope=TypeScope((arn("apigateway", "/domainnames/{name}/*", account=""),), name="DomainName", exact=True)
    ),
    "AWS::ApiGatewayV2::Authorizer": Type(
        scope=TypeScope(
            (
                arn("apigateway", "/apis/*/authorizers", account=""),
                arn("apigateway", "/apis/*/authorizers/*", account=""),
            ),
            tagged=True,
            inherits=False,
        ),
        quotas=(
            Quota(
                "JwtConfiguration.Audience",
                50,
                "audiences of an authorizer",
                "Name fewer",
                source=_APIGATEWAY_HTTP_API_QUOTAS,
            ),
        ),
        count=Quota(
            "", 10, "authorizers of an HTTP API", "Join some", source=_APIGATEWAY_HTTP_API_QUOTAS, raisable=True
        ),
    ),
    "AWS::ApiGatewayV2::Deployment": Type(
        scope=TypeScope(
            (
                arn("apigateway", "/apis/*/deployments", account=""),
                arn("apigateway", "/apis/*/deployments/*", account=""),
            ),
            tagged=True,
            inherits=False,
        )
    ),
    "AWS::ApiGatewayV2::DomainName": Type(
        name="DomainName",
        scope=TypeScope(
            (arn("apigateway", "/domainnames/{name}", account=""),),
            exact=True,
            creates_on=arn("apigateway", "/domainnames", account=""),
        ),
        linked_role="ops.apigateway.amazonaws.com",
        only_if=(OnlyIf("MutualTlsAuthentication", ("s3:GetObject", "s3:GetObjectVersion"), "handler"),),
        missing=(
            Missing(
                "", "iam:CreateServiceLinkedRole", "apigateway/latest/developerguide/using-service-linked-roles.html"
            ),
        ),
    ),
    "AWS::ApiGatewayV2::Integration": Type(
        scope=TypeScope(
            (
                arn("apigateway", "/apis/*/integrations", account=""),
                arn("apigateway", "/apis/*/integrations/*", account=""),
            ),
            tagged=True,
            inherits=False,
        ),
        each_api=Quota("", 300, "functions of an HTTP API", _FEWER_ROUTES, source=_APIGATEWAY_HTTP_API_QUOTAS),
    ),
    "AWS::ApiGatewayV2::Route": Type(
        scope=TypeScope(
            (arn("apigateway", "/apis/*/routes", account=""), arn("apigateway", "/apis/*/routes/*", account="")),
            tagged=True,
            inherits=False,
        ),
        quotas=(
            Quota(
                "AuthorizationScopes",
                10,
                "scopes of a route",
                "Name fewer, or one that includes them",
                source=_APIGATEWAY_HTTP_API_QUOTAS,
            ),
        ),
        each_api=Quota(
            "", 300, "routes of an HTTP API", _FEWER_ROUTES, source=_APIGATEWAY_HTTP_API_QUOTAS, raisable=True
        ),
    ),
    "AWS::ApiGatewayV2::Stage": Type(
        stage_of="ApiId",
        scope=TypeScope(
            (arn("apigateway", "/apis/*/stages", account=""), arn("apigateway", "/apis/*/stages/*", account="")),
            tagged=True,
            inherits=False,
        ),
        missing=(
            Missing(
                "AccessLogSettings", "logs:CreateLogDelivery", "apigateway/latest/developerguide/http-api-logging.html"
            ),
            Missing(
                "AccessLogSettings", "logs:DeleteLogDelivery", "apigateway/latest/developerguide/http-api-logging.html"
            ),
            Missing(
                "AccessLogSettings", "logs:DescribeLogGroups", "apigateway/latest/developerguide/http-api-logging.html"
            ),
            Missing(
                "AccessLogSettings",
                "logs:DescribeResourcePolicies",
                "apigateway/latest/developerguide/http-api-logging.html",
            ),
            Missing(
                "AccessLogSettings", "logs:GetLogDelivery", "apigateway/latest/developerguide/http-api-logging.html"
            ),
            Missing(
                "AccessLogSettings", "logs:ListLogDeliveries", "apigateway/latest/developerguide/http-api-logging.html"
            ),
            Missing(
                "AccessLogSettings", "logs:PutResourcePolicy", "apigateway/latest/developerguide/http-api-logging.html"
            ),
            Missing(
                "AccessLogSettings", "logs:UpdateLogDelivery", "apigateway/latest/developerguide/http-api-logging.html"
            ),
        ),
        emulator_drops=("AccessLogSettings",),
    ),
    "AWS::AppSync::ApiKey": Type(credential="a key to an API"),
}
