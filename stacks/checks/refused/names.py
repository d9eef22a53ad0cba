"""Names that AWS refuses, as one table: characters, reserved beginnings and lengths."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stacks.checks.refused.reading import plain, values_at
from stacks.checks.refused.row import RefusedRow
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.checks.rule import Grade, Hit, Rule, Stacks

_API = "https://docs.aws.amazon.com"
_CFN = f"{_API}/AWSCloudFormation/latest/TemplateReference"
_IAM = f"{_API}/IAM/latest/UserGuide/reference_iam-quotas.html"


@dataclass(frozen=True, slots=True)
class NameRule(RefusedRow):
    """What a name of a type matches as a whole, with account and region put in.

    ``<most>`` in the table is the longest name of the type, by its record.
    """

    id: str
    type: str
    path: str
    pattern: str
    takes: str
    """What is allowed, as in "letters, digits and '_'"."""
    source: str
    unless: str = ""
    """A property with which the pattern does not hold."""
    grade: Grade = "refused"

    def find(self, stacks: Stacks) -> Iterator[Hit]:
        """The name is one that the service takes."""
        for resource in stacks.of(self.type):
            if self.unless and resource.properties.get(self.unless):
                continue
            for place, value in values_at(resource.properties, self.path):
                name = plain(value, resource.region)
                if name is not None and not re.fullmatch(self.pattern, name, re.ASCII):
                    shown = name if len(name) <= 80 else f"{name[:77]}…"  # noqa: PLR2004 - of a line
                    yield resource.hit(place, f"{shown!r} ({len(name)} characters) is not allowed")

    @property
    def why(self) -> str:
        """What AWS takes."""
        return f"{self.type} takes {self.takes} as {self.shown}"

    @property
    def fix(self) -> str:
        """How to correct it."""
        return "Correct it, or leave it out where AWS can choose"


_TRAIL = r"(?!.*[._-]{2})[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]"
_STAGE = r"[A-Za-z0-9_-]{1,128}"
_STAGE_TAKES = "1 to 128 letters, digits, '-' and '_'"
_WORD = r"[\w+=,.@-]"
_UNSET = (
    r"(?!(?:connection|content-encoding|content-length|expect|host|keep-alive|trailer|transfer-encoding|upgrade|via"
    r"|warning|proxy-(?:authenticate|authorization|connection)|x-accel-(?:buffering|charset|limit-rate|redirect)"
    r"|x-amzn-(?:auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order|lambda-integration-tag"
    r"|requestid)|x-cache|x-forwarded-proto|x-real-ip|x-(?:amz-cf|edge)-.*"
    r"|content-security-policy|referrer-policy|strict-transport-security|x-content-type-options|x-frame-options"
    r"|x-xss-protection)$)"
)
"""Headers of responses that are CloudFront's own, and those that have a setting of their own: "is a security header and
cannot be set as custom header". The first are listed under "Headers that you can't remove"."""
_NO_ORIGIN = (
    r"(?!(?:cache-control|connection|content-length|cookie|host|if-(?:match|modified-since|none-match|range"
    r"|unmodified-since)|max-forwards|pragma|proxy-(?:authenticate|authorization|connection)|range|request-range|te"
    r"|trailer|transfer-encoding|upgrade|via|x-real-ip|x-(?:amz|edge)-.*)$)"
)
"""Headers that CloudFront cannot add to what it asks of an origin."""
RESPONSES = (
    "ACCESS_DENIED|API_CONFIGURATION_ERROR|AUTHORIZER_CONFIGURATION_ERROR|AUTHORIZER_FAILURE|BAD_REQUEST_BODY"
    "|BAD_REQUEST_PARAMETERS|DEFAULT_4XX|DEFAULT_5XX|EXPIRED_TOKEN|INTEGRATION_FAILURE|INTEGRATION_TIMEOUT"
    "|INVALID_API_KEY|INVALID_SIGNATURE|MISSING_AUTHENTICATION_TOKEN|QUOTA_EXCEEDED|REQUEST_TOO_LARGE|RESOURCE_NOT_FOUND"
    "|THROTTLED|UNAUTHORIZED|UNSUPPORTED_MEDIA_TYPE|WAF_FILTERED"
)
"""Kinds of answers that an API's own errors can be given. For REQUEST_TOO_LARGE API Gateway keeps its own.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""
_TABLE = (
    NameRule("API-RESPONSE", "AWS::ApiGateway::GatewayResponse", "ResponseType", RESPONSES,
         "a kind of gateway response",
         f"{_API}/apigateway/latest/developerguide/supported-gateway-response-types.html"),
    NameRule("CDN-PATH-PATTERN", "AWS::CloudFront::Distribution", "DistributionConfig.CacheBehaviors.*.PathPattern",
         r"[A-Za-z0-9_.*?$/~\"'@:+&;-]{1,255}", "1 to 255 letters, digits and _-.*$/~\"'@:+&?;",
         f"{_API}/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html"),
    NameRule("CDN-HEADER-NAME", "AWS::CloudFront::ResponseHeadersPolicy",
         "ResponseHeadersPolicyConfig.CustomHeadersConfig.Items.*.Header", rf"(?i:{_UNSET})[!#$%&'*+.^_`|~0-9A-Za-z-]+",
         "no headers of its own (Connection, Host, Via, X-Amz-Cf-…, X-Edge-…), nor those of SecurityHeadersConfig",
         f"{_API}/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html"),
    NameRule("EVENT-BUS-NAME", "AWS::Events::EventBus", "Name", r"(?!default$)[.\-_A-Za-z0-9]{1,256}|aws\.partner/.+",
         "1 to 256 letters, digits, '.', '-' and '_', not 'default'",
         f"{_API}/eventbridge/latest/APIReference/API_CreateEventBus.html"),
    NameRule("API-STAGE-NAME", "AWS::ApiGateway::Stage", "StageName", _STAGE, _STAGE_TAKES,
         f"{_CFN}/aws-resource-apigateway-stage.html"),
    NameRule("API-DEPLOYMENT-STAGE", "AWS::ApiGateway::Deployment", "StageName", _STAGE, _STAGE_TAKES,
         f"{_CFN}/aws-resource-apigateway-deployment.html"),
    NameRule("API-STAGE-NAME-V2", "AWS::ApiGatewayV2::Stage", "StageName", r"\$default|[A-Za-z0-9_-]{1,128}",
         "'$default', or 1 to 128 letters, digits, '-' and '_'", f"{_CFN}/aws-resource-apigatewayv2-stage.html"),
    NameRule("API-PATH-PART", "AWS::ApiGateway::Resource", "PathPart",
         r"\{[A-Za-z0-9._-]+\+?\}|[^/{}\s?#%]+",
         "one part of a path without '/', or one variable as '{id}' or '{proxy+}'",
         f"{_CFN}/aws-resource-apigateway-resource.html"),
    NameRule("API-METHOD-NAME", "AWS::ApiGateway::Method", "HttpMethod", "GET|PUT|POST|DELETE|PATCH|HEAD|OPTIONS|ANY",
         "GET, PUT, POST, DELETE, PATCH, HEAD, OPTIONS or ANY, in capitals",
         f"{_API}/apigateway/latest/api/API_PutMethod.html"),
    NameRule("FN-NAME", "AWS::Lambda::Function", "FunctionName",
         r"[A-Za-z0-9_-]{1,<most>}|(?:arn:aws[^:]*:lambda:[a-z0-9-]+:)?\d{12}:(?:function:)?[A-Za-z0-9_-]{1,<most>}",
         "1 to <most> letters, digits, '-' and '_'", f"{_API}/lambda/latest/api/API_CreateFunction.html"),
    NameRule("FN-ALIAS-NAME", "AWS::Lambda::Alias", "Name", r"(?!\d+$)[A-Za-z0-9_-]{1,128}",
         "1 to 128 letters, digits, '-' and '_', not a number", f"{_API}/lambda/latest/api/API_CreateAlias.html"),
    NameRule("FN-LAYER-NAME", "AWS::Lambda::LayerVersion", "LayerName", r"[A-Za-z0-9_-]{1,<most>}|arn:.*",
         "1 to <most> letters, digits, '-' and '_'", f"{_API}/lambda/latest/api/API_PublishLayerVersion.html"),
    NameRule("FN-STATEMENT-ACTION", "AWS::Lambda::Permission", "Action", r"lambda:(?:\*|[A-Za-z]+)|\*",
         "an action of Lambda, as 'lambda:InvokeFunction'", f"{_API}/lambda/latest/api/API_AddPermission.html"),
    NameRule("FN-PERMISSION-PRINCIPAL", "AWS::Lambda::Permission", "Principal",
         r"\*|\d{12}|arn:.+|[a-z0-9.-]+\.[a-z]{2,}",
         "an account, an ARN, or a service as 'events.amazonaws.com'",
         f"{_API}/lambda/latest/api/API_AddPermission.html"),
    NameRule("QUEUE-NAME", "AWS::SQS::Queue", "QueueName", r"[A-Za-z0-9_-]{1,<most>}",
         "1 to <most> letters, digits, '-' and '_'; '.fifo' at the end needs FifoQueue: true",
         f"{_API}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html", "FifoQueue"),
    NameRule("TOPIC-NAME", "AWS::SNS::Topic", "TopicName", r"[A-Za-z0-9_-]{1,<most>}",
         "1 to <most> letters, digits, '-' and '_'; '.fifo' at the end needs FifoTopic: true",
         f"{_API}/sns/latest/api/API_CreateTopic.html", "FifoTopic"),
    NameRule("EVENT-RULE-NAME", "AWS::Events::Rule", "Name", r"[.\-_A-Za-z0-9]{1,<most>}",
         "1 to <most> letters, digits, '.', '-' and '_'", f"{_API}/eventbridge/latest/APIReference/API_PutRule.html"),
    NameRule("SCHEDULE-NAME", "AWS::Scheduler::Schedule", "Name", r"[.\-_A-Za-z0-9]{1,<most>}",
         "1 to <most> letters, digits, '.', '-' and '_'",
         f"{_API}/scheduler/latest/APIReference/API_CreateSchedule.html"),
    NameRule("ROLE-NAME", "AWS::IAM::Role", "RoleName", _WORD + "{1,<most>}",
         "1 to <most> letters, digits and '+=,.@_-'", _IAM),
    NameRule("POLICY-NAME", "AWS::IAM::ManagedPolicy", "ManagedPolicyName", _WORD + "{1,128}",
         "1 to 128 letters, digits and '+=,.@_-'", _IAM),
    NameRule("ROLE-POLICY-NAME", "AWS::IAM::Role", "Policies.*.PolicyName", _WORD + "{1,128}",
         "1 to 128 letters, digits and '+=,.@_-'", _IAM),
    NameRule("USER-NAME", "AWS::IAM::User", "UserName", _WORD + "{1,64}", "1 to 64 letters, digits and '+=,.@_-'",
         _IAM),
    NameRule("ROLE-PATH", "AWS::IAM::Role", "Path", r"/|/[!-~]{1,510}/", "'/', or a text that begins and ends with '/'",
         f"{_API}/IAM/latest/APIReference/API_CreateRole.html"),
    NameRule("POLICY-PATH", "AWS::IAM::ManagedPolicy", "Path", r"/|/[!-~]{1,510}/",
         "'/', or a text that begins and ends with '/'", f"{_API}/IAM/latest/APIReference/API_CreatePolicy.html"),
    NameRule("LOG-GROUP-NAME", "AWS::Logs::LogGroup", "LogGroupName", r"(?!aws/)[.\-_/#A-Za-z0-9]{1,512}",
         "1 to 512 letters, digits and './_-#', not beginning with 'aws/'",
         f"{_API}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"),
    NameRule("PARAMETER-NAME", "AWS::SSM::Parameter", "Name",
         r"(?!/?(?i:aws|ssm)(?:[/_.-]|$)|(?i:aws|ssm))(?:[A-Za-z0-9_.-]+|(?:/[A-Za-z0-9_.-]+){1,15})",
         "letters, digits, '_', '.' and '-', in up to 15 levels after a first '/', not beginning with 'aws' or 'ssm'",
         f"{_API}/systems-manager/latest/userguide/sysman-paramstore-su-create.html"),
    NameRule("PARAMETER-TYPE", "AWS::SSM::Parameter", "Type", "String|StringList",
         "the types String and StringList; CloudFormation cannot create a SecureString",
         f"{_CFN}/aws-resource-ssm-parameter.html"),
    NameRule("SECRET-NAME", "AWS::SecretsManager::Secret", "Name", r"[A-Za-z0-9/_+=.@-]{1,<most>}",
         "1 to <most> letters, digits and '/_+=.@-'",
         f"{_API}/secretsmanager/latest/apireference/API_CreateSecret.html"),
    NameRule("USERS-PREFIX", "AWS::Cognito::UserPoolDomain", "Domain",
         r"(?!.*(?:aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
         "1 to <most> lower-case letters, digits and hyphens, without 'aws', 'amazon' or 'cognito'",
         f"{_API}/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html", "CustomDomainConfig"),
    NameRule("USERS-NAME", "AWS::Cognito::UserPool", "UserPoolName", r"[\w\s+=,.@-]{1,128}",
         "1 to 128 letters, digits, spaces and '+=,.@_-'",
         f"{_API}/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html"),
    NameRule("CLIENT-NAME", "AWS::Cognito::UserPoolClient", "ClientName", r"[\w\s+=,.@-]{1,<most>}",
         "1 to <most> letters, digits, spaces and '+=,.@_-'",
         f"{_API}/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html"),
    NameRule("USERS-GROUP-NAME", "AWS::Cognito::UserPoolGroup", "GroupName", r"\S{1,128}",
         "1 to 128 characters, no spaces",
         f"{_API}/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html"),
    NameRule("USERS-PROVIDER-NAME", "AWS::Cognito::UserPoolIdentityProvider", "ProviderName", r"[^_\s]\S[^_\s]{1,30}",
         "3 to 32 characters without spaces, and '_' at most as the second one",
         f"{_API}/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html"),
    NameRule("USERS-ATTRIBUTE-NAME", "AWS::Cognito::UserPool", "Schema.*.Name", r"\S{1,20}",
         "1 to 20 characters without spaces",
         f"{_API}/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html"),
    NameRule("CDN-FUNCTION-NAME", "AWS::CloudFront::Function", "Name", r"[A-Za-z0-9_-]{1,<most>}",
         "1 to <most> letters, digits, '-' and '_'",
         f"{_API}/cloudfront/latest/APIReference/API_CreateFunction.html"),
    NameRule("CDN-ORIGIN-PATH", "AWS::CloudFront::Distribution", "DistributionConfig.Origins.*.OriginPath", r"|/.*[^/]",
         "a path that begins with '/' and does not end with it",
         f"{_API}/cloudfront/latest/APIReference/API_Origin.html"),
    NameRule("CDN-PAGE-PATH", "AWS::CloudFront::Distribution",
         "DistributionConfig.CustomErrorResponses.*.ResponsePagePath",
         r"/.+", "a path that begins with '/'", f"{_API}/cloudfront/latest/APIReference/API_CustomErrorResponse.html"),
    NameRule("CDN-ERROR-CODE", "AWS::CloudFront::Distribution", "DistributionConfig.CustomErrorResponses.*.ErrorCode",
         "400|403|404|405|414|416|500|501|502|503|504", "the codes 400, 403, 404, 405, 414, 416 and 500 to 504",
         f"{_API}/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-response-code.html"),
    NameRule("CDN-COMMENT", "AWS::CloudFront::Distribution", "DistributionConfig.Comment", r"(?s).{0,128}",
         "up to 128 characters of comment", f"{_API}/cloudfront/latest/APIReference/API_DistributionConfig.html"),
    NameRule("CDN-LOG-BUCKET", "AWS::CloudFront::Distribution", "DistributionConfig.Logging.Bucket",
         r"[a-z0-9.-]+\.s3[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?", "a bucket's domain, as 'logs.s3.amazonaws.com'",
         f"{_API}/cloudfront/latest/APIReference/API_LoggingConfig.html"),
    NameRule("CSP-LENGTH", "AWS::CloudFront::ResponseHeadersPolicy",
         "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy",
         r"(?s).{0,1783}", "up to 1,783 characters, more only once AWS has raised the quota,",
         f"{_API}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html", grade="advice"),
    NameRule("CDN-ORIGIN-HEADER", "AWS::CloudFront::Distribution",
         "DistributionConfig.Origins.*.OriginCustomHeaders.*.HeaderName",
         rf"(?i:{_NO_ORIGIN})\S{{1,256}}",
         "up to 256 characters, and no headers that CloudFront sets itself (Host, Cache-Control, Cookie, X-Amz-…),",
         f"{_API}/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html"),
    NameRule("WAF-NAME", "AWS::WAFv2::WebACL", "Name", r"[\w-]{1,128}", "1 to 128 letters, digits, '-' and '_'",
         f"{_API}/waf/latest/APIReference/API_CreateWebACL.html"),
    NameRule("WAF-METRIC-NAME", "AWS::WAFv2::WebACL", "Rules.*.VisibilityConfig.MetricName",
         r"(?!(?:All|Default_Action)$)[\w#:./-]{1,255}", "1 to 255 letters, digits and '_-#:./', not 'All'",
         f"{_API}/waf/latest/APIReference/API_VisibilityConfig.html"),
    NameRule("KEY-ALIAS-NAME", "AWS::KMS::Alias", "AliasName", r"alias/(?!aws/)[A-Za-z0-9:/_-]{1,250}",
         "'alias/' and letters, digits, ':', '/', '_' and '-', not beginning with 'alias/aws/'",
         f"{_API}/kms/latest/APIReference/API_CreateAlias.html"),
    NameRule("PIPELINE-NAME", "AWS::CodePipeline::Pipeline", "Name", r"[A-Za-z0-9.@_-]{1,100}",
         "1 to 100 letters, digits and '.@-_'",
         f"{_API}/codepipeline/latest/APIReference/API_PipelineDeclaration.html"),
    NameRule("BUILD-NAME", "AWS::CodeBuild::Project", "Name", r"[A-Za-z0-9][A-Za-z0-9_-]{1,149}",
         "2 to 150 letters, digits, '-' and '_'", f"{_API}/codebuild/latest/APIReference/API_CreateProject.html"),
    NameRule("TRAIL-NAME", "AWS::CloudTrail::Trail", "TrailName", _TRAIL,
         "3 to 128 letters, digits, '.', '_' and '-', no two of these together",
         f"{_API}/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html"),
    NameRule("GROUP-NAME", "AWS::EC2::SecurityGroup", "GroupName",
         r"(?!sg-)[A-Za-z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}",
         "1 to 255 letters, digits, spaces and '._-:/()#,@[]+=&;{}!$*', not beginning with 'sg-'",
         f"{_API}/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"),
    NameRule("GROUP-DESCRIPTION", "AWS::EC2::SecurityGroup", "GroupDescription",
         r"[A-Za-z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}",
         "up to 255 letters, digits, spaces and '._-:/()#,@[]+=&;{}!$*' as description",
         f"{_API}/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"),
    NameRule("STATE-MACHINE-NAME", "AWS::StepFunctions::StateMachine", "StateMachineName",
         r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}""",
         "1 to 80 characters without spaces, brackets and wildcards",
         f"{_API}/step-functions/latest/apireference/API_CreateStateMachine.html"),
)  # fmt: skip


