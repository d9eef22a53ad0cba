"""How much AWS takes of what descriptions bring as lists and texts: one row for each property that we fill from them.

Where the registry has the number a test compares it; the others name their page. ``stacks.limits`` measures.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """The most items of a list, or characters of a text, in a property of a resource type."""

    path: str
    """``Scopes.*.ScopeDescription``; ``*`` is each item of a list."""
    most: int
    what: str
    """``addresses to come back to``."""
    fix: str
    source: str = ""
    """The page, where the registry says nothing."""
    raisable: bool = False
    """AWS allows more on request."""


_COGNITO = "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"
_CDN = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"
_WAF = "https://docs.aws.amazon.com/waf/latest/developerguide/limits.html"
_TABLES = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"
_HTTP = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"
_REST = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_PATTERNS = "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitFilePathFilterCriteria.html"
_PIPELINES = "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"
_HEADERS = "ResponseHeadersPolicyConfig"
_SPLIT_CLIENT = "Describe a second client for some of them"
_FEWER_INDEXES = "Drop an index, or let one serve several queries"
_LESS_HELD = "Hold fewer attributes, or 'holds: all'"
QUOTAS: dict[str, tuple[Quota, ...]] = {
    "AWS::ApiGatewayV2::Authorizer": (
        Quota("JwtConfiguration.Audience", 50, "audiences of an authorizer", "Name fewer", _HTTP),
    ),
    "AWS::ApiGatewayV2::Route": (
        Quota("AuthorizationScopes", 10, "scopes of a route", "Name fewer, or one that includes them", _HTTP),
    ),
    "AWS::Backup::BackupSelection": (
        Quota(
            "BackupSelection.Resources",
            500,
            "tables in a backup",
            "Describe fewer tables, or back some up in an account of their own",
            "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html",
        ),
    ),
    "AWS::CertificateManager::Certificate": (
        Quota(
            "SubjectAlternativeNames",
            9,
            "more names of a certificate",
            "Bring a certificate of your own",
            "https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html",
            raisable=True,
        ),
    ),
    "AWS::CloudFront::Distribution": (
        Quota("DistributionConfig.Aliases", 100, "domain names of a distribution", "Use fewer names", _CDN, True),
        Quota(
            "DistributionConfig.Origins",
            100,
            "origins of a distribution",
            "Lead fewer paths to other hosts",
            _CDN,
            True,
        ),
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": (
        Quota(
            f"{_HEADERS}.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy",
            1_783,
            "characters of Content-Security-Policy",
            "Name fewer sources under 'frontend.csp.sources', or whole schemes such as https:",
            _CDN,
            raisable=True,
        ),
        Quota(
            f"{_HEADERS}.CustomHeadersConfig.Items.*.Value",
            1_783,
            "characters of a header",
            "Name fewer sources under 'frontend.csp.sources', or whole schemes such as https:",
            _CDN,
        ),
        Quota(f"{_HEADERS}.CustomHeadersConfig.Items", 10, "headers of a policy", "Use fewer headers", _CDN, True),
    ),
    "AWS::CodePipeline::Pipeline": (
        Quota("Stages.*.Actions", 50, "actions of a pipeline's stage", "Build fewer stacks at once", _PIPELINES),
        Quota(
            "Triggers.*.GitConfiguration.Push.*.FilePaths.Includes", 8, "patterns of paths", "Use wider ones", _PATTERNS
        ),
    ),
    "AWS::Cognito::IdentityPool": (
        Quota(
            "CognitoIdentityProviders",
            50,
            "clients of the identity pool",
            "Use fewer clients",
            _COGNITO,
            raisable=True,
        ),
    ),
    "AWS::Cognito::UserPool": (Quota("Schema", 50, "attributes", "Keep the rest in a table"),),
    "AWS::Cognito::UserPoolClient": (
        Quota("AllowedOAuthScopes", 50, "scopes of a client", _SPLIT_CLIENT),
        Quota("CallbackURLs", 100, "addresses to come back to", _SPLIT_CLIENT),
        Quota("LogoutURLs", 100, "addresses to come back to after signing out", _SPLIT_CLIENT),
    ),
    "AWS::Cognito::UserPoolResourceServer": (
        Quota("Scopes", 100, "scopes of a resource server", "Describe a second one for some of them"),
        Quota("Scopes.*.ScopeDescription", 256, "characters of a scope's description", "Shorten it"),
    ),
    "AWS::DynamoDB::GlobalTable": (
        Quota("GlobalSecondaryIndexes", 20, "global indexes of a table", _FEWER_INDEXES, _TABLES, True),
        Quota("GlobalSecondaryIndexes.*.Projection.NonKeyAttributes", 20, "attributes in an index", _LESS_HELD),
        Quota("LocalSecondaryIndexes", 5, "local indexes of a table", _FEWER_INDEXES, _TABLES),
    ),
    "AWS::DynamoDB::Table": (
        Quota("GlobalSecondaryIndexes", 20, "global indexes of a table", _FEWER_INDEXES, _TABLES, True),
        Quota(
            "GlobalSecondaryIndexes.*.Projection.NonKeyAttributes", 20, "attributes in an index", _LESS_HELD, _TABLES
        ),
        Quota("LocalSecondaryIndexes", 5, "local indexes of a table", _FEWER_INDEXES, _TABLES),
        Quota("LocalSecondaryIndexes.*.Projection.NonKeyAttributes", 20, "attributes in an index", _LESS_HELD, _TABLES),
        Quota(
            "ImportSourceSpecification.InputFormatOptions.Csv.HeaderList",
            255,
            "columns of a CSV file",
            "Write the names into the files' first line instead",
            "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CsvOptions.html",
        ),
    ),
    "AWS::Lambda::Function": (
        Quota("Layers", 5, "layers", "Join some of them"),
        Quota("VpcConfig.SubnetIds", 16, "subnets of a function", "Name fewer under 'base.vpc.subnets'"),
    ),
    "AWS::Lambda::Url": (
        Quota("Cors.AllowHeaders", 100, "headers of a URL's CORS", "Name fewer"),
        Quota("Cors.AllowOrigins", 100, "origins of a URL's CORS", "Name fewer, or '*'"),
    ),
    "AWS::Lambda::Version": (
        Quota("Description", 256, "characters of what a version is made of", "Let the function read fewer values"),
    ),
    "AWS::WAFv2::IPSet": (Quota("Addresses", 10_000, "networks of a list", "Join some into larger networks", _WAF),),
    "AWS::SSM::Parameter": (
        Quota(
            "Value",
            4_096,
            "characters of a parameter's value",
            "Keep large values in a file of the code",
            "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html",
        ),
    ),
}
COUNTS: dict[str, Quota] = {
    "AWS::ApiGateway::ApiKey": Quota("", 10_000, "API keys (of a region's account)", "Use fewer", _REST),
    "AWS::Cognito::ManagedLoginBranding": Quota(
        "", 20, "styles of sign-in pages, one for each client", "Use fewer clients", _COGNITO, raisable=True
    ),
    "AWS::Cognito::UserPoolGroup": Quota("", 10_000, "groups of the user pool", "Use fewer", _COGNITO),
    "AWS::DynamoDB::Table": Quota("", 2_500, "tables (of a region's account)", "Use fewer", _TABLES, raisable=True),
    "AWS::Events::EventBus": Quota(
        "",
        100,
        "event buses (of a region's account)",
        "Use fewer",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html",
        raisable=True,
    ),
    "AWS::IAM::ManagedPolicy": Quota("", 1_500, "policies (of an account)", "Use fewer functions", _IAM, raisable=True),
    "AWS::IAM::Role": Quota("", 1_000, "roles (of an account)", "Use fewer functions", _IAM, raisable=True),
    "AWS::Cognito::UserPoolClient": Quota("", 1_000, "clients of the user pool", "Use fewer", _COGNITO, raisable=True),
    "AWS::Cognito::UserPoolIdentityProvider": Quota(
        "", 300, "identity providers", "Use fewer", _COGNITO, raisable=True
    ),
    "AWS::Cognito::UserPoolResourceServer": Quota("", 25, "resource servers", "Join some", _COGNITO, raisable=True),
    "AWS::ApiGatewayV2::Authorizer": Quota("", 10, "authorizers of an HTTP API", "Join some", _HTTP, raisable=True),
    "AWS::Events::Rule": Quota(
        "",
        300,
        "EventBridge rules (of a region's account)",
        "Use fewer schedules",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html",
        raisable=True,
    ),
}
"""Resources of a type in all stacks of a stage."""