def _with_longest(row: NameRule) -> NameRule:
    most = str(known(row.type).longest_name)
    return replace(row, pattern=row.pattern.replace("<most>", most), takes=row.takes.replace("<most>", most))


ROWS = tuple(map(_with_longest, _TABLE))
_FIFO_TAKES = "letters, digits, '-' and '_' with '.fifo' at the end"
FIFO = (
    NameRule("QUEUE-FIFO-NAME", "AWS::SQS::Queue", "QueueName", r"[A-Za-z0-9_-]{1,75}\.fifo", _FIFO_TAKES,
         f"{_API}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"),
    NameRule("TOPIC-FIFO-NAME", "AWS::SNS::Topic", "TopicName", r"[A-Za-z0-9_-]{1,251}\.fifo", _FIFO_TAKES,
         f"{_API}/sns/latest/api/API_CreateTopic.html"),
)  # fmt: skip


def _fifo(row: NameRule) -> Rule:
    flag = "FifoQueue" if "Queue" in row.type else "FifoTopic"

    def find(stacks: Stacks) -> Iterator[Hit]:
        """A name of a FIFO queue or topic ends with ``.fifo``."""
        fifo = [resource.id for resource in stacks.of(row.type) if resource.properties.get(flag) in (True, "true")]
        return (hit for hit in row.find(stacks) if hit.logical_id in fifo)

    plain_rule = row.rule()
    return replace(plain_rule, find=find)


RULES = (*(row.rule() for row in ROWS), *map(_fifo, FIFO))
